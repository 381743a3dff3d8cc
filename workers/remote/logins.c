/*
 * Reads the file of verifiers and finds a login in it.
 */
#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

#include "workers/remote/remote.h"

static int
logins_add(struct logins *logins, char *line, unsigned number, struct error *e)
{
	struct login *grown, *login;
	char *colon = strchr(line, ':');

	if (colon == NULL || colon == line || (size_t)(colon - line) >= sizeof(login->name))
		return error_set(e, STATUS_DATA, "remote.logins", "line %u is not NAME:VERIFIER", number);
	*colon = '\0';
	if (logins_find(logins, line) != NULL)
		return error_set(e, STATUS_DATA, "remote.logins", "line %u: the login %s is there a second time",
		    number, line);
	if ((grown = reallocarray(logins->list, logins->count + 1, sizeof(*grown))) == NULL)
		return error_set_errno(e, STATUS_OS, "remote.logins", "cannot keep the logins");
	logins->list = grown;
	login = &grown[logins->count];
	if (!scram_read_verifier(colon + 1, &login->keys))
		return error_set(e, STATUS_DATA, "remote.logins", "line %u has no verifier that bibctl login has made",
		    number);
	(void)strlcpy(login->name, line, sizeof(login->name));
	logins->count++;
	return 0;
}

int
logins_read(struct logins *logins, char *text, struct error *e)
{
	unsigned number = 0;
	int result = 0;
	char *line;

	*logins = (struct logins) { .count = 0 };
	while ((line = strsep(&text, "\n")) != NULL) {
		size_t length = strlen(line);

		number++;
		if (result == 0 && line[0] != '\0' && line[0] != '#')
			result = logins_add(logins, line, number, e);
		/* Wiped now: once it is split, the text ends for the caller at the first line. */
		explicit_bzero(line, length);
	}
	if (result == -1)
		logins_close(logins);
	return result;
}

void
logins_close(struct logins *logins)
{
	if (logins->list != NULL)
		explicit_bzero(logins->list, logins->count * sizeof(logins->list[0]));
	free(logins->list);
	*logins = (struct logins) { .count = 0 };
}

const struct login *
logins_find(const struct logins *logins, const char *name)
{
	for (size_t i = 0; i < logins->count; i++)
		if (strcmp(logins->list[i].name, name) == 0)
			return &logins->list[i];
	return NULL;
}
