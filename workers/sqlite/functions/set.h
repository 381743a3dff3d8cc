/*
 * Functions that answer rows, one kind each: what set_table.c shows to SQLite as tables.
 */
#ifndef BIBD_SQLITE_SET_H
#define BIBD_SQLITE_SET_H

#include "workers/sqlite/functions/functions.h"

struct set;

/* Functions that fail return -1 with the report filled. */
struct set_kind {
	const char *name; /* as translated texts, also those of views in a file, call it */
	bool takes_null;  /* else a NULL argument makes no rows */
	/* Opens it before its first row, done false. */
	int (*open)(struct set *set, int argc, sqlite3_value **argv, struct report *r);
	/* Sets value and key to the next row's, or done. */
	int (*next)(struct set *set, struct report *r);
	void (*close)(void *state);
};

/* One call while its rows are read. */
struct set {
	const struct set_kind *kind;
	const struct sql_context *session;
	bool done;
	struct type_value value, key; /* of the row at hand; their bytes are the state's, or owned */
	void *state;		      /* the kind's; malloc'ed, NULL before it is open */
};

/* NULL: there is none. */
const struct set_kind *set_kind_find(const char *name);
void set_close(struct set *set);
/* On its first row. */
int set_open(struct set *set, const struct set_kind *kind, int argc, sqlite3_value **argv, struct report *r);
int set_next(struct set *set, struct report *r);

/* set_array.c, set_json.c, jsonpath_call.c, set_options.c, set_own.c, set_range.c, set_regex.c, set_textsearch.c; the
 * last of each has no name */
extern const struct set_kind set_array_kinds[], set_json_kinds[], set_own_kinds[], set_path_kinds[],
    set_options_kinds[], set_range_kinds[], set_regex_kinds[], set_text_search_kinds[];

#endif
