/*
 * Expands catalog_tables.def, and finds a table or a column by its name.
 */
#include "workers/sqlite/schema/catalog_tables.h"

#include <string.h>

#include "workers/sqlite/types/types.h"

static const struct catalog_table tables[] = {
#define TABLE(schema, name, oid, columns) { schema, name, oid, 'r', columns },
#include "workers/sqlite/schema/catalog_tables.def"
#undef TABLE
};

#define NTABLES (sizeof(tables) / sizeof(tables[0]))

const struct catalog_table *
catalog_table_by_index(size_t i)
{
	return i < NTABLES ? &tables[i] : NULL;
}

const struct catalog_table *
catalog_table_find(const char *schema, const char *name)
{
	for (size_t i = 0; i < NTABLES; i++) {
		if (strcmp(tables[i].name, name) == 0 && strcmp(tables[i].schema, schema) == 0)
			return &tables[i];
	}
	return NULL;
}

/* "char" is the one-byte type of the catalogs; "_x" is an array of x. */
static uint32_t
type_oid(const char *name)
{
	const struct type *type;

	if (strcmp(name, "char") == 0)
		return TYPE_CHAR;
	type = type_by_name(name[0] == '_' ? name + 1 : name);
	if (type == NULL)
		return TYPE_TEXT;
	return name[0] == '_' ? type->array_oid : type->oid;
}

bool
catalog_table_column(const struct catalog_table *table, unsigned i, char *name, size_t size, uint32_t *oid)
{
	const char *at = table->columns;
	char type[32];
	size_t length, type_length;

	for (; i > 0 && at != NULL; i--) {
		at = strstr(at, ", ");
		at = at == NULL ? NULL : at + 2;
	}
	if (at == NULL)
		return false;
	length = strcspn(at, " ");
	type_length = strcspn(at + length + 1, ",=");
	if (length >= size || type_length >= sizeof(type))
		return false;
	memcpy(name, at, length);
	name[length] = '\0';
	memcpy(type, at + length + 1, type_length);
	type[type_length] = '\0';
	*oid = type_oid(type);
	return true;
}
