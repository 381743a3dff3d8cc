/*
 * Finds a statement in the cache or has it translated and prepared, and drops those that are stale.
 */
#include "workers/sqlite/connection/statement.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/connection/connection.h"
#include "workers/sqlite/dialect/define/front.h"
#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/schema/trigger.h"
#include "workers/sqlite/settings/search_path.h"
#include "workers/sqlite/steps/steps.h"
#include "workers/sqlite/types/types.h"
#include "workers/sqlite/connection/statement_make.h"

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
statement_free(struct statement *statement)
{
	sqlite3_finalize(statement->stmt);
	for (unsigned i = 0; statement->steps != NULL && i < statement->shared->plan->nsteps; i++)
		sqlite3_finalize(statement->steps[i]);
	free(statement->steps);
	steps_free(statement->kept);
	for (unsigned i = 0; statement->members != NULL && i < statement->shared->plan->fire->nmembers; i++) {
		sqlite3_finalize(statement->members[i].step);
		sqlite3_finalize(statement->members[i].again);
	}
	free(statement->members);
	sqlite3_finalize(statement->met);
	sqlite3_finalize(statement->update);
	sqlite3_finalize(statement->answer);
	sqlite3_finalize(statement->route);
	statement_plan_release(statement->shared);
	free(statement->key);
	free(statement->pinned);
	free(statement->path);
	free(statement->oids);
	statement_tables_free(&statement->tables);
	free(statement);
}

/* By which schemas the session at hand finds names; bibd's own statements find them in public. */
static const char *
statement_path(const struct connection *connection)
{
	struct settings *settings = connection->context.internal ? NULL : connection->context.settings;

	return settings == NULL ? SEARCH_PATH_DEFAULT : settings_values(settings)->search_path;
}

/* Whether the text has the literals that stayed in the plan; their number and kinds are the key's. */
static bool
statement_has_pinned(const struct statement *s, const struct dialect_text *text)
{
	const struct dialect_plan *plan = s->shared->plan;
	const char *pinned = s->pinned;

	for (unsigned i = 0; i < plan->npinned; i++) {
		const struct dialect_literal *literal = &text->literals[plan->pinned[i]];

		if (strncmp(pinned, text->sql + literal->offset, literal->length) != 0 ||
		    pinned[literal->length] != '\0')
			return false;
		pinned += literal->length + 1;
	}
	return true;
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
	    (noids == 0 || memcmp(s->oids, oids, noids * sizeof(*oids)) == 0) &&
	    (exact || statement_has_pinned(s, text));
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

static int
statement_set_pinned(struct statement *s, const struct dialect_text *text)
{
	const struct dialect_plan *plan = s->shared->plan;
	size_t size = 0;
	char *at;

	for (unsigned i = 0; i < plan->npinned; i++)
		size += (size_t)text->literals[plan->pinned[i]].length + 1;
	if (size == 0)
		return 0;
	if ((at = s->pinned = malloc(size)) == NULL)
		return -1;
	for (unsigned i = 0; i < plan->npinned; i++) {
		const struct dialect_literal *literal = &text->literals[plan->pinned[i]];

		memcpy(at, text->sql + literal->offset, literal->length);
		at[literal->length] = '\0';
		at += literal->length + 1;
	}
	return 0;
}

/* Keeps what the statement is found by: the key and the literals that stayed in the plan, or the very text. */
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
	    (noids > 0 && (s->oids = calloc(noids, sizeof(*oids))) == NULL) ||
	    (!exact && statement_set_pinned(s, text) == -1))
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
	if (statement_prepare_all(connection, s, r) == -1) {
		statement_free(s);
		return NULL;
	}
	s->bytes = statement_size(s);
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
		s->busy = s->found = true;
		return s;
	}
	taken = s != NULL;
	if ((s = statement_new(connection, text, oids, noids, r)) == NULL)
		return NULL;
	s->busy = true;
	/* A definition makes all that are kept stale, itself too. */
	if (!taken && !s->shared->plan->of_session && s->shared->plan->kind != DIALECT_DEFINE)
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
statement_reset_one(sqlite3_stmt *stmt)
{
	if (stmt == NULL)
		return;
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
}

static void
statement_reset_fire(struct statement *s)
{
	for (unsigned i = 0; s->members != NULL && i < s->shared->plan->fire->nmembers; i++) {
		statement_reset_one(s->members[i].step);
		statement_reset_one(s->members[i].again);
	}
	statement_reset_one(s->met);
	statement_reset_one(s->update);
	statement_reset_one(s->answer);
	statement_reset_one(s->route);
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
