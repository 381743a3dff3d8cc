/*
 * Finds what computes a function of an extension.
 */
#include "workers/sqlite/functions/native.h"

#include <string.h>

static const struct {
	const char *name;
	function_body *body;
} natives[] = {
#define NATIVE(name, body) { name, body },
#include "workers/sqlite/functions/natives.def"
#undef NATIVE
};

void
native_call(sqlite3_context *c, const char *name, int argc, sqlite3_value **argv)
{
	for (int i = 0; i < argc; i++)
		if (sqlite3_value_type(argv[i]) == SQLITE_NULL)
			return;
	for (size_t i = 0; i < sizeof(natives) / sizeof(natives[0]); i++)
		if (strcmp(natives[i].name, name) == 0) {
			natives[i].body(c, argc, argv);
			return;
		}
	function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s() of the extension is not supported on SQLite", name);
}

struct native_bytes
native_bytes_of(sqlite3_value *value)
{
	const void *data = sqlite3_value_blob(value);

	return (
	    struct native_bytes) { data == NULL ? "" : data, data == NULL ? 0 : (size_t)sqlite3_value_bytes(value) };
}
