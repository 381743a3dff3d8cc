/*
 * Reads what keeper sent into locked memory, finds a login in it, and wipes it.
 */
#include "workers/postgres/store/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/memfd.h"

#define CREDENTIALS_SIZE_MAX 65536
#define CREDENTIALS_HEAD "bibd credentials 1\n"

/* ---- reading ---- */

/* The text that is left, with a NUL after it; what does not fit the format sets failed. */
struct pg_credentials_reader {
	char *at;
	size_t left;
	bool failed;
};

/* The next line without its end, or "". */
static char *
pg_credentials_line(struct pg_credentials_reader *reader)
{
	char *line = reader->at, *end = memchr(line, '\n', reader->left);

	if (reader->failed || end == NULL) {
		reader->failed = true;
		return reader->at + reader->left;
	}
	*end = '\0';
	reader->left -= (size_t)(end + 1 - line);
	reader->at = end + 1;
	return line;
}

/* So many bytes and the newline after them, as a string. */
static const char *
pg_credentials_bytes(struct pg_credentials_reader *reader, size_t size)
{
	char *bytes = reader->at;

	if (reader->failed || size >= reader->left || bytes[size] != '\n' || memchr(bytes, '\0', size) != NULL) {
		reader->failed = true;
		return "";
	}
	bytes[size] = '\0';
	reader->left -= size + 1;
	reader->at = bytes + size + 1;
	return bytes;
}

static const struct pg_credential *
pg_credentials_look_up(const struct pg_credentials *credentials, const char *login, bool pending)
{
	for (unsigned i = 0; i < credentials->count; i++)
		if (credentials->rows[i].pending == pending && strcmp(credentials->rows[i].login, login) == 0)
			return &credentials->rows[i];
	return NULL;
}

static void
pg_credentials_add(struct pg_credentials *credentials, struct pg_credentials_reader *reader, const char *line)
{
	struct pg_credential *row = &credentials->rows[credentials->count];
	size_t password, verifier, certificate, key;
	char kind[8];
	int end = -1;

	if (credentials->count == CREDENTIALS_MAX ||
	    sscanf(line, "%7s %63s %5zu %5zu %5zu %5zu%n", kind, row->login, &password, &verifier, &certificate, &key,
		&end) != 6 ||
	    line[end] != '\0' || (strcmp(kind, "login") != 0 && strcmp(kind, "pending") != 0)) {
		reader->failed = true;
		return;
	}
	row->pending = strcmp(kind, "pending") == 0;
	if (pg_credentials_look_up(credentials, row->login, row->pending) != NULL) {
		reader->failed = true;
		return;
	}
	row->password = pg_credentials_bytes(reader, password);
	row->verifier = pg_credentials_bytes(reader, verifier);
	row->certificate = pg_credentials_bytes(reader, certificate);
	row->key = pg_credentials_bytes(reader, key);
	/* The verifier goes between quotes into a statement. */
	if (strpbrk(row->verifier, "'\\") != NULL)
		reader->failed = true;
	credentials->count++;
}

static int
pg_credentials_parse(struct pg_credentials *credentials)
{
	struct pg_credentials_reader reader = { .at = credentials->memory, .left = credentials->size - 1 };
	size_t size;
	int end;

	credentials->authority = "";
	credentials->side = 'a';
	if (strncmp(reader.at, CREDENTIALS_HEAD, strlen(CREDENTIALS_HEAD)) != 0)
		return -1;
	(void)pg_credentials_line(&reader);
	while (reader.left > 0 && !reader.failed) {
		const char *line = pg_credentials_line(&reader);

		end = -1;
		if (credentials->count == 0 && sscanf(line, "ca %5zu%n", &size, &end) == 1 && line[end] == '\0')
			credentials->authority = pg_credentials_bytes(&reader, size);
		else if (credentials->count == 0 && (strcmp(line, "side a") == 0 || strcmp(line, "side b") == 0))
			credentials->side = line[strlen("side ")];
		else
			pg_credentials_add(credentials, &reader, line);
	}
	return reader.failed || credentials->count == 0 ? -1 : 0;
}

/* ---- keeping ---- */

/* Locking fails where the limit is small; the pages are kept out of core dumps all the same. */
static int
pg_credentials_copy(struct pg_credentials *credentials, const char *text, size_t size)
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

/* Wipes all but the files, whose names may be in use. */
static void
pg_credentials_wipe(struct pg_credentials *credentials)
{
	if (credentials->memory != NULL) {
		explicit_bzero(credentials->memory, credentials->size);
		(void)munmap(credentials->memory, credentials->size);
	}
	credentials->memory = NULL;
	credentials->count = 0;
}

int
pg_credentials_take(struct pg_credentials *credentials, int fd, struct error *e)
{
	size_t size;
	char *text = memfd_read(fd, CREDENTIALS_SIZE_MAX, &size, e);
	int result;

	if (text == NULL)
		return -1;
	pg_credentials_wipe(credentials);
	result = pg_credentials_copy(credentials, text, size);
	explicit_bzero(text, size);
	free(text);
	if (result == -1)
		return error_set_errno(e, STATUS_OS, "credentials.memory", "cannot keep the credentials in memory");
	if (pg_credentials_parse(credentials) == -1) {
		pg_credentials_wipe(credentials);
		return error_set(e, STATUS_BUG, "credentials.malformed",
		    "bibd-keeper sent credentials that cannot be read");
	}
	if (pg_credentials_write_files(credentials, e) == -1) {
		pg_credentials_wipe(credentials);
		return -1;
	}
	return 0;
}

const struct pg_credential *
pg_credentials_find(const struct pg_credentials *credentials, const char *login)
{
	return pg_credentials_look_up(credentials, login, false);
}

const struct pg_credential *
pg_credentials_find_pending(const struct pg_credentials *credentials, const char *login)
{
	return pg_credentials_look_up(credentials, login, true);
}

bool
pg_credentials_are_pending(const struct pg_credentials *credentials)
{
	return pg_credentials_find_pending(credentials, CREDENTIALS_SYSTEM) != NULL;
}

bool
pg_credentials_in_use(const struct pg_credentials *credentials, const char *login)
{
	size_t length = strlen(login);

	return length > 2 && login[length - 2] == '_' && login[length - 1] == credentials->side;
}

void
pg_credentials_close(struct pg_credentials *credentials)
{
	pg_credentials_wipe(credentials);
	pg_credentials_close_files(credentials);
}
