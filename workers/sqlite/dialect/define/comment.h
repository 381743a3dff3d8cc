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
/* What LIKE ... INCLUDING COMMENTS gives the new table schema.name: those of columns, and of CHECKs where these are
 * copied; of indexes that are copied, it is refused. */
int comment_copy(struct translator *t, const struct schema_table *from, const char *schema, const char *name,
    bool checks, bool indexes);
/* After a DROP: what is not in the file any more. */
int comment_sweep(struct translator *t);

#endif
