/*
 * Partitions. All rows of a partitioned table are in one table of SQLite's, which has what PARTITION BY said as a mark
 * in its text (definition.h). Each of its partitions is a view of the rows that the partition's bound takes. The view
 * has a mark of its own: a comment with the table that the partition belongs to, the bound, and the key by which the
 * partition is divided itself. The view's condition follows from the marks alone. A trigger of the table checks what a
 * row may be, and to which partition it goes.
 */
#ifndef BIBD_SQLITE_SCHEMA_PARTITION_H
#define BIBD_SQLITE_SCHEMA_PARTITION_H

#include <stdbool.h>
#include <stdio.h>

/* The name of a partitioned table's trigger: this, and the table's stored name behind it. */
#define PARTITION_TRIGGER "bibd:partitions of "

/* A partition's mark. Texts are malloc'ed. */
struct schema_partition {
	char *parent; /* the stored name of the partitioned table that it is attached to */
	char *bound;  /* as pg_get_expr shows it: "FOR VALUES IN (1, 2)", "DEFAULT" */
	char *key;    /* as pg_get_partkeydef shows it: "LIST (a)"; NULL: it is not partitioned itself */
	/* What the partition has and its parent has not, each ended by PARTITION_OWN_END: "N" and a column that
	 * takes no NULL; "C", a CHECK's name, PARTITION_OWN and its text (with a kept comment, kept.h); "D", a
	 * column, PARTITION_OWN and its default with a kept comment. NULL: nothing. */
	char *own;
};

#define PARTITION_OWN '\6'
#define PARTITION_OWN_END '\7'

/* One line of what a partition has of its own. Its texts point into `copy`, which schema_partition_own_next() makes. */
struct schema_partition_own {
	char what;
	const char *name, *text;
	char *copy;
};
/* Goes on to the first line (*at is the whole text) or the next; false after the last, or when memory is out. The
 * caller frees the copy. */
bool schema_partition_own_next(const char **at, struct schema_partition_own *own);

/* Reads the mark of a view's text: 1; 0: it is no partition; -1: memory is out. */
int schema_partition_take(const char *sql, struct schema_partition *out);
/* The same where it does not matter why there is none; false: it is no partition, or memory is out. */
bool schema_partition_read(const char *sql, struct schema_partition *out);
/* Whether a view's text has the mark of a partition. */
bool schema_partition_is(const char *sql);
/* The mark: a comment. malloc'ed; NULL: out of memory. */
char *schema_partition_mark(const struct schema_partition *partition);
/* ---- partition_key.c ---- */

/* schema_partition_print_key() writes the mark of a key, which is the condition of the CHECK that bears it;
 * schema_partition_parse_key() reads the key from it, malloc'ed. */
void schema_partition_print_key(const char *key, FILE *out);
char *schema_partition_parse_key(const char *expression);
/* The key with another name for one of its columns, as it is to be shown; malloc'ed. NULL: out of memory. */
char *schema_partition_rename_key(const char *key, const char *old, const char *shown);

void schema_partition_free(struct schema_partition *partition);

#endif
