/*
 * As much of PostgreSQL's protocol as it takes to run a statement and learn what became of it.
 */
#include <arpa/inet.h>
#include <bsd/string.h>
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/control/compat/compat.h"

#define CONNECT_MS 1000
#define ANSWER_MS 60000
#define BODY_MAX 4096 /* bytes of a message that are looked at */

/* ---- bytes ---- */

static int
fail_lost(struct error *e)
{
	return error_set(e, STATUS_UNAVAILABLE, "compat.node", "the scratch node does not answer any more");
}

static int
await(int fd, short events, int64_t deadline)
{
	struct pollfd watched = { .fd = fd, .events = events };
	int64_t left = deadline - clock_now_ms();

	return left > 0 && poll(&watched, 1, (int)left) == 1 ? 0 : -1;
}

static int
send_all(int fd, const void *bytes, size_t n, int64_t deadline)
{
	const char *at = bytes;

	while (n > 0) {
		ssize_t sent = await(fd, POLLOUT, deadline) == -1 ? -1 : send(fd, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent == -1 && (errno == EINTR || errno == EAGAIN) && clock_now_ms() < deadline)
			continue;
		if (sent <= 0)
			return -1;
		at += sent;
		n -= (size_t)sent;
	}
	return 0;
}

static int
receive_all(int fd, void *bytes, size_t n, int64_t deadline)
{
	char *at = bytes;

	while (n > 0) {
		ssize_t got = await(fd, POLLIN, deadline) == -1 ? -1 : recv(fd, at, n, MSG_DONTWAIT);

		if (got == -1 && (errno == EINTR || errno == EAGAIN) && clock_now_ms() < deadline)
			continue;
		if (got <= 0)
			return -1;
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

/* ---- messages ---- */

/* type '\0': the first message, which has none. */
static int
send_message(int fd, char type, const void *body, size_t n, int64_t deadline)
{
	uint32_t length = htonl((uint32_t)n + 4);

	if ((type != '\0' && send_all(fd, &type, 1, deadline) == -1) ||
	    send_all(fd, &length, sizeof(length), deadline) == -1)
		return -1;
	return send_all(fd, body, n, deadline);
}

/* Reads a message: the beginning of its body, with two NULs after it; the rest is dropped. */
static int
receive_message(int fd, char *type, char body[BODY_MAX + 2], int64_t deadline)
{
	uint32_t length;
	size_t kept, left;

	if (receive_all(fd, type, 1, deadline) == -1 || receive_all(fd, &length, sizeof(length), deadline) == -1 ||
	    (length = ntohl(length)) < 4)
		return -1;
	left = length - 4;
	kept = left < BODY_MAX ? left : BODY_MAX;
	if (receive_all(fd, body, kept, deadline) == -1)
		return -1;
	body[kept] = body[kept + 1] = '\0';
	for (left -= kept; left > 0;) {
		char rest[4096];
		size_t n = left < sizeof(rest) ? left : sizeof(rest);

		if (receive_all(fd, rest, n, deadline) == -1)
			return -1;
		left -= n;
	}
	return 0;
}

/* Reads the fields of an ErrorResponse: a letter and a text each. */
static void
read_error(const char *body, struct compat_answer *answer)
{
	for (; *body != '\0'; body += strlen(body) + 1) {
		if (*body == 'C')
			(void)strlcpy(answer->state, body + 1, sizeof(answer->state));
		else if (*body == 'M')
			(void)strlcpy(answer->message, body + 1, sizeof(answer->message));
	}
}

/* Reads up to ReadyForQuery. A COPY that waits for data counts as taken, and gets no data. */
static int
receive_answer(struct compat_client *client, struct compat_answer *answer)
{
	int64_t deadline = clock_now_ms() + ANSWER_MS;
	char body[BODY_MAX + 2], type;
	bool copies = false;

	*answer = (struct compat_answer) { .state = "" };
	while (receive_message(client->fd, &type, body, deadline) == 0) {
		if (type == 'E' && !copies && answer->state[0] == '\0')
			read_error(body, answer);
		if (type == 'G') {
			copies = true;
			if (send_message(client->fd, 'f', "", 1, deadline) == -1)
				return -1;
		}
		if (type == 'Z') {
			client->transaction = body[0];
			return 0;
		}
	}
	return -1;
}

int
compat_connect(struct compat_client *client, const struct compat_node *node, struct error *e)
{
	static const char startup[] = "\0\3\0\0user\0admin\0database\0bibd\0application_name\0bibctl compat\0";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct compat_answer answer;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/run/.s.PGSQL.5432", node->directory);
	*client = (struct compat_client) { .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	if (client->fd == -1 || connect(client->fd, (struct sockaddr *)&address, sizeof(address)) == -1 ||
	    send_message(client->fd, '\0', startup, sizeof(startup), clock_now_ms() + CONNECT_MS) == -1 ||
	    receive_answer(client, &answer) == -1 || answer.state[0] != '\0') {
		compat_disconnect(client);
		return error_set(e, STATUS_UNAVAILABLE, "compat.node", "the scratch node takes no client");
	}
	return 0;
}

void
compat_disconnect(struct compat_client *client)
{
	if (client->fd != -1)
		(void)close(client->fd);
	client->fd = -1;
}

/* ---- statements ---- */

static int
query(struct compat_client *client, const char *statement, struct compat_answer *answer)
{
	if (send_message(client->fd, 'Q', statement, strlen(statement) + 1, clock_now_ms() + ANSWER_MS) == -1)
		return -1;
	return receive_answer(client, answer);
}

/* Has the statement parsed, and does not run it. */
static int
look_at(struct compat_client *client, const char *statement, struct compat_answer *answer)
{
	int64_t deadline = clock_now_ms() + ANSWER_MS;
	size_t n = strlen(statement);
	char *body = malloc(n + 4);
	int result = -1;

	if (body == NULL)
		return -1;
	body[0] = '\0'; /* the statement has no name */
	memcpy(body + 1, statement, n + 1);
	body[n + 2] = body[n + 3] = '\0'; /* and no types of parameters */
	if (send_message(client->fd, 'P', body, n + 4, deadline) == 0 &&
	    send_message(client->fd, 'S', "", 0, deadline) == 0)
		result = receive_answer(client, answer);
	free(body);
	return result;
}

/* Whether the statement has a parameter such as "$1", as one from a log may. */
static bool
has_parameters(const char *statement)
{
	for (const char *at = statement; (at = strchr(at, '$')) != NULL; at++)
		if (isdigit((unsigned char)at[1]) && (at == statement || strchr(" \t\n(,=<>+-*/|[", at[-1]) != NULL))
			return strstr(statement, "$$") == NULL && strstr(statement, "function") == NULL &&
			    strstr(statement, "FUNCTION") == NULL;
	return false;
}

/* Whether the statement begins, ends or divides a transaction: such a one is run as it is. */
static bool
is_of_transactions(const char *statement)
{
	static const char *const words[] = { "begin", "start", "commit", "end", "rollback", "abort", "savepoint",
		"release", "prepare transaction" };

	statement += strspn(statement, " \t\r\n");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncasecmp(statement, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

/* Within a transaction of the file each statement gets a savepoint, so that one that fails does not make all later ones
 * fail. */
int
compat_run(struct compat_client *client, const char *statement, struct compat_answer *answer, struct error *e)
{
	bool guarded = client->transaction == 'T' && !is_of_transactions(statement);
	struct compat_answer other;
	int result = guarded ? query(client, "SAVEPOINT bibctl_compat", &other) : 0;

	if (result == 0)
		result =
		    has_parameters(statement) ? look_at(client, statement, answer) : query(client, statement, answer);
	if (result == 0 && guarded && client->transaction == 'E')
		result = query(client, "ROLLBACK TO bibctl_compat", &other);
	if (result == 0 && guarded && client->transaction == 'T')
		result = query(client, "RELEASE bibctl_compat", &other);
	if (result == 0 && client->transaction == 'E')
		result = query(client, "ROLLBACK", &other);
	return result == 0 ? 0 : fail_lost(e);
}
