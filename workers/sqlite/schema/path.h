/* A session's search path as a connection's schema keeps it. Private to schema.c and path.c. */
#ifndef BIBD_SQLITE_SCHEMA_PATH_H
#define BIBD_SQLITE_SCHEMA_PATH_H

#include "workers/sqlite/schema/schema.h"
#include "workers/sqlite/settings/search_path.h"

/* The places are those of the text and user, as far as there are such schemas; they are found anew when either is
 * another, or the file's schema has changed. */
struct schema_path {
	char *text, *user;	 /* NULL text: the default */
	struct search_path read; /* what the places' names point into */
	bool known;		 /* places and create are found */
	unsigned n;
	struct schema_place places[SEARCH_PATH_MAX + 2];
	struct schema_place create; /* schema NULL: nowhere */
};

struct schema_path *schema_path_of(struct schema *schema);
void schema_path_forget(struct schema_path *path); /* the places, not the text */
void schema_path_free(struct schema_path *path);

#endif
