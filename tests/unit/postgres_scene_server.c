/*
 * Makes a PostgreSQL cluster in a temporary directory, and starts, asks and stops its server.
 */
#include "tests/unit/postgres_scene.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"

#define BACKEND_INITDB "/usr/lib/postgresql/15/bin/initdb"
#define BACKEND_POSTGRES "/usr/lib/postgresql/15/bin/postgres"
#define BACKEND_DEADLINE_MS 90000

bool
scene_can_run(void)
{
	return access(BACKEND_POSTGRES, X_OK) == 0 && access(BACKEND_INITDB, X_OK) == 0 &&
	    (geteuid() != 0 || getpwnam("postgres") != NULL);
}

/* ---- the cluster ---- */

static void
become_postgres(void)
{
	const struct passwd *user = getpwnam("postgres");

	if (geteuid() != 0)
		return;
	if (user == NULL || setgroups(0, NULL) == -1 || setgid(user->pw_gid) == -1 || setuid(user->pw_uid) == -1)
		_exit(98);
}

/* Runs a program as postgres, with a file as its standard input; what it says goes to dir/log. */
static pid_t
spawn(const char *const *argv, const char *input)
{
	char path[96];
	pid_t pid;

	(void)snprintf(path, sizeof(path), "%s/log", scene.dir);
	ck_assert_int_ne(pid = fork(), -1);
	if (pid == 0) {
		int in = open(input, O_RDONLY | O_CLOEXEC),
		    out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

		/* A test that fails leaves no server behind. */
		(void)prctl(PR_SET_PDEATHSIG, SIGQUIT);
		if (in == -1 || out == -1 || dup2(in, 0) == -1 || dup2(out, 1) == -1 || dup2(out, 2) == -1)
			_exit(99);
		become_postgres();
		(void)prctl(PR_SET_PDEATHSIG, SIGQUIT);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(97);
	}
	return pid;
}

static void
run(const char *const *argv, const char *input)
{
	pid_t pid = spawn(argv, input);
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: %#x, see %s/log", argv[0], (unsigned)status,
	    scene.dir);
}

static void
make_directory(const char *name)
{
	const struct passwd *user = getpwnam("postgres");
	char path[96];

	(void)snprintf(path, sizeof(path), "%s%s", scene.dir, name);
	ck_assert(name[0] == '\0' || mkdir(path, 0755) == 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(chown(path, user->pw_uid, user->pw_gid), 0);
}

static void
copy(const char *from, const char *to)
{
	FILE *in = fopen(from, "re"), *out = fopen(to, "we");
	int c;

	ck_assert(in != NULL && out != NULL);
	while ((c = fgetc(in)) != EOF)
		(void)fputc(c, out);
	(void)fclose(in);
	(void)fclose(out);
}

/* make distcheck runs the tests from another directory. */
static const char *
source(const char *name)
{
	static char path[512];
	const char *top = getenv("srcdir");

	(void)snprintf(path, sizeof(path), "%s/%s", top == NULL ? "." : top, name);
	return path;
}

void
scene_make_cluster(void)
{
	char data[96], input[96], to[128];
	FILE *hba;

	(void)snprintf(scene.dir, sizeof(scene.dir), "/tmp/bibd-postgres-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scene.dir));
	make_directory("");
	make_directory("/run");
	make_directory("/migrations");
	make_directory("/application");
	(void)snprintf(data, sizeof(data), "%s/data", scene.dir);
	run((const char *const[]) { BACKEND_INITDB, "-D", data, "-U", "postgres", "-N", "-E", "UTF8", "--lc-collate=C",
		"--lc-ctype=C.UTF-8", "--lc-messages=C", "-A", "trust", NULL },
	    "/dev/null");
	(void)snprintf(input, sizeof(input), "%s/bootstrap.sql", scene.dir);
	copy(source("tests/unit/postgres_bootstrap.sql"), input);
	run((const char *const[]) { BACKEND_POSTGRES, "--single", "-F", "-D", data, "template1", NULL }, input);
	(void)snprintf(to, sizeof(to), "%s/data/pg_hba.conf", scene.dir);
	ck_assert_ptr_nonnull(hba = fopen(to, "we"));
	(void)fprintf(hba,
	    "local all postgres trust\nlocal all all scram-sha-256\nhost all all 127.0.0.1/32"
	    " scram-sha-256\n");
	(void)fclose(hba);
	(void)snprintf(to, sizeof(to), "%s/migrations/0001_audit.sql", scene.dir);
	copy(source("etc/migrations/0001_audit.sql"), to);
}

static int
remove_entry(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)st;
	(void)kind;
	(void)walk;
	return remove(path);
}

void
scene_remove_cluster(void)
{
	if (scene.dir[0] != '\0' && getenv("BIBD_KEEP") == NULL)
		(void)nftw(scene.dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- the server ---- */

static void
put_setting(const char **argv, int *argc, char *text, size_t size, const char *name, const char *value)
{
	(void)snprintf(text, size, "%s=%s", name, value);
	argv[(*argc)++] = "-c";
	argv[(*argc)++] = text;
}

/* A word of postmaster.pid: the last one of that line, from 1. -1: there is no such file. */
static int
postmaster_number(int number)
{
	char path[96], line[256] = "";
	const char *word;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/data/postmaster.pid", scene.dir);
	if ((file = fopen(path, "re")) == NULL)
		return -1;
	for (int i = 0; i < number && fgets(line, sizeof(line), file) != NULL; i++)
		;
	(void)fclose(file);
	line[strcspn(line, "\n")] = '\0';
	word = strrchr(line, ' ');
	return (int)strtol(word == NULL ? line : word, NULL, 10);
}

void
scene_start_server(void)
{
	char data[96], sockets[160], port[16], tcp[64], options[256], *save = NULL;
	const char *argv[64] = { BACKEND_POSTGRES, "-F", "-D", data };
	int argc = 4, before = postmaster_number(1);

	/* That of a test that failed may be on its way out. */
	while (before > 0 && kill(before, 0) == 0)
		(void)usleep(5000);
	(void)snprintf(data, sizeof(data), "%s/data", scene.dir);
	(void)snprintf(port, sizeof(port), "%u", scene.tcp_port == 0 ? 5432 : scene.tcp_port);
	(void)snprintf(options, sizeof(options), "%s", scene.server_options);
	argv[argc++] = "-p";
	argv[argc++] = port;
	(void)snprintf(sockets, sizeof(sockets), "unix_socket_directories=%s/run", scene.dir);
	argv[argc++] = "-c";
	argv[argc++] = sockets;
	put_setting(argv, &argc, tcp, sizeof(tcp), "listen_addresses", scene.tcp_port == 0 ? "" : "127.0.0.1");
	for (char *word = strtok_r(options, " ", &save); word != NULL && argc < 60; word = strtok_r(NULL, " ", &save)) {
		argv[argc++] = "-c";
		argv[argc++] = word;
	}
	scene.backend = spawn(argv, "/dev/null");
}

PGconn *
scene_connect_when_there_is_room(void)
{
	int64_t end = clock_now_ms() + BACKEND_DEADLINE_MS;
	PGconn *connection;

	do {
		ck_assert_int_lt(clock_now_ms(), end);
		(void)usleep(20000);
		connection = scene_connect(NULL, NULL);
	} while (connection == NULL);
	return connection;
}

void
scene_await_server(void)
{
	PQfinish(scene_connect_when_there_is_room());
}

void
scene_stop_server(int signal)
{
	int status, memory = postmaster_number(7);
	struct shmid_ds used;

	ck_assert_int_eq(kill(scene.backend, signal), 0);
	ck_assert_int_eq(waitpid(scene.backend, &status, 0), scene.backend);
	scene.backend = 0;
	/* Its children outlive a postmaster that is killed for a moment, and another would refuse to start. */
	while (memory != -1 && shmctl(memory, IPC_STAT, &used) == 0 && used.shm_nattch > 0)
		(void)usleep(5000);
}

void
scene_signal_server(int signal)
{
	ck_assert_int_eq(kill(scene.backend, signal), 0);
}

PGconn *
scene_connect(const char *user, const char *password)
{
	char dir[96], port[16];
	const char *const keywords[] = { "host", "port", "dbname", "user", "password", "connect_timeout", "passfile",
		NULL };
	const char *const values[] = { dir, port, "bibd", user == NULL ? "postgres" : user, password, "20",
		"/nonexistent", NULL };
	PGconn *connection;

	(void)snprintf(dir, sizeof(dir), "%s/run", scene.dir);
	(void)snprintf(port, sizeof(port), "%u", scene.tcp_port == 0 ? 5432 : scene.tcp_port);
	connection = PQconnectdbParams(keywords, values, 0);
	if (PQstatus(connection) == CONNECTION_OK)
		return connection;
	PQfinish(connection);
	return NULL;
}

const char *
scene_sql(PGconn *connection, const char *sql)
{
	static char text[1024];
	PGresult *result = PQexec(connection, sql);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (state != NULL)
		(void)snprintf(text, sizeof(text), "%s", state);
	else if (PQresultStatus(result) == PGRES_FATAL_ERROR)
		(void)snprintf(text, sizeof(text), "connection lost");
	else
		(void)snprintf(text, sizeof(text), "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	return text;
}
