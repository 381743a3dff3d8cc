/*
 * The node's directory, its locks and its sockets: made, made again, and refused when they are another's.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/host/directories.h"
#include "supervisor/host/listen.h"
#include "tests/unit/run.h"

/* Check's fixtures take no argument. */
static struct {
	char top[64];
	struct conf *conf;
	struct user self;
} f;

static void
set_key(const char *path, const char *value)
{
	struct error e;

	ck_assert_int_eq(conf_set(f.conf, conf_key_find(path), value, &e), 0);
}

static const char *
at(const char *name)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", f.top, name);
	return path;
}

static void
set_up(void)
{
	(void)snprintf(f.top, sizeof(f.top), "/tmp/bibd-directories-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(f.top));
	f.conf = conf_new();
	ck_assert_ptr_nonnull(f.conf);
	users_self(&f.self);
	set_key("node.data_dir", at("data"));
	set_key("listen.path", at("run"));
}

static void
tear_down(void)
{
	static const char *const names[] = { "data/node.id", "data/node.id.new", "data/home", "data/home.new",
		"data/sqlite/cache.db", "data/postgres/data/PG_VERSION", "data/postgres/data", "data/postgres/run",
		"data/postgres/etc", "data/postgres", "data/container", "data/lock", "data/cache.db", "data/sqlite",
		"data/secrets", "data", "run/.s.PGSQL.5432", "run/control.sock", "run/metrics.sock", "run",
		"closed/data", "closed" };

	(void)chmod(at("closed"), 0700);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)remove(at(names[i]));
	ck_assert_int_eq(rmdir(f.top), 0);
	conf_free(f.conf);
}

static int
open_unseparated(struct directories *directories, struct error *e)
{
	const struct directories_users users = { .storage = f.self,
		.keeper = f.self,
		.container = f.self,
		.server = f.self };

	return directories_open(directories, f.conf, &users, false, e);
}

static void
expect_failure(const char *code, enum status status, const char *text)
{
	struct directories directories;
	struct error e;

	ck_assert_int_eq(open_unseparated(&directories, &e), -1);
	ck_assert_str_eq(e.code, code);
	ck_assert_int_eq(e.status, status);
	ck_assert_msg(strstr(e.text, text) != NULL, "%s is not in %s", text, e.text);
	ck_assert_int_eq(directories.data_fd, -1);
	ck_assert_int_eq(directories.lock_fd, -1);
}

static mode_t
mode_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(lstat(at(name), &st), 0);
	return st.st_mode & 07777;
}

/* ---- home ---- */

static void
put(const char *name, const char *text)
{
	FILE *file = fopen(at(name), "w");

	ck_assert_ptr_nonnull(file);
	(void)fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static const struct {
	const char *home;      /* NULL: no file; @: data_dir */
	bool sqlite, postgres; /* what stores are there */
	const char *backend, *managed, *mode;
	const char *code; /* of the refusal; NULL: it starts */
	const char *words;
} homes[] = {
	{ NULL, false, false, "sqlite", "true", "selective", NULL, NULL },
	{ NULL, false, false, "postgres", "true", "selective", NULL, NULL },
	{ "new", true, false, "postgres", "true", "selective", NULL, NULL },
	{ "new", false, true, "sqlite", "true", "selective", NULL, NULL },
	/* as an older bibd left it */
	{ NULL, true, false, "sqlite", "true", "selective", NULL, NULL },
	{ NULL, true, false, "postgres", "true", "selective", NULL, NULL }, /* it moves */
	{ NULL, false, true, "sqlite", "true", "selective", "home.elsewhere", "in the managed PostgreSQL, " },
	{ NULL, true, true, "sqlite", "true", "selective", NULL, NULL },
	{ NULL, true, false, "postgres", "false", "selective", NULL, NULL },
	/* from one to another */
	{ "sqlite @/sqlite/cache.db", true, false, "postgres", "true", "selective", NULL, NULL },
	{ "sqlite @/sqlite/cache.db", false, false, "postgres", "true", "selective", "home.missing", "echo new >" },
	{ "sqlite /elsewhere/x.db", true, false, "postgres", "true", "selective", "home.elsewhere",
	    "database.sqlite.path says" },
	{ "sqlite @/sqlite/cache.db", true, false, "postgres", "false", "selective", "home.elsewhere",
	    "echo external >" },
	{ "postgres @/postgres/data", false, true, "sqlite", "true", "selective", "home.elsewhere", "echo sqlite >" },
	{ "postgres @/postgres/data", false, true, "postgres", "false", "selective", "home.elsewhere",
	    "echo external >" },
	{ "external db:5432", false, false, "postgres", "true", "selective", "home.elsewhere", "echo postgres >" },
	{ "external db:5432", false, false, "postgres", "false", "selective", NULL, NULL },
	{ "postgres", true, false, "postgres", "true", "selective", NULL, NULL },
	{ "sqlite", false, true, "sqlite", "true", "selective", NULL, NULL },
	/* a full one that is not there any more */
	{ "sqlite @/sqlite/cache.db", false, false, "sqlite", "true", "selective", "home.missing", "echo new >" },
	{ "sqlite @/sqlite/cache.db", false, false, "sqlite", "true", "proxy", NULL, NULL },
	{ "sqlite /elsewhere/x.db", true, false, "sqlite", "true", "selective", NULL, NULL },
	{ "postgres @/postgres/data", false, false, "postgres", "true", "selective", "home.missing",
	    "is its file system mounted" },
	{ "oracle", false, false, "sqlite", "true", "selective", "home.damaged", "echo WORD >" },
	{ "", false, false, "sqlite", "true", "selective", "home.damaged", "is damaged" },
};

START_TEST(test_home)
{
	char text[512];
	struct directories directories;
	struct error e = { .text = "" };

	ck_assert_int_eq(mkdir(at("data"), 0711), 0);
	set_key("database.backend", homes[_i].backend);
	set_key("database.postgres.managed", homes[_i].managed);
	set_key("node.mode", homes[_i].mode);
	if (homes[_i].home != NULL) {
		const char *rest = strchr(homes[_i].home, '@');
		int n = rest == NULL ? (int)strlen(homes[_i].home) : (int)(rest - homes[_i].home);

		(void)snprintf(text, sizeof(text), "%.*s%s%s", n, homes[_i].home, rest == NULL ? "" : at("data"),
		    rest == NULL ? "" : rest + 1);
		put("data/home", text);
	}
	if (homes[_i].sqlite && mkdir(at("data/sqlite"), 0700) == 0)
		put("data/sqlite/cache.db", "rows");
	if (homes[_i].postgres && mkdir(at("data/postgres"), 0711) == 0 && mkdir(at("data/postgres/data"), 0700) == 0)
		put("data/postgres/data/PG_VERSION", "15\n");
	if (homes[_i].code != NULL) {
		expect_failure(homes[_i].code, STATUS_DATA, homes[_i].words);
		return;
	}
	ck_assert_msg(open_unseparated(&directories, &e) == 0, "%s", e.text);
	directories_close(&directories);
}
END_TEST

START_TEST(test_home_is_settled)
{
	struct directories directories;
	struct error e;
	struct home home;
	bool changed;
	char path[PATH_MAX];

	ck_assert_int_eq(open_unseparated(&directories, &e), 0);
	ck_assert_int_eq(directories.home.kind, HOME_NEW);
	ck_assert_int_eq(home_settle(directories.data_fd, f.conf, &directories.home, &changed, &e), 0);
	ck_assert(!changed);
	put("data/sqlite/cache.db", "rows");
	ck_assert_int_eq(home_check(directories.data_fd, f.conf, &home, &e), 0);
	home_wanted_path(f.conf, path);
	ck_assert_int_eq(home.kind, HOME_SQLITE);
	ck_assert_str_eq(home.path, path);
	/* An operator's word is a change, once. */
	put("data/home", "postgres\n");
	set_key("database.backend", "postgres");
	ck_assert_int_eq(home_check(directories.data_fd, f.conf, &home, &e), 0);
	ck_assert_int_eq(home_settle(directories.data_fd, f.conf, &home, &changed, &e), 0);
	ck_assert(changed);
	ck_assert_int_eq(home_settle(directories.data_fd, f.conf, &home, &changed, &e), 0);
	ck_assert(!changed);
	directories_close(&directories);
}
END_TEST

START_TEST(layout_is_made_and_can_be_made_again)
{
	struct directories directories;
	char id[NODE_ID_SIZE], target[64] = "";
	struct error e;

	(void)umask(0077);
	ck_assert_int_eq(open_unseparated(&directories, &e), 0);
	ck_assert(directories_is_node_id(directories.node_id));
	memcpy(id, directories.node_id, sizeof(id));
	ck_assert_int_eq(mode_of("data"), 0711);
	ck_assert_int_eq(mode_of("data/sqlite"), 0700);
	ck_assert_int_eq(mode_of("data/node.id"), 0644);
	ck_assert_int_gt(readlink(at("data/cache.db"), target, sizeof(target) - 1), 0);
	ck_assert_str_eq(target, "sqlite/cache.db");
	directories_close(&directories);
	ck_assert_int_eq(access(at("data/lock"), F_OK), -1);
	ck_assert_int_eq(open_unseparated(&directories, &e), 0);
	ck_assert_str_eq(directories.node_id, id);
	directories_close(&directories);
}
END_TEST

START_TEST(second_daemon_is_refused)
{
	struct directories directories;
	struct error e;

	ck_assert_int_eq(open_unseparated(&directories, &e), 0);
	expect_failure("directories.locked", STATUS_UNAVAILABLE, at("data"));
	directories_close(&directories);
}
END_TEST

START_TEST(node_id_is_taken_from_the_configuration_once)
{
	struct directories directories;
	struct error e;

	set_key("node.id", "abcdefghijklmnopqrstuvwxyz");
	ck_assert_int_eq(open_unseparated(&directories, &e), 0);
	ck_assert_str_eq(directories.node_id, "abcdefghijklmnopqrstuvwxyz");
	directories_close(&directories);
	set_key("node.id", "abcdefghijklmnopqrstuvwxy2");
	expect_failure("directories.node_id", STATUS_DATA, "abcdefghijklmnopqrstuvwxyz");
}
END_TEST

static const char *const damaged_ids[] = { "", "abc\n", "ABCDEFGHIJKLMNOPQRSTUVWXYZ\n",
	"abcdefghijklmnopqrstuvwxyz2\n" };

START_TEST(damaged_node_id_is_refused_and_kept)
{
	char text[64] = "";
	int fd;

	ck_assert_int_eq(mkdir(at("data"), 0711), 0);
	fd = open(at("data/node.id"), O_RDWR | O_CREAT, 0644);
	ck_assert_int_eq(write(fd, damaged_ids[_i], strlen(damaged_ids[_i])), (ssize_t)strlen(damaged_ids[_i]));
	expect_failure("directories.node_id", STATUS_DATA, "damaged");
	ck_assert_int_eq(pread(fd, text, sizeof(text) - 1, 0), (ssize_t)strlen(damaged_ids[_i]));
	ck_assert_str_eq(text, damaged_ids[_i]);
	close(fd);
}
END_TEST

START_TEST(what_is_in_the_way_is_not_touched)
{
	int fd;

	ck_assert_int_eq(mkdir(at("data"), 0711), 0);
	fd = open(at("data/cache.db"), O_RDWR | O_CREAT, 0600);
	ck_assert_int_ne(fd, -1);
	close(fd);
	expect_failure("directories.link", STATUS_DATA, "sqlite/cache.db");
	ck_assert_int_eq(mode_of("data/cache.db"), 0600);
}
END_TEST

START_TEST(links_are_not_followed)
{
	ck_assert_int_eq(mkdir(at("data"), 0711), 0);
	ck_assert_int_eq(symlink("/tmp", at("data/sqlite")), 0);
	expect_failure("directories.owner", STATUS_DATA, "sqlite");
	ck_assert_int_eq(remove(at("data/sqlite")), 0);
	(void)remove(at("data/node.id"));
	ck_assert_int_eq(symlink("/etc/passwd", at("data/node.id")), 0);
	expect_failure("directories.io", STATUS_IO, "node.id");
}
END_TEST

START_TEST(directory_open_to_others_is_refused)
{
	ck_assert_int_eq(mkdir(at("data"), 0711), 0);
	ck_assert_int_eq(chmod(at("data"), 01777), 0);
	expect_failure("directories.owner", STATUS_PERMISSION, "chmod go-w");
	ck_assert_int_eq(access(at("data/node.id"), F_OK), -1);
}
END_TEST

START_TEST(missing_parent_cannot_be_made)
{
	set_key("node.data_dir", "/nosuch/parent/data");
	expect_failure("directories.create", STATUS_CANT_CREATE, "/nosuch/parent/data");
}
END_TEST

/* As root the question is asked for somebody else, otherwise for ourselves. */
START_TEST(closed_parent_is_named)
{
	struct user nobody = { .name = "_somebody", .uid = 64999, .gid = 64999 };
	bool separated = geteuid() == 0;
	struct error e;

	ck_assert_int_eq(mkdir(at("closed"), 0), 0);
	ck_assert_int_eq(chmod(f.top, 0711), 0);
	ck_assert_int_eq(directories_check_reach(at("closed/data"), &nobody, separated, &e), -1);
	ck_assert_int_eq(e.status, STATUS_PERMISSION);
	ck_assert_msg(strstr(e.text, "closed may not be searched") != NULL, "%s", e.text);
	ck_assert_ptr_nonnull(strstr(e.text, "_somebody"));
	ck_assert_int_eq(chmod(at("closed"), 0711), 0);
	ck_assert_int_eq(directories_check_reach(at("closed/data/below"), &nobody, separated, &e), 0);
	/* Whoever asked is whoever goes on. */
	ck_assert_int_eq(mkdir(at("closed/data"), 0700), 0);
}
END_TEST

START_TEST(sockets_are_made_kept_and_removed)
{
	struct listen listening, second;
	struct error e;
	int fd;

	ck_assert_int_eq(listen_open(&listening, f.conf, &e), 0);
	ck_assert_int_eq(mode_of("run/.s.PGSQL.5432"), 0666);
	ck_assert_int_eq(mode_of("run/control.sock"), 0660);
	ck_assert_int_eq(mode_of("run/metrics.sock"), 0660);
	ck_assert_int_eq(listening.sockets[LISTEN_METRICS_TCP].fd, -1);
	ck_assert_int_eq(listen_open(&second, f.conf, &e), -1);
	ck_assert_str_eq(e.code, "listen.locked");
	ck_assert_int_eq(access(at("run/control.sock"), F_OK), 0);
	fd = listen_duplicate(&listening, LISTEN_CLIENTS, 0);
	ck_assert_int_ne(fd, -1);
	close(fd);
	listen_close(&listening);
	ck_assert_int_eq(access(at("run/.s.PGSQL.5432"), F_OK), -1);
	ck_assert_int_eq(access(at("run/control.sock"), F_OK), -1);
	ck_assert_int_eq(access(at("run/metrics.sock"), F_OK), -1);
}
END_TEST

/* A port that was free a moment ago, as an address of the configuration. */
static void
find_free_port(char *text, size_t size)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, length), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	close(fd);
	(void)snprintf(text, size, "127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
}

START_TEST(metrics_are_served_on_loopback_when_asked_for)
{
	struct listen listening, second;
	struct sockaddr_storage address;
	struct error e;
	char text[32];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	find_free_port(text, sizeof(text));
	set_key("metrics.address", text);
	ck_assert_int_eq(listen_open(&listening, f.conf, &e), 0);
	ck_assert_uint_eq(listen_parse_loopback(text, &address), sizeof(struct sockaddr_in));
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(struct sockaddr_in)), 0);
	close(fd);
	set_key("listen.path", at("other"));
	ck_assert_int_eq(listen_open(&second, f.conf, &e), -1);
	ck_assert_msg(strstr(e.text, text) != NULL && strstr(e.text, "in use") != NULL, "%s", e.text);
	ck_assert_int_eq(rmdir(at("other")), 0);
	listen_close(&listening);
}
END_TEST

START_TEST(stale_sockets_are_replaced_and_files_are_not)
{
	struct listen listening;
	struct error e;
	int fd;

	ck_assert_int_eq(listen_open(&listening, f.conf, &e), 0);
	/* As a kill -9 would leave it: the names stay, the lock goes. */
	close(listening.lock_fd);
	close(listening.sockets[LISTEN_CLIENTS].fd);
	close(listening.sockets[LISTEN_CONTROL].fd);
	ck_assert_int_eq(listen_open(&listening, f.conf, &e), 0);
	listen_close(&listening);
	fd = open(at("run/control.sock"), O_RDWR | O_CREAT, 0600);
	close(fd);
	ck_assert_int_eq(listen_open(&listening, f.conf, &e), -1);
	ck_assert_int_eq(access(at("run/control.sock"), F_OK), 0);
	ck_assert_int_eq(access(at("run/.s.PGSQL.5432"), F_OK), -1);
}
END_TEST

int
main(void)
{
	TCase *layout = tcase_create("layout"), *sockets = tcase_create("sockets");

	tcase_add_checked_fixture(layout, set_up, tear_down);
	tcase_add_loop_test(layout, test_home, 0, (int)(sizeof(homes) / sizeof(homes[0])));
	tcase_add_test(layout, test_home_is_settled);
	tcase_add_test(layout, layout_is_made_and_can_be_made_again);
	tcase_add_test(layout, second_daemon_is_refused);
	tcase_add_test(layout, node_id_is_taken_from_the_configuration_once);
	tcase_add_loop_test(layout, damaged_node_id_is_refused_and_kept, 0,
	    sizeof(damaged_ids) / sizeof(damaged_ids[0]));
	tcase_add_test(layout, what_is_in_the_way_is_not_touched);
	tcase_add_test(layout, links_are_not_followed);
	tcase_add_test(layout, directory_open_to_others_is_refused);
	tcase_add_test(layout, missing_parent_cannot_be_made);
	tcase_add_test(layout, closed_parent_is_named);
	tcase_add_checked_fixture(sockets, set_up, tear_down);
	tcase_add_test(sockets, sockets_are_made_kept_and_removed);
	tcase_add_test(sockets, metrics_are_served_on_loopback_when_asked_for);
	tcase_add_test(sockets, stale_sockets_are_replaced_and_files_are_not);
	return unit_run("supervisor directories", layout, sockets, NULL);
}
