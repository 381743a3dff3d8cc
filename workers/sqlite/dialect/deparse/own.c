/*
 * What the file itself defines, in a text: values of its enums and row types, its domains, and calls of its functions.
 * Names that may change are not written, but marked (schema/kept.h).
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/deparse/tree.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/record.h"

uint32_t
deparse_base(struct deparser *d, uint32_t oid)
{
	return type_is_domain(oid) ? translate_kept_type(d->t, oid) : oid;
}

/* ---- literals ---- */

static const char *
label_value(struct deparser *d, const struct schema_type *type, const char *text, size_t length)
{
	const struct schema_label *label = schema_type_label_of(type, text, length);

	return label == NULL ? NULL : translator_format(d->t, "%lld", (long long)label->value);
}

/* '{a,b}': only where no label needs quotes. */
static const char *
label_values(struct deparser *d, const struct schema_type *type, const char *text)
{
	const char *values = "{", *at = text + 1;
	size_t length = strlen(text);

	if (length < 2 || text[0] != '{' || text[length - 1] != '}' || strpbrk(text + 1, "{\"\\ \t\n\r\v\f") != NULL)
		return NULL;
	while (values != NULL && at < text + length - 1) {
		size_t n = strcspn(at, ",}");
		const char *value = strncasecmp(at, "NULL", 4) == 0 && n == 4 ? "NULL" : label_value(d, type, at, n);

		values =
		    value == NULL ? NULL : translator_format(d->t, "%s%s%s", values, at == text + 1 ? "" : ",", value);
		at += n + 1;
	}
	return values == NULL ? NULL : translator_format(d->t, "%s}", values);
}

struct fields {
	struct deparser *d;
	const struct schema_type *type;
	struct pgwire_buffer out;
	unsigned n;
};

/* Fields of PostgreSQL's own types alone, whose texts do not change. */
static int
put_field(void *arg, const char *text, size_t length, struct report *r)
{
	struct fields *fields = arg;
	const struct schema_field *field = &fields->type->fields[fields->n];
	const char *shown;

	(void)r;
	if (fields->n >= fields->type->nfields)
		return -1;
	if (text == NULL) {
		record_put_field(&fields->out, NULL, 0, fields->n++ == 0);
		return 0;
	}
	if (field->typmod >= 0 || type_is_user(field->oid) || field->oid == TYPE_REGCLASS ||
	    (shown = deparse_canonical(fields->d, field->oid,
		 translator_format(fields->d->t, "%.*s", (int)length, text))) == NULL)
		return -1;
	if (field->oid == TYPE_BOOL)
		shown = strcmp(shown, "true") == 0 ? "t" : "f";
	record_put_field(&fields->out, shown, strlen(shown), fields->n++ == 0);
	return 0;
}

static const char *
row_text(struct deparser *d, const struct schema_type *type, const char *text)
{
	struct fields fields = { .d = d, .type = type };
	struct report ignored = { 0 };
	const char *shown = NULL;

	if (record_split(text, strlen(text), put_field, &fields, &ignored) == 0 && fields.n == type->nfields &&
	    !fields.out.failed)
		shown = translator_format(d->t, "(%.*s)", (int)pgwire_buffer_length(&fields.out),
		    (const char *)fields.out.data + fields.out.start);
	pgwire_buffer_free(&fields.out);
	report_reset(&ignored);
	return shown;
}

struct deparse_node *
deparse_own_constant(struct deparser *d, uint32_t oid, const char *text)
{
	uint32_t element = type_element(oid);
	const struct schema_type *type = schema_type_by_oid(d->t->schema, element != 0 ? element : oid);
	struct deparse_node *node;

	if (type == NULL || type_is_domain(type->oid) || (node = deparse_constant(d, oid, text)) == NULL)
		return NULL;
	if (type_class(type->oid) == TYPE_CLASS_ENUM)
		node->values = element != 0 ? label_values(d, type, text) : label_value(d, type, text, strlen(text));
	else if (element == 0)
		node->text = row_text(d, type, text);
	else
		return NULL;
	return node->text == NULL || (type_class(type->oid) == TYPE_CLASS_ENUM && node->values == NULL) ? NULL : node;
}

/* ---- domains and rows ---- */

struct deparse_node *
deparse_to_domain(struct deparser *d, struct deparse_node *node, uint32_t oid, bool implicit)
{
	const struct schema_type *domain = schema_type_by_oid(d->t->schema, oid);
	struct deparse_node *cast;

	if (node->oid == oid)
		return node;
	/* Of a domain over another PostgreSQL may show a cast to each. */
	if (domain == NULL || domain->over != domain->base ||
	    (node = deparse_coerce(d, node, domain->base, -1, true)) == NULL ||
	    (node = deparse_coerce(d, node, domain->base, domain->typmod, true)) == NULL ||
	    (cast = deparse_new(d, DEPARSE_CAST, oid, 1)) == NULL)
		return NULL;
	cast->implicit = implicit;
	cast->args[0] = node;
	return cast;
}

struct deparse_node *
deparse_row_as(struct deparser *d, struct deparse_node *row, uint32_t oid, bool implicit)
{
	const struct schema_type *type = schema_type_by_oid(d->t->schema, oid);
	struct deparse_node *node;

	if (type == NULL || type->nfields != row->n || (node = deparse_new(d, DEPARSE_FUNCTION, oid, row->n)) == NULL)
		return NULL;
	node->name = row->name;
	node->all = !implicit;
	for (size_t i = 0; i < row->n; i++)
		if ((node->args[i] = deparse_coerce(d, row->args[i], type->fields[i].oid, type->fields[i].typmod,
			 implicit)) == NULL)
			return NULL;
	return node;
}

struct deparse_node *
deparse_field(struct deparser *d, struct deparse_node *arg, const char *name)
{
	const struct schema_type *type = schema_type_by_oid(d->t->schema, arg->oid);
	struct deparse_node *node;
	bool temporary;
	int64_t number;
	unsigned i = 0;

	/* A table's columns, and fields of what a domain is made of, are left. */
	if (name == NULL || type == NULL || type_class(arg->oid) != TYPE_CLASS_COMPOSITE ||
	    type_is_of_table(arg->oid, &temporary, &number))
		return NULL;
	while (i < type->nfields && strcmp(type->fields[i].name, name) != 0)
		i++;
	if (i == type->nfields || (node = deparse_new(d, DEPARSE_FIELD, type->fields[i].oid, 1)) == NULL)
		return NULL;
	node->typmod = type->fields[i].typmod;
	node->name = translator_copy(d->t, name);
	node->field = i;
	node->args[0] = arg;
	return node;
}

/* ---- calls ---- */

/* The type of the input of that place, from 0. */
static uint32_t
input_type(const struct schema_routine *routine, size_t place)
{
	for (unsigned i = 0; i < routine->narguments; i++)
		if (schema_argument_is_in(&routine->arguments[i]) && place-- == 0)
			return routine->arguments[i].oid;
	return TYPE_UNKNOWN;
}

static bool
is_plain(const struct schema_routine *routine)
{
	for (unsigned i = 0; i < routine->narguments; i++)
		if (routine->arguments[i].mode == 'v' || type_is_polymorphic(routine->arguments[i].oid))
			return false;
	return routine->ninputs <= FACT_ARGUMENTS_MAX;
}

/* The one that is meant. NULL: there is none, or one with "any" or VARIADIC might be. */
static const struct schema_routine *
choose(struct deparser *d, const struct deparse_node *node, const struct schema_routine *all, unsigned n)
{
	struct function_fact *facts = translator_alloc(d->t, (n + 1) * sizeof(*facts));
	uint32_t types[FACT_ARGUMENTS_MAX], declared[FACT_ARGUMENTS_MAX], result;
	const struct function_fact *fact;
	unsigned nfacts = 0;

	if (facts == NULL || node->n > FACT_ARGUMENTS_MAX)
		return NULL;
	for (size_t i = 0; i < node->n; i++)
		types[i] = deparse_base(d, node->args[i]->oid);
	for (unsigned k = 0; k < n; k++) {
		if (all[k].kind != 'f' || node->n > all[k].ninputs)
			continue;
		if (!is_plain(&all[k]))
			return NULL;
		facts[nfacts] = (struct function_fact) { .oid = k,
			.name = node->name,
			.kind = 'f',
			.result = all[k].result,
			.narguments = (unsigned)node->n };
		for (size_t i = 0; i < node->n; i++)
			facts[nfacts].arguments[i] = deparse_base(d, input_type(&all[k], i));
		nfacts++;
	}
	facts[nfacts] = (struct function_fact) { .name = "" };
	return nfacts > 0 && function_resolve_among(facts, types, node->n, &fact, declared, &result) == RESOLVED
	    ? &all[fact->oid]
	    : NULL;
}

bool
deparse_own_call(struct deparser *d, const PgQuery__FuncCall *call, struct deparse_node *node)
{
	const struct schema_routine *routine;
	struct schema_routine *all;
	unsigned n;
	bool known;

	all = schema_routines(schema_database(d->t->schema), node->name, &n);
	node->name = namespace_relation(node->name);
	routine = choose(d, node, all, n);
	known =
	    routine != NULL && !call->func_variadic && call->funcformat != PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX;
	for (size_t i = 0; known && i < node->n; i++) {
		node->args[i] = deparse_coerce(d, node->args[i], input_type(routine, i), -1, true);
		known = node->args[i] != NULL;
	}
	if (known) {
		node->own = routine->oid;
		node->oid = routine->result;
	}
	schema_routines_free(all, n);
	return known;
}

struct deparse_column *
deparse_own_columns(struct deparser *d, const struct deparse_node *call, unsigned *n)
{
	struct schema_routine_column *columns = NULL;
	struct deparse_column *copies = NULL;
	struct schema_routine routine;

	*n = 0;
	if (call->own == 0 || !schema_routine_load(schema_database(d->t->schema), call->own, &routine))
		return NULL;
	if ((columns = schema_routine_columns(d->t->schema, &routine, n)) != NULL &&
	    (copies = translator_alloc(d->t, (*n + 2) * sizeof(*copies))) != NULL)
		for (unsigned i = 0; i < *n; i++)
			copies[i] = (struct deparse_column) { .name = columns[i].name == NULL
				    ? call->name
				    : translator_copy(d->t, columns[i].name),
				.oid = columns[i].oid,
				.typmod = columns[i].typmod };
	free(columns);
	schema_routine_clear(&routine);
	return *n == 0 ? NULL : copies;
}
