/*
 * Splits the text of search_path by PostgreSQL's rules: names with commas between, folded unless quoted.
 */
#include "workers/sqlite/settings/search_path.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\n\r\f\v"
#define NAME_BYTES 63 /* what is longer is cut, as everywhere */

/* A quoted name, the quotes in it undone in place. Returns what follows; NULL: it does not end. */
static char *
take_quoted(char *p, char **name)
{
	char *to = *name = p;

	for (;; p++) {
		if (*p == '\0')
			return NULL;
		if (*p == '"' && *++p != '"')
			break;
		*to++ = *p;
	}
	/* What follows is looked at before the end is written: it may stand in its place. */
	if (to == p - 1)
		*to = '\0';
	else
		memset(to, '\0', (size_t)(p - to));
	return p;
}

static char *
take_plain(char *p, char **name)
{
	*name = p;
	for (; *p != '\0' && *p != ',' && strchr(BLANKS, *p) == NULL; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
	return p == *name ? NULL : p;
}

static bool
is_named(const struct search_path *path, const char *name)
{
	for (unsigned i = 0; i < path->n; i++)
		if (path->names[i] != NULL && strcmp(path->names[i], name) == 0)
			return true;
	return false;
}

static int
split(struct search_path *path, const char *user)
{
	char *p = path->text + strspn(path->text, BLANKS), *name, *end, next = ',';

	while (*p != '\0' || path->n > 0) {
		p += strspn(p, BLANKS);
		if ((end = *p == '"' ? take_quoted(p + 1, &name) : take_plain(p, &name)) == NULL)
			return -1;
		p = end + strspn(end, BLANKS);
		next = *p;
		if ((next != ',' && next != '\0') || path->n == SEARCH_PATH_MAX)
			return -1;
		*end = '\0';
		if (strlen(name) > NAME_BYTES)
			name[NAME_BYTES] = '\0';
		if (strcmp(name, "$user") != 0)
			path->names[path->n++] = name;
		else if (user != NULL)
			path->names[path->n++] = user;
		if (next == '\0')
			break;
		p++;
	}
	return 0;
}

static void
put_first(struct search_path *path, const char *name)
{
	if (is_named(path, name))
		return;
	memmove(&path->names[1], &path->names[0], path->n * sizeof(path->names[0]));
	path->names[0] = name;
	path->n++;
	path->implicit++;
}

int
search_path_read(struct search_path *path, const char *text, const char *user)
{
	*path = (struct search_path) { .text = strdup(text) };
	if (path->text == NULL || split(path, user) == -1) {
		search_path_free(path);
		return -1;
	}
	put_first(path, "pg_catalog");
	put_first(path, "pg_temp");
	return 0;
}

void
search_path_free(struct search_path *path)
{
	free(path->text);
	*path = (struct search_path) { 0 };
}

bool
search_path_names(const char *text, const char *schema)
{
	struct search_path path;
	bool named;

	if (search_path_read(&path, text == NULL ? SEARCH_PATH_DEFAULT : text, NULL) == -1)
		return false;
	named = is_named(&path, schema);
	search_path_free(&path);
	return named;
}
