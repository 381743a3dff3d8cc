/*
 * What routines/ asks of a session: its statements are run as portals of the session's own, one after the other, within
 * the transaction that was begun before the routine.
 */
#include "workers/sqlite/session/routine_rows.h"

#include <stdlib.h>
#include <string.h>

/* What a routine may run; the parser has refused by name what it has words for. */
static int
check_kind(const struct dialect_plan *plan, enum routine_use use, struct report *r)
{
	static const enum dialect_kind kinds[] = { DIALECT_QUERY, DIALECT_MODIFY, DIALECT_DEFINE, DIALECT_SET,
		DIALECT_RESET, DIALECT_SET_CONSTRAINTS, DIALECT_SET_TRANSACTION, DIALECT_ACCEPT, DIALECT_CALL };

	if (use != ROUTINE_USE_STATEMENT && (plan->selects_into || !plan->has_rows))
		return report_set(r,
		    use == ROUTINE_USE_CURSOR ? SQLSTATE_INVALID_CURSOR_DEFINITION : SQLSTATE_SYNTAX_ERROR,
		    use == ROUTINE_USE_CURSOR ? "cannot open %.*s query as cursor"
					      : "%.*s query does not return tuples",
		    plan->tag == NULL ? 0 : (int)strcspn(plan->tag, "0") - (strchr(plan->tag, '0') != NULL),
		    plan->selects_into ? "SELECT INTO" : plan->tag);
	if (plan->selects_into)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "EXECUTE of SELECT ... INTO is not implemented");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i] == plan->kind)
			return 0;
	return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s in PL/pgSQL is not supported on SQLite",
	    plan->tag == NULL ? "an empty statement" : plan->tag);
}

static void
put_notice(struct session *session, const char *text)
{
	struct report notice = { .state = SQLSTATE_SUCCESSFUL_COMPLETION };

	if (text == NULL || settings_values(session->settings)->client_min_messages > REPORT_NOTICE)
		return;
	notice.message = strdup(text);
	pgwire_put_report(&session->out, REPORT_NOTICE, &notice);
	report_reset(&notice);
}

/* Copies: what is bound must live as long as the portal. */
static int
set_values(struct portal *portal, const struct routine_call *call, struct report *r)
{
	unsigned n = call->variables == NULL ? 0 : call->variables->n;

	if (portal->shared->plan->nparams != n)
		return report_set(r, SQLSTATE_UNDEFINED_PARAMETER, "there is no parameter $%u",
		    portal->shared->plan->nparams);
	if (n > 0 && (portal->values = calloc(n, sizeof(*portal->values))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	portal->nvalues = n;
	for (unsigned i = 0; i < n; i++) {
		portal->values[i] = (struct type_value) { .kind = SQLITE_NULL };
		if (call->values[i] == NULL)
			continue;
		portal->values[i] = call->values[i]->value;
		portal->values[i].owned = NULL;
	}
	return 0;
}

static int
run_portal(struct session *session, struct routine_portal *inner, struct report *r)
{
	struct portal *portal = &inner->portal;
	struct routine_rows *rows = inner->rows;
	bool holding = session->holding;
	enum portal_result result;

	portal->put_row = routine_put_row;
	portal->discards = rows->discards;
	/* Nobody can wait in the midst of a routine: notices are kept until it is over. */
	session->holding = true;
	result = portal_run(session, portal, 0, r);
	session->holding = holding;
	if (result == PORTAL_FAILED && inner->enough)
		result = PORTAL_DONE;
	rows->processed = rows->modifies ? portal->changes : portal->rows;
	if (result == PORTAL_DONE)
		return 0;
	if (r->state == SQLSTATE_SUCCESSFUL_COMPLETION)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a statement that has to wait in PL/pgSQL is not supported on SQLite");
	return -1;
}

/* The key of the plan has each name and where it ends. */
static char *
scope_key(const struct dialect_variables *variables, size_t *length)
{
	char *key = NULL;
	FILE *out = open_memstream(&key, length);

	if (out == NULL)
		return NULL;
	(void)fprintf(out, "%u %d %u %d%d%d", variables->assigned, variables->assigned_typmod, variables->part,
	    variables->columns_first, variables->variables_first, variables->returns_record);
	for (unsigned i = 0; i < variables->nreturned; i++)
		(void)fprintf(out, " %u:%d", variables->returned[i], variables->returned_typmods[i]);
	for (unsigned i = 0; i < variables->n; i++) {
		const struct dialect_variable *v = &variables->list[i];

		(void)fprintf(out, "|%zu.%s%zu.%s%d%d%d %d", v->qualifier == NULL ? 0 : strlen(v->qualifier),
		    v->qualifier == NULL ? "" : v->qualifier, v->name == NULL ? 0 : strlen(v->name),
		    v->name == NULL ? "" : v->name, v->field, v->unassigned, v->of_table, v->typmod);
	}
	for (unsigned i = 0; i < variables->ntransitions; i++) {
		const struct dialect_transition *table = &variables->transitions[i];

		(void)fprintf(out, "|t%zu.%s", strlen(table->name), table->name);
		for (unsigned k = 0; k < table->ncolumns; k++)
			(void)fprintf(out, "|%zu.%s %u %d", strlen(table->columns[k].name), table->columns[k].name,
			    table->columns[k].oid, table->columns[k].typmod);
	}
	if (fclose(out) != 0) {
		free(key);
		return NULL;
	}
	return key;
}

static struct prepared *
prepare_call(const struct routine_call *call, struct report *r)
{
	unsigned n = call->variables == NULL ? 0 : call->variables->n;
	uint32_t *oids = calloc(n + 1, sizeof(*oids));
	struct prepared *prepared = NULL;

	if (oids == NULL)
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < n && oids != NULL; i++)
		oids[i] = call->variables->list[i].oid;
	if (oids != NULL)
		prepared = prepared_new("", call->sql, oids, n, r);
	free(oids);
	return prepared;
}

static int
run_prepared(struct session *session, const struct routine_call *call, struct prepared *prepared,
    struct routine_rows *rows, struct statement_plan **plan, struct report *r)
{
	struct routine_portal inner = { .call = call, .rows = rows };
	bool opened;
	int status = -1;

	portal_set_source(&inner.portal, prepared);
	opened = portal_open(session, &inner.portal, r) == PORTAL_DONE;
	if (opened && plan != NULL)
		*plan = statement_plan_share(inner.portal.shared);
	if (opened && (call->describes || check_kind(inner.portal.shared->plan, call->use, r) == 0) &&
	    (call->describes || routine_check_statement(session, &inner.portal, r) == 0) &&
	    routine_describe_rows(inner.portal.shared->plan, rows, r) == 0) {
		put_notice(session, call->describes ? NULL : inner.portal.shared->plan->notice);
		status = call->describes ? 0 : set_values(&inner.portal, call, r);
		if (status == 0 && !call->describes)
			status = run_portal(session, &inner, r);
	}
	portal_reset(session, &inner.portal);
	return status;
}

int
routine_run_planned(struct session *session, const struct routine_call *call, struct routine_rows *rows,
    struct statement_plan **plan, struct report *r)
{
	struct prepared *prepared = prepare_call(call, r);
	char *scope = NULL;
	int status = -1;

	if (prepared == NULL)
		return -1;
	if (call->variables != NULL) {
		scope = scope_key(call->variables, &prepared->text.scope_length);
		prepared->text.scope = scope;
		prepared->text.variables = call->variables;
	}
	if (prepared->text.next < strlen(prepared->sql) && prepared->sql[prepared->text.next] != '\0')
		(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "several statements in one EXECUTE in PL/pgSQL are not supported on SQLite");
	else if (call->variables != NULL && scope == NULL)
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	else
		status = run_prepared(session, call, prepared, rows, plan, r);
	/* The session may keep the text for its audit; what it was translated with is gone. */
	prepared->text.variables = NULL;
	prepared->text.scope = NULL;
	prepared->text.scope_length = 0;
	prepared_release(prepared);
	free(scope);
	return status;
}

int
routine_host_run(void *arg, const struct routine_call *call, struct routine_rows *rows, struct report *r)
{
	return routine_run_planned(arg, call, rows, NULL, r);
}

int
routine_run_text(struct session *session, const char *sql, struct report *r)
{
	struct routine_call call = { .sql = sql, .bytes_left = SIZE_MAX };
	struct routine_rows rows = { .discards = true };
	int status = routine_host_run(session, &call, &rows, r);

	routine_rows_free(&rows);
	return status;
}
