/*
 * Statements of a routine that are nothing but SQL, EXECUTE or PERFORM: they run, and their rows go INTO variables.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/routines/run.h"

static int
too_many_rows(struct run *run, bool fails)
{
	struct report notice = { 0 }, *r = fails ? run->report : &notice;
	int status;

	(void)report_set(r, SQLSTATE_TOO_MANY_ROWS, "query returned more than one row");
	report_hint(r, "Make sure the query returns a single row, or use LIMIT 1.");
	status = fails ? -1 : run->host->notice(run->host->arg, REPORT_WARNING, &notice, run->report);
	report_reset(&notice);
	return status;
}

/* Of a query with INTO that is not STRICT: whether several rows are to be told of. */
static unsigned
looks_for_more(struct run *run, const struct routine_statement *statement)
{
	const struct settings_values *settings = run->host->values(run->host->arg);

	return statement->kind == ROUTINE_SQL
	    ? (settings->plpgsql_errors | settings->plpgsql_warnings) & SETTINGS_TOO_MANY_ROWS
	    : 0;
}

static int
put_into(struct run *run, const struct routine_statement *statement, const struct routine_rows *rows)
{
	bool fails = statement->strict || (rows->modifies && statement->kind == ROUTINE_SQL);

	if (!rows->answers)
		return report_set(run->report, SQLSTATE_SYNTAX_ERROR,
		    "INTO used with a command that cannot return data");
	if (rows->nrows > 1 && !fails && looks_for_more(run, statement) != 0 &&
	    too_many_rows(run, (run->host->values(run->host->arg)->plpgsql_errors & SETTINGS_TOO_MANY_ROWS) != 0) == -1)
		return -1;
	if (rows->nrows > 1 && fails)
		return too_many_rows(run, true);
	if (rows->nrows == 0 && statement->strict)
		return report_set(run->report, SQLSTATE_NO_DATA_FOUND, "query returned no rows");
	return run_assign_row(run, statement->targets, statement->ntargets, rows, 0);
}

static int
finish_sql(struct run *run, const struct routine_statement *statement, const struct routine_rows *rows)
{
	run->row_count = rows->processed;
	if (statement->into)
		return put_into(run, statement, rows);
	if (!rows->answers || statement->kind == ROUTINE_EXECUTE)
		return 0;
	(void)report_set(run->report, SQLSTATE_SYNTAX_ERROR, "query has no destination for result data");
	if (rows->query)
		report_hint(run->report, "If you want to discard the results of a SELECT, use PERFORM instead.");
	return -1;
}

/* Of a query with INTO, how many rows are looked at. */
static size_t
wanted_of(struct run *run, const struct routine_statement *statement)
{
	return statement->into ? 1 + (statement->strict || looks_for_more(run, statement) != 0) : 0;
}

enum flow
run_sql_statement(struct run *run, const struct routine_statement *statement)
{
	struct routine_rows rows = { 0 };
	int status = run_sql(run, statement->sql, TYPE_UNKNOWN, -1, wanted_of(run, statement), &rows);

	if (status == 0 && (rows.query || rows.modifies)) {
		if (rows.query && statement->into && rows.processed > 1)
			rows.processed = 1;
		run_set_found(run, rows.processed > 0);
	}
	if (status == 0)
		status = finish_sql(run, statement, &rows);
	routine_rows_free(&rows);
	return status == -1 ? FLOW_FAILED : FLOW_ON;
}

enum flow
run_perform(struct run *run, const struct routine_statement *statement)
{
	struct routine_rows rows = { .discards = true };
	int status = run_sql(run, statement->sql, TYPE_UNKNOWN, -1, 0, &rows);

	run->row_count = rows.processed;
	if (status == 0)
		run_set_found(run, rows.processed > 0);
	routine_rows_free(&rows);
	return status == -1 ? FLOW_FAILED : FLOW_ON;
}

enum flow
run_execute(struct run *run, const struct routine_statement *statement)
{
	struct routine_rows rows = { .discards = !statement->into };
	char *text = run_dynamic_text(run, statement->sql);
	int status = -1;

	if (text != NULL)
		status = run_text(run, text, statement->list, statement->nlist, wanted_of(run, statement), &rows);
	if (status == 0 && rows.query && statement->into && rows.processed > 1)
		rows.processed = 1;
	if (status == 0)
		status = finish_sql(run, statement, &rows);
	free(text);
	routine_rows_free(&rows);
	return status == -1 ? FLOW_FAILED : FLOW_ON;
}
