#include "workers/postgres/credentials.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/memfd.h"

#define CREDENTIALS_SIZE_MAX 16384

/* The next word of a line, or NULL; *rest is moved behind it. */
static char *
credentials_word(char **rest)
{
	char *word = *rest, *end;

	if (word == NULL || *word == '\0')
		return NULL;
	if ((end = strchr(word, ' ')) != NULL)
		*end++ = '\0';
	*rest = end;
	return *word == '\0' ? NULL : word;
}

static int
credentials_add(struct credentials *credentials, char *line)
{
	struct credential *row = &credentials->rows[credentials->count];
	char *rest = line;

	if (credentials->count == CREDENTIALS_MAX || (row->login = credentials_word(&rest)) == NULL ||
	    (row->password = credentials_word(&rest)) == NULL || (row->verifier = credentials_word(&rest)) == NULL ||
	    rest != NULL || credentials_find(credentials, row->login) != NULL)
		return -1;
	/* It goes between quotes in a statement. */
	if (strpbrk(row->verifier, "'\\") != NULL)
		return -1;
	if (strcmp(row->verifier, "-") == 0)
		row->verifier = "";
	credentials->count++;
	return 0;
}

static int
credentials_parse(struct credentials *credentials)
{
	char *line = credentials->memory, *end;

	for (; *line != '\0'; line = end + 1) {
		if ((end = strchr(line, '\n')) == NULL)
			return -1;
		*end = '\0';
		if (credentials_add(credentials, line) == -1)
			return -1;
	}
	return credentials->count > 0 ? 0 : -1;
}

/* Locking fails where the limit is small; the pages are kept out of core dumps all the same. */
static int
credentials_copy(struct credentials *credentials, const char *text, size_t size)
{
	credentials->size = size + 1;
	credentials->memory = mmap(NULL, credentials->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (credentials->memory == MAP_FAILED) {
		credentials->memory = NULL;
		return -1;
	}
	(void)mlock(credentials->memory, credentials->size);
	(void)madvise(credentials->memory, credentials->size, MADV_DONTDUMP);
	memcpy(credentials->memory, text, size);
	return 0;
}

int
credentials_take(struct credentials *credentials, int fd, struct error *e)
{
	size_t size;
	char *text = memfd_read(fd, CREDENTIALS_SIZE_MAX, &size, e);
	int result;

	if (text == NULL)
		return -1;
	credentials_close(credentials);
	result = credentials_copy(credentials, text, size);
	explicit_bzero(text, size);
	free(text);
	if (result == -1)
		return error_set_errno(e, STATUS_OS, "credentials.memory", "cannot keep the credentials in memory");
	if (credentials_parse(credentials) == -1) {
		credentials_close(credentials);
		return error_set(e, STATUS_BUG, "credentials.malformed", "the keeper sent credentials that cannot be read");
	}
	return 0;
}

const struct credential *
credentials_find(const struct credentials *credentials, const char *login)
{
	for (unsigned i = 0; i < credentials->count; i++)
		if (strcmp(credentials->rows[i].login, login) == 0)
			return &credentials->rows[i];
	return NULL;
}

void
credentials_close(struct credentials *credentials)
{
	if (credentials->memory != NULL) {
		explicit_bzero(credentials->memory, credentials->size);
		(void)munmap(credentials->memory, credentials->size);
	}
	*credentials = (struct credentials) { .memory = NULL };
}
