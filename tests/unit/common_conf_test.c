/* The table of keys: defaults, values that are taken and refused, texts, and what needs a restart. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "common/conf.h"
#include "tests/unit/run.h"

/* File scope: Check's fixtures and tests take no arguments. */
static struct conf *conf, *other;

static void
set_up(void)
{
	ck_assert_ptr_nonnull(conf = conf_new());
	ck_assert_ptr_nonnull(other = conf_new());
}

static void
tear_down(void)
{
	conf_free(conf);
	conf_free(other);
	conf_free(NULL);
}

static const struct conf_key *
key(const char *path)
{
	const struct conf_key *found = conf_key_find(path);

	ck_assert_msg(found != NULL, "no key %s", path);
	return found;
}

static bool
is_list(const struct conf_key *k)
{
	return conf_is_list(k) || k->type == CONF_ACCESS;
}

static void
assert_text(const struct conf_key *k, const char *wanted)
{
	char *text = conf_get_text(conf, k);

	ck_assert_msg(text != NULL && strcmp(text, wanted) == 0, "%s: %s, not %s", k->path, text, wanted);
	free(text);
}

/* ---- every key; _i is its row ---- */

START_TEST(test_row_is_sound)
{
	const struct conf_key *k = &conf_keys[_i];

	ck_assert_ptr_eq(conf_key_find(k->path), k);
	ck_assert_uint_lt(k->offset, sizeof(struct conf));
	ck_assert(is_list(k) == (k->default_text == NULL));
	ck_assert((k->type == CONF_CHOICE) == (k->choices != NULL));
	if (k->type == CONF_INTEGER || k->type == CONF_DECIMAL || k->type == CONF_DURATION)
		ck_assert(k->min < k->max);
	for (size_t i = 0; i < conf_nkeys; i++)
		ck_assert((int)i == _i || conf_keys[i].offset != k->offset);
}
END_TEST

START_TEST(test_default_and_its_text)
{
	const struct conf_key *k = &conf_keys[_i];
	char *text = conf_get_text(conf, k), *again;

	if (is_list(k)) {
		ck_assert_ptr_null(text);
		ck_assert_int_eq(conf_set(conf, k, "x", NULL), -1);
		return;
	}
	ck_assert_int_eq(conf_set(conf, k, k->default_text, NULL), 0);
	ck_assert_int_eq(conf_set(conf, k, text, NULL), 0);
	again = conf_get_text(conf, k);
	ck_assert_str_eq(text, again);
	free(text);
	free(again);
}
END_TEST

/* Sets a number of the key's type that many of its smallest units; returns what conf_set does. */
static int
set_number(const struct conf_key *k, double value)
{
	char text[64];
	struct error e;
	int result;

	(void)snprintf(text, sizeof(text), k->type == CONF_DECIMAL ? "%.6f" : "%.0f", value);
	if (k->type == CONF_DURATION)
		(void)strlcat(text, "ms", sizeof(text));
	result = conf_set(conf, k, text, &e);
	ck_assert(result == 0 || strcmp(e.code, "conf.value") == 0);
	ck_assert(result == 0 || (e.status == STATUS_CONFIG && strstr(e.text, "between ") != NULL));
	return result;
}

START_TEST(test_range)
{
	const struct conf_key *k = &conf_keys[_i];
	double step = k->type == CONF_DECIMAL ? 0.001 : 1;
	char *before, *after;

	if (k->type != CONF_INTEGER && k->type != CONF_DECIMAL && k->type != CONF_DURATION)
		return;
	ck_assert_int_eq(set_number(k, k->min), 0);
	ck_assert_int_eq(set_number(k, k->max), 0);
	before = conf_get_text(conf, k);
	/* A duration has no sign: "-1ms" is no duration at all. */
	if (k->type != CONF_DURATION || k->min > 0)
		ck_assert_int_eq(set_number(k, k->min - step), -1);
	ck_assert_int_eq(set_number(k, k->max + step), -1);
	after = conf_get_text(conf, k);
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}
END_TEST

START_TEST(test_choices)
{
	const struct conf_key *k = &conf_keys[_i];
	struct error e;

	for (size_t i = 0; k->choices != NULL && k->choices[i] != NULL; i++) {
		ck_assert_int_eq(conf_set(conf, k, k->choices[i], NULL), 0);
		assert_text(k, k->choices[i]);
	}
	if (k->choices == NULL)
		return;
	ck_assert_int_eq(conf_set(conf, k, "no such", &e), -1);
	ck_assert_int_eq(strncmp(e.text, k->path, strlen(k->path)), 0);
	for (size_t i = 0; k->choices[i] != NULL; i++)
		ck_assert_ptr_nonnull(strstr(e.text, k->choices[i]));
}
END_TEST

/* Another value than the default, by the key's type. */
static void
change(struct conf *c, const struct conf_key *k)
{
	static const enum role roles[] = { ROLE_QUERY };
	static const char *const texts[] = { [CONF_STRING] = "changed",
		[CONF_PATH] = "/changed",
		[CONF_PLACE] = "/changed",
		[CONF_INTEGER] = "2000",
		[CONF_DECIMAL] = "2.5",
		[CONF_DURATION] = "77s",
		[CONF_CHOICE] = NULL };
	const char *text = texts[k->type <= CONF_CHOICE ? k->type : CONF_CHOICE];

	if (conf_is_list(k)) {
		ck_assert_int_eq(conf_add_word(c, k, "/bin/true"), 0);
		return;
	}
	if (k->type == CONF_ACCESS) {
		ck_assert_int_eq(conf_add_access(c, false, "root", 0, roles, 1), 0);
		return;
	}
	if (k->type == CONF_BOOLEAN)
		text = strcmp(k->default_text, "true") == 0 ? "false" : "true";
	if (k->type == CONF_CHOICE)
		text = k->choices[strcmp(k->choices[0], k->default_text) == 0 ? 1 : 0];
	if (k->type == CONF_INTEGER && k->max < 2000)
		text = "20";
	ck_assert_int_eq(conf_set(c, k, text, NULL), 0);
}

START_TEST(test_needs_restart)
{
	const struct conf_key *k = &conf_keys[_i];

	ck_assert_ptr_null(conf_needs_restart(conf, other));
	change(other, k);
	ck_assert_ptr_eq(conf_needs_restart(conf, other), k->reloads ? NULL : k);
	ck_assert_ptr_eq(conf_needs_restart(other, conf), k->reloads ? NULL : k);
	change(conf, k);
	ck_assert_ptr_null(conf_needs_restart(conf, other));
}
END_TEST

/* ---- values ---- */

static const struct {
	const char *path, *text;
	const char *wanted; /* NULL: refused */
} values[] = {
	{ "server.shutdown_timeout", "0s", "0s" },
	{ "server.shutdown_timeout", "0ms", "0s" },
	{ "server.shutdown_timeout", "500ms", "500ms" },
	{ "server.shutdown_timeout", "1000ms", "1s" },
	{ "server.shutdown_timeout", "1500ms", "1500ms" },
	{ "server.shutdown_timeout", "90s", "90s" },
	{ "server.shutdown_timeout", "60s", "1m" },
	{ "server.shutdown_timeout", "5m", "5m" },
	{ "server.shutdown_timeout", "1d", "24h" },
	{ "server.shutdown_timeout", "2d", NULL },
	{ "server.shutdown_timeout", "30", NULL },
	{ "server.shutdown_timeout", "s", NULL },
	{ "server.shutdown_timeout", "", NULL },
	{ "server.shutdown_timeout", "-5s", NULL },
	{ "server.shutdown_timeout", "+5s", NULL },
	{ "server.shutdown_timeout", " 5s", NULL },
	{ "server.shutdown_timeout", "5 s", NULL },
	{ "server.shutdown_timeout", "5s ", NULL },
	{ "server.shutdown_timeout", "5S", NULL },
	{ "server.shutdown_timeout", "1.5s", NULL },
	{ "server.shutdown_timeout", "99999999999999999999s", NULL },
	{ "server.shutdown_timeout", "9223372036854775807d", NULL },
	{ "database.postgres.credential_rotation_interval", "7d", "168h" },
	{ "database.postgres.credential_rotation_interval", "168h", "168h" },
	{ "server.max_clients", "12", "12" },
	{ "server.max_clients", "+12", "12" },
	{ "server.max_clients", "", NULL },
	{ "server.max_clients", " 12", NULL },
	{ "server.max_clients", "12 ", NULL },
	{ "server.max_clients", "12k", NULL },
	{ "server.max_clients", "0x10", NULL },
	{ "server.max_clients", "1e3", NULL },
	{ "server.max_clients", "99999999999999999999", NULL },
	{ "server.max_clients", "-99999999999999999999", NULL },
	{ "database.postgres.cpu_cores", "0.5", "0.5" },
	{ "database.postgres.cpu_cores", "2", "2" },
	{ "database.postgres.cpu_cores", "nan", NULL },
	{ "database.postgres.cpu_cores", "inf", NULL },
	{ "database.postgres.cpu_cores", "1e999", NULL },
	{ "database.postgres.cpu_cores", "", NULL },
	{ "database.postgres.cpu_cores", "1,5", NULL },
	{ "p2p.enabled", "true", "true" },
	{ "p2p.enabled", "false", "false" },
	{ "p2p.enabled", "yes", NULL },
	{ "p2p.enabled", "True", NULL },
	{ "p2p.enabled", "", NULL },
	{ "node.data_dir", "/srv", "/srv" },
	{ "node.data_dir", "", "" },
	{ "node.data_dir", "srv", NULL },
	{ "node.data_dir", "./srv", NULL },
	{ "database.name", "any \"text\"", "any \"text\"" },
	{ "node.mode", "Full", NULL },
	{ "node.mode", "", NULL },
	{ "database.postgres.container_runtime", "", "" },
	{ "database.postgres.container_runtime", "podman", "podman" },
};

START_TEST(test_value)
{
	const struct conf_key *k = key(values[_i].path);
	char *before = conf_get_text(conf, k);
	struct error e;
	int result = conf_set(conf, k, values[_i].text, &e);

	ck_assert_int_eq(result, values[_i].wanted == NULL ? -1 : 0);
	assert_text(k, result == 0 ? values[_i].wanted : before);
	if (result == -1) {
		ck_assert_str_eq(e.code, "conf.value");
		ck_assert_int_eq(e.status, STATUS_CONFIG);
		ck_assert_int_eq(strncmp(e.text, k->path, strlen(k->path)), 0);
	}
	free(before);
}
END_TEST

/* Word for word, since people and scripts look for it. */
START_TEST(test_port_sentence)
{
	static const char *const paths[] = { "listen.port", "database.postgres.port" };
	static const char *const bad[] = { "1023", "65536", "0", "-1", "99999999999999999999" };
	struct error e;

	for (size_t i = 0; i < 2; i++) {
		for (size_t j = 0; j < 5; j++) {
			ck_assert_int_eq(conf_set(conf, key(paths[i]), bad[j], &e), -1);
			ck_assert_str_eq(e.text, "invalid storage configuration: port must be between 1024 and 65535");
			ck_assert_int_eq(e.status, STATUS_CONFIG);
		}
		ck_assert_int_eq(conf_set(conf, key(paths[i]), "1024", &e), 0);
		ck_assert_int_eq(conf_set(conf, key(paths[i]), "65535", &e), 0);
	}
}
END_TEST

START_TEST(test_defaults_of_the_document)
{
	ck_assert_int_eq(conf->node.mode, CONF_MODE_SELECTIVE);
	ck_assert_str_eq(conf->node.data_dir, "/var/lib/bibd");
	ck_assert_int_eq(conf->listen.port, 5432);
	ck_assert_uint_eq(conf->naccess, 0);
	ck_assert_int_eq(conf->server.shutdown_timeout, 30000);
	ck_assert_int_eq(conf->database.backend, CONF_BACKEND_SQLITE);
	ck_assert_int_eq(conf->database.sqlite.max_open_conns, 10);
	ck_assert_int_eq(conf->database.health.action, CONF_ACTION_RETRY_LIMIT);
	ck_assert_int_eq(conf->database.health.startup_timeout, 60000);
	ck_assert(conf->database.postgres.managed);
	ck_assert_str_eq(conf->database.postgres.image, "postgres:16-alpine");
	ck_assert_int_eq(conf->database.postgres.credential_rotation_interval, 7 * 86400000LL);
	ck_assert_int_eq(conf->database.postgres.ssl_mode, CONF_SSL_REQUIRE);
	ck_assert_int_eq(conf->database.postgres.advanced.ssl_mode, CONF_SSL_DISABLE);
	ck_assert(!conf->p2p.enabled && conf->p2p.command == NULL);
	ck_assert_int_eq(conf->log.level, LOG_LEVEL_INFO);
	ck_assert_ptr_null(conf_key_find("no.such"));
	ck_assert_ptr_null(conf_key_find(""));
}
END_TEST

/* ---- lists, roles, health ---- */

START_TEST(test_commands)
{
	const struct conf_key *k = key("cluster.command");

	ck_assert_int_eq(conf_add_word(conf, k, "/bin/c"), 0);
	ck_assert_int_eq(conf_add_word(conf, k, ""), 0);
	ck_assert_int_eq(conf_add_word(conf, k, "-x y"), 0);
	ck_assert_str_eq(conf->cluster.command[0], "/bin/c");
	ck_assert_str_eq(conf->cluster.command[1], "");
	ck_assert_str_eq(conf->cluster.command[2], "-x y");
	ck_assert_ptr_null(conf->cluster.command[3]);
	ck_assert_int_eq(conf_add_word(other, k, "/bin/c"), 0);
	ck_assert_ptr_eq(conf_needs_restart(conf, other), k);
	ck_assert_int_eq(conf_add_word(other, k, ""), 0);
	ck_assert_int_eq(conf_add_word(other, k, "-x z"), 0);
	ck_assert_ptr_eq(conf_needs_restart(conf, other), k);
}
END_TEST

START_TEST(test_access)
{
	static const enum role roles[] = { ROLE_QUERY, ROLE_AUDIT, ROLE_ADMIN, ROLE_WRITE, ROLE_WRITE };

	ck_assert_int_eq(conf_add_access(conf, true, "staff", 50, roles, 4), 0);
	ck_assert_int_eq(conf_add_access(conf, false, "nobody here", -1, roles + 1, 1), 0);
	ck_assert_int_eq(conf_add_access(conf, false, "root", 0, roles, ROLES + 1), -1);
	ck_assert_uint_eq(conf->naccess, 2);
	ck_assert(conf->access[0].is_group && !conf->access[1].is_group);
	ck_assert_str_eq(conf->access[0].name, "staff");
	ck_assert_int_eq(conf->access[0].id, 50);
	ck_assert_uint_eq(conf->access[0].nroles, 4);
	ck_assert_mem_eq(conf->access[0].roles, roles, 4 * sizeof(roles[0]));
	ck_assert_int_eq(conf->access[1].id, -1);
	ck_assert_int_eq(conf->access[1].roles[0], ROLE_AUDIT);
	for (int i = 0; i < ROLES; i++)
		ck_assert_int_eq(role_by_name(role_names[i]), i);
	ck_assert_int_eq(role_by_name("postgres"), -1);
	ck_assert_int_eq(role_by_name(""), -1);
}
END_TEST

START_TEST(test_health_of_the_backend)
{
	ck_assert_ptr_eq(conf_health(conf), &conf->database.health);
	ck_assert_int_eq(conf_set(conf, key("database.backend"), "postgres", NULL), 0);
	ck_assert_ptr_eq(conf_health(conf), &conf->database.postgres.health);
}
END_TEST

/* One key is secret, and no error about it shows the value; conf_get_text leaves masking to the caller. */
START_TEST(test_secrets)
{
	const struct conf_key *k = key("database.postgres.advanced.password");

	for (size_t i = 0; i < conf_nkeys; i++)
		ck_assert(conf_keys[i].secret == (&conf_keys[i] == k));
	ck_assert_int_eq(conf_set(conf, k, "hunter2", NULL), 0);
	ck_assert_int_eq(conf_set(conf, k, "hunter3", NULL), 0);
	assert_text(k, "hunter3");
	ck_assert_ptr_eq(conf_needs_restart(conf, other), k);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");
	int nkeys = (int)conf_nkeys;

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, test_row_is_sound, 0, nkeys);
	tcase_add_loop_test(t, test_default_and_its_text, 0, nkeys);
	tcase_add_loop_test(t, test_range, 0, nkeys);
	tcase_add_loop_test(t, test_choices, 0, nkeys);
	tcase_add_loop_test(t, test_needs_restart, 0, nkeys);
	tcase_add_loop_test(t, test_value, 0, (int)(sizeof(values) / sizeof(values[0])));
	tcase_add_test(t, test_port_sentence);
	tcase_add_test(t, test_defaults_of_the_document);
	tcase_add_test(t, test_commands);
	tcase_add_test(t, test_access);
	tcase_add_test(t, test_health_of_the_backend);
	tcase_add_test(t, test_secrets);
	return unit_run("conf", t, NULL);
}
