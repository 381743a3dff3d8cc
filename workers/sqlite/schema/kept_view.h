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
	char *options;	/* as pg_class.reloptions has them, with commas between: "security_barrier=true"; "": none */
	char check;	/* of them, the check option: 'l' LOCAL, 'c' CASCADED; '\0': none */
	bool updatable; /* what follows is there */
	char *schema, *name; /* SQLite's, of the table or view that it reads */
	unsigned n;
	char **columns;	 /* [n]: what that calls each column; "": it is none of its */
	char **defaults; /* [n]: of the view's own, SQLite's text with PostgreSQL's before it; NULL: none */
};

/* Reads kept_texts.options of a view with n columns. -1: out of memory, or not in that form. kept_view_free takes it
 * back in either case. */
int kept_view_read(const char *text, unsigned n, struct kept_view *view);
void kept_view_free(struct kept_view *view);
/* The other way. malloc'ed; NULL: out of memory. */
char *kept_view_print(const struct kept_view *view);
/* The check option that such options say: 'l', 'c' or '\0'. */
char kept_view_check(const char *options);

#endif
