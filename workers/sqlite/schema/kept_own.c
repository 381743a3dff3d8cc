/*
 * What the marks in a kept text stand for: names of types, fields and functions of the file, labels of enums. They are
 * read when the text is shown, so that it follows their renaming.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/schema/type.h"
#include "workers/sqlite/settings/search_path.h"
#include "workers/sqlite/types/quote.h"

/* Writes a stored name, with its schema where the path does not find it. */
static void
put_name(FILE *out, const char *stored, const char *path)
{
	char schema[NAMESPACE_BYTES];

	namespace_of(stored, schema);
	if (!search_path_names(path, schema)) {
		quote_put_identifier(out, schema);
		fputc('.', out);
	}
	quote_put_identifier(out, namespace_relation(stored));
}

static bool
put_type(sqlite3 *db, FILE *out, uint32_t oid, const char *path)
{
	uint32_t element = type_element(oid);
	struct schema_type type;

	if (!schema_type_read(db, element != 0 ? element : oid, &type))
		return false;
	put_name(out, type.name, path);
	fputs(element != 0 ? "[]" : "", out);
	schema_type_free(&type);
	return true;
}

static bool
put_field(sqlite3 *db, FILE *out, uint32_t oid, unsigned long which)
{
	struct schema_type type;
	bool known;

	if (!schema_type_read(db, oid, &type))
		return false;
	if ((known = which < type.nfields))
		quote_put_identifier(out, type.fields[which].name);
	schema_type_free(&type);
	return known;
}

static bool
put_routine(sqlite3 *db, FILE *out, uint32_t oid, const char *path)
{
	struct schema_routine routine;

	if (!schema_routine_load(db, oid, &routine))
		return false;
	put_name(out, routine.name, path);
	schema_routine_clear(&routine);
	return true;
}

/* A label within a literal: quotes are doubled; within an array's it may need quotes of its own. */
static void
put_label(FILE *out, const char *label, bool array)
{
	bool quoted =
	    array && (*label == '\0' || strpbrk(label, "{},\"\\ \t\n\r\v\f") != NULL || strcasecmp(label, "null") == 0);

	fputs(quoted ? "\"" : "", out);
	for (const char *p = label; *p != '\0'; p++) {
		if (*p == '\'' || (quoted && (*p == '"' || *p == '\\')))
			fputc(*p == '\'' ? '\'' : '\\', out);
		fputc(*p, out);
	}
	fputs(quoted ? "\"" : "", out);
}

/* "4294967296", or of an array "{4294967296,NULL}". */
static bool
put_literal(sqlite3 *db, FILE *out, uint32_t oid, const char *values, const char *end)
{
	bool array = type_is_array(oid), known = true;
	struct schema_type type;

	if (!schema_type_read(db, array ? type_element(oid) : oid, &type))
		return false;
	fputc('\'', out);
	for (const char *at = values; known && at < end;) {
		const struct schema_label *label;
		char *behind;

		if (strchr("{},", *at) != NULL) {
			fputc(*at++, out);
			continue;
		}
		if (strncmp(at, "NULL", 4) == 0) {
			fputs("NULL", out);
			at += 4;
			continue;
		}
		label = schema_type_label(&type, strtoll(at, &behind, 10));
		if ((known = label != NULL && behind > at))
			put_label(out, label->text, array);
		at = behind;
	}
	fputc('\'', out);
	schema_type_free(&type);
	return known;
}

char *
kept_own(sqlite3 *db, const char *mark, const char *path, const char **end)
{
	const char *behind = strchr(mark, KEPT_OWN_END);
	char *text = NULL, *rest;
	uint32_t oid;
	size_t length;
	bool known = false;
	FILE *out;

	*end = behind == NULL ? mark + strlen(mark) : behind;
	if (behind == NULL || (out = open_memstream(&text, &length)) == NULL)
		return NULL;
	oid = (uint32_t)strtoul(mark + 1, &rest, 10);
	switch (*mark) {
	case 't':
		known = put_type(db, out, oid, path);
		break;
	case 'f':
		known = put_field(db, out, oid, strtoul(rest, NULL, 10));
		break;
	case 'r':
		known = put_routine(db, out, oid, path);
		break;
	case 'v':
		known = put_literal(db, out, oid, rest + 1, behind);
		break;
	default:
		break;
	}
	if (fclose(out) == 0 && known)
		return text;
	free(text);
	return NULL;
}
