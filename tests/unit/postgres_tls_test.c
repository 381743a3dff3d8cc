/*
 * TLS between the store and a server on TCP, with the keeper's own program making the certificates: the rules for
 * logging in are those that bibd mounts into a container, and everybody without the right certificate is kept out.
 */
#include <errno.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/sandbox.h"
#include "tests/unit/postgres_scene.h"
#include "tests/unit/run.h"
#include "workers/container/mounts.h"

#define LIFE_MS 30000
#define NODE "abcdefghijklmnopqrstuvwxyz"

/* File scope: Check's fixtures and tests take no arguments. */
static struct keeper {
	pid_t pid;
	struct channel channel;
	unsigned ready, opened, prepared, given, renewed, results;
	char verifier[256];
	char event[512];
} keeper;

/* ---- the keeper and its supervisor ---- */

static void
take_ready(void *context, struct frame *frame, const struct message_ready *message)
{
	(void)context;
	(void)frame;
	(void)message;
	keeper.ready++;
}

static void
take_opened(void *context, struct frame *frame, const struct message_secrets_opened *message)
{
	(void)context;
	(void)frame;
	(void)snprintf(keeper.verifier, sizeof(keeper.verifier), "%s", message->verifier);
	keeper.opened++;
}

/* Which logins are in use is nothing to these tests. */
static void
take_state(void *context, struct frame *frame, const struct message_credentials_state *message)
{
	(void)context;
	(void)frame;
	(void)message;
}

static void
take_prepared(void *context, struct frame *frame, const struct message_certificates_prepared *message)
{
	(void)context;
	(void)frame;
	(void)message;
	keeper.prepared++;
}

static void
take_give_file(void *context, struct frame *frame, const struct message_give_file *message)
{
	const struct message_file_given given = { .done = true, .reason = "" };
	const struct passwd *user = getpwnam("postgres");

	(void)context;
	ck_assert_str_eq(message->name, "server.key");
	if (geteuid() == 0)
		ck_assert_int_eq(fchown(frame->fd, user->pw_uid, user->pw_gid), 0);
	keeper.given++;
	(void)channel_send_file_given(&keeper.channel, frame->header.id, &given, -1);
}

static void
take_failed(void *context, struct frame *frame, const struct message_failed *message)
{
	(void)context;
	(void)frame;
	ck_abort_msg("%s", message->text);
}

static void
take_event(void *context, struct frame *frame, const struct message_event *message)
{
	(void)context;
	(void)frame;
	if (strcmp(message->code, "certificates.renewed") == 0)
		keeper.renewed++;
	(void)snprintf(keeper.event, sizeof(keeper.event), "%s: %s", message->code, message->text);
}

static void
take_result(void *context, struct frame *frame, const struct message_result *message)
{
	(void)context;
	(void)frame;
	ck_assert_msg(message->status == STATUS_OK, "%s", message->text);
	keeper.results++;
}

static void
take_certificate(void *context, struct frame *frame, const struct message_certificate *message)
{
	(void)context;
	(void)frame;
	(void)message;
}

static const struct message_handlers keeper_handlers = {
	.result = take_result,
	.certificate = take_certificate,
	.ready = take_ready,
	.secrets_opened = take_opened,
	.credentials_state = take_state,
	.certificates_prepared = take_prepared,
	.give_file = take_give_file,
	.failed = take_failed,
	.event = take_event,
};

static void
pair(int ends[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
}

static void
exec_keeper(int channel_fd)
{
	const char *build = getenv("BIBD_BUILD");
	char path[4096], parent[16];

	(void)snprintf(path, sizeof(path), "%s/bibd-keeper", build == NULL ? "." : build);
	(void)snprintf(parent, sizeof(parent), "%ld", (long)getppid());
	if (dup2(channel_fd, WORKER_CHANNEL_FD) != -1)
		(void)execl(path, "bibd-keeper", "-p", parent, (char *)NULL);
	_exit(99);
}

/* Starts the program, has it make secrets and certificates, and gives the store its end. */
static void
start_keeper(void)
{
	const struct message_start start = { .table_hash = message_table_hash(),
		.incarnation = 1,
		.node_id = NODE,
		.boot_id = "boot",
		.migrations_dir = "" };
	const struct message_open_secrets open = { .may_create = true };
	const struct message_peer peer = { .process = PROCESS_POSTGRES };
	int ends[2], peers[2];

	memset(&keeper, 0, sizeof(keeper));
	pair(ends);
	ck_assert_int_ne(keeper.pid = fork(), -1);
	if (keeper.pid == 0)
		exec_keeper(ends[1]);
	close(ends[1]);
	ck_assert_int_eq(channel_open(&keeper.channel, &scene.worker.loop, ends[0], PROCESS_SUPERVISOR, PROCESS_KEEPER,
			     &keeper_handlers, NULL, NULL, NULL),
	    0);
	(void)channel_send_start(&keeper.channel, 0, &start, conf_send(scene.worker.conf, NULL));
	scene_until(&keeper.ready, 1);
	pair(peers);
	(void)channel_send_peer(&keeper.channel, 0, &peer, peers[0]);
	pg_store_take_peer(scene.store, peers[1]);
	(void)channel_send_open_secrets(&keeper.channel, 1, &open, -1);
	scene_until(&keeper.opened, 1);
	(void)channel_send_prepare_certificates(&keeper.channel, 2, NULL, -1);
	scene_until(&keeper.prepared, 1);
	ck_assert_uint_eq(keeper.given, 1);
}

static void
stop_keeper(void)
{
	int status;

	/* It has lived until now. */
	ck_assert_int_eq(waitpid(keeper.pid, &status, WNOHANG), 0);
	channel_close(&keeper.channel);
	(void)kill(keeper.pid, SIGTERM);
	ck_assert_int_eq(waitpid(keeper.pid, &status, 0), keeper.pid);
}

/* ---- the server ---- */

static unsigned
free_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	close(fd);
	return ntohs(address.sin_port);
}

static void
write_rules(void)
{
	const struct mounts_input input = { .tcp = true, .tls = true };
	char path[96], *text = mounts_text(MOUNTS_HBA, &input);
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/data/pg_hba.conf", scene.dir);
	ck_assert_ptr_nonnull(file = fopen(path, "we"));
	/* The test's own way in. */
	(void)fprintf(file, "local all postgres trust\n%s", text);
	(void)fclose(file);
	free(text);
}

static void
start_server(void)
{
	char sql[512];
	PGconn *connection;

	(void)snprintf(scene.server_options, sizeof(scene.server_options),
	    "ssl=on ssl_min_protocol_version=TLSv1.3 ssl_ca_file=../certs/ca.crt ssl_cert_file=../certs/server.crt "
	    "ssl_key_file=../certs/server.key");
	write_rules();
	scene_start_server();
	scene_await_server();
	ck_assert_ptr_nonnull(connection = scene_connect(NULL, NULL));
	(void)snprintf(sql, sizeof(sql), "alter role bibd_system password '%s'", keeper.verifier);
	ck_assert_str_eq(scene_sql(connection, sql), "");
	PQfinish(connection);
}

/* That of the test before will do. */
static void
make_directory(const char *path, mode_t mode)
{
	ck_assert(mkdir(path, mode) == 0 || errno == EEXIST);
}

static void
set_up(void)
{
	char path[96];
	struct conf *conf;

	scene.tcp_port = free_port();
	scene_make_store(true, NULL);
	conf = scene.worker.conf;
	(void)snprintf(path, sizeof(path), "%s/node", scene.dir);
	make_directory(path, 0755);
	ck_assert_int_eq(conf_set(conf, conf_key_find("node.data_dir"), path, NULL), 0);
	(void)snprintf(path, sizeof(path), "%s/node/secrets", scene.dir);
	make_directory(path, 0700);
	(void)snprintf(path, sizeof(path), "%s/certs", scene.dir);
	make_directory(path, 0755);
	conf->database.postgres.network.use_unix_socket = false;
	conf->database.postgres.port = scene.tcp_port;
	conf->database.postgres.tls.certificate_lifetime = LIFE_MS;
	start_keeper();
	start_server();
	pg_store_open(scene.store, 1);
	scene_until(&scene.opened, 1);
}

static void
tear_down(void)
{
	stop_keeper();
	scene_free_store();
	scene_stop_server(SIGINT);
}

/* ---- connections ---- */

/* As an application of that role, with one parameter replaced (NULL: none; a NULL value takes it out). Waits. */
static PGconn *
connect_with(enum role role, const char *keyword, const char *value)
{
	const char *keywords[STORE_PARAMETERS_MAX], *values[STORE_PARAMETERS_MAX];
	size_t n = 0;

	ck_assert_int_eq(pg_store_parameters(scene.store, role, keywords, values), 0);
	for (; keywords[n] != NULL; n++)
		if (keyword != NULL && strcmp(keywords[n], keyword) == 0)
			values[n] = value;
	return PQconnectdbParams(keywords, values, 0);
}

/* With the certificate and the key in that file. */
static PGconn *
connect_with_certificate(enum role role, const char *path)
{
	const char *keywords[STORE_PARAMETERS_MAX], *values[STORE_PARAMETERS_MAX];

	ck_assert_int_eq(pg_store_parameters(scene.store, role, keywords, values), 0);
	for (size_t n = 0; keywords[n] != NULL; n++)
		if (strcmp(keywords[n], "sslcert") == 0 || strcmp(keywords[n], "sslkey") == 0)
			values[n] = path;
	return PQconnectdbParams(keywords, values, 0);
}

/* What the server knows of the client of this connection: a column of pg_stat_ssl. */
static const char *
client_of(PGconn *connection, const char *column)
{
	PGconn *superuser = scene_connect(NULL, NULL);
	static char text[128];
	char sql[128];

	ck_assert_ptr_nonnull(superuser);
	(void)snprintf(sql, sizeof(sql), "select %s from pg_stat_ssl where pid = %d", column, PQbackendPID(connection));
	(void)snprintf(text, sizeof(text), "%s", scene_sql(superuser, sql));
	PQfinish(superuser);
	return text;
}

static void
assert_refused(PGconn *connection, const char *words)
{
	ck_assert_int_eq(PQstatus(connection), CONNECTION_BAD);
	ck_assert_msg(strstr(PQerrorMessage(connection), words) != NULL, "%s", PQerrorMessage(connection));
	PQfinish(connection);
}

static const char *
value_of(enum role role, const char *keyword)
{
	const char *keywords[STORE_PARAMETERS_MAX], *values[STORE_PARAMETERS_MAX];
	static char text[128];

	ck_assert_int_eq(pg_store_parameters(scene.store, role, keywords, values), 0);
	for (size_t i = 0; keywords[i] != NULL; i++)
		if (strcmp(keywords[i], keyword) == 0)
			(void)snprintf(text, sizeof(text), "%s", values[i]);
	return text;
}

START_TEST(test_each_login)
{
	static const char *const names[ROLES] = { "/CN=bibd_admin_a", "/CN=bibd_write_a", "/CN=bibd_query_a",
		"/CN=bibd_audit_a", "/CN=bibd_monitor_a" };

	for (int role = 0; role < ROLES; role++) {
		PGconn *connection = connect_with((enum role)role, NULL, NULL);

		ck_assert_msg(PQstatus(connection) == CONNECTION_OK, "%s", PQerrorMessage(connection));
		ck_assert_str_eq(PQsslAttribute(connection, "protocol"), "TLSv1.3");
		ck_assert_str_eq(client_of(connection, "client_dn"), names[role]);
		PQfinish(connection);
	}
}
END_TEST

START_TEST(test_nobody_else)
{
	char other[128];

	(void)snprintf(other, sizeof(other), "%s", value_of(ROLE_QUERY, "sslcert"));
	/* Without TLS, without a certificate, with a sibling's, without the password, with a password for a
	 * superuser. */
	assert_refused(connect_with(ROLE_WRITE, "sslmode", "disable"), "no encryption");
	assert_refused(connect_with(ROLE_WRITE, "sslcert", "/nonexistent/none"), "certificate");
	assert_refused(connect_with(ROLE_WRITE, "sslcert", other), "private key");
	assert_refused(connect_with_certificate(ROLE_WRITE, other), "authentication failed for user \"bibd_write_a\"");
	assert_refused(connect_with(ROLE_WRITE, "user", "bibd_query_a"), "authentication failed");
	assert_refused(connect_with(ROLE_WRITE, "user", "postgres"), "certificate authentication failed");
	assert_refused(connect_with(ROLE_WRITE, "user", "another"), "pg_hba.conf");
	assert_refused(connect_with(ROLE_WRITE, "password", "wrong"), "password authentication failed");
	/* A server that the authority did not certify, or not for this name. */
	assert_refused(connect_with(ROLE_WRITE, "sslrootcert", "/nonexistent/none"), "root certificate");
	assert_refused(connect_with(ROLE_WRITE, "host", "elsewhere.example"), "elsewhere.example");
}
END_TEST

START_TEST(test_no_older_protocol)
{
	const char *keywords[STORE_PARAMETERS_MAX + 1], *values[STORE_PARAMETERS_MAX + 1];
	size_t n = 0;

	ck_assert_int_eq(pg_store_parameters(scene.store, ROLE_WRITE, keywords, values), 0);
	for (; keywords[n] != NULL; n++)
		if (strcmp(keywords[n], "ssl_min_protocol_version") == 0)
			values[n] = "TLSv1.2";
	keywords[n] = "ssl_max_protocol_version";
	values[n] = "TLSv1.2";
	keywords[n + 1] = values[n + 1] = NULL;
	assert_refused(PQconnectdbParams(keywords, values, 0), "protocol version");
}
END_TEST

/* Certificates that another authority has signed, with all the right names in them, and one of our own that is over. */
START_TEST(test_foreign_certificates)
{
	char dir[96], command[1024], path[160];

	(void)snprintf(dir, sizeof(dir), "%s/foreign", scene.dir);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	(void)snprintf(command, sizeof(command),
	    "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt "
	    "-subj '/CN=bibd CA " NODE
	    "' -days 1 && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout c.key "
	    "-out c.csr -subj /CN=bibd_write_a && openssl x509 -req -in c.csr -CA ca.crt -CAkey ca.key "
	    "-CAcreateserial -days 1 "
	    "-out c.crt && cat c.key >>c.crt && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
	    "-keyout self.key -out self.crt -subj /CN=bibd_write_a -days 1 && cat self.key >>self.crt && chmod 600 "
	    "*.crt",
	    dir);
	{
		pid_t pid = fork();
		int status = -1;

		if (pid == 0) {
			if (freopen("/dev/null", "w", stderr) != NULL)
				(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
			_exit(99);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
	}
	for (int i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, i == 0 ? "c.crt" : "self.crt");
		assert_refused(connect_with_certificate(ROLE_WRITE, path), "alert");
	}
}
END_TEST

/* The certificates are files in memory: reached by their names where no file system is. */
START_TEST(test_in_the_sandbox)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		const struct sandbox_port port = { .port = (uint16_t)scene.tcp_port };
		struct error e;
		PGconn *connection;

		if (sandbox_no_core(&e) == -1 || sandbox_landlock(NULL, 0, &port, 1, &e) == -1)
			_exit(1);
		connection = connect_with(ROLE_ADMIN, NULL, NULL);
		if (PQstatus(connection) != CONNECTION_OK)
			(void)fprintf(stderr, "%s", PQerrorMessage(connection));
		_exit(PQstatus(connection) == CONNECTION_OK ? 0 : 2);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* Renewed at two thirds of their life: a session goes on, and new ones have the new certificates on both sides. */
START_TEST(test_renewal)
{
	PGconn *old = connect_with(ROLE_WRITE, NULL, NULL), *new;
	char first[128], path[128];

	ck_assert_int_eq(PQstatus(old), CONNECTION_OK);
	(void)snprintf(first, sizeof(first), "%s", client_of(old, "client_serial"));
	(void)snprintf(path, sizeof(path), "%s", value_of(ROLE_WRITE, "sslcert"));
	scene_until(&keeper.renewed, 1);
	scene_run(300);
	ck_assert_str_eq(scene_sql(old, "select 'alive'"), "alive");
	ck_assert_str_eq(value_of(ROLE_WRITE, "sslcert"), path);
	new = connect_with(ROLE_WRITE, NULL, NULL);
	ck_assert_msg(PQstatus(new) == CONNECTION_OK, "%s", PQerrorMessage(new));
	ck_assert_str_ne(client_of(new, "client_serial"), first);
	/* The first ones are over: who logs in now was given others, and so was the server. */
	scene_pass(LIFE_MS / 3 + 2000);
	PQfinish(new);
	new = connect_with(ROLE_WRITE, NULL, NULL);
	ck_assert_msg(PQstatus(new) == CONNECTION_OK, "%s", PQerrorMessage(new));
	ck_assert_uint_eq(keeper.renewed, 1);
	ck_assert_uint_eq(scene.lost, 0);
	ck_assert_str_eq(scene_sql(old, "select 'alive'"), "alive");
	PQfinish(new);
	PQfinish(old);
}
END_TEST

static unsigned
count_authorities(void)
{
	char path[96], line[256];
	unsigned count = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/certs/ca.crt", scene.dir);
	ck_assert_ptr_nonnull(file = fopen(path, "re"));
	while (fgets(line, sizeof(line), file) != NULL)
		count += strncmp(line, "-----BEGIN", 10) == 0;
	(void)fclose(file);
	return count;
}

/* A new identity, and with it a new authority: whoever connects meanwhile is let in, and a session goes on. */
START_TEST(test_new_identity)
{
	const struct message_rotate_request request = { .what = "identity" };
	PGconn *old = connect_with(ROLE_WRITE, NULL, NULL);
	unsigned both = 0, connections = 0;
	char issuer[256], serial[128];

	ck_assert_int_eq(PQstatus(old), CONNECTION_OK);
	(void)snprintf(issuer, sizeof(issuer), "%s", client_of(old, "issuer_dn"));
	(void)snprintf(serial, sizeof(serial), "%s", client_of(old, "client_serial"));
	(void)channel_send_rotate_request(&keeper.channel, 9, &request, -1);
	scene_until(&keeper.results, 1);
	for (int i = 0; i < 240; i++) {
		PGconn *connection = connect_with((enum role)(i % ROLES), NULL, NULL);

		ck_assert_msg(PQstatus(connection) == CONNECTION_OK, "connection %d: %s", i,
		    PQerrorMessage(connection));
		PQfinish(connection);
		connections++;
		both += count_authorities() == 2;
		scene_pass(50);
	}
	ck_assert_uint_eq(connections, 240);
	ck_assert_uint_gt(both, 50);
	ck_assert_uint_eq(count_authorities(), 1);
	ck_assert_uint_ge(keeper.given, 2);
	ck_assert_str_eq(scene_sql(old, "select 'alive'"), "alive");
	PQfinish(old);
	old = connect_with(ROLE_WRITE, NULL, NULL);
	ck_assert_str_eq(client_of(old, "issuer_dn"), issuer);
	ck_assert_str_ne(client_of(old, "client_serial"), serial);
	ck_assert_uint_eq(scene.lost, 0);
	PQfinish(old);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("all");

	if (!scene_can_run())
		return 77;
	tcase_set_timeout(tests, 120);
	tcase_add_unchecked_fixture(tests, scene_make_cluster, scene_remove_cluster);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, test_each_login);
	tcase_add_test(tests, test_nobody_else);
	tcase_add_test(tests, test_no_older_protocol);
	tcase_add_test(tests, test_foreign_certificates);
	tcase_add_test(tests, test_in_the_sandbox);
	tcase_add_test(tests, test_renewal);
	tcase_add_test(tests, test_new_identity);
	return unit_run("postgres: TLS", tests, NULL);
}
