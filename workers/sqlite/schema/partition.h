/*
 * Partitions. All rows of a partitioned table are in one table of SQLite's, which bears what PARTITION BY said as a
 * mark in its text (definition.h). Each of its partitions is a view of those rows that its bound takes, with a mark of
 * its own: a comment that says whose partition it is, its bound, and by what it is partitioned itself. The view's
 * condition follows from the marks alone; what a row may be, where it goes, is seen to by a trigger of the table.
 */
#ifndef BIBD_SQLITE_SCHEMA_PARTITION_H
#define BIBD_SQLITE_SCHEMA_PARTITION_H

#include <stdbool.h>
#include <stdio.h>

/* The trigger of a partitioned table is named so, with the table's stored name behind. */
#define PARTITION_TRIGGER "bibd:partitions of "

/* A partition's mark. Texts are malloc'ed. */
struct schema_partition {
	char *parent; /* stored name of the partitioned table that it is attached to */
	char *bound;  /* as pg_get_expr shows it: "FOR VALUES IN (1, 2)", "DEFAULT" */
	char *key;    /* as pg_get_partkeydef shows it: "LIST (a)"; NULL: it is not partitioned itself */
	/* What it has that its parent has not, each ended by PARTITION_OWN_END: "N" and a column that takes no NULL;
	 * "C", a CHECK's name, PARTITION_OWN and its text (with a kept comment, schema/kept.h); "D", a column,
	 * PARTITION_OWN and its default likewise. NULL: nothing. */
	char *own;
};

#define PARTITION_OWN '\6'
#define PARTITION_OWN_END '\7'

/* One line of what it has of its own. Texts point into the copy, which schema_partition_own_next malloc's. */
struct schema_partition_own {
	char what;
	const char *name, *text;
	char *copy;
};
/* Goes on to the first line (*at the whole) or the next; false after the last, or when memory is out. The copy is the
 * caller's to free. */
bool schema_partition_own_next(const char **at, struct schema_partition_own *own);

/* Reads the mark of a view's text; false: it is no partition, or memory is out. */
bool schema_partition_read(const char *sql, struct schema_partition *out);
/* Whether there is one. */
bool schema_partition_is(const char *sql);
/* The mark: a comment. malloc'ed; NULL: out of memory. */
char *schema_partition_mark(const struct schema_partition *partition);
/* ---- partition_key.c ---- */

/* Writes the mark of a key, as the condition of the CHECK that bears it; and reads the key from it, malloc'ed. */
void schema_partition_print_key(const char *key, FILE *out);
char *schema_partition_parse_key(const char *expression);
/* The key with another name for a column, as it is to be shown; malloc'ed. */
char *schema_partition_rename_key(const char *key, const char *old, const char *shown);

void schema_partition_free(struct schema_partition *partition);

#endif
