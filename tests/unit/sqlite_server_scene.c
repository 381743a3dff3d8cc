/*
 * Starts a server of SQLite without threads, plays its clients, and gives each session its turns.
 */
#include "tests/unit/sqlite_server_scene.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/sqlite/pool/deadline.h"

#define SCENE_SERVERS_MAX 8

struct sqlite_scene scene;

/* Servers that have been stopped: sessions' memory is never given back, and must stay within reach. */
static struct sqlite *stopped[SCENE_SERVERS_MAX];
static size_t nstopped;

static char *
in_directory(const char *name)
{
	char *path;

	ck_assert_int_ne(asprintf(&path, "%s/%s", scene.directory, name), -1);
	return path;
}

static void __attribute__((format(printf, 1, 2))) run(const char *fmt, ...)
{
	char *command;
	va_list ap;

	va_start(ap, fmt);
	ck_assert_int_ne(vasprintf(&command, fmt, ap), -1);
	va_end(ap);
	ck_assert_int_eq(system(command), 0);
	free(command);
}

void
scene_setup(void)
{
	struct conf *conf = conf_new();

	memset(&scene, 0, sizeof(scene));
	strcpy(scene.directory, "/tmp/bibd-unit.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scene.directory));
	ck_assert_ptr_nonnull(conf);
	free(conf->database.sqlite.path);
	conf->database.sqlite.path = in_directory("cache.db");
	conf->database.sqlite.max_open_conns = 4;
	scene.worker = (struct worker) { .conf = conf,
		.node_id = strdup("11111111-2222-4333-8444-555555555555"),
		.boot_id = strdup("first boot"),
		.migrations_dir = in_directory("migrations"),
		.operational = true,
		.supervisor_pid = 1 };
	run("mkdir '%s' && cp '%s'/etc/migrations/*.sql '%s'", scene.worker.migrations_dir,
	    getenv("srcdir") == NULL ? "." : getenv("srcdir"), scene.worker.migrations_dir);
}

void
scene_teardown(void)
{
	if (scene.sqlite != NULL)
		scene_stop();
	run("rm -rf '%s'", scene.directory);
	conf_free(scene.worker.conf);
	free(scene.worker.node_id);
	free(scene.worker.boot_id);
	free(scene.worker.migrations_dir);
}

int
scene_start(struct error *e)
{
	scene.sqlite = calloc(1, sizeof(*scene.sqlite));
	ck_assert_ptr_nonnull(scene.sqlite);
	scene.worker.state = scene.sqlite;
	ck_assert_int_eq(sqlite_open(scene.sqlite, &scene.worker, e), 0);
	if (store_open(&scene.sqlite->store, e) == -1)
		return -1;
	/* No thread syncs while a client is waited for here: each commit does. */
	atomic_store(&scene.sqlite->store.wal_emptying_tried, true);
	return 0;
}

void
scene_forget(void)
{
	ck_assert_uint_lt(nstopped, SCENE_SERVERS_MAX);
	stopped[nstopped++] = scene.sqlite;
	scene.sqlite = NULL;
}

void
scene_stop(void)
{
	struct session *session;

	while ((session = LIST_FIRST(&scene.sqlite->sessions)) != NULL)
		session_free(session);
	store_close(&scene.sqlite->store);
	scene_forget();
}

void
scene_setup_serving(void)
{
	struct error e = { .text = "" };

	scene_setup();
	ck_assert_msg(scene_start(&e) == 0, "%s", e.text);
}

/* ---- turns ---- */

void
scene_turn(struct client *client)
{
	if (task_take(&client->session->task))
		session_run(client->session, EPOLLIN);
}

static struct pool_task *
next_ready(struct pool *pool)
{
	struct pool_task *task;
	eventfd_t one;

	if (eventfd_read(pool->ready_fd, &one) == -1)
		return NULL;
	pthread_mutex_lock(&pool->lock);
	if ((task = TAILQ_FIRST(&pool->ready)) != NULL) {
		TAILQ_REMOVE(&pool->ready, task, queue);
		task_set_where(task, TASK_RUNNING);
	}
	pthread_mutex_unlock(&pool->lock);
	return task;
}

unsigned
scene_turn_ready(void)
{
	struct pool_task *task;
	unsigned n = 0;

	for (; (task = next_ready(&scene.sqlite->pool)) != NULL; n++)
		session_run(session_of_task(task), 0);
	return n;
}

void
scene_expire(void)
{
	struct pool *pool = &scene.sqlite->pool;
	struct pool_task *task;

	pthread_mutex_lock(&pool->lock);
	while ((task = deadline_next_due(pool, clock_now_ms() + 86400000)) != NULL)
		if (pool_rouse_locked(pool, task))
			task->expired = true;
	pthread_mutex_unlock(&pool->lock);
	(void)scene_turn_ready();
}

/* ---- what a client says ---- */

static void
say(struct client *client, char type, const char *data, size_t length)
{
	uint32_t size = htonl((uint32_t)length + 4);

	if (type != '\0')
		ck_assert_int_eq(send(client->fd, &type, 1, 0), 1);
	ck_assert_int_eq(send(client->fd, &size, sizeof(size), 0), sizeof(size));
	ck_assert_int_eq(send(client->fd, data, length, 0), (ssize_t)length);
}

struct message {
	char data[4096];
	size_t length;
};

static void
put_text(struct message *m, const char *text)
{
	size_t n = strlen(text) + 1;

	memcpy(m->data + m->length, text, n);
	m->length += n;
}

static void
put_number(struct message *m, uint32_t value, size_t bytes)
{
	for (size_t i = bytes; i-- > 0;)
		m->data[m->length++] = (char)(value >> 8 * i);
}

struct client
scene_ask_to_connect(const char *user, const char *database)
{
	struct message m = { .length = 0 };
	struct client client;
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	(void)session_accept(scene.sqlite, fds[1], NULL);
	client = (struct client) { .fd = fds[0], .session = LIST_FIRST(&scene.sqlite->sessions) };
	put_number(&m, 196608, 4);
	put_text(&m, "user");
	put_text(&m, user);
	put_text(&m, "database");
	put_text(&m, database);
	put_text(&m, "");
	say(&client, '\0', m.data, m.length);
	scene_turn(&client);
	return client;
}

struct client
scene_connect(const char *user)
{
	struct client client = scene_ask_to_connect(user, scene.worker.conf->database.name);

	ck_assert_str_eq(scene_answer(&client), "Z:I");
	return client;
}

void
scene_parse(struct client *client, const char *name, const char *sql)
{
	struct message m = { .length = 0 };

	put_text(&m, name);
	put_text(&m, sql);
	put_number(&m, 0, 2);
	say(client, 'P', m.data, m.length);
}

void
scene_bind(struct client *client, const char *portal, const char *name, ...)
{
	struct message m = { .length = 0 };
	size_t count;
	uint32_t n = 0;
	const char *value;
	va_list ap;

	put_text(&m, portal);
	put_text(&m, name);
	put_number(&m, 0, 2);
	count = m.length;
	put_number(&m, 0, 2);
	va_start(ap, name);
	for (; (value = va_arg(ap, const char *)) != NULL; n++) {
		put_number(&m, (uint32_t)strlen(value), 4);
		put_text(&m, value);
		m.length--;
	}
	va_end(ap);
	m.data[count + 1] = (char)n;
	put_number(&m, 0, 2);
	say(client, 'B', m.data, m.length);
}

void
scene_execute(struct client *client, const char *portal, unsigned max)
{
	struct message m = { .length = 0 };

	put_text(&m, portal);
	put_number(&m, max, 4);
	say(client, 'E', m.data, m.length);
}

void
scene_close_portal(struct client *client, const char *portal)
{
	struct message m = { .length = 0 };

	m.data[m.length++] = 'P';
	put_text(&m, portal);
	say(client, 'C', m.data, m.length);
}

const char *
scene_sync(struct client *client)
{
	say(client, 'S', "", 0);
	scene_turn(client);
	return scene_answer(client);
}

const char *
scene_query(struct client *client, const char *sql)
{
	say(client, 'Q', sql, strlen(sql) + 1);
	scene_turn(client);
	return scene_answer(client);
}

/* ---- what it is answered ---- */

static uint32_t
number_at(const unsigned char *at, size_t bytes)
{
	uint32_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | at[i];
	return n;
}

static void
show_row(FILE *out, const unsigned char *at)
{
	uint32_t n = number_at(at, 2);

	fputs("D(", out);
	at += 2;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t length = number_at(at, 4);

		at += 4;
		if (length == UINT32_MAX)
			fprintf(out, "%s<null>", i > 0 ? "," : "");
		else {
			fprintf(out, "%s%.*s", i > 0 ? "," : "", (int)length, (const char *)at);
			at += length;
		}
	}
	fputs(") ", out);
}

/* The SQLSTATE among an error's fields. */
static const char *
state_in(const unsigned char *at)
{
	while (*at != 'C' && *at != '\0')
		at += strlen((const char *)at) + 1;
	return (const char *)at + 1;
}

static void
show(FILE *out, char type, const unsigned char *data)
{
	if (strchr("SKR", type) != NULL)
		return;
	if (type == 'D')
		show_row(out, data);
	else if (type == 'E' || type == 'N')
		fprintf(out, "%c:%s ", type, state_in(data));
	else if (type == 'C')
		fprintf(out, "C:%s ", (const char *)data);
	else if (type == 'Z')
		fprintf(out, "Z:%c ", data[0]);
	else
		fprintf(out, "%c ", type);
}

const char *
scene_answer(struct client *client)
{
	static char shown[65536];
	static unsigned char data[1 << 20];
	FILE *out = fmemopen(shown, sizeof(shown), "w");
	ssize_t n;
	size_t length = 0;

	ck_assert_ptr_nonnull(out);
	memset(shown, 0, sizeof(shown));
	while ((n = recv(client->fd, data + length, sizeof(data) - length, 0)) > 0)
		length += (size_t)n;
	for (size_t at = 0; at + 5 <= length; at += 1 + number_at(data + at + 1, 4))
		show(out, (char)data[at], data + at + 5);
	(void)fclose(out);
	length = strlen(shown);
	if (length > 0)
		shown[length - 1] = '\0';
	return shown;
}
