/*
 * Functions that answer rows: for the files that translate FROM and select lists, and for deparse/.
 */
#ifndef BIBD_SQLITE_DIALECT_SET_FUNCTION_H
#define BIBD_SQLITE_DIALECT_SET_FUNCTION_H

#include "workers/sqlite/dialect/call.h"

#define SET_COLUMNS_MAX 2

struct set_column {
	const char *name; /* NULL: the function's own */
	const char *part; /* of bibd_rows(): "v" or "k" before the function's place in it, or "ordinality" */
	uint32_t oid;
};

/* The columns of such a function's rows where they have names of their own; an OID of 0 is that of its result, or of an
 * array's elements. How many: 0 for others. */
unsigned function_set_columns(const char *name, struct set_column columns[SET_COLUMNS_MAX]);

/* A call within bibd_rows(). */
struct set_call {
	const char *name; /* PostgreSQL's */
	bool is_record;	  /* its columns are said by a list where it is called */
	unsigned narguments;
	unsigned ncolumns;
	struct set_column columns[SET_COLUMNS_MAX];
	bool unsteady;		    /* asked again it may answer otherwise */
	const struct own_call *own; /* a function of the file's own whose rows have several columns; NULL: none */
	/* Where a row is a composite value: its fields (NULL: not known), the domain that it is of, and what stands
	 * around the column that has it. */
	bool by_name; /* its columns are members of a JSON object */
	const struct row_shape *shape;
	uint32_t domain;
	const char *before, *after;
};

/* populate.c: what stands behind the arguments of bibd_json_populate(): the type of the row that the first argument is
 * of, and a record's fields. NULL: reported. */
const char *translate_populate_type(struct translator *t, const struct expression *base, const char *name,
    int location);
/* bibd_json_populate's call at the end of the text, of which the arguments are written. */
int translate_populate_end(struct translator *t, const struct expression *list, const char *name, int location);
/* json_populate_recordset and its like: the arguments, list[0] and list[1] at the end of the text from `start` on,
 * become a set of JSON objects. */
int translate_populate_set(struct translator *t, size_t start, const struct expression *list, struct set_call *set,
    int location);
bool translate_is_populate(const char *name);

/* Appends the arguments of bibd_rows() that are this call. */
int translate_set_call(struct translator *t, const PgQuery__FuncCall *call, struct set_call *set);
/* The same for a function of the file's own; `definitions` say the columns of one that returns record. */
int translate_own_set(struct translator *t, const PgQuery__FuncCall *call, PgQuery__Node *const *definitions,
    size_t ndefinitions, struct set_call *set);
/* A column of such a row: "alias" is that of bibd_rows(). NULL: out of memory, and reported. */
const char *translate_own_column(struct translator *t, const char *alias, unsigned set, unsigned column);
/* The same for an expression that answers one value; `listed`: a list of columns stands behind it. */
int translate_set_of_one(struct translator *t, const PgQuery__Node *value, bool listed, struct set_call *set);
/* 0A000 when that are more sets, or arguments of theirs, than bibd_rows() takes. */
int translate_check_sets(struct translator *t, unsigned sets, unsigned narguments);
/* SQLite looks again at the arguments of a table behind the first few: where there are so many, those at the end of the
 * text, which begins with bibd_rows( at `start`, become one. */
bool translate_packs_sets(unsigned sets, unsigned narguments);
int translate_pack_sets(struct translator *t, size_t start, unsigned sets, unsigned narguments);
/* What SQLite calls the column of the set in that place; NULL: out of memory, and reported. */
const char *translate_set_column(struct translator *t, const struct set_column *column, unsigned set);

#endif
