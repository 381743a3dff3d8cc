/*
 * ATTACH PARTITION while it is put together. Private to attach.c and attach_own.c.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_ATTACH_H
#define BIBD_SQLITE_DIALECT_DEFINE_ATTACH_H

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/define/partition.h"

struct attach {
	struct translator *t;
	const struct schema_table *parent, *root, *child;
	struct definition of_root, of_child;
	struct define_partitions below; /* the child's own partitions */
	struct sql_text own;		/* what it has beyond its parent */
};

/* Each CHECK of the parent must be there. -1, as below: the report is filled. */
int attach_check_checks(struct attach *a);
/* Takes what the table has beyond its parent into a->own; refuses what a partition cannot have. */
int attach_take_own(struct attach *a);

#endif
