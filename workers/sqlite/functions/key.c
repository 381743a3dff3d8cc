/*
 * The row that a statement with triggers stores; and what SQLite does with keys and PostgreSQL doesn't: it makes up a
 * number where a rowid is NULL, and lets one INSERT update a row twice (settings/touched.h).
 */
#include <math.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"

/* bibd_once(rowid): true; a row that this statement has changed already is an error. */
void
operator_once(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct key_touched *touched = &function_session(c)->touched;
	struct report r = { 0 };

	(void)argc;
	if (touched->failed) {
		sqlite3_result_error_nomem(c);
		return;
	}
	if (!key_touched_has(touched, sqlite3_value_int64(argv[0]))) {
		sqlite3_result_int(c, 1);
		return;
	}
	(void)report_set(&r, SQLSTATE_CARDINALITY_VIOLATION,
	    "ON CONFLICT DO UPDATE command cannot affect row a second time");
	report_hint(&r,
	    "Ensure that no rows proposed for insertion within the same command have duplicate constrained "
	    "values.");
	function_fail_report(c, &r);
}

/* bibd_late_key(number, deferred, values...): true; the values are noted, for what looks at them later. Where nobody
 * would, as for a row that is its own transaction, they must not be written. */
void
operator_late_key(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct sql_context *session = function_session(c);
	bool alone = sqlite3_get_autocommit(sqlite3_context_db_handle(c)) != 0;
	int64_t key;

	sqlite3_result_int(c, 1);
	/* Rows of a table that is made anew, whose index looks at all of them; or bibd's check of the file. */
	if (session->defining || (session->late == NULL && session->internal && alone))
		return;
	if (session->late == NULL || alone) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "cached plan must not change result type");
		return;
	}
	key = sqlite3_value_int64(argv[0]);
	if (late_note(session->late, key, sqlite3_value_int(argv[1]) != 0, argc - 2, argv + 2) == -1)
		sqlite3_result_error_nomem(c);
}

/* bibd_key(value, table, column): the value, which is no NULL. */
void
operator_key(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *table = (const char *)sqlite3_value_text(argv[1]),
		   *column = (const char *)sqlite3_value_text(argv[2]);
	struct report r = { 0 };

	(void)argc;
	if (sqlite3_value_type(argv[0]) != SQLITE_NULL) {
		sqlite3_result_value(c, argv[0]);
		return;
	}
	(void)report_set(&r, SQLSTATE_NOT_NULL_VIOLATION,
	    "null value in column \"%s\" of relation \"%s\" violates not-null constraint", column == NULL ? "" : column,
	    table == NULL ? "" : table);
	r.schema = strdup("public");
	r.table = strdup(table == NULL ? "" : table);
	r.column = strdup(column == NULL ? "" : column);
	function_fail_report(c, &r);
}

/* bibd_passed_on(value, old, type): the value, which is not equal to the old one, or looks like it. */
void
operator_passed_on(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_value value = type_value_of(argv[0]), old = type_value_of(argv[1]);
	bool texts = sqlite3_value_type(argv[0]) == SQLITE_TEXT && sqlite3_value_type(argv[1]) == SQLITE_TEXT;
	double a = texts ? 0 : sqlite3_value_double(argv[0]), b = texts ? 0 : sqlite3_value_double(argv[1]);
	int order = 1;

	(void)argc;
	if (texts && (value.length != old.length || memcmp(value.bytes, old.bytes, value.length) != 0))
		(void)type_compare_collated((uint32_t)sqlite3_value_int64(argv[2]), &value, &old, &order);
	else if (!texts && a == 0 && b == 0 && signbit(a) != signbit(b))
		order = 0;
	if (order != 0)
		sqlite3_result_value(c, argv[0]);
	else
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "changing a key, which rows of other tables follow, to an equal value of another form is not "
		    "supported on SQLite");
}

/* bibd_check_option(condition, view): of a row that was written through the view, which must be one of the view's. */
void
operator_check_option(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	if (sqlite3_value_int(argv[0]) == 0)
		function_fail(c, SQLSTATE_WITH_CHECK_OPTION_VIOLATION, "new row violates check option for view \"%s\"",
		    (const char *)sqlite3_value_text(argv[1]));
}

/* bibd_refreshed(n, view): REFRESH ... CONCURRENTLY found so many rows that are the same. */
void
operator_refreshed(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	if (sqlite3_value_int64(argv[0]) > 1)
		function_fail(c, SQLSTATE_CARDINALITY_VIOLATION,
		    "new data for materialized view \"%s\" contains duplicate rows without any null columns",
		    (const char *)sqlite3_value_text(argv[1]));
}

/* bibd_row(i): the i-th value of the row that is being stored, or behind the last its rowid. */
void
operator_row(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct sql_row *row = function_session(c)->row;
	unsigned i = (unsigned)sqlite3_value_int(argv[0]);
	struct type_value value;

	(void)argc;
	if (row == NULL || i > row->n) {
		sqlite3_result_error(c, "there is no row", -1);
		return;
	}
	if (i == row->n) {
		sqlite3_result_int64(c, row->rowid);
		return;
	}
	value = row->values[i];
	value.owned = NULL;
	if (value.kind == SQLITE_FLOAT)
		type_result_real(c, value.real);
	else
		function_result_value(c, &value);
}
