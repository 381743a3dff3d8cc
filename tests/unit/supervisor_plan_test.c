/*
 * What bibctl plan says: a table of changes of a configuration with the effect of each, on nodes of every kind.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/conf/parse.h"
#include "supervisor/host/pgdata.h"
#include "supervisor/plan/plan.h"
#include "tests/unit/run.h"

enum node { LITE, PROXY, SERVER, OUTSIDE, NODES };

static char top[64];

/* What each kind of node runs with; data_dir is added. */
static const char *const bases[NODES] = {
	[LITE] = "node: {mode: selective}\ndatabase: {backend: sqlite}\n",
	[PROXY] = "node: {mode: proxy}\ndatabase: {backend: sqlite}\n",
	[SERVER] = "database: {backend: postgres}\n",
	[OUTSIDE] = "database: {backend: postgres, postgres: {managed: false}}\n",
};
static const enum home_kind homes[NODES] = { HOME_SQLITE, HOME_SQLITE, HOME_POSTGRES, HOME_EXTERNAL };

static const struct change {
	enum node node;
	const char *key, *value;
	enum plan_effect effect;
} changes[] = {
	{ LITE, "log.level", "debug", PLAN_RELOADS },
	{ LITE, "log.level", "info", PLAN_NOTHING },
	{ LITE, "server.max_clients", "500", PLAN_RELOADS },
	{ LITE, "server.shutdown_timeout", "1m", PLAN_RELOADS },
	{ LITE, "audit.sign_interval", "5s", PLAN_RELOADS },
	{ LITE, "database.sqlite.memory_mb", "256", PLAN_RELOADS },
	{ LITE, "database.roles.query.statement_timeout", "5s", PLAN_RELOADS },
	{ LITE, "database.health.interval", "1s", PLAN_RELOADS },
	{ LITE, "backup.keep.full", "3", PLAN_RELOADS },
	{ LITE, "listen.path", "/run/elsewhere", PLAN_RESTARTS },
	{ LITE, "listen.port", "5433", PLAN_RESTARTS },
	{ LITE, "listen.group", "staff", PLAN_RESTARTS },
	{ LITE, "database.sqlite.max_open_conns", "20", PLAN_RESTARTS },
	{ LITE, "database.keep_source", "7d", PLAN_RELOADS },
	{ LITE, "database.name", "other", PLAN_RESTARTS },
	{ LITE, "database.move", "refuse", PLAN_RESTARTS },
	{ LITE, "database.migrations_dir", "/srv/migrations", PLAN_RESTARTS },
	{ LITE, "node.mode", "proxy", PLAN_RESTARTS },
	{ LITE, "metrics.address", "127.0.0.1:9999", PLAN_RESTARTS },
	{ LITE, "backup.repository", "/srv/backup", PLAN_RESTARTS },
	{ LITE, "database.postgres.image", "postgres:17", PLAN_RESTARTS },
	{ LITE, "database.sqlite.path", "/nowhere/else.db", PLAN_REFUSED },
	{ LITE, "node.data_dir", "/nowhere", PLAN_RESTARTS },
	{ LITE, "database.backend", "postgres", PLAN_REFUSED }, /* a database is there */
	{ LITE, "node.id", "aaaaaaaaaaaaaaaaaaaaaaaaaa", PLAN_RESTARTS },
	{ PROXY, "database.sqlite.path", "/nowhere/else.db", PLAN_RESTARTS },
	{ PROXY, "node.mode", "selective", PLAN_RESTARTS },
	{ SERVER, "database.postgres.credential_rotation_interval", "24h", PLAN_RELOADS },
	{ SERVER, "database.postgres.health.timeout", "2s", PLAN_RELOADS },
	{ SERVER, "database.postgres.pool.size", "30", PLAN_RESTARTS },
	{ SERVER, "database.postgres.memory_mb", "1024", PLAN_RESTARTS_SERVER },
	{ SERVER, "database.postgres.shm_mb", "128", PLAN_RESTARTS_SERVER },
	{ SERVER, "database.postgres.cpu_cores", "2", PLAN_RESTARTS_SERVER },
	{ SERVER, "database.postgres.max_connections", "200", PLAN_RESTARTS_SERVER },
	{ SERVER, "database.postgres.container_runtime", "podman", PLAN_RESTARTS_SERVER },
	{ SERVER, "database.postgres.image", "postgres:16.4", PLAN_RESTARTS_SERVER },
	{ SERVER, "database.postgres.image", "reg.example:5000/own/image", PLAN_RESTARTS_SERVER },
	{ SERVER, "database.postgres.image", "reg.example:5000/postgres:17-alpine", PLAN_MOVES },
	{ SERVER, "database.postgres.image", "postgres:15", PLAN_REFUSED },
	{ SERVER, "database.postgres.wal_dir", "/srv/wal", PLAN_REFUSED },
	{ SERVER, "database.postgres.data_dir", "/nowhere", PLAN_REFUSED },
	{ SERVER, "database.name", "other", PLAN_REFUSED },
	{ SERVER, "database.postgres.managed", "false", PLAN_REFUSED },
	{ SERVER, "database.backend", "sqlite", PLAN_REFUSED },
	{ OUTSIDE, "database.postgres.managed", "true", PLAN_REFUSED },
	{ OUTSIDE, "database.postgres.advanced.host", "db.example", PLAN_RESTARTS },
	{ OUTSIDE, "database.postgres.advanced.password", "another", PLAN_NOTHING },
	{ OUTSIDE, "database.postgres.memory_mb", "1024", PLAN_RESTARTS },
	{ OUTSIDE, "database.backend", "sqlite", PLAN_REFUSED },
};
_Static_assert(sizeof(changes) / sizeof(changes[0]) >= 40, "the table of forty changes");

static struct conf *
load(enum node node)
{
	struct conf_source source;
	struct conf *conf;
	struct error e;

	ck_assert_int_eq(conf_source_init(&source, "test", &e), 0);
	conf = conf_parse(bases[node], strlen(bases[node]), &source, &e);
	ck_assert_msg(conf != NULL, "%s", e.text);
	conf_source_free(&source);
	ck_assert_int_eq(conf_set(conf, conf_key_find("node.data_dir"), top, &e), 0);
	return conf;
}

static void
fill(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void
set_up(void)
{
	static const char *const directories[] = { "sqlite", "postgres", "postgres/data" };
	char path[128];

	(void)snprintf(top, sizeof(top), "/tmp/bibd-plan-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", top, directories[i]);
		ck_assert_int_eq(mkdir(path, 0700), 0);
	}
	fill("sqlite/cache.db", "rows");
	fill("postgres/data/PG_VERSION", "16\n");
}

static void
tear_down(void)
{
	static const char moving[] = "postgres/data/" PGDATA_MOVING;
	static const char *const names[] = { "sqlite/cache.db", "sqlite", "postgres/data/PG_VERSION", moving,
		"postgres/data", "postgres", PLAN_IN_FORCE, "" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", top, names[i]);
		(void)remove(path);
	}
}

START_TEST(each_change_has_its_effect)
{
	const struct change *change = &changes[_i];
	struct conf *before = load(change->node), *after = load(change->node);
	struct home home = { .kind = homes[change->node] };
	struct plan plan;
	struct error e;

	home_wanted_path(before, home.path);
	if (home.kind == HOME_POSTGRES)
		(void)snprintf(home.database, sizeof(home.database), "bibd");
	ck_assert_msg(conf_set(after, conf_key_find(change->key), change->value, &e) == 0, "%s", e.text);
	ck_assert_int_eq(plan_make(&plan, before, after, &home, &e), 0);
	ck_assert_msg(plan.effect == change->effect, "%s: %s: %s and not %s: %s", change->key, change->value,
	    plan_effect_name(plan.effect), plan_effect_name(change->effect), plan.why);
	ck_assert_uint_eq(plan.n, change->effect == PLAN_NOTHING ? 0 : 1);
	if (plan.n > 0)
		ck_assert_int_eq(plan.changes[0].effect, change->effect);
	ck_assert_int_eq(plan_status(&plan),
	    change->effect == PLAN_NOTHING	 ? 0
		: change->effect == PLAN_REFUSED ? 2
						 : 1);
	/* A reload takes exactly what is said to reload. */
	if (strcmp(change->key, "database.postgres.advanced.password") != 0)
		ck_assert_int_eq(conf_needs_restart(before, after) == NULL, change->effect <= PLAN_RELOADS);
	plan_clear(&plan);
	conf_free(before);
	conf_free(after);
}
END_TEST

START_TEST(rows_are_moved)
{
	struct conf *before = load(LITE), *after = load(LITE);
	struct home home = { .kind = HOME_SQLITE };
	struct plan plan;
	struct error e;

	home_wanted_path(before, home.path);
	ck_assert_int_eq(conf_set(after, conf_key_find("database.backend"), "postgres", &e), 0);
	fill("postgres/data/" PGDATA_MOVING, "half");
	ck_assert_int_eq(plan_make(&plan, before, after, &home, &e), 0);
	ck_assert_msg(plan.effect == PLAN_MOVES, "%s", plan.why);
	ck_assert(plan.has_move);
	ck_assert_uint_eq(plan.move.bytes, strlen("rows"));
	ck_assert_str_eq(plan.move.from, home.path);
	plan_clear(&plan);
	/* Not where a start is told to refuse that. */
	ck_assert_int_eq(conf_set(after, conf_key_find("database.move"), "refuse", &e), 0);
	ck_assert_int_eq(plan_make(&plan, before, after, &home, &e), 0);
	ck_assert_int_eq(plan.effect, PLAN_REFUSED);
	ck_assert_msg(strstr(plan.why, "database.move: auto") != NULL, "%s", plan.why);
	plan_clear(&plan);
	ck_assert_int_eq(conf_set(after, conf_key_find("database.move"), "auto", &e), 0);
	/* A file elsewhere than where the rows are is none of theirs. */
	ck_assert_int_eq(conf_set(after, conf_key_find("database.sqlite.path"), "/nowhere/else.db", &e), 0);
	ck_assert_int_eq(plan_make(&plan, before, after, &home, &e), 0);
	ck_assert_int_eq(plan.effect, PLAN_REFUSED);
	plan_clear(&plan);
	conf_free(before);
	conf_free(after);
}
END_TEST

START_TEST(the_copy_is_the_configuration)
{
	struct conf *before = load(SERVER), *after;
	struct home home = { .kind = HOME_NEW };
	char path[128];
	struct plan plan;
	struct error e;
	int fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_eq(conf_set(before, conf_key_find("database.postgres.locale"), "de_DE.\"UTF-8\"\n", &e), 0);
	ck_assert_int_eq(plan_keep(fd, before, &e), 0);
	close(fd);
	(void)snprintf(path, sizeof(path), "%s/" PLAN_IN_FORCE, top);
	after = conf_load_kept(path, &e);
	ck_assert_msg(after != NULL, "%s", e.text);
	ck_assert_int_eq(plan_make(&plan, before, after, &home, &e), 0);
	ck_assert_int_eq(plan.effect, PLAN_NOTHING);
	plan_clear(&plan);
	ck_assert_int_eq(plan_make(&plan, NULL, after, &home, &e), 0);
	ck_assert_int_eq(plan.effect, PLAN_RESTARTS);
	plan_clear(&plan);
	conf_free(before);
	conf_free(after);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("plan");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, each_change_has_its_effect, 0, sizeof(changes) / sizeof(changes[0]));
	tcase_add_test(tests, rows_are_moved);
	tcase_add_test(tests, the_copy_is_the_configuration);
	return unit_run("supervisor plan", tests, NULL);
}
