/*
 * Rows, by COPY from SQLite to PostgreSQL, and then read again there. A table's hash is the sum of the SHA-256 of its
 * rows as COPY writes them, so that their order does not matter and a row that is there twice counts twice.
 */
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "workers/postgres/move/private.h"

#define ROWS_WORDS (SHA256_DIGEST_LENGTH / sizeof(uint64_t))

struct rows_hash {
	uint64_t rows;
	uint64_t sum[ROWS_WORDS];
};

struct move_table {
	STAILQ_ENTRY(move_table) link;
	char *name;		  /* of the table: quoted, with its schema */
	char *from, *into, *back; /* the COPY that reads SQLite, that writes PostgreSQL, and that reads it back */
	bool own;		  /* it is a table of bibd's own */
	struct rows_hash hash;	  /* of the rows that were read on SQLite */
};

struct move_tables {
	STAILQ_HEAD(, move_table) list;
	struct pg_move *move;
	size_t n;
};

/* bibd's own tables, which its migrations have made on both sides. Its migrations are recorded there already. */
#define ROWS_AUDIT "id, at, uid, pid, role, kind, statement, result, source, position, previous, hash"
#define ROWS_HEAD "position, hash, at, key, signature"
#define ROWS_MIGRATIONS "origin, number, name, checksum, applied_at"
static const struct {
	const char *name, *what, *columns;
} rows_own[] = {
	{ "bibd.audit", "bibd.audit", ROWS_AUDIT },
	{ "bibd.audit_head", "bibd.audit_head", ROWS_HEAD },
	{ "bibd.migrations", "bibd.migrations where origin <> 'bibd'", ROWS_MIGRATIONS },
};

/* ---- hashing ---- */

struct rows_reader {
	struct rows_hash hash;
	SHA2_CTX row;
	bool within; /* a row has begun */
};

static void
rows_end_row(struct rows_reader *reader)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	uint64_t word;

	SHA256Final(digest, &reader->row);
	for (size_t i = 0; i < ROWS_WORDS; i++) {
		memcpy(&word, digest + i * sizeof(word), sizeof(word));
		reader->hash.sum[i] += word;
	}
	reader->hash.rows++;
	reader->within = false;
}

/* In COPY's text format a newline is the end of a row, and nothing else. */
static void
rows_read(struct rows_reader *reader, const char *data, size_t size)
{
	while (size > 0) {
		const char *end = memchr(data, '\n', size);
		size_t length = end == NULL ? size : (size_t)(end - data);

		if (!reader->within)
			SHA256Init(&reader->row);
		reader->within = true;
		SHA256Update(&reader->row, (const uint8_t *)data, length);
		if (end == NULL)
			return;
		rows_end_row(reader);
		data = end + 1;
		size -= length + 1;
	}
}

/* ---- the list ---- */

static void
table_free(struct move_table *table)
{
	if (table == NULL)
		return;
	free(table->name);
	free(table->from);
	free(table->into);
	free(table->back);
	free(table);
}

void
move_tables_free(struct move_tables *tables)
{
	struct move_table *table;

	while (tables != NULL && (table = STAILQ_FIRST(&tables->list)) != NULL) {
		STAILQ_REMOVE_HEAD(&tables->list, link);
		table_free(table);
	}
	free(tables);
}

/* Adds a table to the list. what: the table, and which of its rows are copied; columns: "" where it has none. */
static int
tables_add(struct move_tables *tables, const char *name, const char *what, const char *columns, bool own,
    struct error *e)
{
	struct move_table *table = calloc(1, sizeof(*table));
	const char *open = columns[0] == '\0' ? "" : "(", *close = columns[0] == '\0' ? "" : ")";

	if (table == NULL || (table->name = strdup(name)) == NULL ||
	    asprintf(&table->from, "copy (select %s from %s%s) to stdout", columns, own ? "" : "only ", what) == -1 ||
	    asprintf(&table->into, "copy %s %s%s%s from stdin", name, open, columns, close) == -1 ||
	    asprintf(&table->back, "copy (select %s from %s%s) to stdout", columns, own ? "" : "only ", what) == -1) {
		table_free(table);
		return error_set_errno(e, STATUS_OS, "move.memory", "cannot list the tables");
	}
	table->own = own;
	STAILQ_INSERT_TAIL(&tables->list, table, link);
	tables->n++;
	return 0;
}

static int
tables_take(void *context, const char *const *values, int n, struct error *e)
{
	struct move_tables *tables = context;

	(void)n;
	return tables_add(tables, values[0], values[0], values[1], false, e);
}

static int
tables_take_count(void *context, const char *const *values, int n, struct error *e)
{
	struct pg_move *move = context;

	(void)n;
	(void)e;
	atomic_fetch_add(&move->all_rows, strtoull(values[0], NULL, 10));
	return 0;
}

static int
tables_count(struct pg_move *move, const struct move_tables *tables, struct error *e)
{
	const struct move_table *table;
	char *sql;
	int result = 0;

	move_say(move, "counting the rows of %zu tables", tables->n);
	STAILQ_FOREACH(table, &tables->list, link)
	{
		if (table->own)
			continue;
		if (asprintf(&sql, "select count(*) from only %s", table->name) == -1)
			return error_set_errno(e, STATUS_OS, "move.memory", "cannot count rows");
		result = source_run(&move->source, sql, tables_take_count, move, e);
		free(sql);
		if (result == -1)
			break;
	}
	return result;
}

/* Generated columns are PostgreSQL's to compute. */
static const char tables_query[] =
    "select format('%I.%I', n.nspname, c.relname), coalesce((select string_agg(quote_ident(a.attname), ', ' order by"
    " a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and"
    " a.attgenerated = ''), '') from pg_class c join pg_namespace n on n.oid = c.relnamespace where"
    " c.relkind = 'r' and " OURS " order by c.oid";

struct move_tables *
move_tables_list(struct pg_move *move, struct error *e)
{
	struct move_tables *tables = calloc(1, sizeof(*tables));
	int result;

	if (tables == NULL) {
		(void)error_set_errno(e, STATUS_OS, "move.memory", "cannot list the tables");
		return NULL;
	}
	STAILQ_INIT(&tables->list);
	tables->move = move;
	result = source_run(&move->source, tables_query, tables_take, tables, e);
	for (size_t i = 0; result == 0 && i < sizeof(rows_own) / sizeof(rows_own[0]); i++)
		result = tables_add(tables, rows_own[i].name, rows_own[i].what, rows_own[i].columns, true, e);
	if (result == 0)
		result = tables_count(move, tables, e);
	if (result == 0)
		return tables;
	move_tables_free(tables);
	return NULL;
}

/* ---- copying ---- */

struct rows_copy {
	struct pg_move *move;
	PGconn *target;
	const struct move_table *table;
	struct rows_reader reader;
};

static int
rows_take(void *context, const char *data, size_t size, struct error *e)
{
	struct rows_copy *copy = context;
	uint64_t before = copy->reader.hash.rows;

	rows_read(&copy->reader, data, size);
	if (!copy->table->own)
		atomic_fetch_add(&copy->move->rows, copy->reader.hash.rows - before);
	return PQputCopyData(copy->target, data, (int)size) == 1
	    ? 0
	    : move_target_failed(copy->target, NULL, copy->table->name, e);
}

static int
rows_copy_table(struct pg_move *move, struct move_table *table, struct error *e)
{
	struct rows_copy copy = { .move = move, .target = table->own ? move->system : move->admin, .table = table };
	PGresult *result = PQexec(copy.target, table->into);

	if (PQresultStatus(result) != PGRES_COPY_IN)
		return move_target_failed(copy.target, result, table->name, e);
	PQclear(result);
	if (source_copy(&move->source, table->from, rows_take, &copy, e) == -1)
		return -1;
	if (PQputCopyEnd(copy.target, NULL) != 1)
		return move_target_failed(copy.target, NULL, table->name, e);
	result = PQgetResult(copy.target);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		return move_target_failed(copy.target, result, table->name, e);
	PQclear(result);
	while ((result = PQgetResult(copy.target)) != NULL)
		PQclear(result);
	table->hash = copy.reader.hash;
	return 0;
}

int
move_tables_copy(struct pg_move *move, struct move_tables *tables, struct error *e)
{
	struct move_table *table;
	size_t i = 0;

	STAILQ_FOREACH(table, &tables->list, link)
	{
		move_say(move, "copying %s (%zu of %zu tables)", table->name, ++i, tables->n);
		if (rows_copy_table(move, table, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- comparing ---- */

static int
rows_read_back(PGconn *target, const struct move_table *table, struct rows_reader *reader, struct error *e)
{
	PGresult *result = PQexec(target, table->back);
	char *row;
	int n;

	if (PQresultStatus(result) != PGRES_COPY_OUT)
		return move_target_failed(target, result, table->name, e);
	PQclear(result);
	while ((n = PQgetCopyData(target, &row, 0)) > 0) {
		rows_read(reader, row, (size_t)n);
		PQfreemem(row);
	}
	result = PQgetResult(target);
	if (n != -1 || PQresultStatus(result) != PGRES_COMMAND_OK)
		return move_target_failed(target, result, table->name, e);
	PQclear(result);
	while ((result = PQgetResult(target)) != NULL)
		PQclear(result);
	return 0;
}

int
move_tables_compare(struct pg_move *move, struct move_tables *tables, struct error *e)
{
	const struct move_table *table;
	size_t i = 0;

	STAILQ_FOREACH(table, &tables->list, link)
	{
		struct rows_reader reader = { .within = false };

		move_say(move, "comparing %s (%zu of %zu tables)", table->name, ++i, tables->n);
		if (rows_read_back(table->own ? move->system : move->admin, table, &reader, e) == -1)
			return -1;
		if (reader.hash.rows != table->hash.rows)
			return error_set(e, STATUS_DATA, "move.differs",
			    "%s has %llu rows on SQLite, and its copy on PostgreSQL has %llu", table->name,
			    (unsigned long long)table->hash.rows, (unsigned long long)reader.hash.rows);
		if (memcmp(reader.hash.sum, table->hash.sum, sizeof(reader.hash.sum)) != 0)
			return error_set(e, STATUS_DATA, "move.differs",
			    "the rows of %s on SQLite, and their copies on PostgreSQL, are not the same", table->name);
	}
	return 0;
}

/* ---- sequences ---- */

/* A statement of SQLite's answer, to be run on PostgreSQL. */
static int
sequence_set(void *context, const char *const *values, int n, struct error *e)
{
	struct pg_move *move = context;

	(void)n;
	return move_run(move->admin, values[0], e);
}

struct sequence_names {
	char **queries;
	size_t n;
};

static int
sequence_name(void *context, const char *const *values, int n, struct error *e)
{
	struct sequence_names *names = context;
	char **grown = reallocarray(names->queries, names->n + 1, sizeof(*grown));

	(void)n;
	if (grown != NULL)
		names->queries = grown;
	if (grown == NULL || (grown[names->n] = strdup(values[0])) == NULL)
		return error_set_errno(e, STATUS_OS, "move.memory", "cannot list the sequences");
	names->n++;
	return 0;
}

/* For each sequence a query that makes the statement which sets it. */
static const char sequences_query[] =
    "select format('select format(''select setval(%%L, %%s, %%L)'', %L, last_value, is_called) from %I.%I',"
    " format('%I.%I', n.nspname, c.relname), n.nspname, c.relname) from pg_class c join pg_namespace n"
    " on n.oid = c.relnamespace where c.relkind = 'S' and " OURS;
/* Entries go on after the last one. */
static const char sequences_own[] = "select setval(pg_get_serial_sequence('bibd.audit', 'id'),"
				    " coalesce(max(id), 0) + 1, false) from bibd.audit";

int
move_sequences(struct pg_move *move, struct error *e)
{
	struct sequence_names names = { .n = 0 };
	int result = source_run(&move->source, sequences_query, sequence_name, &names, e);

	move_say(move, "setting %zu sequences", names.n);
	for (size_t i = 0; i < names.n; i++) {
		if (result == 0)
			result = source_run(&move->source, names.queries[i], sequence_set, move, e);
		free(names.queries[i]);
	}
	free(names.queries);
	return result == -1 ? -1 : move_run(move->system, sequences_own, e);
}
