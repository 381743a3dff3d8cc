/*
 * Reads and writes the views in which the file's own types are defined.
 */
#include "workers/sqlite/schema/type.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/definition.h"

void
schema_type_free(struct schema_type *type)
{
	for (unsigned i = 0; i < type->nlabels; i++) {
		free(type->labels[i].text);
		free(type->labels[i].made);
	}
	for (unsigned i = 0; i < type->nchecks; i++) {
		free(type->checks[i].name);
		free(type->checks[i].sql);
		free(type->checks[i].source);
	}
	for (unsigned i = 0; i < type->nfields; i++)
		free(type->fields[i].name);
	free(type->labels);
	free(type->checks);
	free(type->fields);
	free(type->name);
	free(type->default_sql);
	free(type->default_source);
	*type = (struct schema_type) { 0 };
}

void
schema_types_free(struct schema_type *types, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		schema_type_free(&types[i]);
	free(types);
}

/* ---- lists ---- */

struct schema_label *
schema_type_add_label(struct schema_type *type, unsigned at)
{
	struct schema_label *grown = reallocarray(type->labels, type->nlabels + 1, sizeof(*grown));

	if (grown == NULL)
		return NULL;
	type->labels = grown;
	memmove(grown + at + 1, grown + at, (type->nlabels++ - at) * sizeof(*grown));
	grown[at] = (struct schema_label) { 0 };
	return &grown[at];
}

struct schema_check *
schema_type_add_check(struct schema_type *type)
{
	struct schema_check *grown = reallocarray(type->checks, type->nchecks + 1, sizeof(*grown));

	if (grown == NULL)
		return NULL;
	type->checks = grown;
	grown[type->nchecks] = (struct schema_check) { 0 };
	return &grown[type->nchecks++];
}

struct schema_field *
schema_type_add_field(struct schema_type *type)
{
	struct schema_field *grown = reallocarray(type->fields, type->nfields + 1, sizeof(*grown));

	if (grown == NULL)
		return NULL;
	type->fields = grown;
	grown[type->nfields] = (struct schema_field) { .typmod = -1 };
	return &grown[type->nfields++];
}

const struct schema_label *
schema_type_label(const struct schema_type *type, int64_t value)
{
	unsigned low = 0, high = type->nlabels;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (type->labels[middle].value < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low < type->nlabels && type->labels[low].value == value ? &type->labels[low] : NULL;
}

const struct schema_label *
schema_type_label_of(const struct schema_type *type, const char *text, size_t length)
{
	for (unsigned i = 0; i < type->nlabels; i++)
		if (strlen(type->labels[i].text) == length && memcmp(type->labels[i].text, text, length) == 0)
			return &type->labels[i];
	return NULL;
}

char *
schema_transaction(sqlite3 *db)
{
	sqlite3_stmt *stmt = NULL;
	char *name = NULL;

	if (sqlite3_prepare_v2(db, "SELECT bibd_transaction()", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, 0) != NULL)
		name = strdup((const char *)sqlite3_column_text(stmt, 0));
	(void)sqlite3_finalize(stmt);
	return name;
}

bool
schema_label_is_new(sqlite3 *db, const struct schema_label *label)
{
	char *now = label->made == NULL ? NULL : schema_transaction(db);
	bool is = now != NULL && strcmp(now, label->made) == 0;

	free(now);
	return is;
}

/* ---- read ---- */

/* A row of the view. */
struct row {
	int64_t number;
	const char *name, *sql, *source;
};

static char *
copy(const char *text)
{
	return text == NULL ? NULL : strdup(text);
}

static bool
take_head(struct schema_type *type, const struct row *row)
{
	type->over = (uint32_t)row->number;
	return (type->name = copy(row->name)) != NULL;
}

float
schema_label_order(int64_t value)
{
	return (float)((double)value / (double)SCHEMA_LABEL_GAP);
}

static bool
take_label(struct schema_type *type, const struct row *row)
{
	struct schema_label *label = schema_type_add_label(type, type->nlabels);

	if (label == NULL)
		return false;
	label->value = row->number;
	label->order = row->sql == NULL ? schema_label_order(row->number) : strtof(row->sql, NULL);
	if (row->source != NULL && (label->made = strdup(row->source)) == NULL)
		return false;
	return (label->text = copy(row->name)) != NULL;
}

static bool
take_base(struct schema_type *type, const struct row *row)
{
	type->base = (uint32_t)row->number;
	type->typmod = row->sql == NULL ? -1 : (int32_t)strtol(row->sql, NULL, 10);
	return true;
}

static bool
take_not_null(struct schema_type *type, const struct row *row)
{
	(void)row;
	type->not_null = true;
	return true;
}

static bool
take_default(struct schema_type *type, const struct row *row)
{
	type->default_sql = copy(row->sql);
	type->default_source = copy(row->source);
	return type->default_sql != NULL && type->default_source != NULL;
}

static bool
take_check(struct schema_type *type, const struct row *row)
{
	struct schema_check *check = schema_type_add_check(type);

	if (check == NULL)
		return false;
	check->not_valid = row->number != 0;
	check->name = copy(row->name);
	check->sql = copy(row->sql);
	check->source = copy(row->source);
	return check->name != NULL && check->sql != NULL && check->source != NULL;
}

static bool
take_field(struct schema_type *type, const struct row *row)
{
	struct schema_field *field = schema_type_add_field(type);

	if (field == NULL)
		return false;
	field->oid = (uint32_t)row->number;
	field->typmod = row->sql == NULL ? -1 : (int32_t)strtol(row->sql, NULL, 10);
	return (field->name = copy(row->name)) != NULL;
}

static const struct {
	const char *kind;
	bool (*take)(struct schema_type *type, const struct row *row);
} kinds[] = { { "type", take_head }, { "label", take_label }, { "base", take_base }, { "not null", take_not_null },
	{ "default", take_default }, { "check", take_check }, { "field", take_field } };

static bool
take_row(struct schema_type *type, sqlite3_stmt *stmt)
{
	const char *kind = (const char *)sqlite3_column_text(stmt, 0);
	struct row row = { .number = sqlite3_column_int64(stmt, 1),
		.name = (const char *)sqlite3_column_text(stmt, 2),
		.sql = (const char *)sqlite3_column_text(stmt, 3),
		.source = (const char *)sqlite3_column_text(stmt, 4) };

	for (size_t i = 0; kind != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return kinds[i].take(type, &row);
	return false;
}

/* Does what schema_type_read() says; *code is SQLite's, SQLITE_DONE where all of the view was read. */
static bool
read_type(sqlite3 *db, uint32_t oid, struct schema_type *out, int *code)
{
	sqlite3_stmt *stmt = NULL;
	char sql[160];
	bool ok = true;

	*out = (struct schema_type) { .oid = oid, .typmod = -1 };
	(void)snprintf(sql, sizeof(sql),
	    "SELECT kind, number, name, sql, source FROM public.\"" SCHEMA_TYPE_PREFIX "%" PRIu32 "\"", oid);
	if ((*code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL)) != SQLITE_OK)
		return false;
	while ((*code = sqlite3_step(stmt)) == SQLITE_ROW && ok)
		ok = take_row(out, stmt);
	sqlite3_finalize(stmt);
	if (ok && *code == SQLITE_DONE && out->name != NULL)
		return true;
	schema_type_free(out);
	return false;
}

bool
schema_type_read(sqlite3 *db, uint32_t oid, struct schema_type *out)
{
	int code;

	return read_type(db, oid, out, &code);
}

/* Returns SQLite's code, SQLITE_DONE where all were read. */
static int
read_oids(sqlite3 *db, uint32_t **oids, unsigned *n)
{
	static const char sql[] = "SELECT name FROM public.sqlite_schema WHERE type = 'view' AND name >= "
				  "'" SCHEMA_TYPE_PREFIX "0' AND name < '" SCHEMA_TYPE_PREFIX ":' ORDER BY name";
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	*oids = NULL;
	*n = 0;
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		uint32_t *grown;

		if ((code = sqlite3_step(stmt)) != SQLITE_ROW)
			break;
		if ((grown = reallocarray(*oids, *n + 1, sizeof(*grown))) == NULL) {
			code = SQLITE_NOMEM;
			break;
		}
		*oids = grown;
		grown[(*n)++] =
		    (uint32_t)strtoul((const char *)sqlite3_column_text(stmt, 0) + strlen(SCHEMA_TYPE_PREFIX), NULL,
			10);
	}
	sqlite3_finalize(stmt);
	return code;
}

int
schema_types_read(sqlite3 *db, struct schema_type **types, unsigned *n)
{
	unsigned count = 0;
	uint32_t *oids;
	int code = read_oids(db, &oids, &count);

	*n = 0;
	*types = NULL;
	if (code == SQLITE_DONE && count > 0 && (*types = calloc(count, sizeof(**types))) == NULL)
		code = SQLITE_NOMEM;
	for (unsigned i = 0; code == SQLITE_DONE && i < count; i++) {
		/* A type that an older or newer bibd wrote differently is left out. */
		if (read_type(db, oids[i], &(*types)[*n], &code))
			(*n)++;
		else if (code == SQLITE_ROW)
			code = SQLITE_DONE;
	}
	free(oids);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}
