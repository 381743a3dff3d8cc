/*
 * Values as they are kept to what is shown of them: the numbers of an enum become its labels, in rows and arrays too.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/array_value.h"
#include "workers/sqlite/functions/own_type.h"
#include "workers/sqlite/types/record.h"

static bool
label_row(sqlite3_context *c, struct own_types *types, const char *text, size_t length, struct pgwire_buffer *out)
{
	struct record_writer writer = { .n = 0 };
	struct record_reader reader;
	bool ok = true;

	if (!record_reader_open(&reader, text, length)) {
		pgwire_put_bytes(out, text, length);
		return true;
	}
	while (ok && record_reader_next(&reader)) {
		struct pgwire_buffer field = { 0 };

		ok = reader.null || own_label_text(c, types, reader.oid, reader.text, reader.length, &field);
		record_add(&writer, reader.oid,
		    reader.null		     ? NULL
			: field.data == NULL ? ""
					     : (const char *)field.data + field.start,
		    pgwire_buffer_length(&field));
		out->failed |= field.failed;
		pgwire_buffer_free(&field);
	}
	out->failed |= reader.failed;
	record_reader_close(&reader);
	record_end(&writer, out);
	return ok;
}

static bool
label_array(sqlite3_context *c, struct own_types *types, uint32_t element, const char *text, size_t length,
    struct pgwire_buffer *out)
{
	struct array_value x;
	bool ok = array_value_read_text(c, text, length, &x);

	if (!ok)
		return false;
	for (size_t i = 0; ok && i < x.n; i++) {
		struct array_item *item = &x.items[i];
		struct pgwire_buffer shown = { 0 };

		if (item->text == NULL)
			continue;
		ok = own_label_text(c, types, element, item->text, item->length, &shown);
		free(item->text);
		item->length = pgwire_buffer_length(&shown);
		item->text = shown.failed
		    ? NULL
		    : strndup(shown.data == NULL ? "" : (const char *)shown.data + shown.start, item->length);
		out->failed |= item->text == NULL;
		pgwire_buffer_free(&shown);
	}
	array_value_put(out, &x);
	array_value_free(&x);
	return ok;
}

bool
own_label_text(sqlite3_context *c, struct own_types *types, uint32_t oid, const char *text, size_t length,
    struct pgwire_buffer *out)
{
	uint32_t element = type_element(oid);
	const struct schema_label *label;
	const struct own_type *own;

	if (type_is_row(oid))
		return label_row(c, types, text, length, out);
	if (type_is_user(element) || type_is_row(element))
		return label_array(c, types, element, text, length, out);
	if (type_class(oid) != TYPE_CLASS_ENUM) {
		pgwire_put_bytes(out, text, length);
		return true;
	}
	if ((own = own_type_of(c, types, oid)) == NULL ||
	    (label = own_label_of(c, &own->type, strtoll(text, NULL, 10))) == NULL)
		return false;
	pgwire_put_bytes(out, label->text, strlen(label->text));
	return true;
}
