/*
 * DETAIL of a duplicate key. SQLite's error names the key's columns and no row. The statement has been undone then, so
 * that the table is what it was before: of the rows that an INSERT of VALUES proposed, the first whose key is there, or
 * in a row before it, is the one. What can't be told so has no DETAIL.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/pgwire/pgwire.h"
#include "workers/sqlite/connection/connection.h"
#include "workers/sqlite/types/quote.h"

/* PostgreSQL's index has no room for a key that is longer: it answers another error. */
#define KEY_BYTES_MAX 2048

/* The key's columns, by their numbers among those that are proposed. */
struct duplicate {
	const struct dialect_proposed *proposed;
	unsigned columns[CONNECTION_KEY_MAX];
	unsigned n;
};

/* Which column begins there; *end: behind its name. Of two that do, the one behind which the name has its end. */
static bool
find_column(struct duplicate *d, const char *at, const char **end)
{
	for (unsigned i = 0; i < d->proposed->ncolumns; i++) {
		size_t n = strlen(d->proposed->columns[i].name);

		if (strncmp(at, d->proposed->columns[i].name, n) != 0 ||
		    (at[n] != '\0' && strncmp(at + n, ", ", 2) != 0))
			continue;
		*end = at + n;
		d->columns[d->n++] = i;
		return d->proposed->columns[i].told;
	}
	return false;
}

/* "t.a, t.b", as SQLite names them. False for a column that is not proposed. */
static bool
find_columns(struct duplicate *d, const char *what)
{
	size_t n = strlen(d->proposed->table);

	for (;;) {
		if (d->n == CONNECTION_KEY_MAX || strncmp(what, d->proposed->table, n) != 0 || what[n] != '.' ||
		    !find_column(d, what + n + 1, &what))
			return false;
		if (*what == '\0')
			return true;
		what += strlen(", ");
	}
}

/* A key that holds of some rows only: of several that are proposed, an earlier one may be none of those. */
static bool
may_be_partial(struct connection *connection, const struct dialect_proposed *proposed)
{
	static const char sql[] = "SELECT 1 FROM pragma_index_list(?1, ?2) WHERE \"unique\" AND partial";
	bool before = connection->context.internal, found = true;
	sqlite3_stmt *stmt = NULL;

	if (proposed->nrows == 1)
		return false;
	connection->context.internal = true;
	if (sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_bind_text(stmt, 1, proposed->table, -1, SQLITE_STATIC) == SQLITE_OK &&
	    sqlite3_bind_text(stmt, 2, proposed->database, -1, SQLITE_STATIC) == SQLITE_OK)
		found = sqlite3_step(stmt) != SQLITE_DONE;
	sqlite3_finalize(stmt);
	connection->context.internal = before;
	return found;
}

/* k0, k1, ...: the key's columns. */
static void
put_keys(FILE *out, const struct duplicate *d, const char *between, const char *after)
{
	for (unsigned i = 0; i < d->n; i++)
		fprintf(out, "%sk%u%s", i == 0 ? "" : between, i, after);
}

static void
put_partition(FILE *out, const struct duplicate *d)
{
	for (unsigned i = 0; i < d->n; i++) {
		const char *collation = type_collation(d->proposed->columns[d->columns[i]].oid);

		fprintf(out, "%sk%u%s%s", i == 0 ? "" : ", ", i, collation == NULL ? "" : " COLLATE ",
		    collation == NULL ? "" : collation);
	}
}

static void
put_exists(FILE *out, const struct duplicate *d)
{
	fputs("EXISTS (SELECT 1 FROM ", out);
	quote_put(out, d->proposed->database, strlen(d->proposed->database), '"');
	fputc('.', out);
	quote_put(out, d->proposed->table, strlen(d->proposed->table), '"');
	fputs(" AS bibd_there WHERE ", out);
	for (unsigned i = 0; i < d->n; i++) {
		const char *name = d->proposed->columns[d->columns[i]].name;

		fprintf(out, "%sbibd_there.", i == 0 ? "" : " AND ");
		quote_put(out, name, strlen(name), '"');
		fprintf(out, " = m.k%u", i);
	}
	fputc(')', out);
}

/* The query of the key that is there twice. It has as many parameters as the statement. */
static char *
write_query(const struct duplicate *d, int nparameters)
{
	char *sql = NULL;
	size_t size;
	FILE *out = open_memstream(&sql, &size);

	if (out == NULL)
		return NULL;
	fputs("WITH p(", out);
	for (unsigned i = 0; i < d->proposed->ncolumns; i++)
		fprintf(out, "%sc%u", i == 0 ? "" : ", ", i);
	fprintf(out, ") AS (VALUES %s), n(n, ", d->proposed->rows);
	put_keys(out, d, ", ", "");
	fputs(") AS MATERIALIZED (SELECT row_number() OVER ()", out);
	for (unsigned i = 0; i < d->n; i++)
		fprintf(out, ", c%u", d->columns[i]);
	fputs(" FROM p), m AS (SELECT *, row_number() OVER (PARTITION BY ", out);
	put_partition(out, d);
	fputs(" ORDER BY n) AS again FROM n) SELECT ", out);
	put_keys(out, d, ", ", "");
	fputs(" FROM m WHERE ", out);
	put_keys(out, d, " AND ", " IS NOT NULL");
	fputs(" AND (again > 1 OR ", out);
	put_exists(out, d);
	fputs(") ORDER BY n LIMIT 1", out);
	if (nparameters > 0)
		fprintf(out, " OFFSET coalesce(0, ?%d)", nparameters);
	if (fclose(out) == 0)
		return sql;
	free(sql);
	return NULL;
}

void
connection_key_detail(struct connection *connection, const struct connection_key *key, struct report *r)
{
	struct pgwire_buffer values = { 0 };
	char *names = NULL;
	size_t size;
	FILE *out = open_memstream(&names, &size);
	bool known = out != NULL;

	for (unsigned i = 0; known && i < key->n; i++) {
		fputs(i == 0 ? "" : ", ", out);
		quote_put_identifier(out, key->names[i]);
		pgwire_put_bytes(&values, ", ", i == 0 ? 0 : 2);
		known = key->oids[i] != TYPE_UNKNOWN &&
		    type_put_text(&values, key->values[i], key->oids[i], &connection->context.types, NULL) == 0;
	}
	if (out != NULL && fclose(out) == 0 && known && !values.failed && pgwire_buffer_length(&values) < KEY_BYTES_MAX)
		report_detail(r, "Key (%s)=(%.*s) already exists.", names, (int)pgwire_buffer_length(&values),
		    (const char *)values.data + values.start);
	free(names);
	pgwire_buffer_free(&values);
}

static void
tell_row(struct connection *connection, const struct duplicate *d, sqlite3_stmt *stmt, struct report *r)
{
	struct connection_key key = { .n = d->n };

	for (unsigned i = 0; i < d->n; i++) {
		key.names[i] = d->proposed->columns[d->columns[i]].name;
		key.oids[i] = d->proposed->columns[d->columns[i]].oid;
		key.values[i] = sqlite3_column_value(stmt, (int)i);
	}
	connection_key_detail(connection, &key, r);
}

/* As the client's own query: who may not read the columns is not told what is in them. */
static void
find_row(struct connection *connection, const struct duplicate *d, sqlite3_stmt *failed, struct report *r)
{
	const char *denied = connection->denied;
	char *sql = write_query(d, sqlite3_bind_parameter_count(failed));
	sqlite3_stmt *stmt = NULL;

	if (sql != NULL && sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_transfer_bindings(failed, stmt) == SQLITE_OK && statement_step(stmt) == SQLITE_ROW)
		tell_row(connection, d, stmt, r);
	sqlite3_finalize(stmt);
	free(sql);
	connection->denied = denied;
	report_reset(&connection->context.report);
}

int
connection_report_failed(struct connection *connection, sqlite3_stmt *failed, int code, const struct dialect_plan *plan,
    struct report *r)
{
	struct duplicate d = { .proposed = plan->proposed };
	const char *columns = strstr(sqlite3_errmsg(connection->db), "UNIQUE constraint failed: ");
	bool found = d.proposed != NULL && d.proposed->rows != NULL && columns != NULL &&
	    (code & 0xff) == SQLITE_CONSTRAINT && find_columns(&d, strchr(columns, ':') + 2);

	(void)connection_report(connection, code, plan, r);
	if (found && r->state == SQLSTATE_UNIQUE_VIOLATION && r->detail == NULL &&
	    !may_be_partial(connection, d.proposed)) {
		sqlite3_reset(failed);
		find_row(connection, &d, failed, r);
	}
	return -1;
}
