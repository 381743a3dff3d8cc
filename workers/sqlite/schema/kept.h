/*
 * PostgreSQL's own text of a definition, kept in a comment before SQLite's text of the same: the plain form, the pretty
 * one, and whether it looks like a function's call. A sum of what follows the comment stands with it: when SQLite has
 * changed names there (ALTER ... RENAME), the text no longer holds, and is as good as not there.
 */
#ifndef BIBD_SQLITE_KEPT_H
#define BIBD_SQLITE_KEPT_H

#include <sqlite3.h>
#include <stdbool.h>

/* Stand before and behind the schema of a relation in a kept text: the schema is shown where search_path does not
 * find the relation. */
#define KEPT_SCHEMA_BEGIN '\1'
#define KEPT_SCHEMA_END '\2'
/* Stand before and behind the mark of a name that may change while the text stays: "t<oid>" for a type of the file;
 * "f<oid> <which, from 0>" for a field of one; "r<oid>" for a function; "v<oid> <as it is stored>" for a literal
 * with labels of an enum, or of an array of one; and "c<its name>" for a column of the table, which stands only in
 * what is given to kept_comment(): kept_read() puts in the name that the column has by then. */
#define KEPT_OWN_BEGIN '\16'
#define KEPT_OWN_END '\17'

struct kept_texts {
	char *plain, *pretty;
	bool call;
	/* what stands behind a part of an index: " DESC NULLS LAST"; a view's: kept_view.h; "" for none */
	char *options;
};

/* Stands between the parts of a view's options. */
#define KEPT_PART '\5'

/* Makes the comment that stands before `body`. plain NULL: there is no exact text; options NULL: none. malloc'ed;
 * NULL: out of memory. */
char *kept_comment(const char *plain, const char *pretty, bool call, const char *options, const char *body);

enum kept_state {
	KEPT_NEVER, /* nothing was kept: an older bibd made the text */
	KEPT_NOT,   /* there is no exact text, or it no longer holds */
	KEPT_TEXT,
};
/* Reads what is kept in SQLite's text of an expression, or of a whole view. The texts have marks of schemas in them;
 * kept_free() frees them. */
enum kept_state kept_read(const char *sql, struct kept_texts *texts);
void kept_free(struct kept_texts *texts);
/* Whether both texts have an exact text kept in them, and the same one. */
bool kept_same(const char *a, const char *b);
/* The text with other options in its comment. malloc'ed; NULL: no exact text is kept there, or memory is out. */
char *kept_with_options(const char *sql, const char *options);
/* What SQLite runs: the text behind the comment. */
const char *kept_body(const char *sql);
/* The text with the names of columns in place of their marks. malloc'ed; NULL: out of memory. */
char *kept_named(const char *text);
/* Puts what the marks stand for into a text: names and labels as the file has them now, and the schemas that this
 * text of search_path (NULL: the default) does not name. malloc'ed; NULL: out of memory, or one of them is gone. */
char *kept_resolve(sqlite3 *db, const char *text, const char *path);
/* kept_own.c: what one mark stands for. `mark` begins behind KEPT_OWN_BEGIN, and *end is set behind it. malloc'ed;
 * NULL: out of memory, or it is gone. */
char *kept_own(sqlite3 *db, const char *mark, const char *path, const char **end);

#endif
