/*
 * Writes the definition of a type that the file defines: as the view that holds it, and its name as people see it.
 */
#include "workers/sqlite/schema/type.h"

#include <inttypes.h>
#include <string.h>

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/types/quote.h"

char *
schema_type_show(const struct schema_type *type, bool array)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	quote_put_identifier(out, type->name);
	fputs(array ? "[]" : "", out);
	return fclose(out) == 0 ? text : NULL;
}

static void
put_optional(FILE *out, const char *text)
{
	fputs(", ", out);
	if (text == NULL)
		fputs("NULL", out);
	else
		definition_put_text(out, text);
}

static void
put_row(FILE *out, const char *kind, int64_t number, const char *name, const char *sql, const char *source)
{
	fprintf(out, "%s('%s', %" PRId64, strcmp(kind, "type") == 0 ? "" : ", ", kind, number);
	put_optional(out, name);
	put_optional(out, sql);
	put_optional(out, source);
	fputs(")", out);
}

static void
put_typed(FILE *out, const char *kind, uint32_t oid, const char *name, int32_t typmod)
{
	char number[16];

	(void)snprintf(number, sizeof(number), "%d", (int)typmod);
	put_row(out, kind, (int64_t)oid, name, number, NULL);
}

static void
put_label(FILE *out, const struct schema_label *label)
{
	char order[32];

	(void)snprintf(order, sizeof(order), "%.9g", (double)label->order);
	put_row(out, "label", label->value, label->text,
	    label->order == schema_label_order(label->value) ? NULL : order, label->made);
}

void
schema_type_print(const struct schema_type *type, FILE *out)
{
	fprintf(out,
	    "CREATE VIEW \"public\".\"" SCHEMA_TYPE_PREFIX "%" PRIu32 "\"(kind, number, name, sql, source) AS VALUES ",
	    type->oid);
	put_row(out, "type", (int64_t)type->over, type->name, NULL, NULL);
	for (unsigned i = 0; i < type->nlabels; i++)
		put_label(out, &type->labels[i]);
	if (type_class(type->oid) == TYPE_CLASS_DOMAIN)
		put_typed(out, "base", type->base, NULL, type->typmod);
	if (type->not_null)
		put_row(out, "not null", 0, NULL, NULL, NULL);
	if (type->default_sql != NULL)
		put_row(out, "default", 0, NULL, type->default_sql, type->default_source);
	for (unsigned i = 0; i < type->nchecks; i++)
		put_row(out, "check", type->checks[i].not_valid, type->checks[i].name, type->checks[i].sql,
		    type->checks[i].source);
	for (unsigned i = 0; i < type->nfields; i++)
		put_typed(out, "field", type->fields[i].oid, type->fields[i].name, type->fields[i].typmod);
	fputs(";\n", out);
}
