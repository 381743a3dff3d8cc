/*
 * Functions that were called, with their parsed bodies: kept with the connection, as long as the schema that it reads
 * is the same.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/session/routine.h"
#include "workers/sqlite/session/session.h"

#define KEPT_MAX 64

struct routine_cache {
	uint64_t schema; /* of which all that is not stale was read */
	unsigned n;
	LIST_HEAD(, routine_kept) kept;
};

static void
free_kept(struct routine_kept *kept)
{
	LIST_REMOVE(kept, entry);
	for (unsigned i = 0; i < kept->ncolumns && kept->columns != NULL; i++)
		free(kept->columns[i].name);
	free(kept->columns);
	free(kept->types);
	routine_free(kept->parsed);
	schema_routine_clear(&kept->routine);
	free(kept);
}

/* What is called at the moment goes when its call is over. */
static void
drop_all(struct routine_cache *cache)
{
	struct routine_kept *kept, *next;

	for (kept = LIST_FIRST(&cache->kept); kept != NULL; kept = next) {
		next = LIST_NEXT(kept, entry);
		cache->n -= !kept->stale;
		kept->stale = true;
		if (kept->users == 0)
			free_kept(kept);
	}
}

static void
free_cache(struct routine_cache *cache)
{
	drop_all(cache);
	free(cache);
}

static struct routine_cache *
cache_of(struct connection *connection)
{
	if (connection->routines == NULL && (connection->routines = calloc(1, sizeof(struct routine_cache))) != NULL) {
		LIST_INIT(&connection->routines->kept);
		connection->free_routines = free_cache;
	}
	return connection->routines;
}

static int
parse(struct routine_kept *kept, struct report *r)
{
	const struct schema_routine *routine = &kept->routine;
	struct routine_signature signature;
	struct routine_parameter *parameters;

	if (strcmp(routine->language, "plpgsql") != 0)
		return 0;
	if ((parameters = routine_parameters(routine, r)) == NULL)
		return -1;
	signature = routine_signature(routine, parameters);
	kept->parsed = routine_parse(routine->body, &signature, r);
	free(parameters);
	return kept->parsed == NULL ? -1 : 0;
}

static int
find_columns(struct session *session, struct routine_kept *kept, struct report *r)
{
	struct routine_rows result = { 0 };

	if (routine_find_columns(session, &kept->routine, &result, r) == -1) {
		routine_rows_free(&result);
		return -1;
	}
	kept->ncolumns = result.ncolumns;
	kept->columns = result.columns;
	return 0;
}

/* What is polymorphic becomes what it is in this call: "result result/parameter parameter". */
static bool
set_types(struct routine_kept *kept, const char *types)
{
	struct schema_routine *routine = &kept->routine;
	const char *parameters = strchr(types, '/');
	char *end;

	if ((kept->types = strdup(parameters == NULL ? "" : parameters)) == NULL)
		return false;
	for (unsigned i = 0; parameters != NULL && i < routine->narguments && *parameters != '\0'; i++) {
		routine->arguments[i].oid = (uint32_t)strtoul(parameters + 1, &end, 10);
		parameters = end;
	}
	if (type_is_polymorphic(routine->result))
		routine->result = (uint32_t)strtoul(types, NULL, 10);
	return true;
}

static struct routine_kept *
read_routine(struct session *session, struct routine_cache *cache, uint32_t oid, const char *types, struct report *r)
{
	struct routine_kept *kept = calloc(1, sizeof(*kept));
	int status = -1;

	if (kept == NULL) {
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	LIST_INSERT_HEAD(&cache->kept, kept, entry);
	if (!schema_routine_load(session->connection->db, oid, &kept->routine))
		(void)report_set(r, SQLSTATE_UNDEFINED_FUNCTION, "the function does not exist any more");
	else if (!set_types(kept, types))
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	else if (parse(kept, r) == 0)
		status = find_columns(session, kept, r);
	if (status == 0) {
		cache->n++;
		return kept;
	}
	free_kept(kept);
	return NULL;
}

struct routine_kept *
routine_keep(struct session *session, uint32_t oid, const char *types, struct report *r)
{
	const char *parameters = strchr(types, '/');
	struct connection *connection = session->connection;
	struct routine_cache *cache = cache_of(connection);
	bool internal = connection->context.internal;
	struct routine_kept *kept;
	uint64_t schema;

	if (cache == NULL) {
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	connection->context.internal = true;
	if ((schema = schema_refresh(connection->schema)) != cache->schema || cache->n >= KEPT_MAX)
		drop_all(cache);
	cache->schema = schema;
	LIST_FOREACH(kept, &cache->kept, entry)
	if (kept->routine.oid == oid && !kept->stale && strcmp(kept->types, parameters == NULL ? "" : parameters) == 0)
		break;
	if (kept == NULL)
		kept = read_routine(session, cache, oid, types, r);
	connection->context.internal = internal;
	if (kept != NULL)
		kept->users++;
	return kept;
}

void
routine_let_go(struct session *session, struct routine_kept *kept)
{
	(void)session;
	if (--kept->users == 0 && kept->stale)
		free_kept(kept);
}
