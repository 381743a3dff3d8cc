/*
 * JSON objects as rows of a row type: json_populate_record() and its like. Members are found by the fields' names, and
 * read as their types, rows and arrays within them too.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/json_span.h"
#include "workers/sqlite/functions/own_type.h"
#include "workers/sqlite/types/record.h"

/* Rows within rows, as deep as types are nested; a bound for the stack's sake. */
#define DEPTH_MAX 64

struct populate {
	sqlite3_context *c;
	struct own_types *types;
	unsigned depth;
	const char *base; /* the row that the value at hand takes the place of; NULL: none */
	size_t base_length;
};

static bool read_value(struct populate *p, struct json_span x, const char *key, uint32_t oid, int32_t typmod,
    struct type_value *out);

static bool
fail(struct populate *p, struct report *r)
{
	function_fail_report(p->c, r);
	return false;
}

/* false: memory is out, which is said. */
static bool
member(struct populate *p, struct json_span object, const char *name, struct json_span *found)
{
	struct pgwire_buffer quoted = { 0 };
	struct json_span key = json_span_quote(&quoted, name, strlen(name));

	*found = key.at == NULL ? key : json_span_member(object, key);
	pgwire_buffer_free(&quoted);
	if (key.at == NULL)
		sqlite3_result_error_nomem(p->c);
	return key.at != NULL;
}

/* The field of a row as it is, where the object has no such member. */
static bool
write_field(struct populate *p, struct record_writer *w, const struct schema_field *field, struct json_span object,
    const struct record_reader *base)
{
	struct json_span x;
	struct type_value value;
	uint32_t kept;
	bool ok;

	if (!member(p, object, field->name, &x))
		return false;
	if (x.at == NULL && base != NULL && !base->null) {
		record_add(w, base->oid, base->text, base->length);
		return true;
	}
	p->base = base == NULL || base->null ? NULL : base->text;
	p->base_length = base == NULL ? 0 : base->length;
	ok = read_value(p, x, field->name, field->oid, field->typmod, &value);
	p->base = NULL;
	if (!ok)
		return false;
	ok = (kept = own_kept_type(p->c, p->types, field->oid)) != 0 && own_write_field(p->c, w, kept, &value);
	type_value_free(&value);
	return ok;
}

static bool
give(struct populate *p, struct record_writer *w, struct type_value *out)
{
	struct pgwire_buffer row = { 0 };
	struct report r = { 0 };
	int result;

	record_end(w, &row);
	result = row.failed ? type_out_of_memory(&r)
			    : type_value_copy(out, (const char *)row.data + row.start, pgwire_buffer_length(&row), &r);
	pgwire_buffer_free(&row);
	return result == 0 ? true : fail(p, &r);
}

/* base NULL: there is none. */
static bool
read_row(struct populate *p, struct json_span object, const struct schema_type *type, const char *base, size_t length,
    struct type_value *out)
{
	struct record_writer w = { .n = 0 };
	struct record_reader reader;
	bool ok = true;

	if (json_span_kind(object) != '{') {
		function_fail(p->c, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot call %s on %s", "populate_composite",
		    json_span_kind(object) == '[' ? "an array" : "a scalar");
		return false;
	}
	if (p->depth >= DEPTH_MAX) {
		function_fail(p->c, SQLSTATE_STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
		return false;
	}
	p->depth++;
	(void)record_reader_open(&reader, base == NULL ? "" : base, length);
	for (unsigned i = 0; ok && i < type->nfields; i++) {
		bool has = base != NULL && record_reader_next(&reader);

		ok = write_field(p, &w, &type->fields[i], object, has ? &reader : NULL);
	}
	record_reader_close(&reader);
	p->depth--;
	if (ok)
		return give(p, &w, out);
	record_writer_free(&w);
	return false;
}

/* ---- arrays of the file's own types ---- */

struct element_input {
	struct populate *p;
	const char *key;
	uint32_t oid, kept;
};

static int
read_element(void *arg, struct json_span x, struct pgwire_buffer *text, bool *null, struct report *r)
{
	struct element_input *in = arg;
	struct type_value value;
	int result;

	if (!read_value(in->p, x, in->key, in->oid, -1, &value)) {
		*r = function_session(in->p->c)->report; /* the call has failed already */
		function_session(in->p->c)->report = (struct report) { 0 };
		return -1;
	}
	*null = value.kind == SQLITE_NULL;
	result = *null ? 0 : type_put_value_text(text, &value, in->kept, NULL, r);
	type_value_free(&value);
	return result;
}

static bool
read_array(struct populate *p, struct json_span x, const char *key, uint32_t oid, struct type_value *out)
{
	struct element_input in = { .p = p, .key = key, .oid = type_element(oid) };
	struct report r = { 0 };

	if ((in.kept = own_kept_type(p->c, p->types, in.oid)) == 0)
		return false;
	return json_span_read_array(x, key, read_element, &in, out, &r) == 0 ? true : fail(p, &r);
}

/* ---- one value ---- */

/* What is in quotes is read as people write it, whatever the type. */
static bool
read_scalar(struct populate *p, struct json_span x, uint32_t oid, int32_t typmod, struct type_value *out)
{
	struct type_value text = { 0 };
	struct report r = { 0 };
	bool ok;

	if (json_span_kind(x) == '"' && oid != TYPE_JSON && oid != TYPE_JSONB) {
		if (json_span_unquote(x, &text, &r) < 0)
			return fail(p, &r);
	} else
		type_value_text(&text, x.at, x.length);
	ok = own_read(p->c, p->types, oid, typmod, text.bytes, text.length, out);
	type_value_free(&text);
	return ok;
}

static bool
read_domain(struct populate *p, struct json_span x, const char *key, struct own_type *domain, struct type_value *out)
{
	if (!read_value(p, x, key, domain->type.over, domain->type.typmod, out))
		return false;
	if (own_domain_takes(p->c, domain, out))
		return true;
	type_value_free(out);
	return false;
}

static bool
read_value(struct populate *p, struct json_span x, const char *key, uint32_t oid, int32_t typmod,
    struct type_value *out)
{
	bool null = x.at == NULL || json_span_kind(x) == 'n', string = !null && json_span_kind(x) == '"';
	enum type_class class = type_class(oid);
	const char *base = p->base;
	struct report r = { 0 };
	struct own_type *own;

	*out = (struct type_value) { .kind = SQLITE_NULL };
	if (class == TYPE_CLASS_DOMAIN)
		return (own = own_type_of(p->c, p->types, oid)) != NULL && read_domain(p, x, key, own, out);
	if (null)
		return true;
	p->base = NULL;
	if (class == TYPE_CLASS_COMPOSITE && !string)
		return (own = own_type_of(p->c, p->types, oid)) != NULL &&
		    read_row(p, x, &own->type, base, p->base_length, out);
	if (type_is_user(type_element(oid)) && !string)
		return read_array(p, x, key, oid, out);
	if (type_is_user(oid) || string)
		return read_scalar(p, x, oid, typmod, out);
	return json_span_read(&function_session(p->c)->types, x, key, oid, typmod, out, &r) == 0 ? true : fail(p, &r);
}

/* bibd_json_member(object, name, type, typmod): as bibd_json_field, of any type. */
void
json_member_of(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct populate p = { .c = c, .types = own_types_at(c, 2) };
	struct type_value value;
	size_t length;
	const char *name = function_text(argv[1], &length);
	struct json_span found = { NULL, 0 };

	(void)argc;
	if (sqlite3_value_type(argv[0]) != SQLITE_NULL && !member(&p, json_span_of(argv[0]), name, &found))
		return;
	if (p.types != NULL &&
	    read_value(&p, found, name, (uint32_t)sqlite3_value_int64(argv[2]), sqlite3_value_int(argv[3]), &value))
		function_result_value(c, &value);
}

/* The fields of a record, as name and type after each other. False: out of memory, and reported. */
static bool
describe_record(sqlite3_context *c, int argc, sqlite3_value **argv, struct schema_type *type)
{
	for (int i = 0; i + 1 < argc; i += 2) {
		struct schema_field *field = schema_type_add_field(type);
		size_t length;

		if (field == NULL || (field->name = strdup(function_text(argv[i], &length))) == NULL) {
			sqlite3_result_error_nomem(c);
			return false;
		}
		field->oid = (uint32_t)sqlite3_value_int64(argv[i + 1]);
	}
	return true;
}

/* bibd_json_populate(row, object, oid[, name, type, ...]): the row with what the object says of its fields; of no row,
 * one of nulls. The names and types are a record's. */
void
json_populate(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct populate p = { .c = c, .types = own_types_at(c, 2) };
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[2]);
	bool base = sqlite3_value_type(argv[0]) != SQLITE_NULL;
	struct schema_type record = { .typmod = -1 };
	const struct schema_type *type = &record;
	struct own_type *own;
	struct type_value value;
	size_t length;
	const char *text = function_text(argv[0], &length);
	bool ok = p.types != NULL;

	if (sqlite3_value_type(argv[1]) == SQLITE_NULL) {
		sqlite3_result_value(c, argv[0]);
		return;
	}
	if (ok && oid == TYPE_RECORD)
		ok = describe_record(c, argc - 3, argv + 3, &record);
	else if (ok && (ok = (own = own_type_of(c, p.types, oid)) != NULL))
		type = &own->type;
	if (ok && read_row(&p, json_span_of(argv[1]), type, base ? text : NULL, length, &value))
		function_result_value(c, &value);
	schema_type_free(&record);
}
