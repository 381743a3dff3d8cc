/*
 * Sets of what JSON documents hold: members, elements, keys, and records.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/json_span.h"
#include "workers/sqlite/functions/set.h"

enum part { PART_MEMBER, PART_MEMBER_TEXT, PART_ELEMENT, PART_ELEMENT_TEXT, PART_KEY, PART_OBJECT, PART_WHOLE };

struct parts {
	struct json_walk walk;
	struct json_span whole;
	enum part part;
	char text[]; /* the document that is walked over */
};

/* What each function says of a document that it can't take apart. */
static const struct {
	const char *name;
	enum part part;
	char wants; /* '{' or '['; 0: any container */
	const char *container, *scalar;
} functions[] = {
	{ "json_each", PART_MEMBER, '{', "cannot deconstruct an array as an object", "cannot deconstruct a scalar" },
	{ "json_each_text", PART_MEMBER_TEXT, '{', "cannot deconstruct an array as an object",
	    "cannot deconstruct a scalar" },
	{ "jsonb_each", PART_MEMBER, '{', "cannot call jsonb_each on a non-object",
	    "cannot call jsonb_each on a non-object" },
	{ "jsonb_each_text", PART_MEMBER_TEXT, '{', "cannot call jsonb_each_text on a non-object",
	    "cannot call jsonb_each_text on a non-object" },
	{ "json_array_elements", PART_ELEMENT, '[', "cannot call json_array_elements on a non-array",
	    "cannot call json_array_elements on a scalar" },
	{ "json_array_elements_text", PART_ELEMENT_TEXT, '[', "cannot call json_array_elements_text on a non-array",
	    "cannot call json_array_elements_text on a scalar" },
	{ "jsonb_array_elements", PART_ELEMENT, '[', "cannot extract elements from an object",
	    "cannot extract elements from a scalar" },
	{ "jsonb_array_elements_text", PART_ELEMENT_TEXT, '[', "cannot extract elements from an object",
	    "cannot extract elements from a scalar" },
	{ "json_object_keys", PART_KEY, '{', "cannot call json_object_keys on an array",
	    "cannot call json_object_keys on a scalar" },
	{ "jsonb_object_keys", PART_KEY, '{', "cannot call jsonb_object_keys on an array",
	    "cannot call jsonb_object_keys on a scalar" },
	{ "json_populate_recordset", PART_OBJECT, '[', "cannot call json_populate_recordset on an object",
	    "cannot call json_populate_recordset on a scalar" },
	{ "jsonb_populate_recordset", PART_OBJECT, '[', "cannot call jsonb_populate_recordset on a non-array",
	    "cannot call jsonb_populate_recordset on a non-array" },
	{ "json_to_record", PART_WHOLE, '{', "cannot call json_to_record on an array",
	    "cannot call json_to_record on a scalar" },
	{ "jsonb_to_record", PART_WHOLE, '{', "cannot call jsonb_to_record on an array",
	    "cannot call jsonb_to_record on a scalar" },
	{ "json_to_recordset", PART_OBJECT, '[', "cannot call json_to_recordset on an object",
	    "cannot call json_to_recordset on a scalar" },
	{ "jsonb_to_recordset", PART_OBJECT, '[', "cannot call jsonb_to_recordset on a non-array",
	    "cannot call jsonb_to_recordset on a non-array" },
};

static int
check_kind(const char *name, struct json_span document, enum part *part, struct report *r)
{
	size_t i = 0;

	while (strcmp(functions[i].name, name) != 0)
		i++;
	*part = functions[i].part;
	if (json_span_kind(document) == functions[i].wants)
		return 0;
	return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "%s",
	    json_span_is_scalar(document) ? functions[i].scalar : functions[i].container);
}

static int
parts_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	size_t length;
	const char *text = function_text(argv[0], &length);
	struct parts *parts = set->state = malloc(sizeof(*parts) + length + 1);

	(void)argc;
	if (parts == NULL)
		return type_out_of_memory(r);
	memcpy(parts->text, text, length);
	parts->text[length] = '\0';
	parts->whole = json_span_trim(parts->text, length);
	json_walk_open(&parts->walk, parts->whole);
	return check_kind(set->kind->name, parts->whole, &parts->part, r);
}

static int
put_part(struct type_value *value, struct json_span x, bool as_text, struct report *r)
{
	if (as_text && json_span_kind(x) == 'n')
		return 0;
	if (as_text && json_span_kind(x) == '"')
		return json_span_unquote(x, value, r);
	type_value_text(value, x.at, x.length);
	return 0;
}

static int
parts_next(struct set *set, struct report *r)
{
	struct parts *parts = set->state;
	enum part part = parts->part;

	set->done = part == PART_WHOLE ? parts->whole.at == NULL : !json_walk_next(&parts->walk);
	if (set->done)
		return 0;
	if (part == PART_WHOLE) {
		type_value_text(&set->value, parts->whole.at, parts->whole.length);
		parts->whole.at = NULL;
		return 0;
	}
	if (part == PART_OBJECT && json_span_kind(parts->walk.value) != '{')
		return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "argument of %s must be an array of objects",
		    set->kind->name);
	if (part == PART_KEY)
		return json_span_unquote(parts->walk.key, &set->value, r);
	if (put_part(&set->value, parts->walk.value, part == PART_MEMBER_TEXT || part == PART_ELEMENT_TEXT, r) < 0)
		return -1;
	return parts->walk.object ? json_span_unquote(parts->walk.key, &set->key, r) : 0;
}

/* A row of NULLs where there is no document. */
static int
whole_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	return sqlite3_value_type(argv[0]) == SQLITE_NULL ? 0 : parts_open(set, argc, argv, r);
}

static int
whole_next(struct set *set, struct report *r)
{
	if (set->state != NULL)
		return parts_next(set, r);
	if ((set->state = calloc(1, sizeof(struct parts))) == NULL)
		return type_out_of_memory(r);
	((struct parts *)set->state)->part = PART_WHOLE;
	return 0;
}

#define PARTS(function) \
	{ \
		.name = (function), .open = parts_open, .next = parts_next \
	}
#define WHOLE(function) \
	{ \
		.name = (function), .takes_null = true, .open = whole_open, .next = whole_next \
	}
const struct set_kind set_json_kinds[] = {
	PARTS("json_each"),
	PARTS("json_each_text"),
	PARTS("jsonb_each"),
	PARTS("jsonb_each_text"),
	PARTS("json_array_elements"),
	PARTS("json_array_elements_text"),
	PARTS("jsonb_array_elements"),
	PARTS("jsonb_array_elements_text"),
	PARTS("json_object_keys"),
	PARTS("jsonb_object_keys"),
	PARTS("json_populate_recordset"),
	PARTS("jsonb_populate_recordset"),
	WHOLE("json_to_record"),
	WHOLE("jsonb_to_record"),
	PARTS("json_to_recordset"),
	PARTS("jsonb_to_recordset"),
	{ .name = NULL },
};
