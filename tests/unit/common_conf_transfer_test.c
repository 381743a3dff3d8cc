/* The configuration from one process to another, and memory files that are none of ours. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/conf.h"
#include "common/memfd.h"
#include "tests/unit/run.h"

/* File scope: Check's fixtures and tests take no arguments. */
static struct conf *conf;

static void
set_up(void)
{
	ck_assert_ptr_nonnull(conf = conf_new());
}

static void
tear_down(void)
{
	conf_free(conf);
}

static struct conf *
send_and_receive(void)
{
	struct error e = { .text = "" };
	int fd = conf_send(conf, &e);
	struct conf *copy;

	ck_assert_msg(fd != -1, "%s", e.text);
	copy = conf_receive(fd, &e);
	ck_assert_msg(copy != NULL, "%s", e.text);
	ck_assert_int_eq(close(fd), 0);
	return copy;
}

static void
assert_equal(const struct conf *a, const struct conf *b)
{
	for (size_t i = 0; i < conf_nkeys; i++) {
		char *x = conf_get_text(a, &conf_keys[i]), *y = conf_get_text(b, &conf_keys[i]);

		ck_assert((x == NULL) == (y == NULL));
		if (x != NULL)
			ck_assert_msg(strcmp(x, y) == 0, "%s: %s and %s", conf_keys[i].path, x, y);
		free(x);
		free(y);
	}
	ck_assert_ptr_null(conf_needs_restart(a, b));
}

START_TEST(test_defaults)
{
	struct conf *copy = send_and_receive();

	assert_equal(conf, copy);
	ck_assert_uint_eq(copy->naccess, 0);
	ck_assert_ptr_null(copy->p2p.command);
	conf_free(copy);
}
END_TEST

/* No key at its default, so that one which is forgotten shows. */
START_TEST(test_every_key)
{
	static const char *const texts[] = { [CONF_STRING] = "a \"b\"\n\xc3\xa9",
		[CONF_PATH] = "/a b\nc",
		[CONF_INTEGER] = "2000",
		[CONF_DECIMAL] = "2.25",
		[CONF_DURATION] = "31234ms" };
	struct conf *copy;

	for (size_t i = 0; i < conf_nkeys; i++) {
		const struct conf_key *k = &conf_keys[i];
		const char *text = k->type <= CONF_DURATION ? texts[k->type] : NULL;

		if (k->type == CONF_BOOLEAN)
			text = strcmp(k->default_text, "true") == 0 ? "false" : "true";
		else if (k->type == CONF_CHOICE)
			text = k->choices[strcmp(k->choices[0], k->default_text) == 0 ? 1 : 0];
		else if (k->type == CONF_INTEGER && k->max < 2000)
			text = "20";
		else if (k->type == CONF_DURATION && k->min > 12345)
			text = "100h";
		if (text != NULL)
			ck_assert_int_eq(conf_set(conf, k, text, NULL), 0);
	}
	copy = send_and_receive();
	assert_equal(conf, copy);
	ck_assert_str_eq(copy->database.postgres.advanced.password, texts[CONF_STRING]);
	conf_free(copy);
}
END_TEST

START_TEST(test_lists)
{
	static const enum role roles[] = { ROLE_AUDIT, ROLE_ADMIN, ROLE_QUERY, ROLE_WRITE };
	struct conf *copy;

	ck_assert_int_eq(conf_add_access(conf, true, "the staff", 50, roles, 4), 0);
	ck_assert_int_eq(conf_add_access(conf, false, "nobody\nat all", -1, roles + 2, 1), 0);
	ck_assert_int_eq(conf_add_access(conf, false, "", INT64_C(4294967294), roles, 0), 0);
	ck_assert_int_eq(conf_add_login(conf, "shop floor", roles, 2), 0);
	ck_assert_int_eq(conf_add_word(conf, conf_key_find("p2p.command"), "/bin/p"), 0);
	ck_assert_int_eq(conf_add_word(conf, conf_key_find("p2p.command"), ""), 0);
	ck_assert_int_eq(conf_add_word(conf, conf_key_find("database.postgres.settings"), "work_mem=16MB"), 0);
	ck_assert_int_eq(conf_add_word(conf, conf_key_find("cluster.command"), "/bin/c\n-x"), 0);
	copy = send_and_receive();
	assert_equal(conf, copy);
	ck_assert_uint_eq(copy->naccess, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct conf_access *a = &conf->access[i], *b = &copy->access[i];

		ck_assert(a->is_group == b->is_group && a->is_login == b->is_login && a->id == b->id &&
		    a->nroles == b->nroles);
		ck_assert_str_eq(a->name, b->name);
		ck_assert_mem_eq(a->roles, b->roles, a->nroles * sizeof(a->roles[0]));
	}
	ck_assert_str_eq(copy->p2p.command[0], "/bin/p");
	ck_assert_str_eq(copy->p2p.command[1], "");
	ck_assert_ptr_null(copy->p2p.command[2]);
	ck_assert_str_eq(copy->cluster.command[0], "/bin/c\n-x");
	conf_free(copy);
}
END_TEST

/* ---- what is refused ---- */

#define BYTES(text) text, sizeof(text) - 1
static const struct {
	const char *data;
	size_t size;
} bad[] = {
	{ BYTES("") },
	{ BYTES("\0") },
	{ BYTES("\0\0") },
	{ BYTES("node.mode") },
	{ BYTES("node.mode\0") },
	{ BYTES("node.mode\0full") },
	{ BYTES("node.mode\0full\0node.id\0") },
	{ BYTES("node.mode\0full\0node.id\0x") },
	{ BYTES("node.mode\0half\0") },
	{ BYTES("node.moon\0full\0") },
	{ BYTES("\0full\0") },
	{ BYTES("listen.port\0"
		"80\0") },
	{ BYTES("server.max_clients\0many\0") },
	{ BYTES("access\0\0") },
	{ BYTES("access\0user 0 admin\0") },
	{ BYTES("access\0\nroot\0") },
	{ BYTES("access\0user\nroot\0") },
	{ BYTES("access\0user admin\nroot\0") },
	{ BYTES("access\0user 0x admin\nroot\0") },
	{ BYTES("access\0user 0 king\nroot\0") },
	{ BYTES("access\0host 0 admin\nroot\0") },
	{ BYTES("access\0user 0 admin admin admin admin admin admin\nroot\0") },
};

START_TEST(test_malformed)
{
	int fd = memfd_create_sealed("test", bad[_i].data, bad[_i].size, NULL);
	struct error e;

	ck_assert_int_ne(fd, -1);
	ck_assert_ptr_null(conf_receive(fd, &e));
	ck_assert_str_eq(e.code, "conf.transfer");
	close(fd);
}
END_TEST

/* Cut at any byte, a transfer is refused or, at the end of a pair, shorter; never a crash. */
START_TEST(test_cut_anywhere)
{
	size_t size;
	int fd = conf_send(conf, NULL);
	char *data = memfd_read(fd, 1 << 20, &size, NULL);

	ck_assert_ptr_nonnull(data);
	close(fd);
	for (size_t n = 0; n < size; n++) {
		struct conf *copy;

		fd = memfd_create_sealed("test", data, n, NULL);
		ck_assert_int_ne(fd, -1);
		copy = conf_receive(fd, NULL);
		ck_assert(copy == NULL || data[n - 1] == '\0');
		conf_free(copy);
		close(fd);
	}
	free(data);
}
END_TEST

START_TEST(test_unsealed)
{
	size_t size;
	int fd = conf_send(conf, NULL), unsealed = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char *data = memfd_read(fd, 1 << 20, &size, NULL);
	struct conf *copy;
	struct error e;

	ck_assert_int_eq(write(unsealed, data, size), (ssize_t)size);
	ck_assert_ptr_null(conf_receive(unsealed, &e));
	ck_assert_str_eq(e.code, "memfd.read");
	/* It is the seals alone that were missing. */
	ck_assert_int_eq(fcntl(unsealed, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 0);
	copy = conf_receive(unsealed, &e);
	ck_assert_ptr_nonnull(copy);
	conf_free(copy);
	free(data);
	close(fd);
	close(unsealed);
}
END_TEST

START_TEST(test_too_large)
{
	size_t size = (4U << 20) + 1;
	char *data = calloc(1, size);
	int fd = memfd_create_sealed("test", data, size, NULL);
	struct error e;

	ck_assert_ptr_null(conf_receive(fd, &e));
	ck_assert_str_eq(e.code, "memfd.read");
	ck_assert_ptr_null(conf_receive(-1, &e));
	ck_assert_str_eq(e.code, "memfd.read");
	free(data);
	close(fd);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_defaults);
	tcase_add_test(t, test_every_key);
	tcase_add_test(t, test_lists);
	tcase_add_loop_test(t, test_malformed, 0, (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(t, test_cut_anywhere);
	tcase_add_test(t, test_unsealed);
	tcase_add_test(t, test_too_large);
	return unit_run("transfer of the configuration", t, NULL);
}
