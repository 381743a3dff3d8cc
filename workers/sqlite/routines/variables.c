/*
 * Values and variables: copied, brought to a type, assigned.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/routines/run.h"
#include "workers/sqlite/types/codec.h"

void
routine_value_free(struct routine_value *value)
{
	type_value_free(&value->value);
	*value = (struct routine_value) { .value = { .kind = SQLITE_NULL }, .typmod = -1 };
}

static int
copy_value(const struct type_value *from, struct type_value *to, struct report *r)
{
	*to = *from;
	to->owned = NULL;
	if (from->kind != SQLITE_TEXT && from->kind != SQLITE_BLOB)
		return 0;
	if ((to->owned = malloc(from->length + 1)) == NULL) {
		to->kind = SQLITE_NULL;
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	}
	if (from->length > 0)
		memcpy(to->owned, from->bytes, from->length);
	to->owned[from->length] = '\0';
	to->bytes = to->owned;
	return 0;
}

int
routine_value_copy(const struct routine_value *from, struct routine_value *to, struct report *r)
{
	to->oid = from->oid;
	to->typmod = from->typmod;
	return copy_value(&from->value, &to->value, r);
}

/* ---- conversion ---- */

/* By its text, as PostgreSQL does where a type has no cast to another. */
static int
convert_by_text(struct run *run, struct routine_value *value, uint32_t oid, int32_t typmod)
{
	const struct type_settings *settings = run->host->settings(run->host->arg);
	struct type_value read = { 0 }, fitted = { 0 };
	struct pgwire_buffer text = { .data = NULL };
	int status = -1;

	if (type_put_value_text(&text, &value->value, value->oid, settings, run->report) == 0 &&
	    type_decode_in(settings, oid, TYPE_FORMAT_TEXT, (const char *)text.data + text.start,
		pgwire_buffer_length(&text), &read, run->report) == 0 &&
	    (typmod < 0 || type_coerce_in(settings, oid, typmod, false, &read, &fitted, run->report) == 0)) {
		struct routine_value converted = { .oid = oid, .typmod = typmod };

		status = copy_value(typmod < 0 ? &read : &fitted, &converted.value, run->report);
		routine_value_free(value);
		*value = converted;
	}
	type_value_free(&fitted);
	type_value_free(&read);
	pgwire_buffer_free(&text);
	return status;
}

/* By a query with the value as its one variable. */
static int
convert_by_cast(struct run *run, struct routine_value *value, uint32_t oid, int32_t typmod)
{
	const struct dialect_variable variable = { .name = "v", .oid = value->oid, .typmod = value->typmod };
	struct dialect_variables variables = { .n = 1, .list = &variable, .assigned = oid, .assigned_typmod = typmod };
	const struct routine_value *values[] = { value };
	const struct routine_call call = { .sql = value->value.kind == SQLITE_NULL ? "SELECT NULL" : "SELECT v",
		.variables = &variables,
		.values = values,
		.bytes_left = ROUTINE_ROWS_BYTES };
	struct routine_rows rows = { 0 };

	if (run->host->run(run->host->arg, &call, &rows, run->report) == -1) {
		routine_rows_free(&rows);
		if (run->report->state != SQLSTATE_DATATYPE_MISMATCH && run->report->state != SQLSTATE_CANNOT_COERCE)
			return -1;
		report_reset(run->report);
		if (type_is_domain(oid))
			return report_set(run->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "this conversion to a domain in PL/pgSQL is not supported on SQLite: cast the value");
		return convert_by_text(run, value, oid, typmod);
	}
	routine_value_free(value);
	if (rows.nrows == 1 && rows.ncolumns == 1) {
		value->value = rows.cells[0];
		rows.cells[0] = (struct type_value) { .kind = SQLITE_NULL };
	}
	routine_rows_free(&rows);
	value->oid = oid;
	value->typmod = typmod;
	return 0;
}

/* To the length or the scale that a variable has: the translator leaves that to a table's column. */
static int
fit(struct run *run, struct routine_value *value, int32_t typmod)
{
	struct routine_value fitted = { .oid = value->oid, .typmod = typmod };
	struct type_value shared = { .kind = SQLITE_NULL };
	int status = type_coerce_in(run->host->settings(run->host->arg), value->oid, typmod, false, &value->value,
	    &shared, run->report);

	if (status == 0)
		status = copy_value(&shared, &fitted.value, run->report);
	type_value_free(&shared);
	if (status == -1)
		return -1;
	routine_value_free(value);
	*value = fitted;
	return 0;
}

int
run_convert(struct run *run, struct routine_value *value, uint32_t oid, int32_t typmod)
{
	if (oid == TYPE_UNKNOWN)
		return 0;
	if (value->value.kind == SQLITE_NULL && !type_is_domain(oid)) {
		value->oid = oid;
		value->typmod = typmod;
		return 0;
	}
	if ((value->oid != oid || value->value.kind == SQLITE_NULL) && convert_by_cast(run, value, oid, typmod) == -1)
		return -1;
	return typmod < 0 || type_is_domain(oid) ? 0 : fit(run, value, typmod);
}

/* ---- assignment ---- */

void
run_free_datum(struct datum *datum)
{
	routine_value_free(&datum->scalar);
	routine_rows_free(&datum->row);
	*datum = (struct datum) { .scalar = { .value = { .kind = SQLITE_NULL }, .typmod = -1 } };
}

int
run_check_target(struct run *run, const struct routine_target *target)
{
	const struct datum *datum = &run->slots[target->slot];

	if (target->field == NULL)
		return report_set(run->report, SQLSTATE_DATATYPE_MISMATCH,
		    "cannot assign non-composite value to a record variable");
	if (!datum->record)
		return report_set(run->report, SQLSTATE_SYNTAX_ERROR, "\"%s.%s\" is not a known variable", datum->name,
		    target->field);
	if (datum->row.ncolumns > 0)
		return report_set(run->report, SQLSTATE_UNDEFINED_COLUMN, "record \"%s\" has no field \"%s\"",
		    datum->name, target->field);
	(void)report_set(run->report, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "record \"%s\" is not assigned yet",
	    datum->name);
	report_detail(run->report, "The tuple structure of a not-yet-assigned record is indeterminate.");
	return -1;
}

static int
assign_field(struct run *run, const struct routine_target *target, struct routine_value *value)
{
	struct datum *datum = &run->slots[target->slot];
	struct routine_rows *row = &datum->row;
	unsigned i = 0;

	while (i < row->ncolumns && strcmp(row->columns[i].name, target->field) != 0)
		i++;
	if (!datum->record || i == row->ncolumns)
		return run_check_target(run, target);
	if (run_convert(run, value, row->columns[i].oid, row->columns[i].typmod) == -1 ||
	    (row->nrows == 0 && run_add_nulls(run, row) == -1))
		return -1;
	type_value_free(&row->cells[i]);
	row->cells[i] = value->value;
	row->null_row = false;
	value->value = (struct type_value) { .kind = SQLITE_NULL };
	return 0;
}

int
run_assign(struct run *run, const struct routine_target *target, struct routine_value *value)
{
	struct datum *datum = &run->slots[target->slot];

	if (target->field != NULL)
		return assign_field(run, target, value);
	if (datum->record)
		return run_check_target(run, target);
	if (run_convert(run, value, datum->scalar.oid, datum->scalar.typmod) == -1)
		return -1;
	if (datum->not_null && value->value.kind == SQLITE_NULL)
		return report_set(run->report, SQLSTATE_NULL_VALUE_NOT_ALLOWED,
		    "null value cannot be assigned to variable \"%s\" declared NOT NULL", datum->name);
	type_value_free(&datum->scalar.value);
	datum->scalar.value = value->value;
	value->value = (struct type_value) { .kind = SQLITE_NULL };
	return 0;
}

/* ---- rows ---- */

static void
free_columns(struct routine_column *columns, unsigned n)
{
	for (unsigned i = 0; columns != NULL && i < n; i++)
		free(columns[i].name);
	free(columns);
}

int
routine_rows_describe(struct routine_rows *to, const struct routine_rows *from, struct report *r)
{
	unsigned n = from->ncolumns;
	struct routine_column *columns = calloc(n + 1, sizeof(*columns));

	for (unsigned i = 0; columns != NULL && i < n; i++) {
		columns[i] = from->columns[i];
		if ((columns[i].name = strdup(from->columns[i].name)) == NULL) {
			free_columns(columns, i);
			columns = NULL;
		}
	}
	if (columns == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	to->columns = columns;
	to->ncolumns = n;
	return 0;
}

static size_t
row_bytes(const struct routine_rows *rows, size_t row)
{
	size_t bytes = rows->ncolumns * sizeof(struct type_value);

	for (unsigned i = 0; i < rows->ncolumns; i++)
		bytes += rows->cells[row * rows->ncolumns + i].length;
	return bytes;
}

int
routine_rows_add(struct routine_rows *rows, const struct routine_rows *from, size_t row, struct report *r)
{
	size_t bytes = row_bytes(from, row), n;

	if (rows->columns == NULL && routine_rows_describe(rows, from, r) == -1)
		return -1;
	n = rows->ncolumns;
	if (rows->bytes + bytes > ROUTINE_ROWS_BYTES)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "a routine holds too many rows");
	if (rows->nrows == rows->capacity) {
		size_t capacity = 2 * rows->capacity + 4;
		struct type_value *cells = reallocarray(rows->cells, capacity * n + 1, sizeof(*cells));

		if (cells == NULL)
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		rows->cells = cells;
		rows->capacity = capacity;
	}
	for (size_t i = 0; i < n; i++)
		rows->cells[rows->nrows * n + i] = (struct type_value) { .kind = SQLITE_NULL };
	rows->bytes += bytes;
	rows->nrows++;
	for (size_t i = 0; i < n && i < from->ncolumns; i++)
		if (copy_value(&from->cells[row * from->ncolumns + i], &rows->cells[(rows->nrows - 1) * n + i], r) ==
		    -1)
			return -1;
	return 0;
}

int
run_add_nulls(struct run *run, struct routine_rows *rows)
{
	if ((rows->cells = calloc(rows->ncolumns + 1, sizeof(*rows->cells))) == NULL)
		return report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < rows->ncolumns; i++)
		rows->cells[i].kind = SQLITE_NULL;
	rows->nrows = rows->capacity = 1;
	rows->null_row = true;
	return 0;
}

static struct routine_value
value_of(const struct routine_rows *rows, size_t row, unsigned column)
{
	struct routine_value value = { .value = { .kind = SQLITE_NULL }, .typmod = -1 };

	if (column >= rows->ncolumns)
		return value;
	value.oid = rows->columns[column].oid;
	value.typmod = rows->columns[column].typmod;
	if (row < rows->nrows) {
		value.value = rows->cells[row * rows->ncolumns + column];
		value.value.owned = NULL;
	}
	return value;
}

static int
assign_copy(struct run *run, const struct routine_target *target, const struct routine_rows *rows, size_t row,
    unsigned column)
{
	struct routine_value from = value_of(rows, row, column), value;
	int status;

	if (routine_value_copy(&from, &value, run->report) == -1)
		return -1;
	status = run_assign(run, target, &value);
	type_value_free(&value.value);
	return status;
}

static int
assign_record(struct run *run, unsigned slot, const struct routine_rows *rows, size_t row)
{
	struct datum *datum = &run->slots[slot];
	struct routine_rows fresh = { 0 };

	if (datum->fixed) {
		for (unsigned i = 0; i < datum->row.ncolumns; i++) {
			const struct routine_target target = { .slot = slot, .field = datum->row.columns[i].name };

			if (assign_copy(run, &target, rows, row, i) == -1)
				return -1;
		}
		datum->row.null_row = row >= rows->nrows || rows->null_row;
		return 0;
	}
	if (routine_rows_describe(&fresh, rows, run->report) == -1 ||
	    (row < rows->nrows ? routine_rows_add(&fresh, rows, row, run->report) : run_add_nulls(run, &fresh)) == -1) {
		routine_rows_free(&fresh);
		return -1;
	}
	routine_rows_free(&datum->row);
	datum->row = fresh;
	datum->row.null_row = row >= rows->nrows || rows->null_row;
	return 0;
}

/* A record takes what comes, other targets are as many as the fields. */
static int
check_count(struct run *run, const struct datum *record, unsigned ntargets, const struct routine_rows *rows)
{
	const struct settings_values *settings = run->host->values(run->host->arg);
	unsigned wanted = record == NULL ? ntargets : record->row.ncolumns;
	bool fails = (settings->plpgsql_errors & SETTINGS_STRICT_MULTI_ASSIGNMENT) != 0;
	struct report notice = { 0 }, *r = fails ? run->report : &notice;
	int status;

	if (((settings->plpgsql_errors | settings->plpgsql_warnings) & SETTINGS_STRICT_MULTI_ASSIGNMENT) == 0 ||
	    (record != NULL && !record->fixed) || rows->columns == NULL || rows->ncolumns == wanted)
		return 0;
	(void)report_set(r, SQLSTATE_DATATYPE_MISMATCH,
	    "number of source and target fields in assignment does not match");
	report_detail(r, "strict_multi_assignment check of %s is active.", fails ? "extra_errors" : "extra_warnings");
	report_hint(r, "Make sure the query returns the exact list of columns.");
	status = fails ? -1 : run->host->notice(run->host->arg, REPORT_WARNING, &notice, run->report);
	report_reset(&notice);
	return status;
}

int
run_assign_row(struct run *run, const struct routine_target *targets, unsigned ntargets,
    const struct routine_rows *rows, size_t row)
{
	const struct datum *record = ntargets == 1 && targets[0].field == NULL && run->slots[targets[0].slot].record
	    ? &run->slots[targets[0].slot]
	    : NULL;

	if (check_count(run, record, ntargets, rows) == -1)
		return -1;
	if (ntargets == 1 && targets[0].field == NULL && run->slots[targets[0].slot].record)
		return assign_record(run, targets[0].slot, rows, row);
	for (unsigned i = 0; i < ntargets; i++)
		if (assign_copy(run, &targets[i], rows, row, i) == -1)
			return -1;
	return 0;
}

void
run_set_found(struct run *run, bool found)
{
	run->slots[ROUTINE_SLOT_FOUND].scalar.value = (struct type_value) { .kind = SQLITE_INTEGER, .integer = found };
}
