/*
 * Comments follow what DDL does to their objects: each writes statements to t->out, and nothing where the file has no
 * comments. -1: the report was set.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_COMMENT_H
#define BIBD_SQLITE_DIALECT_DEFINE_COMMENT_H

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/schema/comment.h"

/* A relation, or the mark of a schema, has got another stored name, and all that is its own with it. */
int comment_rename(struct translator *t, const char *old, const char *name);
/* A part of an object has got another name. */
int comment_rename_part(struct translator *t, enum schema_comment_kind kind, const char *object, const char *old,
    const char *name);
/* A part is gone; part "": the object itself. */
int comment_drop(struct translator *t, enum schema_comment_kind kind, const char *object, const char *part);
/* What a rebuild takes from a table. */
int comment_drop_rebuilt(struct translator *t, const struct define_rebuild *rebuild);
/* For LIKE ... INCLUDING COMMENTS: whether a column, constraint or index of the table has one. */
bool comment_any(struct translator *t, const struct schema_table *table);
/* A part, or an object, that was made as another is, gets that one's comment. */
struct comment_copied {
	enum schema_comment_kind kind;
	const char *from, *from_part; /* NULL: all parts, which are called the same */
	const char *name, *part;
};
int comment_copy(struct translator *t, const struct comment_copied *copied);
/* After a DROP: what is not in the file any more. */
int comment_sweep(struct translator *t);

#endif
