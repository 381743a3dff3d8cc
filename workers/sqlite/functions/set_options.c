/*
 * pg_options_to_table(): the options of a catalog's column, "name=value" each, as rows.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/set.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"

struct options {
	char *array; /* the text that the reader reads */
	struct array_reader reader;
};

static int
options_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	struct options *o = set->state = calloc(1, sizeof(*o));
	size_t length;
	const char *text = function_text(argv[0], &length);

	(void)argc;
	if (o == NULL || (o->array = strndup(text, length)) == NULL)
		return type_out_of_memory(r);
	array_reader_open(&o->reader, o->array, length);
	return 0;
}

/* The reader's element stays until the next row: the value and the key are parts of it. */
static int
options_next(struct set *set, struct report *r)
{
	struct options *o = set->state;
	const char *equals;

	set->done = !array_reader_next(&o->reader);
	if (o->reader.failed)
		return type_out_of_memory(r);
	if (set->done)
		return 0;
	if (o->reader.null)
		return report_set(r, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "null array element not allowed in this context");
	equals = memchr(o->reader.element, '=', o->reader.length);
	set->key = (struct type_value) { .kind = SQLITE_TEXT,
		.bytes = o->reader.element,
		.length = equals == NULL ? o->reader.length : (size_t)(equals - o->reader.element) };
	if (equals != NULL)
		set->value = (struct type_value) { .kind = SQLITE_TEXT,
			.bytes = equals + 1,
			.length = o->reader.length - set->key.length - 1 };
	return 0;
}

static void
options_close(void *state)
{
	struct options *o = state;

	array_reader_close(&o->reader);
	free(o->array);
}

const struct set_kind set_options_kinds[] = {
	{ .name = "pg_options_to_table", .open = options_open, .next = options_next, .close = options_close },
	{ .name = NULL },
};
