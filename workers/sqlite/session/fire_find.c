/*
 * Finds the rows that a statement with triggers changes, all of them before the first is changed.
 */
#include "workers/sqlite/session/fire.h"

#include <stdlib.h>

#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/session/fire_rows.h"
#include "workers/sqlite/session/routine.h"
#include "workers/sqlite/session/fire_run.h"

static int
take_value(struct fire *fire, struct fire_rows *rows, sqlite3_stmt *stmt, int column, uint32_t oid,
    struct type_value *value)
{
	return routine_take_value(fire->session, stmt, column, oid, value, fire->report) == -1 ||
		fire_rows_account(rows, value->length, fire->report) == -1
	    ? -1
	    : 0;
}

/* The columns of the query: which member, where there are several; rowid, the row as it is, as it is to be; of an
 * INSERT in its own order; what is kept of other tables. */
int
fire_take_row(struct fire *fire, struct fire_rows *rows, sqlite3_stmt *stmt, bool ordered, bool has_rowid, bool old,
    bool new)
{
	const struct dialect_fire *what = fire->what;
	const struct dialect_member *own = &what->members[0];
	unsigned n = ordered ? own->ncolumns : what->nwritten;
	struct fire_row *row = fire_rows_add(rows, fire->report);
	int at = 0;

	if (row == NULL)
		return -1;
	row->member = old && what->nmembers > 1 ? (unsigned)sqlite3_column_int(stmt, at++) : 0;
	row->rowid = has_rowid ? sqlite3_column_int64(stmt, at++) : 0;
	for (unsigned pass = old ? 0 : 1; pass < (new ? 2U : 1U); pass++)
		for (unsigned i = 0; i < n; i++) {
			unsigned column = ordered ? i : what->written[i];
			struct type_value *value = &row->cells[pass * own->ncolumns + column];

			if (take_value(fire, rows, stmt, at++, own->columns[column].oid, value) == -1)
				return -1;
		}
	for (unsigned i = 0; rows == &fire->found && i < what->nkept; i++)
		if (take_value(fire, rows, stmt, at++, what->kept[i], &row->cells[2 * own->ncolumns + i]) == -1)
			return -1;
	return 0;
}

/* What functions of the file's own run meanwhile is run within the portal's statement. */
int
fire_step_within(struct fire *fire, sqlite3_stmt *stmt)
{
	struct session *session = fire->session;
	int code;

	fire->portal->around = session->stepping;
	session->stepping = fire->portal;
	code = statement_step(stmt);
	session->stepping = fire->portal->around;
	return code;
}

/* Children and partitions come one after the other, each with its rows in the order in which they were found. */
static int
sort_rows(struct fire *fire)
{
	struct fire_rows *found = &fire->found;
	size_t *starts = calloc(fire->nmembers + 2, sizeof(*starts));
	struct fire_row *sorted = reallocarray(NULL, found->nrows + 1, sizeof(*sorted));

	if (starts == NULL || sorted == NULL) {
		free(starts);
		free(sorted);
		return report_set(fire->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < found->nrows; i++)
		starts[found->rows[i].member + 1]++;
	for (unsigned i = 0; i < fire->nmembers; i++)
		starts[i + 1] += starts[i];
	for (size_t i = 0; i < found->nrows; i++)
		sorted[starts[found->rows[i].member]++] = found->rows[i];
	free(found->rows);
	found->rows = sorted;
	found->capacity = found->nrows + 1;
	free(starts);
	return 0;
}

/* All of them, before anything is changed. */
int
fire_find_rows(struct fire *fire)
{
	const struct dialect_fire *what = fire->what;
	bool insert = (what->events & TRIGGER_INSERT) != 0, update = (what->events & TRIGGER_UPDATE) != 0;
	sqlite3_stmt *stmt = fire->statement->stmt;
	int code, status = 0;

	while (status == 0 && (code = fire_step_within(fire, stmt)) == SQLITE_ROW)
		status = fire_take_row(fire, &fire->found, stmt, !insert, !insert && !what->instead, !insert,
		    insert || update);
	if (status == 0 && code != SQLITE_DONE) {
		status = connection_report(fire->session->connection, code, fire->portal->shared->plan, fire->report);
		store_note_result(&fire->session->sqlite->store, code, fire->report->state);
	}
	sqlite3_reset(stmt);
	return status == 0 && !insert && fire->nmembers > 1 ? sort_rows(fire) : status;
}
