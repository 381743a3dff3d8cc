/*
 * What the file keeps of a view beside its text: its options, the table that it can be changed through, and defaults
 * of its own. They stand behind the text in the comment of kept.h:
 *
 *   options KEPT_PART schema KEPT_PART name { KEPT_PART column } { KEPT_PART default }
 *
 * where the part from the first KEPT_PART on is missing of a view that is not updatable, and the defaults of one that
 * has none.
 */
#ifndef BIBD_SQLITE_SCHEMA_KEPT_VIEW_H
#define BIBD_SQLITE_SCHEMA_KEPT_VIEW_H

#include <stdbool.h>

struct kept_view {
	char *options;	     /* as in pg_class.reloptions, with commas between: "security_barrier=true"; "": none */
	char check;	     /* the check option among them: 'l' LOCAL, 'c' CASCADED; '\0': none */
	bool updatable;	     /* it can be changed through; the members below are set */
	char *schema, *name; /* the schema of SQLite's and the stored name of the table or view that it reads */
	unsigned n;
	char **columns;	 /* [n]: what that table calls each column; "": the column is none of the table's */
	char **defaults; /* [n]: the view's own default, SQLite's text with PostgreSQL's before it; NULL: none */
};

/* Reads kept_texts.options of a view with n columns. -1: out of memory, or not in that form. kept_view_free takes it
 * back in either case. */
int kept_view_read(const char *text, unsigned n, struct kept_view *view);
void kept_view_free(struct kept_view *view);
/* Writes kept_texts.options of such a view. malloc'ed; NULL: out of memory. */
char *kept_view_print(const struct kept_view *view);
/* The check option among a view's options: 'l' LOCAL, 'c' CASCADED, '\0' none. */
char kept_view_check(const char *options);

#endif
