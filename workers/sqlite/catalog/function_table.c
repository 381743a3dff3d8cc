/*
 * Expands function_table.def, and finds a function by its name or its place in the table.
 */
#include "workers/sqlite/catalog/function_table.h"

#include <string.h>

#include "workers/sqlite/types/types.h"

#define ROW(pg, sqlite, min, max, f, result_kind, result_oid) \
	{ .name = pg, \
		.sqlite_name = sqlite, \
		.min_args = min, \
		.max_args = max, \
		.aggregate = ((f)&FUNCTION_WINDOWED) != 0, \
		.window = ((f) & (FUNCTION_WINDOWED | FUNCTION_WINDOW)) != 0, \
		.side_effects = ((f)&FUNCTION_WRITES) != 0, \
		.result = result_kind, \
		.oid = result_oid },
#define BODY(pg, sqlite, min, max, f, result_kind, result_oid, body) \
	ROW(pg, sqlite, min, max, f, result_kind, result_oid)
#define WINDOWED(pg, sqlite, min, max, f, result_kind, result_oid, step, final, value, inverse) \
	ROW(pg, sqlite, min, max, f, result_kind, result_oid)
#define BUILTIN(pg, sqlite, min, max, f, result_kind, result_oid) ROW(pg, sqlite, min, max, f, result_kind, result_oid)
#define OWN(sqlite, arguments, f, body)
#define OWN_AGGREGATE(sqlite, arguments, f, step, final)
static const struct function functions[] = {
#include "workers/sqlite/catalog/function_table.def"
};
#undef ROW
#undef BODY
#undef WINDOWED
#undef BUILTIN
#undef OWN
#undef OWN_AGGREGATE

#define NFUNCTIONS (sizeof(functions) / sizeof(functions[0]))

/* Names that begin so are the translator's and the file's own: no text calls them. */
#define OWN_PREFIX "bibd_"

const struct function *
function_find(const char *name, int nargs)
{
	for (size_t i = 0; i < NFUNCTIONS; i++) {
		const struct function *f = &functions[i];

		if (strcmp(f->name, name) == 0 && nargs >= f->min_args && (f->max_args == -1 || nargs <= f->max_args))
			return strncmp(name, OWN_PREFIX, strlen(OWN_PREFIX)) == 0 ? NULL : f;
	}
	return NULL;
}

bool
function_writes(const char *sqlite_name)
{
	for (size_t i = 0; i < NFUNCTIONS; i++)
		if (functions[i].side_effects && strcmp(functions[i].sqlite_name, sqlite_name) == 0)
			return true;
	return false;
}

bool
function_writes_in(const char *definition)
{
	for (size_t i = 0; i < NFUNCTIONS; i++)
		if (functions[i].side_effects && strstr(definition, functions[i].sqlite_name) != NULL)
			return true;
	return false;
}

const struct function *
function_by_index(size_t i)
{
	return i < NFUNCTIONS ? &functions[i] : NULL;
}
