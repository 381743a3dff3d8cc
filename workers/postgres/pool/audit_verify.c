/* Reads the audit trail for `bibctl audit verify`, a number of rows at a time, between the trail's other steps. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "workers/postgres/pool/audit.h"

#define VERIFY_ROWS "500"
/* Only the last so many heads have their signatures checked: the last one proves every row before it. */
#define VERIFY_HEADS "1000"

static const char *
verify_value(PGresult *result, int row, int column)
{
	return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

static int64_t
verify_number(PGresult *result, int row, int column)
{
	return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

static bool
verify_row(struct pg_audit *audit, PGresult *result, int n)
{
	struct trail_row row = { .id = verify_number(result, n, 0),
		.position = verify_number(result, n, 1),
		.previous = verify_value(result, n, 2),
		.hash = verify_value(result, n, 3),
		.head_hash = verify_value(result, n, 4) };

	for (int i = 0; i < TRAIL_FIELDS; i++)
		row.fields[i] = verify_value(result, n, 5 + i);
	audit->check.last_id = row.id;
	return trail_verify_row(&audit->check.verifier, &row);
}

static void
verify_rows_read(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_audit *audit = context;
	struct pg_audit_check *check = &audit->check;
	bool whole = true;

	audit->busy = false;
	if (failure != NULL) {
		pg_audit_step_failed(audit, failure);
		return;
	}
	for (int i = 0; i < PQntuples(result) && whole; i++)
		whole = verify_row(audit, result, i);
	if (PQntuples(result) == 0)
		whole = trail_verify_end(&check->verifier);
	if (!whole)
		pg_audit_answer(audit, STATUS_DATA, check->verifier.verdict.why);
	else if (PQntuples(result) == 0)
		check->step = AUDIT_CHECK_HEADS;
	pg_audit_work(audit);
}

static void
verify_heads_read(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_audit *audit = context;
	char *text = NULL;
	size_t size = 0;
	FILE *out;
	bool whole = true;

	audit->busy = false;
	if (failure != NULL) {
		pg_audit_step_failed(audit, failure);
		return;
	}
	if ((out = open_memstream(&text, &size)) == NULL) {
		pg_audit_answer(audit, STATUS_OS, "out of memory");
		return;
	}
	for (int i = 0; i < PQntuples(result) && whole; i++) {
		(void)fprintf(out, "%s\t%s\t%s\t%s\t%s\n", PQgetvalue(result, i, 0), PQgetvalue(result, i, 1),
		    PQgetvalue(result, i, 2), PQgetvalue(result, i, 3), PQgetvalue(result, i, 4));
		whole = trail_verify_head(&audit->check.verifier, verify_number(result, i, 0));
	}
	if (fclose(out) != 0)
		pg_audit_answer(audit, STATUS_OS, "out of memory");
	else if (whole)
		pg_audit_ask_keeper(audit, text, size);
	else
		pg_audit_answer(audit, STATUS_DATA, audit->check.verifier.verdict.why);
	free(text);
	pg_audit_work(audit);
}

void
pg_audit_read_on(struct pg_audit *audit)
{
	char id[24];
	const char *const parameters[] = { id };

	audit->busy = true;
	if (audit->check.step == AUDIT_CHECK_HEADS) {
		script_run(&audit->script,
		    "select position, hash, at::text, key, signature from (select * from bibd.audit_head"
		    " order by position desc limit " VERIFY_HEADS ") h order by position",
		    AUDIT_STEP_MS, verify_heads_read, audit);
		return;
	}
	(void)snprintf(id, sizeof(id), "%" PRId64, audit->check.last_id);
	script_run_with(&audit->script,
	    "select a.id, a.position, a.previous, a.hash, h.hash, a.at::text, a.uid::text, "
	    "a.pid::text, a.role, a.kind, a.statement, a.result, a.source from bibd.audit a left join bibd.audit_head "
	    "h on h.position = a.position where a.id > $1::bigint order by a.id limit " VERIFY_ROWS,
	    1, parameters, AUDIT_STEP_MS, verify_rows_read, audit);
}
