/*
 * Constants in the form in which PostgreSQL shows them, and casts that it puts around operands.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/deparse/tree.h"
#include "workers/sqlite/types/codec.h"

struct deparse_node *
deparse_new(struct deparser *d, enum deparse_kind kind, uint32_t oid, size_t nargs)
{
	struct deparse_node *node = translator_alloc(d->t, sizeof(*node));

	if (node == NULL)
		return NULL;
	*node = (struct deparse_node) { .kind = kind, .oid = oid, .typmod = -1, .n = nargs };
	node->args = translator_alloc(d->t, (nargs + 1) * sizeof(struct deparse_node *));
	return node->args == NULL ? NULL : node;
}

/* What would end the comment that it is kept in, or be taken for a mark of this room's. */
static bool
is_plain(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
		if (*p < ' ' && *p != '\n' && *p != '\t' && *p != '\r')
			return false;
	return true;
}

struct deparse_node *
deparse_constant(struct deparser *d, uint32_t oid, const char *text)
{
	struct deparse_node *node = deparse_new(d, DEPARSE_CONSTANT, oid, 0);

	if (node == NULL || (text != NULL && !is_plain(text)))
		return NULL;
	node->text = text;
	return node;
}

bool
deparse_is_unknown(const struct deparse_node *node)
{
	return node->kind == DEPARSE_CONSTANT && node->oid == TYPE_UNKNOWN;
}

/* A double as PostgreSQL writes it; NULL where that needs an exponent. */
static const char *
real_text(struct deparser *d, double value)
{
	for (int digits = 15; digits <= 17; digits++) {
		const char *text = translator_format(d->t, "%.*g", digits, value);

		if (text == NULL || strpbrk(text, "ein") != NULL)
			return NULL;
		if (strtod(text, NULL) == value)
			return text;
	}
	return NULL;
}

/* By its type's own output. */
static const char *
shown_text(struct deparser *d, uint32_t oid, const struct type_value *value)
{
	struct pgwire_buffer shown = { 0 };
	struct report ignored = { 0 };
	const char *text = NULL;

	if (type_put_value_text(&shown, value, oid, NULL, &ignored) == 0 && !shown.failed)
		text = translator_format(d->t, "%.*s", (int)pgwire_buffer_length(&shown),
		    (const char *)shown.data + shown.start);
	pgwire_buffer_free(&shown);
	report_reset(&ignored);
	return text;
}

static const char *
value_text(struct deparser *d, uint32_t oid, const struct type_value *value)
{
	char *text;

	switch (value->kind) {
	case SQLITE_INTEGER:
		if (oid == TYPE_BOOL)
			return value->integer != 0 ? "true" : "false";
		return translator_format(d->t, "%lld", (long long)value->integer);
	case SQLITE_FLOAT:
		return real_text(d, value->real);
	case SQLITE_TEXT:
		if ((text = translator_alloc(d->t, value->length + 1)) != NULL)
			memcpy(text, value->bytes, value->length);
		return text;
	case SQLITE_BLOB:
		return shown_text(d, oid, value);
	default:
		return NULL;
	}
}

/* A name as a text for regclass has it, plain or in quotes, as PostgreSQL writes it; *end is behind it. NULL: it is
 * written in another way, or would be folded. */
static const char *
relation_part(struct deparser *d, const char *text, const char **end)
{
	bool quoted = *text == '"';
	size_t length = quoted ? strcspn(++text, "\"") : strcspn(text, "\"\\. \t\r\n\f\v");

	if (quoted && text[length] == '\0')
		return NULL;
	*end = text + length + (quoted ? 1 : 0);
	if (length == 0 || length > 63 || (**end != '\0' && **end != '.'))
		return NULL;
	if (!quoted && strcspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") < length)
		return NULL;
	return deparse_name(d->t, translator_format(d->t, "%.*s", (int)length, text));
}

/* The name of a relation as regclass shows it, under a mark for its schema. */
static const char *
relation_text(struct deparser *d, const char *text)
{
	const char *schema = "public", *end, *name = relation_part(d, text, &end);
	struct schema_place place;

	if (name == NULL)
		return NULL;
	if (*end == '.') {
		schema = name;
		name = relation_part(d, end + 1, &end);
	} else if (!schema_place_to_create(d->t->schema, &place) || strcmp(place.schema, "public") != 0) {
		return NULL;
	}
	if (name == NULL || *end != '\0' || strncmp(schema, "pg_", 3) == 0)
		return NULL;
	return translator_format(d->t, "%c%s%c%s", KEPT_SCHEMA_BEGIN, schema, KEPT_SCHEMA_END, name);
}

/* What a string means as a value of the type, as that type shows it. NULL: it isn't known. */
const char *
deparse_canonical(struct deparser *d, uint32_t oid, const char *text)
{
	struct type_value value = { 0 };
	struct report ignored = { 0 };
	const char *result = NULL;

	if (oid == TYPE_REGCLASS)
		return relation_text(d, text);
	if (type_by_oid(oid) == NULL)
		return NULL;
	if (type_is_text(oid) || oid == TYPE_JSON)
		return text;
	if (type_decode_in(d->t->settings, oid, TYPE_FORMAT_TEXT, text, strlen(text), &value, &ignored) == 0)
		result = oid == TYPE_TIMESTAMPTZ || oid == TYPE_TIMETZ ? shown_text(d, oid, &value) /* in UTC */
								       : value_text(d, oid, &value);
	type_value_free(&value);
	report_reset(&ignored);
	return result;
}

/* A literal that has no type yet takes one. */
static struct deparse_node *
settle(struct deparser *d, struct deparse_node *node, uint32_t oid)
{
	const char *text;
	struct deparse_node *settled;

	if (oid == TYPE_UNKNOWN)
		return node;
	if (type_is_user(oid) && node->text != NULL)
		return deparse_own_constant(d, oid, node->text);
	text = node->text == NULL ? NULL : deparse_canonical(d, oid, node->text);
	if (node->text != NULL && text == NULL)
		return NULL;
	if ((settled = deparse_new(d, DEPARSE_CONSTANT, oid, 0)) != NULL)
		settled->text = text;
	return settled;
}

/* Which field a number alone is depends on the fields of the type. */
static struct deparse_node *
settle_interval(struct deparser *d, const struct deparse_node *node, int32_t typmod)
{
	const struct type_value written = { .kind = SQLITE_TEXT, .bytes = node->text, .length = strlen(node->text) };
	struct type_value value = { 0 };
	struct report ignored = { 0 };
	const char *text = NULL;
	struct deparse_node *settled;

	if (type_coerce_in(d->t->settings, TYPE_INTERVAL, typmod, true, &written, &value, &ignored) == 0)
		text = value_text(d, TYPE_INTERVAL, &value);
	type_value_free(&value);
	report_reset(&ignored);
	if (text == NULL || (settled = deparse_new(d, DEPARSE_CONSTANT, TYPE_INTERVAL, 0)) == NULL)
		return NULL;
	settled->text = text;
	return settled;
}

/* Whether PostgreSQL calls a function for the cast: it has one in pg_cast, or one for the length. */
static bool
is_computed(uint32_t from, uint32_t to, int32_t typmod)
{
	const struct cast_fact *fact;

	if (typmod >= 0)
		return true;
	for (size_t i = 0; (fact = cast_fact_by_index(i)) != NULL; i++)
		if (fact->from == from && fact->to == to)
			return fact->method == 'f';
	return false;
}

struct deparse_node *
deparse_coerce(struct deparser *d, struct deparse_node *node, uint32_t oid, int32_t typmod, bool implicit)
{
	struct deparse_node *cast;

	if (node == NULL || oid == TYPE_UNKNOWN)
		return node;
	if (type_is_domain(oid))
		return deparse_to_domain(d, node, oid, implicit);
	if (node->kind == DEPARSE_FUNCTION && node->oid == TYPE_RECORD && type_class(oid) == TYPE_CLASS_COMPOSITE)
		return deparse_row_as(d, node, oid, implicit);
	if (deparse_is_unknown(node) && node->text != NULL && oid == TYPE_INTERVAL && typmod >= 0 &&
	    (node = settle_interval(d, node, typmod)) == NULL)
		return NULL;
	if (deparse_is_unknown(node) && ((node = settle(d, node, oid)) == NULL || typmod < 0))
		return node;
	if (node->oid == oid && (node->typmod == typmod || (implicit && typmod < 0)))
		return node;
	if ((cast = deparse_new(d, DEPARSE_CAST, oid, 1)) == NULL)
		return NULL;
	cast->typmod = typmod;
	cast->implicit = implicit;
	cast->computed = is_computed(deparse_base(d, node->oid), oid, typmod);
	cast->args[0] = node;
	return cast;
}

static bool
is_preferred(uint32_t oid)
{
	return oid == TYPE_BOOL || oid == TYPE_TEXT || oid == TYPE_FLOAT8 || oid == TYPE_OID ||
	    oid == TYPE_TIMESTAMPTZ || oid == TYPE_INTERVAL;
}

static bool
are_alike(struct deparse_node *const *nodes, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (nodes[i]->oid != nodes[0]->oid)
			return false;
	return n > 0 && nodes[0]->oid != TYPE_UNKNOWN;
}

/* The manual's "UNION, CASE, and Related Constructs": a domain stays one where all are of it. */
uint32_t
deparse_common(struct deparser *d, struct deparse_node *const *nodes, size_t n)
{
	uint32_t common = TYPE_UNKNOWN;

	if (are_alike(nodes, n))
		return nodes[0]->oid;
	for (size_t i = 0; i < n; i++) {
		uint32_t oid = deparse_base(d, nodes[i]->oid);

		if (oid == TYPE_UNKNOWN || oid == common)
			continue;
		if (common == TYPE_UNKNOWN) {
			common = oid;
			continue;
		}
		if (type_category(common) != type_category(oid))
			return 0;
		if (!is_preferred(common) && cast_context(common, oid) == 'i' && cast_context(oid, common) != 'i')
			common = oid;
	}
	return common == TYPE_UNKNOWN ? (uint32_t)TYPE_TEXT : common;
}

bool
deparse_unify(struct deparser *d, struct deparse_node **nodes, size_t n, uint32_t *oid)
{
	if ((*oid = deparse_common(d, nodes, n)) == 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!deparse_is_unknown(nodes[i]) && nodes[i]->oid != *oid &&
		    cast_context(deparse_base(d, nodes[i]->oid), *oid) != 'i')
			return false;
		if ((nodes[i] = deparse_coerce(d, nodes[i], *oid, -1, true)) == NULL)
			return false;
	}
	return true;
}
