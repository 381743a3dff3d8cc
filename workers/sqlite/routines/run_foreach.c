/*
 * FOREACH: the elements of an array, or its slices, one after the other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/routines/run.h"
#include "workers/sqlite/types/codec.h"

/* The elements come as rows of unnest(), which goes through an array of several dimensions as FOREACH does. */
static int
find_elements(struct run *run, const struct routine_sql *expression, struct routine_rows *rows)
{
	struct routine_sql sql = { .names = expression->names };
	char *text;
	int status;

	if (asprintf(&text, "SELECT unnest(%s)", expression->text + strlen("SELECT ")) < 0)
		return report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	sql.text = text;
	status = run_sql(run, &sql, TYPE_UNKNOWN, -1, 0, rows);
	free(text);
	return status;
}

/* ---- slices: pieces of the array's text ---- */

/* "[2:3][1:2]={{1,2},{3,4}}": where its bounds of the last dimensions begin, and where the brackets do. */
struct array_text {
	const char *bounds, *body; /* bounds NULL: it has none */
	unsigned ndims;
};

static struct array_text
read_array(const char *text)
{
	struct array_text a = { .body = text };

	if (text[0] == '[' && (a.body = strchr(text, '=')) != NULL) {
		a.bounds = text;
		a.body++;
	}
	while (a.body != NULL && a.body[a.ndims] == '{')
		a.ndims++;
	if (a.body == NULL || a.body[a.ndims] == '}')
		a.ndims = 0;
	return a;
}

/* The bounds of the last n dimensions. */
static const char *
last_bounds(const struct array_text *a, unsigned n)
{
	const char *at = a->bounds;

	for (unsigned skip = a->ndims - n; at != NULL && skip > 0; skip--)
		at = strchr(at + 1, '[');
	return at;
}

/* Whether one of those bounds does not begin at 1, so that they are shown. */
static bool
bounds_matter(const char *bounds)
{
	for (; bounds != NULL && *bounds == '['; bounds = strchr(bounds, ']') + 1)
		if (strncmp(bounds, "[1:", 3) != 0)
			return true;
	return false;
}

static int
add_slice(struct run *run, struct routine_rows *rows, const char *bounds, const char *from, size_t length, uint32_t oid)
{
	size_t before = bounds_matter(bounds) ? strcspn(bounds, "=") + 1 : 0;
	struct routine_column column = { .name = (char *)(uintptr_t) "slice", .oid = oid, .typmod = -1 };
	struct type_value cell = { .kind = SQLITE_TEXT, .length = before + length };
	struct routine_rows one = { .ncolumns = 1, .columns = &column, .nrows = 1, .cells = &cell };
	char *text = malloc(before + length + 1);
	int status;

	if (text == NULL)
		return report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	memcpy(text, before > 0 ? bounds : "", before);
	memcpy(text + before, from, length);
	text[before + length] = '\0';
	cell.bytes = text;
	status = routine_rows_add(rows, &one, 0, run->report);
	free(text);
	return status;
}

/* What stands between brackets of that depth. */
static int
find_slices(struct run *run, const struct routine_value *array, const struct array_text *a, unsigned slice,
    struct routine_rows *rows)
{
	const char *bounds = last_bounds(a, slice), *start = a->body;
	unsigned depth = 0, wanted = a->ndims - slice + 1;
	bool quoted = false;

	for (const char *at = a->body; *at != '\0'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && *at == '{' && ++depth == wanted)
			start = at;
		else if (!quoted && *at == '}' && depth-- == wanted &&
		    add_slice(run, rows, bounds, start, (size_t)(at - start) + 1, array->oid) == -1)
			return -1;
	}
	return 0;
}

/* ---- the loop ---- */

static int
check_target(struct run *run, const struct routine_statement *statement)
{
	const struct routine_target *target = &statement->targets[0];
	const struct datum *datum = &run->slots[target->slot];
	bool scalar = statement->ntargets == 1 && target->field == NULL && !datum->record,
	     array = scalar && type_is_array(datum->scalar.oid);

	if (statement->slice > 0 && !array && (scalar || target->field == NULL))
		return report_set(run->report, SQLSTATE_DATATYPE_MISMATCH,
		    "FOREACH ... SLICE loop variable must be of an array type");
	if (statement->slice == 0 && array)
		return report_set(run->report, SQLSTATE_DATATYPE_MISMATCH,
		    "FOREACH loop variable must not be of an array type");
	return 0;
}

static int
find_rows(struct run *run, const struct routine_statement *statement, const struct routine_value *array,
    struct routine_rows *rows)
{
	struct array_text a;

	if (array->value.kind == SQLITE_NULL)
		return report_set(run->report, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "FOREACH expression must not be null");
	if (!type_is_array(array->oid))
		return report_set(run->report, SQLSTATE_DATATYPE_MISMATCH,
		    "FOREACH expression must yield an array, not type %s", type_error_name(array->oid));
	if (array->value.kind != SQLITE_TEXT)
		return report_set(run->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "FOREACH over a vector in PL/pgSQL is not supported on SQLite");
	a = read_array(array->value.bytes);
	if (statement->slice > a.ndims)
		return report_set(run->report, SQLSTATE_ARRAY_SUBSCRIPT_ERROR,
		    "slice dimension (%u) is out of the valid range 0..%u", statement->slice, a.ndims);
	if (check_target(run, statement) == -1)
		return -1;
	return statement->slice > 0 ? find_slices(run, array, &a, statement->slice, rows)
				    : find_elements(run, statement->sql, rows);
}

enum flow
run_foreach(struct run *run, const struct routine_statement *statement)
{
	struct routine_rows rows = { 0 };
	struct routine_value array;
	enum flow flow = FLOW_FAILED;

	if (run_value(run, statement->sql, TYPE_UNKNOWN, -1, &array) == -1)
		return FLOW_FAILED;
	if (find_rows(run, statement, &array, &rows) == 0) {
		run->held += rows.bytes;
		flow = run_over_rows(run, statement, &rows);
		run->held -= rows.bytes;
	}
	routine_value_free(&array);
	routine_rows_free(&rows);
	return flow;
}
