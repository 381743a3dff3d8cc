/* The search path: in which schemas, and in which order, a name without one is looked for. Read from the text that the
 * setting search_path has. */
#ifndef BIBD_SQLITE_SETTINGS_SEARCH_PATH_H
#define BIBD_SQLITE_SETTINGS_SEARCH_PATH_H

#include <stdbool.h>

#define SEARCH_PATH_DEFAULT "\"$user\", public"
#define SEARCH_PATH_MAX 64 /* schemas; a longer list is 54000 when it is set */

struct search_path {
	char *text; /* what names point into; search_path_free frees it */
	const char *names[SEARCH_PATH_MAX + 2];
	unsigned n;
	unsigned implicit; /* how many of the first were not named: pg_temp and pg_catalog come before all others */
};

/* Reads a list of identifiers; user (may be NULL) stands for "$user". A schema need not exist. -1: the list is not well
 * formed or too long, or there is no memory; nothing is to be freed then. */
int search_path_read(struct search_path *path, const char *text, const char *user);
void search_path_free(struct search_path *path);
/* Whether such a text (NULL: the default) names the schema. */
bool search_path_names(const char *text, const char *schema);

#endif
