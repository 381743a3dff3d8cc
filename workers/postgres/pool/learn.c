/*
 * Asks the database's catalog which functions leave something in the session, and what calls them: after each loss of
 * the server, and again when functions were made.
 */
#include <endian.h>
#include <string.h>

#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

/* In a transaction, so that a session's search_path neither hides the catalog nor is lost. set_config(.., true) and
 * SET LOCAL end with the transaction. Names of functions are found in others' sources by their letters. */
#define LEARN_FUNCTIONS \
	"BEGIN READ ONLY; SET LOCAL search_path TO pg_catalog; SET LOCAL standard_conforming_strings TO on;" \
	"SET LOCAL statement_timeout TO '20s';" \
	"WITH RECURSIVE source AS MATERIALIZED (" \
	" SELECT p.oid, p.proname, regexp_replace(lower(CASE WHEN p.prosrc = '' AND p.prokind IN ('f', 'p')" \
	"  THEN pg_get_functiondef(p.oid) ELSE p.prosrc END)," \
	"  'set_config\\s*\\([^()]*(\\([^()]*\\)[^()]*)*,\\s*true\\s*\\)', '', 'g') AS text" \
	" FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN pg_namespace n ON n.oid = p.pronamespace" \
	" WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND l.lanname NOT IN ('c', 'internal'))," \
	"stateful AS (" \
	" SELECT oid, proname FROM source WHERE text ~" \
	"  '\\m(set_config|setseed|set_limit|dblink_connect|pg_(try_)?advisory_lock(_shared)?|pg_temp|listen)\\M'" \
	"  OR text ~ '\\m(create\\s+(or\\s+replace\\s+)?|into\\s+)((local|global)\\s+)?temp(orary)?\\M'" \
	"  OR text ~ '(^|[;''\"$]|\\mbegin|\\mthen|\\melse|\\mloop)\\s*" \
	"(set\\s+(?!(local|transaction|constraints)\\M)|load\\s)'" \
	" UNION SELECT s.oid, s.proname FROM source s JOIN stateful f ON position(lower(f.proname) IN s.text) > 0)"

/* A row without a name says that some function may alter a role, which no tag tells. */
#define LEARN_ALTERING \
	" UNION ALL (SELECT ''::name FROM source WHERE text ~ '\\malter\\s+(role|user|database)\\M' LIMIT 1); COMMIT"

/* Most databases have no such functions, and this shorter query, a third of the time, is enough to know that. */
static const char learn_functions_sql[] = LEARN_FUNCTIONS " (SELECT proname FROM stateful LIMIT 1)" LEARN_ALTERING;

static const char learn_sql[] = LEARN_FUNCTIONS
    /* Relations whose triggers, rules, views, defaults or constraints call them. */
    ", base AS ("
    " SELECT t.tgrelid AS oid FROM pg_trigger t JOIN stateful f ON f.oid = t.tgfoid"
    " UNION SELECT coalesce(r.ev_class, a.adrelid, k.conrelid) FROM pg_depend d JOIN stateful f ON f.oid = d.refobjid"
    "  LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid"
    "  LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid"
    "  LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid"
    "  WHERE d.refclassid = 'pg_proc'::regclass),"
    /* And relations that lead to these: views on them, tables that they refer to, partitions. */
    "edges AS ("
    " SELECT d.refobjid AS from_oid, r.ev_class AS to_oid FROM pg_rewrite r JOIN pg_depend d"
    "  ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass"
    " UNION SELECT conrelid, confrelid FROM pg_constraint WHERE contype = 'f'"
    " UNION SELECT inhrelid, inhparent FROM pg_inherits UNION SELECT inhparent, inhrelid FROM pg_inherits),"
    "relations AS (SELECT oid FROM base UNION SELECT e.to_oid FROM edges e JOIN relations r ON r.oid = e.from_oid)"
    "(SELECT proname FROM stateful UNION SELECT c.relname FROM pg_class c JOIN relations r ON r.oid = c.oid"
    " LIMIT 20000)" LEARN_ALTERING;

static void
learn_ask(struct backend *backend, bool all)
{
	words_names_free(&backend->pool->learning);
	backend->pool->learns_altering = false;
	backend->pool->learns_all = all;
	backend->sync_failed = false;
	backend_inject_query(backend, all ? learn_sql : learn_functions_sql);
	backend_flush(backend);
}

void
backend_learn(struct backend *backend)
{
	backend->pool->is_learning = true;
	backend->pool->functions_old = false;
	backend_move(backend, BACKEND_LEARNING);
	learn_ask(backend, false);
}

void
backend_learn_name(struct backend *backend, const uint8_t *row, size_t size)
{
	struct pgwire_reader r = { .data = row, .length = size };
	uint32_t length;
	const uint8_t *name;

	if (pgwire_get_int16(&r) != 1)
		return;
	if ((length = pgwire_get_int32(&r)) == 0)
		backend->pool->learns_altering = true;
	else if ((name = pgwire_get_bytes(&r, length)) != NULL)
		(void)words_names_add(&backend->pool->learning, (const char *)name, length);
}

/* The names are in force now; statements are read again when they are used next. */
void
backend_learnt(struct backend *backend)
{
	struct pg_pool *pool = backend->pool;

	if (!backend->sync_failed && !pool->learns_all && pool->learning.n > 0) {
		learn_ask(backend, true);
		return;
	}
	pool->is_learning = false;
	pool->functions_known = true;
	if (backend->sync_failed) {
		log_warning("cannot ask the server which functions leave state in a session");
	} else {
		words_names_free(&pool->prepared.names);
		pool->prepared.names = pool->learning;
		pool->prepared.generation++;
		pool->learning = (struct words_names) { 0 };
		pool->functions_alter = pool->learns_altering;
		log_debug("%u names of the database stand for state in the session", pool->prepared.names.n);
	}
	if (backend->status != 'I')
		backend_clean(backend);
	else
		backend_rest(backend);
}

static bool
learn_on(struct pg_pool *pool, enum role role)
{
	struct backend *backend = TAILQ_FIRST(&pool->idle[role]);

	if (backend == NULL)
		return false;
	backend_learn(backend);
	return true;
}

void
pg_pool_learn(struct pg_pool *pool)
{
	/* The role that sees most is used to ask. */
	if (pool->nidle > 0 && !pool->stopping &&
	    (learn_on(pool, ROLE_ADMIN) || learn_on(pool, ROLE_WRITE) || learn_on(pool, ROLE_QUERY)))
		return;
	if (pool->nidle > 0 && !pool->stopping)
		(void)learn_on(pool, ROLE_AUDIT);
}
