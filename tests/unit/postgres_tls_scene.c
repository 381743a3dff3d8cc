/*
 * A server with TLS on TCP, and the keeper's own program, which makes its certificates.
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

#include "tests/unit/postgres_tls_scene.h"
#include "tests/unit/run.h"
#include "workers/container/mounts.h"

struct tls_keeper tls_keeper;

/* ---- the keeper and its supervisor ---- */

static void
take_ready(void *context, struct frame *frame, const struct message_ready *message)
{
	(void)context;
	(void)frame;
	(void)message;
	tls_keeper.ready++;
}

static void
take_opened(void *context, struct frame *frame, const struct message_secrets_opened *message)
{
	(void)context;
	(void)frame;
	(void)snprintf(tls_keeper.verifier, sizeof(tls_keeper.verifier), "%s", message->verifier);
	tls_keeper.opened++;
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
	tls_keeper.prepared++;
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
	tls_keeper.given++;
	(void)channel_send_file_given(&tls_keeper.channel, frame->header.id, &given, -1);
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
		tls_keeper.renewed++;
	(void)snprintf(tls_keeper.event, sizeof(tls_keeper.event), "%s: %s", message->code, message->text);
}

static void
take_result(void *context, struct frame *frame, const struct message_result *message)
{
	(void)context;
	(void)frame;
	ck_assert_msg(message->status == STATUS_OK, "%s", message->text);
	tls_keeper.results++;
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

	memset(&tls_keeper, 0, sizeof(tls_keeper));
	pair(ends);
	ck_assert_int_ne(tls_keeper.pid = fork(), -1);
	if (tls_keeper.pid == 0)
		exec_keeper(ends[1]);
	close(ends[1]);
	ck_assert_int_eq(channel_open(&tls_keeper.channel, &scene.worker.loop, ends[0], PROCESS_SUPERVISOR,
			     PROCESS_KEEPER, &keeper_handlers, NULL, NULL, NULL),
	    0);
	(void)channel_send_start(&tls_keeper.channel, 0, &start, conf_send(scene.worker.conf, NULL));
	scene_until(&tls_keeper.ready, 1);
	pair(peers);
	(void)channel_send_peer(&tls_keeper.channel, 0, &peer, peers[0]);
	pg_store_take_peer(scene.store, peers[1]);
	(void)channel_send_open_secrets(&tls_keeper.channel, 1, &open, -1);
	scene_until(&tls_keeper.opened, 1);
	(void)channel_send_prepare_certificates(&tls_keeper.channel, 2, NULL, -1);
	scene_until(&tls_keeper.prepared, 1);
	ck_assert_uint_eq(tls_keeper.given, 1);
}

static void
stop_keeper(void)
{
	int status;

	/* It has lived until now. */
	ck_assert_int_eq(waitpid(tls_keeper.pid, &status, WNOHANG), 0);
	channel_close(&tls_keeper.channel);
	(void)kill(tls_keeper.pid, SIGTERM);
	ck_assert_int_eq(waitpid(tls_keeper.pid, &status, 0), tls_keeper.pid);
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
	(void)snprintf(sql, sizeof(sql), "alter role bibd_system password '%s'", tls_keeper.verifier);
	ck_assert_str_eq(scene_sql(connection, sql), "");
	PQfinish(connection);
}

/* That of the test before will do. */
static void
make_directory(const char *path, mode_t mode)
{
	ck_assert(mkdir(path, mode) == 0 || errno == EEXIST);
}

void
tls_set_up(void)
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

void
tls_tear_down(void)
{
	stop_keeper();
	scene_free_store();
	scene_stop_server(SIGINT);
}
