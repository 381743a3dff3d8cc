/*
 * Finds a statement in the cache or has it translated and prepared, and drops those that are old or stale.
 */
#include "workers/sqlite/connection/statement.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/connection/connection.h"
#include "workers/sqlite/dialect/define/front.h"
#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/schema/trigger.h"
#include "workers/sqlite/settings/search_path.h"
#include "workers/sqlite/steps/steps.h"
#include "workers/sqlite/types/types.h"

struct statement_plan *
statement_plan_share(struct statement_plan *shared)
{
	atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
	return shared;
}

void
statement_plan_release(struct statement_plan *shared)
{
	if (shared == NULL || atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) != 1)
		return;
	dialect_plan_free(shared->plan);
	free(shared);
}

void
statement_cache_init(struct statement_cache *cache)
{
	for (unsigned i = 0; i < STATEMENT_BUCKETS; i++)
		LIST_INIT(&cache->buckets[i]);
	TAILQ_INIT(&cache->age);
	cache->count = 0;
}

static void
statement_free(struct statement *statement)
{
	sqlite3_finalize(statement->stmt);
	for (unsigned i = 0; statement->steps != NULL && i < statement->shared->plan->nsteps; i++)
		sqlite3_finalize(statement->steps[i]);
	free(statement->steps);
	steps_free(statement->kept);
	sqlite3_finalize(statement->step);
	sqlite3_finalize(statement->again);
	sqlite3_finalize(statement->met);
	sqlite3_finalize(statement->update);
	statement_plan_release(statement->shared);
	free(statement->key);
	free(statement->path);
	free(statement->oids);
	statement_tables_free(&statement->tables);
	free(statement);
}

static void
statement_uncache(struct statement_cache *cache, struct statement *statement)
{
	LIST_REMOVE(statement, bucket);
	TAILQ_REMOVE(&cache->age, statement, age);
	cache->count--;
	statement->cached = false;
}

void
statement_cache_clear(struct statement_cache *cache)
{
	struct statement *statement;

	while ((statement = TAILQ_FIRST(&cache->age)) != NULL) {
		statement_uncache(cache, statement);
		if (!statement->busy)
			statement_free(statement);
	}
}

/* By which schemas the session at hand finds names; bibd's own statements find them in public. */
static const char *
statement_path(const struct connection *connection)
{
	struct settings *settings = connection->context.internal ? NULL : connection->context.settings;

	return settings == NULL ? SEARCH_PATH_DEFAULT : settings_values(settings)->search_path;
}

/* The key and the literals that a plan does not lift make up what a cached statement stands for; of a routine's text
 * also the variables that it may name. */
static bool
statement_matches(const struct statement *s, const struct dialect_text *text, uint64_t hash, enum role role,
    const char *path, const uint32_t *oids, unsigned noids, bool exact)
{
	const char *key = exact ? text->sql : text->key;
	size_t length = exact ? text->length : text->key_length;

	return s->hash == hash && s->role == role && s->shared->plan->exact == exact &&
	    s->key_length == length + text->scope_length && memcmp(s->key, key, length) == 0 &&
	    (text->scope_length == 0 || memcmp(s->key + length, text->scope, text->scope_length) == 0) &&
	    s->scope_length == text->scope_length && strcmp(s->path, path) == 0 && s->noids == noids &&
	    (noids == 0 || memcmp(s->oids, oids, noids * sizeof(*oids)) == 0);
}

static uint64_t
statement_exact_hash(const struct dialect_text *text)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < text->length; i++)
		hash = (hash ^ (unsigned char)text->sql[i]) * 0x100000001b3u;
	return hash;
}

static struct statement *
statement_find(struct connection *connection, const struct dialect_text *text, const uint32_t *oids, unsigned noids,
    bool exact)
{
	uint64_t hash = exact ? statement_exact_hash(text) : text->hash;
	const char *path = statement_path(connection);
	struct statement *s;

	LIST_FOREACH(s, &connection->cache.buckets[hash % STATEMENT_BUCKETS], bucket)
	if (statement_matches(s, text, hash, connection->context.role, path, oids, noids, exact))
		return s;
	return NULL;
}

static void
statement_enter(struct statement_cache *cache, struct statement *s)
{
	struct statement *oldest = TAILQ_FIRST(&cache->age);

	while (cache->count >= STATEMENT_CACHE_MAX && oldest != NULL) {
		struct statement *next = TAILQ_NEXT(oldest, age);

		if (!oldest->busy) {
			statement_uncache(cache, oldest);
			statement_free(oldest);
		}
		oldest = next;
	}
	if (cache->count >= STATEMENT_CACHE_MAX)
		return;
	LIST_INSERT_HEAD(&cache->buckets[s->hash % STATEMENT_BUCKETS], s, bucket);
	TAILQ_INSERT_TAIL(&cache->age, s, age);
	cache->count++;
	s->cached = true;
}

/* SQLite knows the columns that the translator could not tell: by number where a star stands for them, by their
 * declared types otherwise. */
static int
statement_complete_columns(struct dialect_plan *plan, sqlite3_stmt *stmt, struct report *r)
{
	unsigned n = (unsigned)sqlite3_column_count(stmt) - plan->nhidden;

	if (n != plan->ncolumns) {
		struct dialect_column *columns = calloc(n, sizeof(*columns));

		if (columns == NULL)
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		for (unsigned i = 0; i < plan->ncolumns; i++)
			free(plan->columns[i].name);
		free(plan->columns);
		plan->columns = columns;
		plan->ncolumns = n;
	}
	for (unsigned i = 0; i < n; i++) {
		struct dialect_column *column = &plan->columns[i];

		if (column->name == NULL && (column->name = strdup(sqlite3_column_name(stmt, (int)i))) == NULL)
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		if (column->oid == TYPE_UNKNOWN)
			column->oid = type_by_declaration(sqlite3_column_decltype(stmt, (int)i), &column->typmod)->oid;
	}
	return 0;
}

static bool
statement_is_run_by_sqlite(enum dialect_kind kind)
{
	return kind == DIALECT_QUERY || kind == DIALECT_MODIFY || kind == DIALECT_CALL;
}

/* The catalog's tables are copies: they are brought up to date before each statement that reads them. */
static int
statement_prepare_catalog(struct connection *connection, const struct dialect_plan *plan, struct report *r)
{
	bool before = connection->context.internal;
	int result;

	if (!plan->needs_catalog)
		return 0;
	connection->context.internal = true;
	result = catalog_prepare(connection->db, connection->schema, &connection->context, r);
	if (result == 0 && plan->needs_activity)
		result = catalog_fill_activity(connection->db, &connection->context, r);
	if (result == 0 && plan->needs_cursors)
		result = catalog_fill_cursors(connection->db, &connection->context, r);
	connection->context.internal = before;
	return result;
}

/* What runs within it: whether the role may, and whether it writes, is known now. */
static int
statement_prepare_inner(struct connection *connection, const struct dialect_plan *plan, struct report *r)
{
	sqlite3_stmt *stmt;

	for (unsigned i = 0; i < plan->ninner; i++) {
		int code = sqlite3_prepare_v2(connection->db, plan->inner[i], -1, &stmt, NULL);

		sqlite3_finalize(stmt);
		if (code != SQLITE_OK)
			return connection_report(connection, code, plan, r);
	}
	return 0;
}

/* What a plan runs in steps: a statement for each, and what they keep. */
static int
statement_prepare_steps(struct connection *connection, struct statement *s, struct report *r)
{
	const struct dialect_plan *plan = s->shared->plan;

	if (plan->nsteps == 0)
		return 0;
	s->steps = calloc(plan->nsteps, sizeof(*s->steps));
	s->kept = steps_new(plan->nsets, plan->nwatched);
	if (s->steps == NULL || s->kept == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < plan->nwatched; i++)
		if (!steps_watch(s->kept, i, plan->watched[i].database, plan->watched[i].table))
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < plan->nsteps; i++) {
		int code = sqlite3_prepare_v3(connection->db, plan->steps[i].sql, -1, SQLITE_PREPARE_PERSISTENT,
		    &s->steps[i], NULL);

		if (code != SQLITE_OK)
			return connection_report(connection, code, plan, r);
	}
	return 0;
}

/* What changes the rows one by one, for triggers. */
static int
statement_prepare_fire(struct connection *connection, struct statement *s, struct report *r)
{
	const struct dialect_fire *fire = s->shared->plan->fire;
	const struct {
		const char *sql;
		sqlite3_stmt **stmt;
	} texts[] = { { fire->step, &s->step }, { fire->again, &s->again }, { fire->met, &s->met },
		{ fire->update, &s->update } };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int code;

		if (texts[i].sql == NULL)
			continue;
		code = sqlite3_prepare_v3(connection->db, texts[i].sql, -1, SQLITE_PREPARE_PERSISTENT, texts[i].stmt,
		    NULL);
		if (code != SQLITE_OK)
			return connection_report(connection, code, s->shared->plan, r);
	}
	return 0;
}

/* SQLite has not heard of the triggers, and lets pass what changes their relation. */
static int
statement_prepare_texts(struct connection *connection, struct statement *s, struct report *r)
{
	const struct dialect_plan *plan = s->shared->plan;
	const char *before = connection->context.fires;
	int code, status = 0;

	connection->context.fires = plan->fire == NULL ? NULL : plan->fire->relation;
	code = sqlite3_prepare_v3(connection->db, plan->sql, -1, SQLITE_PREPARE_PERSISTENT, &s->stmt, NULL);
	if (code != SQLITE_OK)
		status = connection_report(connection, code, plan, r);
	else if (plan->fire != NULL)
		status = statement_prepare_fire(connection, s, r);
	connection->context.fires = before;
	return status;
}

static int
statement_prepare(struct connection *connection, struct statement *s, struct report *r)
{
	struct dialect_plan *plan = s->shared->plan;
	int result;

	if (statement_prepare_catalog(connection, plan, r) == -1)
		return -1;
	if (!statement_is_run_by_sqlite(plan->kind))
		return 0;
	report_reset(&connection->context.report);
	connection->writes_file = false;
	connection->noting = &s->tables;
	result = statement_prepare_texts(connection, s, r);
	if (result == 0)
		result = statement_prepare_inner(connection, plan, r);
	if (result == 0)
		result = statement_prepare_steps(connection, s, r);
	connection->noting = NULL;
	if (result == 0 && s->tables.failed)
		result = report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (result == -1)
		return -1;
	/* A view may call what writes (nextval), of which the translator sees nothing. */
	plan->read_only &= !connection->writes_file;
	plan->local = (plan->kind == DIALECT_MODIFY || plan->nsteps > 0) && plan->fire == NULL && !plan->draws &&
	    !connection->writes_file;
	if (plan->has_rows && plan->kind != DIALECT_CALL &&
	    statement_complete_columns(plan, s->step != NULL ? s->step : s->stmt, r) == -1)
		return -1;
	return 0;
}

static enum schema_definer
statement_definer(const struct sql_context *context, bool internal)
{
	if (internal || context->role == ROLE_ADMIN)
		return SCHEMA_DEFINES_ALL;
	return context->role == ROLE_WRITE ? SCHEMA_DEFINES_TEMPORARY : SCHEMA_DEFINES_NOTHING;
}

static int
statement_translate(struct connection *connection, struct statement *s, const struct dialect_text *text,
    const uint32_t *oids, unsigned noids, struct report *r)
{
	bool before = connection->context.internal;
	int result;

	if ((s->path = strdup(statement_path(connection))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	schema_set_path(connection->schema, s->path, role_names[connection->context.role]);
	connection->context.internal = true;
	s->schema = connection_schema(connection);
	(void)schema_refresh(connection->schema);
	if (schema_load_triggers(connection->schema) == -1) {
		connection->context.internal = before;
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "the triggers could not be read");
	}
	schema_set_definer(connection->schema, statement_definer(&connection->context, before));
	schema_set_own(connection->schema, before);
	result =
	    dialect_translate(connection->schema, text, &connection->context.types, oids, noids, &s->shared->plan, r);
	connection->context.internal = before;
	return result;
}

/* Keeps what the statement is found by: the key, or the very text when a literal stayed in the plan. */
static int
statement_set_key(struct statement *s, const struct dialect_text *text, const uint32_t *oids, unsigned noids)
{
	bool exact = s->shared->plan->exact;
	size_t length;

	s->hash = exact ? statement_exact_hash(text) : text->hash;
	length = exact ? text->length : text->key_length;
	s->key_length = length + text->scope_length;
	s->scope_length = text->scope_length;
	s->noids = noids;
	if ((s->key = malloc(s->key_length + 1)) == NULL ||
	    (noids > 0 && (s->oids = calloc(noids, sizeof(*oids))) == NULL))
		return -1;
	memcpy(s->key, exact ? text->sql : text->key, length);
	if (text->scope_length > 0)
		memcpy(s->key + length, text->scope, text->scope_length);
	if (noids > 0)
		memcpy(s->oids, oids, noids * sizeof(*oids));
	return 0;
}

static struct statement *
statement_new(struct connection *connection, const struct dialect_text *text, const uint32_t *oids, unsigned noids,
    struct report *r)
{
	struct statement *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->shared = calloc(1, sizeof(*s->shared))) == NULL) {
		free(s);
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	atomic_init(&s->shared->references, 1);
	s->role = connection->context.role;
	if (statement_translate(connection, s, text, oids, noids, r) == -1) {
		statement_free(s);
		return NULL;
	}
	if (statement_set_key(s, text, oids, noids) == -1) {
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		statement_free(s);
		return NULL;
	}
	if (statement_prepare(connection, s, r) == -1) {
		statement_free(s);
		return NULL;
	}
	return s;
}

static struct statement *
statement_find_or_make(struct connection *connection, const struct dialect_text *text, const uint32_t *oids,
    unsigned noids, struct report *r)
{
	struct statement *s = statement_find(connection, text, oids, noids, false);
	bool taken;

	if (s == NULL)
		s = statement_find(connection, text, oids, noids, true);
	if (s != NULL && !s->busy && (s->stale || s->schema != connection_schema(connection))) {
		statement_uncache(&connection->cache, s);
		statement_free(s);
		s = NULL;
	}
	if (s != NULL && !s->busy) {
		TAILQ_REMOVE(&connection->cache.age, s, age);
		TAILQ_INSERT_TAIL(&connection->cache.age, s, age);
		if (statement_prepare_catalog(connection, s->shared->plan, r) == -1)
			return NULL;
		s->busy = true;
		return s;
	}
	taken = s != NULL;
	if ((s = statement_new(connection, text, oids, noids, r)) == NULL)
		return NULL;
	s->busy = true;
	if (!taken && !s->shared->plan->of_session)
		statement_enter(&connection->cache, s);
	return s;
}

struct statement *
statement_get(struct connection *connection, const struct dialect_text *text, const uint32_t *oids, unsigned noids,
    struct report *r)
{
	bool before = memory_guard(true);
	struct statement *statement = statement_find_or_make(connection, text, oids, noids, r);

	(void)memory_guard(before);
	return statement;
}

int
statement_step(sqlite3_stmt *stmt)
{
	bool before = memory_guard(true);
	int code = sqlite3_step(stmt);

	(void)memory_guard(before);
	return code;
}

static void
statement_reset_fire(struct statement *s)
{
	sqlite3_stmt *const all[] = { s->step, s->again, s->met, s->update };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] != NULL) {
			sqlite3_reset(all[i]);
			sqlite3_clear_bindings(all[i]);
		}
}

void
statement_set_current(struct connection *connection, const struct statement *statement)
{
	struct sql_context *context = &connection->context;

	context->steps = statement == NULL ? NULL : statement->kept;
	context->nwatched = context->steps == NULL ? 0 : steps_nwatched(context->steps);
	context->watched = context->nwatched == 0 ? NULL : steps_watched(context->steps, 0);
}

void
statement_done(struct connection *connection, struct statement *s)
{
	statement_reset_fire(s);
	if (s->stmt != NULL) {
		sqlite3_reset(s->stmt);
		/* Prepared anew behind our back: another process changed the schema, and the columns may be others. */
		s->stale |= sqlite3_stmt_status(s->stmt, SQLITE_STMTSTATUS_REPREPARE, 1) > 0;
		sqlite3_clear_bindings(s->stmt);
	}
	for (unsigned i = 0; s->steps != NULL && i < s->shared->plan->nsteps; i++) {
		sqlite3_reset(s->steps[i]);
		s->stale |= sqlite3_stmt_status(s->steps[i], SQLITE_STMTSTATUS_REPREPARE, 1) > 0;
		sqlite3_clear_bindings(s->steps[i]);
	}
	if (s->kept != NULL) {
		steps_clear(s->kept);
		if (connection->context.steps == s->kept)
			statement_set_current(connection, NULL);
	}
	s->busy = false;
	if (!s->cached)
		statement_free(s);
}

int
statement_check_bound(int code, struct report *r)
{
	return code == SQLITE_OK ? 0 : report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "a value is too large");
}

/* A literal that was taken out of the text goes in as a parameter, decoded as its type. */
static int
statement_bind_literal(sqlite3_stmt *stmt, const struct dialect_text *text, const struct dialect_lifted *lifted,
    int number, const struct type_settings *settings, struct report *r)
{
	struct type_value value;
	int code = SQLITE_OK;

	if (dialect_literal_decode(text, lifted, settings, &value, r) == -1)
		return -1;
	/* The text outlives the run; what was made for the occasion does not. */
	if (number != 0)
		code = type_bind(stmt, number, &value, value.owned == NULL);
	type_value_free(&value);
	return statement_check_bound(code, r);
}

int
statement_bind_literals(struct statement *statement, const struct dialect_text *text,
    const struct type_settings *settings, struct report *r)
{
	const struct dialect_plan *plan = statement->shared->plan;

	for (unsigned i = 0; i < plan->nlifted; i++)
		if (statement_bind_literal(statement->stmt, text, &plan->lifted[i],
			dialect_parameter(plan, plan->nparams + i), settings, r) == -1)
			return -1;
	return 0;
}

int
statement_bind_step_literals(struct statement *statement, unsigned i, const struct dialect_text *text,
    const struct type_settings *settings, struct report *r)
{
	const struct dialect_plan *plan = statement->shared->plan;
	int number;

	for (unsigned j = 0; j < plan->nlifted; j++)
		if ((number = dialect_step_parameter(&plan->steps[i], plan->nparams + j)) != 0 &&
		    statement_bind_literal(statement->steps[i], text, &plan->lifted[j], number, settings, r) == -1)
			return -1;
	return 0;
}

int
statement_bind_other(struct statement *statement, sqlite3_stmt *stmt, const int *numbers,
    const struct dialect_text *text, const struct type_value *values, const struct type_settings *settings,
    struct report *r)
{
	const struct dialect_plan *plan = statement->shared->plan;

	for (unsigned i = 0; numbers != NULL && i < plan->nparams; i++)
		if (numbers[i] != 0 && statement_check_bound(type_bind(stmt, numbers[i], &values[i], true), r) == -1)
			return -1;
	for (unsigned i = 0; numbers != NULL && i < plan->nlifted; i++)
		if (statement_bind_literal(stmt, text, &plan->lifted[i], numbers[plan->nparams + i], settings, r) == -1)
			return -1;
	return 0;
}
