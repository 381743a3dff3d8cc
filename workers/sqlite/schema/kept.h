/*
 * PostgreSQL's own text of a definition, kept in a comment before SQLite's text of the same: the plain form, the pretty
 * one, and whether it looks like a function's call. A sum of what follows the comment stands with it: when SQLite has
 * changed names there (ALTER ... RENAME), the text no longer holds, and is as good as not there.
 */
#ifndef BIBD_SQLITE_KEPT_H
#define BIBD_SQLITE_KEPT_H

#include <stdbool.h>

/* Before and behind the schema of a relation that stands in a text: it is shown where search_path does not find it. */
#define KEPT_SCHEMA_BEGIN '\1'
#define KEPT_SCHEMA_END '\2'

struct kept_texts {
	char *plain, *pretty;
	bool call;
	char *options; /* of a part of an index: " DESC NULLS LAST"; of a view: dialect/view_target.h; "" for none */
};

/* Between the parts of what options say of a view. */
#define KEPT_PART '\5'

/* The comment that stands before body; plain NULL: that there is no exact text; options NULL: none. malloc'ed; NULL:
 * out of memory. */
char *kept_comment(const char *plain, const char *pretty, bool call, const char *options, const char *body);

enum kept_state {
	KEPT_NEVER, /* nothing was kept: an older bibd made it */
	KEPT_NOT,   /* there is no exact text, or no longer */
	KEPT_TEXT,
};
/* What is kept in SQLite's text of an expression, or of a whole view. The texts have marks of schemas; kept_free frees
 * them. */
enum kept_state kept_read(const char *sql, struct kept_texts *texts);
void kept_free(struct kept_texts *texts);
/* The text with other options in its comment. malloc'ed; NULL: nothing exact is kept there, or memory is out. */
char *kept_with_options(const char *sql, const char *options);
/* Behind the comment: what SQLite runs. */
const char *kept_body(const char *sql);
/* Writes the schemas, in place of their marks, that this text of search_path (NULL: the default) does not name.
 * malloc'ed. */
char *kept_resolve(const char *text, const char *path);

#endif
