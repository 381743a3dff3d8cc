/*
 * Private to define/: what one DROP takes with it.
 */
#ifndef BIBD_SQLITE_DEFINE_DROP_WITH_H
#define BIBD_SQLITE_DEFINE_DROP_WITH_H

#include "workers/sqlite/dialect/define/define.h"

struct drop_kind {
	PgQuery__ObjectType object;
	char type; /* of struct schema_object */
	const char *word, *statement, *hint;
};

/* What one DROP takes with it. */
struct drop {
	const struct drop_kind *kind;
	bool cascade;
	struct definition_names names;	 /* of what is dropped */
	struct definition_names schemas; /* theirs */
};

/* What depends on what is to be dropped: views, and tables whose foreign keys refer to it. */
struct dependents {
	struct definition_names children, views, temporary; /* the last: temporary views */
};

/* With CASCADE drops what depends on the names, adding views and children to *found; else fails with 2BP01. */
int define_drop_dependents(struct translator *t, struct drop *drop, struct dependents *found);

#endif
