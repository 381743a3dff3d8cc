/*
 * What a definition says of storage and planning alone: parameters, statistics targets, storage, COLLATE "C" of
 * columns, and INCLUDE of indexes. SQLite does without; they are kept for those who ask (schema/comment.h).
 */
#include "workers/sqlite/dialect/define/parameter.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/routine.h"

int
parameter_keep(struct translator *t, enum schema_comment_kind kind, const char *object, const char *part,
    const char *text)
{
	translate_emit(t, SCHEMA_COMMENT_TABLE);
	if (text == NULL) {
		translate_emit_format(t,
		    "DELETE FROM public." SCHEMA_COMMENTS " WHERE kind = '%c' AND object = ", (char)kind);
		translate_emit_string(t, object);
		translate_emit(t, " AND part = ");
		translate_emit_string(t, part);
		return translate_emit(t, ";\n" SCHEMA_ROUTINE_CHANGED);
	}
	t->plan->uncounted++;
	translate_emit_format(t, "INSERT OR REPLACE INTO public." SCHEMA_COMMENTS " VALUES ('%c', ", (char)kind);
	translate_emit_string(t, object);
	translate_emit(t, ", ");
	translate_emit_string(t, part);
	translate_emit(t, ", ");
	translate_emit_string(t, text);
	return translate_emit(t, ");\n" SCHEMA_ROUTINE_CHANGED);
}

/* What is kept already; NULL: nothing. */
const char *
parameter_read(struct translator *t, enum schema_comment_kind kind, const char *object, const char *part)
{
	static const char sql[] =
	    "SELECT comment FROM public." SCHEMA_COMMENTS " WHERE kind = char(?1) AND object = ?2 AND part = ?3";
	sqlite3_stmt *stmt = NULL;
	const char *kept, *text = NULL;
	int code;

	/* Without the table there is nothing. */
	if (sqlite3_prepare_v2(schema_database(t->schema), sql, -1, &stmt, NULL) != SQLITE_OK)
		return NULL;
	(void)sqlite3_bind_int(stmt, 1, (int)kind);
	(void)sqlite3_bind_text(stmt, 2, object, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(stmt, 3, part, -1, SQLITE_STATIC);
	if ((code = sqlite3_step(stmt)) == SQLITE_ROW && (kept = (const char *)sqlite3_column_text(stmt, 0)) != NULL)
		text = translator_copy(t, kept);
	else if (code != SQLITE_DONE)
		(void)translate_out_of_memory(t);
	(void)sqlite3_finalize(stmt);
	return text;
}

/* ---- parameters ---- */

/* Of a table (t), an index by its method, or a column (c). A number has limits; of a boolean they are equal. */
static const struct {
	const char *name, *kinds;
	double min, max;
} known[] = {
	{ "fillfactor", "tbhgs", 10, 100 },
	{ "parallel_workers", "t", 0, 1024 },
	{ "toast_tuple_target", "t", 128, 8160 },
	{ "user_catalog_table", "t", 0, 0 },
	{ "vacuum_truncate", "t", 0, 0 },
	{ "vacuum_index_cleanup", "t", 1, -1 },
	{ "oids", "t", 0, 0 },
	{ "log_autovacuum_min_duration", "t", -1, 2147483647 },
	{ "autovacuum_enabled", "t", 0, 0 },
	{ "autovacuum_vacuum_threshold", "t", 0, 2147483647 },
	{ "autovacuum_vacuum_insert_threshold", "t", -1, 2147483647 },
	{ "autovacuum_analyze_threshold", "t", 0, 2147483647 },
	{ "autovacuum_vacuum_scale_factor", "t", 0, 100 },
	{ "autovacuum_vacuum_insert_scale_factor", "t", 0, 100 },
	{ "autovacuum_analyze_scale_factor", "t", 0, 100 },
	{ "autovacuum_vacuum_cost_delay", "t", 0, 100 },
	{ "autovacuum_vacuum_cost_limit", "t", 1, 10000 },
	{ "autovacuum_freeze_min_age", "t", 0, 1000000000 },
	{ "autovacuum_freeze_max_age", "t", 100000, 2000000000 },
	{ "autovacuum_freeze_table_age", "t", 0, 2000000000 },
	{ "autovacuum_multixact_freeze_min_age", "t", 0, 1000000000 },
	{ "autovacuum_multixact_freeze_max_age", "t", 10000, 2000000000 },
	{ "autovacuum_multixact_freeze_table_age", "t", 0, 2000000000 },
	{ "deduplicate_items", "b", 0, 0 },
	{ "fastupdate", "i", 0, 0 },
	{ "gin_pending_list_limit", "i", 64, 2147483647 },
	{ "buffering", "g", 1, -1 },
	{ "pages_per_range", "r", 1, 131072 },
	{ "autosummarize", "r", 0, 0 },
	{ "n_distinct", "c", -1, 1e308 },
	{ "n_distinct_inherited", "c", -1, 1e308 },
};

static const char *
value_of(struct translator *t, const PgQuery__DefElem *option)
{
	const PgQuery__Node *arg = option->arg;

	if (arg == NULL)
		return "true";
	switch (arg->node_case) {
	case PG_QUERY__NODE__NODE_INTEGER:
		return translator_format(t, "%d", (int)arg->integer->ival);
	case PG_QUERY__NODE__NODE_FLOAT:
		return arg->float_->fval;
	case PG_QUERY__NODE__NODE_STRING:
		return arg->string->sval;
	case PG_QUERY__NODE__NODE_BOOLEAN:
		return arg->boolean->boolval ? "true" : "false";
	case PG_QUERY__NODE__NODE_TYPE_NAME:
		return translate_last_string(arg->type_name->names, arg->type_name->n_names);
	default:
		return NULL;
	}
}

static bool
is_boolean(const char *value)
{
	static const char *const words[] = { "true", "false", "on", "off", "yes", "no", "1", "0", "t", "f", "y", "n" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(words[i], value) == 0)
			return true;
	return false;
}

static int
check_value(struct translator *t, size_t i, const char *value)
{
	char *end;
	double number = strtod(value, &end);
	bool whole = strstr(known[i].name, "scale_factor") == NULL && strstr(known[i].name, "cost_delay") == NULL &&
	    known[i].kinds[0] != 'c';

	if (known[i].min > known[i].max)
		return 0;
	if (known[i].min == known[i].max)
		return is_boolean(value) ? 0
					 : translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
					       "invalid value for boolean option \"%s\": %s", known[i].name, value);
	if (*value == '\0' || *end != '\0')
		return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
		    whole ? "invalid value for integer option \"%s\": %s"
			  : "invalid value for floating point option \"%s\": %s",
		    known[i].name, value);
	if (number >= known[i].min && number <= known[i].max)
		return 0;
	translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "value %s out of bounds for option \"%s\"", value,
	    known[i].name);
	if (whole)
		report_detail(t->report, "Valid values are between \"%.0f\" and \"%.0f\".", known[i].min, known[i].max);
	return -1;
}

/* Of TOAST tables, which there are none. */
static bool
is_elsewhere(const PgQuery__DefElem *option)
{
	return option->defnamespace != NULL && strcmp(option->defnamespace, "toast") == 0;
}

int
parameter_check(struct translator *t, char kind, PgQuery__Node *const *options, size_t n, bool reset)
{
	for (size_t k = 0; k < n; k++) {
		const PgQuery__DefElem *option = options[k]->def_elem;
		const char *value = value_of(t, option);
		size_t i = 0;

		if (option->defnamespace != NULL && *option->defnamespace != '\0' && !is_elsewhere(option))
			return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
			    "unrecognized parameter namespace \"%s\"", option->defnamespace);
		while (i < sizeof(known) / sizeof(known[0]) &&
		    (strcmp(known[i].name, option->defname) != 0 || strchr(known[i].kinds, kind) == NULL))
			i++;
		/* RESET of what was never set is no error. */
		if (reset)
			continue;
		if (i == sizeof(known) / sizeof(known[0]))
			return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "unrecognized parameter \"%s\"",
			    option->defname);
		for (size_t j = 0; j < k; j++)
			if (strcmp(options[j]->def_elem->defname, option->defname) == 0)
				return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
				    "parameter \"%s\" specified more than once", option->defname);
		if (value == NULL)
			return translate_refuse(t, -1, "this value of a parameter");
		if (check_value(t, i, value) == -1)
			return -1;
	}
	return 0;
}

char
parameter_kind(const char *method)
{
	static const char *const methods[] = { "btree", "hash", "gist", "spgist", "gin", "brin" };
	static const char kinds[] = "bhgsir";

	for (size_t i = 0; method != NULL && i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(methods[i], method) == 0)
			return kinds[i];
	return 'b';
}

static bool
names(PgQuery__Node *const *options, size_t n, const char *name, size_t length)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(options[i]->def_elem->defname) == length &&
		    strncmp(options[i]->def_elem->defname, name, length) == 0)
			return true;
	return false;
}

/* An element of an array's text: in quotes where it needs them. */
static const char *
element(struct translator *t, const char *name, const char *value)
{
	const char *quote = strpbrk(value, "{},\"\\ ") != NULL ? "\"" : "";

	return strpbrk(value, "\"\\") != NULL ? NULL : translator_format(t, "%s%s=%s%s", quote, name, value, quote);
}

int
parameter_set(struct translator *t, enum schema_comment_kind kind, const char *object, const char *part,
    PgQuery__Node *const *options, size_t n, bool reset, const char **now)
{
	const char *old = now != NULL && *now != NULL ? *now : parameter_read(t, kind, object, part), *text = "{";

	/* Those that were there keep their places before what is new. */
	for (const char *at = old == NULL ? "" : old + 1; *at != '\0' && *at != '}';) {
		size_t length = strcspn(at, ",}"), name = strcspn(at + (*at == '"' ? 1 : 0), "=");

		if (!names(options, n, at + (*at == '"' ? 1 : 0), name))
			text = translator_format(t, "%s%s%.*s", text, text[1] == '\0' ? "" : ",", (int)length, at);
		at += length + (at[length] == ',' ? 1 : 0);
		if (text == NULL)
			return -1;
	}
	for (size_t i = 0; !reset && i < n; i++) {
		const PgQuery__DefElem *option = options[i]->def_elem;
		const char *value = value_of(t, option), *item;

		if (is_elsewhere(option) || strcmp(option->defname, "oids") == 0)
			continue;
		if (value == NULL || (item = element(t, option->defname, value)) == NULL)
			return translate_refuse(t, -1, "this value of a parameter");
		if ((text = translator_format(t, "%s%s%s", text, text[1] == '\0' ? "" : ",", item)) == NULL)
			return -1;
	}
	if ((text = translator_format(t, "%s}", text)) == NULL)
		return -1;
	if (now != NULL)
		*now = text;
	if (text[1] == '}')
		return old == NULL ? 0 : parameter_keep(t, kind, object, part, NULL);
	return parameter_keep(t, kind, object, part, text);
}

const char *
parameter_included(struct translator *t, const char *index)
{
	static const char sql[] = "SELECT part FROM public." SCHEMA_COMMENTS
				  " WHERE kind = 'i' AND object = ?1 ORDER BY CAST(comment AS INTEGER)";
	sqlite3_stmt *stmt = NULL;
	const char *part, *names = "";
	int code = SQLITE_ROW;

	if (sqlite3_prepare_v2(schema_database(t->schema), sql, -1, &stmt, NULL) != SQLITE_OK)
		return "";
	(void)sqlite3_bind_text(stmt, 1, index, -1, SQLITE_STATIC);
	while (names != NULL && (code = sqlite3_step(stmt)) == SQLITE_ROW &&
	    (part = (const char *)sqlite3_column_text(stmt, 0)) != NULL)
		names = translator_format(t, "%s_%s", names, part);
	if (code != SQLITE_DONE)
		(void)translate_out_of_memory(t);
	(void)sqlite3_finalize(stmt);
	return names;
}

/* ---- columns ---- */

int
parameter_collate(struct translator *t, const char *table, const PgQuery__ColumnDef *column)
{
	const PgQuery__CollateClause *clause = column->coll_clause;
	const char *name;

	for (size_t i = 0; clause == NULL && i < column->n_constraints; i++)
		if (column->constraints[i]->node_case == PG_QUERY__NODE__NODE_COLLATE_CLAUSE)
			clause = column->constraints[i]->collate_clause;
	if (clause == NULL)
		return 0;
	name = translate_last_string(clause->collname, clause->n_collname);
	if (strcmp(name, "C") != 0 && strcmp(name, "POSIX") != 0)
		return 0;
	return parameter_keep(t, COMMENT_COLLATION, table, column->colname, strcmp(name, "C") == 0 ? "950" : "951");
}

int
parameter_recollate(struct translator *t, const char *table, const PgQuery__ColumnDef *source, const char *column)
{
	PgQuery__ColumnDef named = *source;

	named.colname = (char *)(uintptr_t)column;
	if (parameter_read(t, COMMENT_COLLATION, table, column) != NULL &&
	    parameter_keep(t, COMMENT_COLLATION, table, column, NULL) == -1)
		return -1;
	return parameter_collate(t, table, &named);
}

int
parameter_collates(struct translator *t, const char *table, PgQuery__Node *const *elements, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (elements[i]->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF &&
		    parameter_collate(t, table, elements[i]->column_def) == -1)
			return -1;
	return 0;
}

int
parameter_collate_like(struct translator *t, const struct definition *d, const char *from,
    const struct definition *source)
{
	for (unsigned i = 0; !d->temporary && i < source->ncolumns; i++) {
		const char *name = source->columns[i].name, *kept = parameter_read(t, COMMENT_COLLATION, from, name);

		if (kept != NULL && parameter_keep(t, COMMENT_COLLATION, d->name, name, kept) == -1)
			return -1;
	}
	return 0;
}

int
parameter_inherit(struct translator *t, const struct definition *d)
{
	for (unsigned i = 0; i < d->parents.count; i++)
		for (unsigned k = 0; k < d->ninherited; k++) {
			const char *name = d->columns[k].name;
			const char *kept = parameter_read(t, COMMENT_STORAGE, d->parents.names[i], name);

			if (kept != NULL && parameter_keep(t, COMMENT_STORAGE, d->name, name, kept) == -1)
				return -1;
		}
	return 0;
}
