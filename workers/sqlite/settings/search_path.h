/*
 * The search path: the schemas, in their order, in which a name without a schema is looked for. It is read from the
 * text of the setting search_path.
 */
#ifndef BIBD_SQLITE_SETTINGS_SEARCH_PATH_H
#define BIBD_SQLITE_SETTINGS_SEARCH_PATH_H

#include <stdbool.h>

#define SEARCH_PATH_DEFAULT "\"$user\", public"
#define SEARCH_PATH_MAX 64 /* schemas; setting a longer list is refused with 54000 */

struct search_path {
	char *text; /* the names point into it; search_path_free() frees it */
	const char *names[SEARCH_PATH_MAX + 2];
	unsigned n;
	/* how many of the first ones the text does not name: pg_temp and pg_catalog, which come before all others */
	unsigned implicit;
};

/* Reads a list of identifiers; user (may be NULL) stands for "$user". A schema need not exist. -1: the list is not well
 * formed or too long, or there is no memory; nothing is to be freed then. */
int search_path_read(struct search_path *path, const char *text, const char *user);
void search_path_free(struct search_path *path);
/* Whether a text of search_path (NULL: the default) names the schema. */
bool search_path_names(const char *text, const char *schema);

#endif
