/* A session's search path as a connection's schema keeps it. Private to schema.c and path.c. */
#ifndef BIBD_SQLITE_SCHEMA_PATH_H
#define BIBD_SQLITE_SCHEMA_PATH_H

#include "workers/sqlite/schema/schema.h"
#include "workers/sqlite/settings/search_path.h"

/* The places are those that this text of search_path names for that user, as far as there are such schemas. They are
 * found anew when the text, the user or the file's schema has changed. */
struct schema_path {
	char *text, *user;	 /* NULL text: the default */
	struct search_path read; /* the path taken apart; the places' names point into it */
	bool known;		 /* `places` and `create` are found */
	unsigned n;
	struct schema_place places[SEARCH_PATH_MAX + 2];
	struct schema_place create; /* where a new relation goes; schema NULL: nowhere */
};

struct schema_path *schema_path_of(struct schema *schema);
void schema_path_forget(struct schema_path *path); /* forgets the places, and keeps the text */
void schema_path_free(struct schema_path *path);

#endif
