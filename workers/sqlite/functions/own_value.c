/*
 * Values of any type from their text, where types of the file's own are part of them: enums, domains, rows, and arrays
 * of these; and the functions by which SQLite reads and shows such values.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/array_value.h"
#include "workers/sqlite/types/record.h"
#include "workers/sqlite/functions/own_type.h"

/* ---- read ---- */

/* A type that SQLite's file has nothing to say of. */
static bool
read_plain(sqlite3_context *c, uint32_t oid, int32_t typmod, const char *text, size_t length, struct type_value *out)
{
	const struct type_settings *settings = &function_session(c)->types;
	struct type_value value, coerced = { 0 };
	struct report r = { 0 };
	int result = type_decode_in(settings, oid, TYPE_FORMAT_TEXT, text, length, &value, &r);

	*out = (struct type_value) { .kind = SQLITE_NULL };
	if (result == 0 && typmod >= 0) {
		result = type_coerce_in(settings, oid, typmod, false, &value, &coerced, &r);
		if (result == 0 && coerced.kind == SQLITE_TEXT && coerced.owned == NULL)
			result = type_value_copy(&coerced, coerced.bytes, coerced.length, &r);
		type_value_free(&value);
		value = coerced;
	} else if (result == 0 && value.kind == SQLITE_TEXT && value.owned == NULL)
		result = type_value_copy(&value, value.bytes, value.length, &r);
	if (result == 0) {
		*out = value;
		return true;
	}
	function_fail_report(c, &r);
	return false;
}

/* The domain's base first, then the domains from the outermost base on, each of which checks the value. */
static bool
read_domain(sqlite3_context *c, struct own_types *types, const struct own_type *domain, const char *text, size_t length,
    struct type_value *out)
{
	const struct schema_type *type = &domain->type;

	if (!own_read(c, types, type->over, type->typmod, text, length, out))
		return false;
	if (own_domain_takes(c, (struct own_type *)(uintptr_t)domain, out))
		return true;
	type_value_free(out);
	return false;
}

/* A row while its text is read. */
struct row_input {
	sqlite3_context *c;
	struct own_types *types;
	const struct schema_type *type;
	struct record_writer writer;
	const char *text;
	size_t length;
	bool failed; /* the call */
};

bool
own_write_field(sqlite3_context *c, struct record_writer *w, uint32_t oid, const struct type_value *value)
{
	struct pgwire_buffer text = { 0 };
	struct report r = { 0 };
	bool ok = value->kind == SQLITE_NULL || type_put_value_text(&text, value, oid, NULL, &r) == 0;

	if (!ok)
		function_fail_report(c, &r);
	else
		record_add(w, oid,
		    value->kind == SQLITE_NULL ? NULL
			: text.data == NULL    ? ""
					       : (const char *)text.data + text.start,
		    pgwire_buffer_length(&text));
	if (text.failed) {
		sqlite3_result_error_nomem(c);
		ok = false;
	}
	pgwire_buffer_free(&text);
	return ok;
}

uint32_t
own_kept_type(sqlite3_context *c, struct own_types *types, uint32_t oid)
{
	const struct own_type *own;
	uint32_t element = type_element(oid);

	if (type_class(element) == TYPE_CLASS_DOMAIN)
		return (own = own_type_of(c, types, element)) == NULL ? 0 : type_array_of(own->type.base);
	if (type_class(oid) != TYPE_CLASS_DOMAIN)
		return oid;
	return (own = own_type_of(c, types, oid)) == NULL ? 0 : own->type.base;
}

static int
read_field(void *arg, const char *text, size_t length, struct report *r)
{
	struct row_input *in = arg;
	const struct schema_field *field = &in->type->fields[in->writer.n];
	struct type_value value;
	uint32_t kept;
	bool ok;

	if (in->writer.n == in->type->nfields)
		return record_malformed(r, in->text, in->length, "Too many columns.");
	ok = own_read(in->c, in->types, field->oid, field->typmod, text, length, &value);
	if (ok)
		ok = (kept = own_kept_type(in->c, in->types, field->oid)) != 0 &&
		    own_write_field(in->c, &in->writer, kept, &value);
	type_value_free(&value);
	in->failed = !ok;
	return ok ? 0 : -1;
}

static int
count_field(void *arg, const char *text, size_t length, struct report *r)
{
	(void)arg;
	(void)text;
	(void)length;
	(void)r;
	return 0;
}

static bool
read_row(sqlite3_context *c, struct own_types *types, const struct schema_type *type, const char *text, size_t length,
    struct type_value *out)
{
	struct row_input in = { .c = c, .types = types, .type = type, .text = text, .length = length };
	struct pgwire_buffer row = { 0 };
	struct report r = { 0 };
	/* A row of no fields is "()", in which the splitter sees a field that is null. */
	int result = record_split(text, length, type->nfields == 0 ? count_field : read_field, &in, &r);

	if (result == 0 && in.writer.n < type->nfields)
		result = record_malformed(&r, text, length, "Too few columns.");
	if (result == 0) {
		record_end(&in.writer, &row);
		result = row.failed
		    ? type_out_of_memory(&r)
		    : type_value_copy(out, (const char *)row.data + row.start, pgwire_buffer_length(&row), &r);
	}
	record_writer_free(&in.writer);
	pgwire_buffer_free(&row);
	if (result != 0 && !in.failed)
		function_fail_report(c, &r);
	return result == 0;
}

static bool
read_label(sqlite3_context *c, const struct schema_type *type, const char *text, size_t length, struct type_value *out)
{
	const struct schema_label *label = own_label(c, type, text, length);

	if (label != NULL)
		*out = (struct type_value) { .kind = SQLITE_INTEGER, .integer = label->value };
	return label != NULL;
}

static bool
read_item(sqlite3_context *c, struct own_types *types, uint32_t oid, uint32_t kept, struct array_item *item)
{
	struct pgwire_buffer text = { 0 };
	struct type_value value;
	struct report r = { 0 };
	bool ok;

	if (!own_read(c, types, oid, -1, item->text, item->length, &value))
		return false;
	ok = value.kind == SQLITE_NULL || type_put_value_text(&text, &value, kept, NULL, &r) == 0;
	type_value_free(&value);
	if (!ok)
		function_fail_report(c, &r);
	pgwire_put_byte(&text, '\0');
	if (ok && item->text != NULL) {
		free(item->text);
		*item = (struct array_item) { NULL, 0 };
		if (!text.failed && (item->text = malloc(pgwire_buffer_length(&text))) != NULL) {
			item->length = pgwire_buffer_length(&text) - 1;
			memcpy(item->text, text.data + text.start, item->length + 1);
		} else {
			sqlite3_result_error_nomem(c);
			ok = false;
		}
	}
	pgwire_buffer_free(&text);
	return ok;
}

static bool
read_array(sqlite3_context *c, struct own_types *types, uint32_t element, const char *text, size_t length,
    struct type_value *out)
{
	uint32_t kept = own_kept_type(c, types, element);
	struct report r = { 0 };
	struct type_value array;
	struct array_value x;
	struct pgwire_buffer written = { 0 };
	bool ok;

	if (kept == 0)
		return false;
	if (type_decode(TYPE_TEXT_ARRAY, TYPE_FORMAT_TEXT, text, length, &array, &r) < 0) {
		function_fail_report(c, &r);
		return false;
	}
	ok = array_value_read_text(c, array.bytes, array.length, &x);
	type_value_free(&array);
	if (!ok)
		return false;
	for (size_t i = 0; ok && i < x.n; i++)
		ok = read_item(c, types, element, kept, &x.items[i]);
	if (ok) {
		array_value_put(&written, &x);
		if (written.failed ||
		    type_value_copy(out, (const char *)written.data + written.start, pgwire_buffer_length(&written),
			&r) != 0) {
			sqlite3_result_error_nomem(c);
			ok = false;
		}
	}
	array_value_free(&x);
	pgwire_buffer_free(&written);
	return ok;
}

bool
own_read(sqlite3_context *c, struct own_types *types, uint32_t oid, int32_t typmod, const char *text, size_t length,
    struct type_value *out)
{
	uint32_t element = type_element(oid);
	enum type_class class = type_class(oid);
	struct own_type *own;

	*out = (struct type_value) { .kind = SQLITE_NULL };
	if (class == TYPE_CLASS_BASE && text == NULL)
		return true;
	if (class == TYPE_CLASS_BASE && !type_is_user(element))
		return read_plain(c, oid, typmod, text, length, out);
	if (class == TYPE_CLASS_BASE)
		return read_array(c, types, element, text, length, out);
	if ((own = own_type_of(c, types, oid)) == NULL)
		return false;
	if (class == TYPE_CLASS_DOMAIN)
		return read_domain(c, types, own, text, length, out);
	if (text == NULL)
		return true;
	return class == TYPE_CLASS_ENUM ? read_label(c, &own->type, text, length, out)
					: read_row(c, types, &own->type, text, length, out);
}

/* ---- domains of elements ---- */

/* Each domain of the chain, from the one that was made of no other on. */
static bool
chain_takes(sqlite3_context *c, struct own_types *types, uint32_t oid, const struct type_value *value)
{
	struct own_type *domain = own_type_of(c, types, oid);

	if (domain == NULL ||
	    (type_class(domain->type.over) == TYPE_CLASS_DOMAIN && !chain_takes(c, types, domain->type.over, value)))
		return false;
	return own_domain_takes(c, domain, value);
}

static bool
element_takes(sqlite3_context *c, struct own_types *types, uint32_t oid, uint32_t kept, const struct array_item *item)
{
	struct type_value value = { .kind = SQLITE_NULL };
	struct report r = { 0 };
	bool ok;

	if (item->text != NULL &&
	    type_decode(type_kept_as(kept), TYPE_FORMAT_TEXT, item->text, item->length, &value, &r) < 0) {
		function_fail_report(c, &r);
		return false;
	}
	ok = chain_takes(c, types, oid, &value);
	type_value_free(&value);
	return ok;
}

/* bibd_domain_array(array, oid): the array, if the domain takes each of its elements. */
void
domain_check_array(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct own_types *types = own_types_at(c, 1);
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[1]), kept;
	struct array_value x;
	bool ok = true;

	(void)argc;
	if (types == NULL || (kept = own_kept_type(c, types, oid)) == 0 || !array_value_read(c, argv[0], &x))
		return;
	for (size_t i = 0; ok && i < x.n; i++)
		ok = element_takes(c, types, oid, kept, &x.items[i]);
	array_value_free(&x);
	if (ok)
		sqlite3_result_value(c, argv[0]);
}

/* ---- as functions ---- */

static void
give_buffer(sqlite3_context *c, struct pgwire_buffer *out, bool ok)
{
	if (ok)
		function_result_buffer(c, out);
	else
		pgwire_buffer_free(out);
}

/* bibd_own_in(text, oid) */
void
own_value_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct own_types *types = own_types_at(c, 1);
	struct type_value value;
	size_t length;
	const char *text = function_text(argv[0], &length);

	(void)argc;
	if (types != NULL && own_read(c, types, (uint32_t)sqlite3_value_int64(argv[1]), -1, text, length, &value))
		function_result_value(c, &value);
}

/* bibd_own_show(value, oid): with labels for what is kept of enums, and else as it is kept. */
void
own_value_show(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct own_types *types = own_types_at(c, 1);
	struct pgwire_buffer out = { 0 };
	size_t length;
	const char *text = function_text(argv[0], &length);

	(void)argc;
	if (types != NULL)
		give_buffer(c, &out,
		    own_label_text(c, types, (uint32_t)sqlite3_value_int64(argv[1]), text, length, &out));
}

/* bibd_own_text(value, oid): as the session sees it. */
void
own_value_text(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct own_types *types = own_types_at(c, 1);
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[1]);
	struct pgwire_buffer labelled = { 0 }, out = { 0 };
	struct type_value value;
	struct report r = { 0 };
	size_t length;
	const char *text = function_text(argv[0], &length);
	bool ok;

	(void)argc;
	ok = types != NULL && own_label_text(c, types, oid, text, length, &labelled);
	type_value_text(&value, labelled.data == NULL ? "" : (const char *)labelled.data + labelled.start,
	    pgwire_buffer_length(&labelled));
	if (ok && type_put_value_text(&out, &value, oid, &function_session(c)->types, &r) != 0) {
		function_fail_report(c, &r);
		ok = false;
	}
	pgwire_buffer_free(&labelled);
	give_buffer(c, &out, ok);
}
