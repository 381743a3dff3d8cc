/*
 * pool DIRECTORY: what a round trip through the pool of a node on PostgreSQL costs in instructions, for
 * tests/bench/guard. The pool is the worker's, with a store that names the server in DIRECTORY (./fixed) and does
 * nothing else.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/guard/mark.h"
#include "workers/postgres/pool/pool.h"

#define GUARD_UNSEEN 200U
#define GUARD_TIMES 1000U

/* The store's functions take what a real store is; this one is a directory. */
static const char *directory;

bool
pg_store_is_available(const struct pg_store *store)
{
	return store == NULL;
}

bool
pg_store_is_reachable(const struct pg_store *store)
{
	return store == NULL;
}

int
pg_store_parameters(struct pg_store *store, enum role role, const char *keywords[STORE_PARAMETERS_MAX],
    const char *values[STORE_PARAMETERS_MAX])
{
	static const char *const names[] = { "host", "port", "user", "dbname", NULL };

	(void)store;
	memcpy(keywords, names, sizeof(names));
	values[0] = directory;
	values[1] = "5432";
	values[2] = role_names[role];
	values[3] = "bibd";
	values[4] = NULL;
	return 0;
}

bool
pg_store_log_in_system(struct pg_store *store, struct script *script, script_done_fn *done, void *context)
{
	(void)store;
	(void)script;
	(void)done;
	(void)context;
	return false;
}

char
pg_store_side(const struct pg_store *store)
{
	(void)store;
	return 'a';
}

void
pg_store_retired(struct pg_store *store, const char *who)
{
	(void)store;
	(void)who;
}

void
pg_store_suspect(struct pg_store *store)
{
	(void)store;
	errx(1, "a connection of the pool has failed");
}

bool
pg_store_look_at_logins(struct pg_store *store)
{
	(void)store;
	return false;
}

static struct pg_pool pool;
static struct worker worker = { .supervisor_pid = 1 };

/* Runs the loop until the client has an answer that ends with ReadyForQuery. */
static void
await_ready(int fd)
{
	static char answer[4096];
	size_t length = 0;
	struct error e;
	ssize_t n;

	do {
		if (loop_run_once(&worker.loop, 1000, &e) == -1)
			errx(1, "%s", e.text);
		n = recv(fd, answer + length, sizeof(answer) - length, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN))
			errx(1, "the pool has closed the session");
		length += n > 0 ? (size_t)n : 0;
	} while (length < 6 || answer[length - 6] != 'Z' || answer[length - 1] != 'I');
	if (answer[0] == 'E')
		errx(1, "an error was answered: %.100s", answer + 5);
}

static int
session_open(void)
{
	static const char startup[] = "\0\0\0\x22\0\3\0\0user\0write\0database\0bibd\0";
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == -1)
		err(1, "socketpair");
	pg_session_accept(&pool, fds[1], NULL);
	if (send(fds[0], startup, sizeof(startup), 0) != (ssize_t)sizeof(startup))
		err(1, "send");
	await_ready(fds[0]);
	return fds[0];
}

static void
round_trips(int fd, unsigned n)
{
	static const char text[] = "Q\0\0\0\x2bselect v from guard where a = 12345678";

	for (unsigned i = 0; i < n; i++) {
		if (send(fd, text, sizeof(text), 0) != (ssize_t)sizeof(text))
			err(1, "send");
		await_ready(fd);
	}
}

int
main(int argc, char **argv)
{
	struct error e = { .text = "" };
	int fd;

	if (argc != 2)
		errx(1, "usage: pool DIRECTORY");
	directory = argv[1];
	if ((worker.conf = conf_new()) == NULL || loop_open(&worker.loop, &e) == -1 ||
	    pg_pool_open(&pool, &worker, &e) == -1 || pg_audit_open(&pool.audit, &worker, NULL, &e) == -1)
		errx(1, "the pool: %s", e.text);
	pool.operational = true;
	pg_pool_available(&pool);
	fd = session_open();
	round_trips(fd, GUARD_UNSEEN);
	guard_mark("pooled round trip", GUARD_TIMES);
	round_trips(fd, GUARD_TIMES);
	guard_mark(NULL, 0);
	return 0;
}
