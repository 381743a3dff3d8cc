#include "tests/unit/postgres_scene.h"

#include <arpa/inet.h>
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
#include "common/memfd.h"

#define PROGRAMS "/usr/lib/postgresql/15/bin/"
#define DEADLINE_MS 30000

struct scene scene;

bool
scene_can_run(void)
{
	return access(PROGRAMS "postgres", X_OK) == 0 && access(PROGRAMS "initdb", X_OK) == 0 &&
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
		int in = open(input, O_RDONLY | O_CLOEXEC), out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

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
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: %#x, see %s/log", argv[0], (unsigned)status, scene.dir);
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
	run((const char *const[]) { PROGRAMS "initdb", "-D", data, "-U", "postgres", "-N", "-E", "UTF8", "--lc-collate=C",
	        "--lc-ctype=C.UTF-8", "--lc-messages=C", "-A", "trust", NULL }, "/dev/null");
	(void)snprintf(input, sizeof(input), "%s/bootstrap.sql", scene.dir);
	copy(source("tests/unit/postgres_bootstrap.sql"), input);
	run((const char *const[]) { PROGRAMS "postgres", "--single", "-F", "-D", data, "template1", NULL }, input);
	(void)snprintf(to, sizeof(to), "%s/data/pg_hba.conf", scene.dir);
	ck_assert_ptr_nonnull(hba = fopen(to, "we"));
	(void)fprintf(hba, "local all postgres trust\nlocal all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n");
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

void
scene_start_server(void)
{
	char data[96], sockets[160], port[16], tcp[64], options[256], *save = NULL;
	const char *argv[64] = { PROGRAMS "postgres", "-F", "-D", data };
	int argc = 4;

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
	scene.server = spawn(argv, "/dev/null");
}

void
scene_await_server(void)
{
	int64_t end = clock_now_ms() + DEADLINE_MS;
	PGconn *connection;

	do {
		ck_assert_int_lt(clock_now_ms(), end);
		(void)usleep(20000);
		connection = scene_connect(NULL, NULL);
	} while (connection == NULL);
	PQfinish(connection);
}

/* The number of the server's shared memory: the last word of the seventh line of postmaster.pid. */
static int
shared_memory(void)
{
	char path[96], line[256] = "";
	const char *word;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/data/postmaster.pid", scene.dir);
	if ((file = fopen(path, "re")) == NULL)
		return -1;
	for (int i = 0; i < 7 && fgets(line, sizeof(line), file) != NULL; i++)
		;
	(void)fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return (word = strrchr(line, ' ')) == NULL ? -1 : (int)strtol(word, NULL, 10);
}

void
scene_stop_server(int signal)
{
	int status, memory = shared_memory();
	struct shmid_ds used;

	ck_assert_int_eq(kill(scene.server, signal), 0);
	ck_assert_int_eq(waitpid(scene.server, &status, 0), scene.server);
	scene.server = 0;
	/* Its children outlive a postmaster that is killed for a moment, and another would refuse to start. */
	while (memory != -1 && shmctl(memory, IPC_STAT, &used) == 0 && used.shm_nattch > 0)
		(void)usleep(5000);
}

void
scene_signal_server(int signal)
{
	ck_assert_int_eq(kill(scene.server, signal), 0);
}

PGconn *
scene_connect(const char *user, const char *password)
{
	char dir[96], port[16];
	const char *const keywords[] = { "host", "port", "dbname", "user", "password", "connect_timeout", "passfile", NULL };
	const char *const values[] = { dir, port, "bibd", user == NULL ? "postgres" : user, password, "20", "/nonexistent", NULL };
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

/* ---- the supervisor ---- */

static void
supervisor_take_opened(void *context, struct frame *frame, const struct message_store_opened *message)
{
	(void)context;
	(void)frame;
	(void)message;
	scene.opened++;
}

static void
supervisor_take_answered(void *context, struct frame *frame, const struct message_store_answered *message)
{
	(void)context;
	(void)frame;
	(void)message;
	scene.answered++;
}

static void
supervisor_take_failed(void *context, struct frame *frame, const struct message_failed *message)
{
	(void)context;
	(void)frame;
	scene.failed++;
	scene.failure.status = message->status;
	(void)snprintf(scene.failure.code, sizeof(scene.failure.code), "%s", message->code);
	(void)snprintf(scene.failure.text, sizeof(scene.failure.text), "%s", message->text);
}

static void
supervisor_take_lost(void *context, struct frame *frame, const struct message_store_lost *message)
{
	(void)context;
	(void)frame;
	scene.lost++;
	(void)snprintf(scene.lost_cause, sizeof(scene.lost_cause), "%s", message->cause);
}

static void
supervisor_take_progress(void *context, struct frame *frame, const struct message_store_progress *message)
{
	(void)context;
	(void)frame;
	if (scene.nprogress < SCENE_SEEN_MAX)
		(void)snprintf(scene.progress[scene.nprogress++], sizeof(scene.progress[0]), "%s", message->text);
}

static void
supervisor_take_event(void *context, struct frame *frame, const struct message_event *message)
{
	(void)context;
	(void)frame;
	scene.nevents++;
	(void)snprintf(scene.event, sizeof(scene.event), "%s: %s", message->code, message->text);
}

static const struct message_handlers supervisor_handlers = {
	.store_opened = supervisor_take_opened,
	.store_answered = supervisor_take_answered,
	.failed = supervisor_take_failed,
	.store_lost = supervisor_take_lost,
	.store_progress = supervisor_take_progress,
	.event = supervisor_take_event,
};

/* ---- the keeper ---- */

/* The verifier of a password, as the keeper would compute it. libpq wants a connection for it, and be it none. */
static char *
make_verifier(const char *login)
{
	PGconn *connection = PQconnectStart("host=/nonexistent");
	char *verifier;

	verifier = PQencryptPasswordConn(connection, scene.keeper_lies ? "another" : SCENE_PASSWORD, login, "scram-sha-256");
	ck_assert_ptr_nonnull(verifier);
	PQfinish(connection);
	return verifier;
}

static int
make_credentials(void)
{
	static char text[8192];
	int n = snprintf(text, sizeof(text), "bibd_system " SCENE_SYSTEM_PASSWORD " -\n");

	if (!scene.worker.conf->database.postgres.managed)
		n = snprintf(text, sizeof(text), "%s %s -\n", scene.worker.conf->database.postgres.advanced.user,
		    scene.keeper_lies ? "wrong" : SCENE_SYSTEM_PASSWORD);
	for (unsigned i = 0; i < 2 * ROLES && scene.worker.conf->database.postgres.managed; i++) {
		char login[32], *verifier;

		(void)snprintf(login, sizeof(login), "bibd_%s_%c", role_names[i / 2], i % 2 == 0 ? 'a' : 'b');
		verifier = make_verifier(login);
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s %s %s\n", login, SCENE_PASSWORD, verifier);
		PQfreemem(verifier);
	}
	return memfd_create_sealed("credentials", text, (size_t)n, NULL);
}

static void
keeper_take_request(void *context, struct frame *frame, const struct message_credentials_request *message)
{
	const struct message_failed failed = { .status = STATUS_DATA, .code = "secrets.damaged", .text = "they are damaged" };

	(void)context;
	(void)message;
	if (scene.keeper_refuses)
		(void)channel_send_failed(&scene.keeper, frame->header.id, &failed, -1);
	else
		(void)channel_send_credentials(&scene.keeper, frame->header.id, NULL, make_credentials());
}

static const struct message_handlers keeper_handlers = { .credentials_request = keeper_take_request };

static void
scene_pair(int ends[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
}

void
scene_give_peer(void)
{
	int ends[2];

	channel_close(&scene.keeper);
	scene_pair(ends);
	ck_assert_int_eq(channel_open(&scene.keeper, &scene.worker.loop, ends[0], PROCESS_KEEPER, PROCESS_POSTGRES,
	    &keeper_handlers, NULL, NULL, NULL), 0);
	store_take_peer(scene.store, ends[1]);
}

/* ---- the store ---- */

static void
pool_available(void *context)
{
	(void)context;
	scene.available_calls++;
	ck_assert(store_is_available(scene.store));
}

static void
pool_lost(void *context, const char *cause)
{
	(void)context;
	scene.lost_calls++;
	ck_assert(!store_is_available(scene.store));
	(void)snprintf(scene.lost_text, sizeof(scene.lost_text), "%s", cause);
}

void
scene_make_store(bool managed, const char *host)
{
	static const struct worker_program program = { .process = PROCESS_POSTGRES };
	static const struct store_events events = { pool_available, pool_lost };
	static const struct message_handlers none = { .start = NULL };
	char path[96];
	struct conf *conf = conf_new();
	int ends[2];

	ck_assert_ptr_nonnull(conf);
	conf->database.backend = CONF_BACKEND_POSTGRES;
	conf->database.postgres.managed = managed;
	ck_assert_int_eq(conf_set(conf, conf_key_find("database.postgres.data_dir"), scene.dir, NULL), 0);
	(void)snprintf(path, sizeof(path), "%s/application", scene.dir);
	ck_assert_int_eq(conf_set(conf, conf_key_find("database.migrations_dir"), path, NULL), 0);
	ck_assert_int_eq(conf_set(conf, conf_key_find("database.postgres.advanced.user"), "bibd_system", NULL), 0);
	if (host != NULL)
		ck_assert_int_eq(conf_set(conf, conf_key_find("database.postgres.advanced.host"), host, NULL), 0);
	conf->database.postgres.advanced.port = scene.tcp_port == 0 ? 5432 : scene.tcp_port;
	conf->database.postgres.health.interval = 300;
	conf->database.postgres.health.timeout = 2000;
	conf->database.postgres.health.startup_timeout = 5000;
	(void)snprintf(path, sizeof(path), "%s/migrations", scene.dir);
	scene.worker = (struct worker) { .program = &program, .conf = conf, .migrations_dir = strdup(path) };
	ck_assert_int_eq(loop_open(&scene.worker.loop, NULL), 0);
	scene_pair(ends);
	ck_assert_int_eq(channel_open(&scene.worker.channel, &scene.worker.loop, ends[0], PROCESS_POSTGRES,
	    PROCESS_SUPERVISOR, &none, NULL, NULL, NULL), 0);
	ck_assert_int_eq(channel_open(&scene.supervisor, &scene.worker.loop, ends[1], PROCESS_SUPERVISOR, PROCESS_POSTGRES,
	    &supervisor_handlers, NULL, NULL, NULL), 0);
	ck_assert_ptr_nonnull(scene.store = store_new(&scene.worker, &events, NULL, NULL));
}

void
scene_free_store(void)
{
	store_free(scene.store);
	channel_close(&scene.supervisor);
	channel_close(&scene.keeper);
	channel_close(&scene.worker.channel);
	loop_close(&scene.worker.loop);
	conf_free(scene.worker.conf);
	free(scene.worker.migrations_dir);
}

void
scene_until(const unsigned *count, unsigned wanted)
{
	int64_t end = clock_now_ms() + DEADLINE_MS;

	while (*count < wanted) {
		ck_assert_msg(clock_now_ms() < end, "waited in vain: failed %u %s, lost %u %s", scene.failed, scene.failure.text,
		    scene.lost, scene.lost_cause);
		ck_assert_msg(count == &scene.failed || scene.failed == 0, "%s", scene.failure.text);
		ck_assert_int_eq(loop_run_once(&scene.worker.loop, 100, NULL), 0);
	}
}

void
scene_run(int ms)
{
	int64_t end = clock_now_ms() + ms;

	while (clock_now_ms() < end)
		ck_assert_int_eq(loop_run_once(&scene.worker.loop, 20, NULL), 0);
}

void
scene_migration(const char *name, const char *sql)
{
	char path[160];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/application/%s", scene.dir, name);
	if (sql == NULL) {
		(void)unlink(path);
		return;
	}
	ck_assert_ptr_nonnull(file = fopen(path, "we"));
	(void)fputs(sql, file);
	(void)fclose(file);
}
