/*
 * RAISE and ASSERT, and what a handler may ask of the error that it handles.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/routines/run.h"

int
run_set_text(struct run *run, unsigned slot, const char *text)
{
	struct datum *datum = &run->slots[slot];
	const struct routine_value from = { .oid = TYPE_TEXT,
		.typmod = -1,
		.value = { .kind = SQLITE_TEXT, .bytes = text, .length = strlen(text) } };

	run_free_datum(datum);
	return routine_value_copy(&from, &datum->scalar, run->report);
}

int
run_set_caught(struct run *run, const struct routine_statement *block)
{
	if (run_set_text(run, block->state_slot, report_code(run->caught)) == -1)
		return -1;
	return run_set_text(run, block->message_slot, run->caught->message == NULL ? "" : run->caught->message);
}

/* ---- RAISE ---- */

/* The shown value of an expression, malloc'ed. */
static char *
show_expression(struct run *run, const struct routine_sql *sql, const char *null)
{
	const struct datum *record;
	struct routine_value value;
	char *text;

	if (run_names_record(run, sql, &record) && record->row.nrows > 0)
		return run_show_record(run, record);
	if (run_names_record(run, sql, &record)) {
		text = null == NULL ? NULL : strdup(null);
		if (text == NULL && null != NULL)
			(void)report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return text;
	}
	if (run_value(run, sql, TYPE_UNKNOWN, -1, &value) == -1)
		return NULL;
	text = run_show(run, &value);
	if (text == NULL && value.value.kind == SQLITE_NULL && null != NULL && (text = strdup(null)) == NULL)
		(void)report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	routine_value_free(&value);
	return text;
}

/* Each % is the next parameter, %% one of them. malloc'ed. */
static char *
format_message(struct run *run, const struct routine_statement *statement)
{
	struct pgwire_buffer text = { .data = NULL };
	unsigned n = 0;
	char *shown;

	for (const char *at = statement->format; *at != '\0'; at++) {
		if (*at != '%' || at[1] == '%') {
			pgwire_put_byte(&text, (uint8_t)*at);
			at += *at == '%';
			continue;
		}
		if ((shown = show_expression(run, statement->list[n++], "<NULL>")) == NULL) {
			pgwire_buffer_free(&text);
			return NULL;
		}
		pgwire_put_bytes(&text, shown, strlen(shown));
		free(shown);
	}
	pgwire_put_byte(&text, 0);
	if (text.failed)
		(void)report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	shown = text.failed ? NULL : strdup((const char *)text.data + text.start);
	pgwire_buffer_free(&text);
	return shown;
}

static char **
option_field(struct report *raised, const char *name)
{
	const struct {
		const char *name;
		char **field;
	} fields[] = {
		{ "message", &raised->message },
		{ "detail", &raised->detail },
		{ "hint", &raised->hint },
		{ "column", &raised->column },
		{ "constraint", &raised->constraint },
		{ "datatype", &raised->datatype },
		{ "table", &raised->table },
		{ "schema", &raised->schema },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].name, name) == 0)
			return fields[i].field;
	return NULL;
}

static int
set_code(struct run *run, struct report *raised, const char *text)
{
	const char *code = text;

	if (strlen(text) != 5 || strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 5)
		code = routine_condition_code(text, 0);
	if (code == NULL)
		return report_set(run->report, SQLSTATE_UNDEFINED_OBJECT, "unrecognized exception condition \"%s\"",
		    text);
	routine_set_code(raised->code, code);
	return 0;
}

static int
apply_option(struct run *run, const struct routine_statement *statement, const struct routine_option *option,
    struct report *raised)
{
	bool has_message = statement->format != NULL, has_code = statement->code[0] != '\0', is_code;
	char *text = show_expression(run, option->value, NULL), **field;
	int status = 0;

	if (text == NULL)
		return run->report->state != SQLSTATE_SUCCESSFUL_COMPLETION
		    ? -1
		    : report_set(run->report, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "RAISE statement option cannot be null");
	is_code = strcmp(option->name, "errcode") == 0;
	field = is_code ? NULL : option_field(raised, option->name);
	if ((is_code && has_code) || (has_message && !has_code && strcmp(option->name, "message") == 0))
		status = report_set(run->report, SQLSTATE_SYNTAX_ERROR, "RAISE option already specified: %s",
		    is_code ? "ERRCODE" : "MESSAGE");
	else if (is_code)
		status = set_code(run, raised, text);
	else {
		free(*field);
		*field = text;
		text = NULL;
	}
	free(text);
	return status;
}

static int
fill_raised(struct run *run, const struct routine_statement *statement, struct report *raised)
{
	bool bare = statement->code[0] != '\0'; /* a condition: its name is the message, for want of another */

	raised->state = statement->severity >= REPORT_ERROR ? SQLSTATE_RAISE_EXCEPTION
	    : statement->severity == REPORT_WARNING	    ? SQLSTATE_WARNING
							    : SQLSTATE_SUCCESSFUL_COMPLETION;
	routine_set_code(raised->code, statement->code);
	if (statement->format != NULL &&
	    (raised->message = bare ? strdup(statement->format) : format_message(run, statement)) == NULL)
		return run->report->state != SQLSTATE_SUCCESSFUL_COMPLETION
		    ? -1
		    : report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (const struct routine_option *option = statement->options; option != NULL; option = option->next)
		if (apply_option(run, statement, option, raised) == -1)
			return -1;
	if (raised->message == NULL)
		raised->message = strdup(raised->code[0] != '\0' ? raised->code : report_code(raised));
	return 0;
}

static enum flow
raise_again(struct run *run)
{
	if (run->caught == NULL) {
		(void)report_set(run->report, SQLSTATE_STACKED_DIAGNOSTICS,
		    "RAISE without parameters cannot be used outside an exception handler");
		return FLOW_FAILED;
	}
	report_move(run->report, run->caught);
	return FLOW_FAILED;
}

enum flow
run_raise(struct run *run, const struct routine_statement *statement)
{
	struct report raised = { 0 };

	if (statement->again)
		return raise_again(run);
	if (fill_raised(run, statement, &raised) == -1) {
		report_reset(&raised);
		return FLOW_FAILED;
	}
	if (statement->severity >= REPORT_ERROR) {
		report_move(run->report, &raised);
		return FLOW_FAILED;
	}
	if (run->host->notice(run->host->arg, statement->severity, &raised, run->report) == -1) {
		report_reset(&raised);
		return FLOW_FAILED;
	}
	report_reset(&raised);
	return FLOW_ON;
}

enum flow
run_assert(struct run *run, const struct routine_statement *statement)
{
	bool holds;
	char *message = NULL;

	if (!run->host->values(run->host->arg)->plpgsql_asserts)
		return FLOW_ON;
	if (run_condition(run, statement->sql, &holds) == -1)
		return FLOW_FAILED;
	if (holds)
		return FLOW_ON;
	if (statement->to != NULL && (message = show_expression(run, statement->to, NULL)) == NULL &&
	    run->report->state != SQLSTATE_SUCCESSFUL_COMPLETION)
		return FLOW_FAILED;
	(void)report_set(run->report, SQLSTATE_ASSERT_FAILURE, "%s", message != NULL ? message : "assertion failed");
	free(message);
	return FLOW_FAILED;
}

/* ---- GET DIAGNOSTICS ---- */

static const char *
stacked_item(const struct report *caught, const char *item)
{
	const struct {
		const char *name, *text;
	} items[] = {
		{ "returned_sqlstate", report_code(caught) },
		{ "message_text", caught->message },
		{ "pg_exception_detail", caught->detail },
		{ "pg_exception_hint", caught->hint },
		{ "column_name", caught->column },
		{ "constraint_name", caught->constraint },
		{ "pg_datatype_name", caught->datatype },
		{ "table_name", caught->table },
		{ "schema_name", caught->schema },
	};

	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
		if (strcmp(items[i].name, item) == 0)
			return items[i].text == NULL ? "" : items[i].text;
	return "";
}

enum flow
run_diagnostics(struct run *run, const struct routine_statement *statement)
{
	if (statement->stacked && run->caught == NULL) {
		(void)report_set(run->report, SQLSTATE_STACKED_DIAGNOSTICS,
		    "GET STACKED DIAGNOSTICS cannot be used outside an exception handler");
		return FLOW_FAILED;
	}
	for (unsigned i = 0; i < statement->ntargets; i++) {
		struct routine_value value = { .oid = TYPE_INT8,
			.typmod = -1,
			.value = { .kind = SQLITE_INTEGER, .integer = (int64_t)run->row_count } };

		if (statement->stacked) {
			const char *text = stacked_item(run->caught, statement->items[i]);
			struct routine_value from = { .oid = TYPE_TEXT,
				.typmod = -1,
				.value = { .kind = SQLITE_TEXT, .bytes = text, .length = strlen(text) } };

			if (routine_value_copy(&from, &value, run->report) == -1)
				return FLOW_FAILED;
		}
		if (run_assign(run, &statement->targets[i], &value) == -1) {
			routine_value_free(&value);
			return FLOW_FAILED;
		}
		routine_value_free(&value);
	}
	return FLOW_ON;
}
