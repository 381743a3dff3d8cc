/*
 * jsonb as a number or a boolean: casts, which take a document that is such a scalar alone.
 */
#include <string.h>

#include "workers/sqlite/functions/json_span.h"

/* As errors name what a document is. */
static const char *
kind_name(char kind)
{
	static const struct {
		char kind;
		const char *name;
	} names[] = { { '{', "object" }, { '[', "array" }, { '"', "string" }, { 't', "boolean" }, { 'f', "boolean" },
		{ 'n', "null" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].kind == kind)
			return names[i].name;
	return "numeric";
}

/* bibd_jsonb_scalar(document, "boolean" or a number's type): its text, which the caller casts. */
void
jsonb_scalar(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct json_span x = json_span_of(argv[0]);
	size_t length;
	const char *type = function_text(argv[1], &length);
	char kind = json_span_kind(x);
	bool boolean = strcmp(type, "boolean") == 0;

	(void)argc;
	if (boolean ? kind == 't' || kind == 'f' : kind == '-' || (kind >= '0' && kind <= '9')) {
		if (boolean)
			sqlite3_result_int(c, kind == 't');
		else
			function_result_text(c, x.at, x.length);
		return;
	}
	function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot cast jsonb %s to type %s", kind_name(kind), type);
}
