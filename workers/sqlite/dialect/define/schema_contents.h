/*
 * Private to what drops and renames a schema: what is in it.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_SCHEMA_CONTENTS_H
#define BIBD_SQLITE_DIALECT_DEFINE_SCHEMA_CONTENTS_H

#include "workers/sqlite/dialect/define/define.h"

/* What is in a schema, by the stored names; sequences that go with a table are left out. */
struct define_contents {
	struct definition_names tables, views, sequences;
	struct definition_names routines; /* "name(types)" */
};

/* Fills in what is in the schema; define_contents_free() frees it, also after an error. -1: the report is filled. */
int define_list_contents(struct translator *t, const char *schema, struct define_contents *contents);
void define_contents_free(struct define_contents *contents);

#endif
