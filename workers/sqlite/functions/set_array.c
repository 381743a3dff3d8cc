/*
 * Sets of numbers and of an array's elements; and what finds, opens and steps a set of any kind.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/functions/set.h"
#include "workers/sqlite/schema/schema.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"

#define CHANNELS "channels"

const struct set_kind *
set_kind_find(const char *name)
{
	static const struct set_kind *const lists[] = { set_array_kinds, set_json_kinds, set_own_kinds, set_path_kinds,
		set_options_kinds, set_range_kinds, set_regex_kinds, set_text_search_kinds };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (const struct set_kind *kind = lists[i]; kind->name != NULL; kind++)
			if (strcmp(kind->name, name) == 0)
				return kind;
	return NULL;
}

static void
drop_row(struct set *set)
{
	type_value_free(&set->value);
	type_value_free(&set->key);
	set->value = set->key = (struct type_value) { .kind = SQLITE_NULL };
}

void
set_close(struct set *set)
{
	drop_row(set);
	if (set->state != NULL && set->kind->close != NULL)
		set->kind->close(set->state);
	free(set->state);
	set->state = NULL;
}

int
set_next(struct set *set, struct report *r)
{
	drop_row(set);
	return set->kind->next(set, r);
}

int
set_open(struct set *set, const struct set_kind *kind, int argc, sqlite3_value **argv, struct report *r)
{
	set->kind = kind;
	set->value = set->key = (struct type_value) { .kind = SQLITE_NULL };
	/* Without arguments there are no rows, but of the one kind that has none. */
	set->done = argc == 0 && strcmp(kind->name, CHANNELS) != 0;
	for (int i = 0; i < argc && !kind->takes_null; i++)
		set->done = set->done || sqlite3_value_type(argv[i]) == SQLITE_NULL;
	if (set->done)
		return 0;
	return kind->open(set, argc, argv, r) < 0 ? -1 : set_next(set, r);
}

/* ---- series(start, stop[, step]) ---- */

struct series {
	int64_t value, stop, step;
	bool over;
};

static int
series_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	struct series *series = set->state = calloc(1, sizeof(*series));

	if (series == NULL)
		return type_out_of_memory(r);
	if (argc < 2) {
		series->over = true;
		return 0;
	}
	series->value = sqlite3_value_int64(argv[0]);
	series->stop = sqlite3_value_int64(argv[1]);
	series->step = argc > 2 ? sqlite3_value_int64(argv[2]) : 1;
	if (series->step == 0)
		return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "step size cannot equal zero");
	return 0;
}

static int
series_next(struct set *set, struct report *r)
{
	struct series *series = set->state;

	(void)r;
	set->done = series->over || (series->step > 0 ? series->value > series->stop : series->value < series->stop);
	set->value = (struct type_value) { .kind = SQLITE_INTEGER, .integer = series->value };
	series->over = __builtin_add_overflow(series->value, series->step, &series->value);
	return 0;
}

/* ---- unnest(array, type of its elements): the key is the subscript of a vector or of an array from 1 on ---- */

struct elements {
	char *array; /* the text that the reader reads */
	struct array_reader reader;
	uint32_t oid;
	int64_t row;
};

static int
unnest_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	struct elements *e = set->state = calloc(1, sizeof(*e));
	struct type_value array = type_value_of(argv[0]);

	if (e == NULL || (e->array = malloc(array.length + 1)) == NULL)
		return type_out_of_memory(r);
	if (array.kind == SQLITE_TEXT)
		memcpy(e->array, array.bytes, array.length);
	else
		array.length = 0;
	e->oid = argc > 1 ? (uint32_t)sqlite3_value_int64(argv[1]) : (uint32_t)TYPE_TEXT;
	array_reader_open(&e->reader, e->array, array.length);
	return 0;
}

static int
unnest_next(struct set *set, struct report *r)
{
	struct elements *e = set->state;

	set->done = !array_reader_next(&e->reader);
	if (e->reader.failed)
		return type_out_of_memory(r);
	if (set->done)
		return 0;
	e->row++;
	set->key = (struct type_value) { .kind = SQLITE_INTEGER, .integer = e->row - e->reader.vector };
	if (e->reader.null)
		return 0;
	return type_decode_in(&set->session->types, e->oid, TYPE_FORMAT_TEXT, e->reader.element, e->reader.length,
	    &set->value, r);
}

/* channels(): to what the session listens */
static int
channels_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	struct elements *e = set->state = calloc(1, sizeof(*e));
	const struct sql_context *session = set->session;

	(void)argc;
	(void)argv;
	if (e == NULL)
		return type_out_of_memory(r);
	e->array = session->sessions == NULL || session->session == NULL
	    ? strdup("{}")
	    : session->sessions->channels(session->session);
	if (e->array == NULL)
		return type_out_of_memory(r);
	e->oid = TYPE_TEXT;
	array_reader_open(&e->reader, e->array, strlen(e->array));
	return 0;
}

/* ancestors(oid): the partition itself, and the tables above it up to the root */
static int
ancestors_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	struct elements *e = set->state = calloc(1, sizeof(*e));
	char *list;

	(void)argc;
	if (e == NULL)
		return type_out_of_memory(r);
	list =
	    catalog_partition_ancestors(schema_database(set->session->schema), (uint32_t)sqlite3_value_int64(argv[0]));
	if (list == NULL || asprintf(&e->array, "{%s}", list) < 0)
		e->array = NULL;
	free(list);
	if (e->array == NULL)
		return type_out_of_memory(r);
	e->oid = TYPE_OID;
	array_reader_open(&e->reader, e->array, strlen(e->array));
	return 0;
}

static void
unnest_close(void *state)
{
	struct elements *e = state;

	array_reader_close(&e->reader);
	free(e->array);
}

/* ---- subscripts(array, dimension[, reverse]) ---- */

static int
subscripts_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	struct series *series = set->state = calloc(1, sizeof(*series));
	int64_t dimension = sqlite3_value_int64(argv[1]);
	struct array_shape shape;
	size_t length;
	const char *text = function_text(argv[0], &length);

	if (series == NULL)
		return type_out_of_memory(r);
	array_read_shape(text, length, &shape);
	series->over = dimension < 1 || dimension > shape.dimensions;
	series->step = 1;
	if (series->over)
		return 0;
	series->value = shape.lower[dimension - 1];
	series->stop = series->value + shape.sizes[dimension - 1] - 1;
	if (argc > 2 && sqlite3_value_int(argv[2]) != 0)
		*series = (struct series) { .value = series->stop, .stop = series->value, .step = -1 };
	return 0;
}

/* ---- one(value): what answers a value and no set ---- */

static int
one_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	struct type_value in = type_value_of(argv[0]), *kept = set->state = malloc(sizeof(*kept) + in.length + 1);

	(void)argc;
	if (kept == NULL)
		return type_out_of_memory(r);
	*kept = in;
	kept->owned = NULL;
	if (in.kind == SQLITE_TEXT || in.kind == SQLITE_BLOB)
		kept->bytes = in.length == 0 ? "" : memcpy(kept + 1, in.bytes, in.length);
	return 0;
}

static int
one_next(struct set *set, struct report *r)
{
	struct type_value *kept = set->state;

	(void)r;
	set->done = kept->kind < 0;
	if (!set->done)
		set->value = *kept;
	kept->kind = -1;
	return 0;
}

static int
none_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	(void)set;
	(void)argc;
	(void)argv;
	(void)r;
	return 0;
}

static int
none_next(struct set *set, struct report *r)
{
	(void)r;
	set->done = true;
	return 0;
}

const struct set_kind set_array_kinds[] = {
	{ .name = "series", .open = series_open, .next = series_next },
	{ .name = "unnest", .open = unnest_open, .next = unnest_next, .close = unnest_close },
	{ .name = CHANNELS, .open = channels_open, .next = unnest_next, .close = unnest_close },
	{ .name = "subscripts", .open = subscripts_open, .next = series_next },
	{ .name = "one", .takes_null = true, .open = one_open, .next = one_next },
	{ .name = "ancestors", .open = ancestors_open, .next = unnest_next, .close = unnest_close },
	{ .name = "none", .open = none_open, .next = none_next },
	{ .name = NULL },
};
