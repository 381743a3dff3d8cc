/*
 * Makes the connection of the check, reads the answer message by message, and notes whether it came in time.
 */
#include "supervisor/children/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <bsd/string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor/node/node.h"

#define CHECK_AGAIN_MS 50
#define CHECK_QUESTION_MAX 256
#define CHECK_PROTOCOL 0x30000u
#define CHECK_HEADER 5 /* of a message: its type and length */

void
check_init(struct check *check, struct node *node, const struct check_hooks *hooks)
{
	*check = (struct check) { .node = node, .hooks = *hooks, .watch.fd = -1 };
}

static void
check_disconnect(struct check *check)
{
	int fd = check->watch.fd;

	loop_timer_cancel(&check->again);
	if (fd == -1)
		return;
	loop_watch_delete(&check->watch);
	close(fd);
	check->watch.fd = -1;
}

static void
check_end(struct check *check)
{
	check_disconnect(check);
	loop_timer_cancel(&check->deadline);
	check->running = false;
}

void
check_forget(struct check *check)
{
	if (check->running)
		check_end(check);
	check->failed = check->late = false;
}

static bool
check_is_due(const struct check *check)
{
	const struct check_hooks *hooks = &check->hooks;

	return check->node->lifecycle.state == LIFECYCLE_OPERATIONAL && !hooks->is_paused(hooks->paused_context);
}

static void
check_fail(struct check *check, const char *cause)
{
	check_end(check);
	if (!check_is_due(check))
		return;
	(void)strlcpy(check->cause, cause, sizeof(check->cause));
	check->failed = true;
	check->hooks.concluded(check->hooks.context);
}

static void
check_is_late(struct loop_timer *timer)
{
	static const char *const what[] = { "its startup packet", "`select 1`" };
	struct check *check = timer->arg;
	int64_t timeout = conf_health(check->node->conf)->timeout;

	if (check->watch.fd == -1)
		(void)snprintf(check->cause, sizeof(check->cause),
		    "no client has been answered for %" PRId64
		    " ms: the client socket's queue is full, and nobody is let in",
		    timeout);
	else
		(void)snprintf(check->cause, sizeof(check->cause),
		    "no client has been answered for %" PRId64
		    " ms: bibd's own check connected to the client socket, and %s was not answered",
		    timeout, what[check->nready > 0]);
	check_end(check);
	check->late = check_is_due(check);
	if (check->late)
		check->hooks.ask_count(check->hooks.context);
}

void
check_take_count(struct check *check, uint64_t answered)
{
	if (check->running && !check->counted) {
		check->counted = true;
		check->answered_before = answered;
	}
	if (check->late)
		check->failed = !check->counted || answered == check->answered_before;
	check->late = false;
}

/* ---- answers ---- */

/* The message of an ErrorResponse, which is fields of a letter and a string each; "" when there is none. */
static const char *
check_find_message(const uint8_t *body, size_t size)
{
	const char *at = (const char *)body, *end = at + size;

	while (at < end && *at != '\0' && memchr(at, 0, (size_t)(end - at)) != NULL) {
		if (*at == 'M')
			return at + 1;
		at += strlen(at) + 1;
	}
	return "";
}

/* False: the check is over. */
static bool
check_take_message(struct check *check, char type, const uint8_t *body, size_t size)
{
	char cause[CHECK_CAUSE_MAX];

	if (type == 'E') {
		(void)snprintf(cause, sizeof(cause), "bibd's own check on the client socket was refused: %s",
		    check_find_message(body, size));
		check_fail(check, cause);
		return false;
	}
	check->has_row |= type == 'D';
	if (type != 'Z' || ++check->nready < 2)
		return true;
	if (!check->has_row) {
		check_fail(check, "bibd's own check on the client socket got no row for `select 1`");
		return false;
	}
	check_end(check);
	check->failed = false;
	check->hooks.concluded(check->hooks.context);
	return false;
}

/* False: the check is over. */
static bool
check_take_messages(struct check *check)
{
	const uint8_t *at = check->answer;
	size_t left = check->received;

	while (left >= CHECK_HEADER) {
		size_t length = (size_t)at[1] << 24 | (size_t)at[2] << 16 | (size_t)at[3] << 8 | at[4];

		if (length < CHECK_HEADER - 1 || length >= sizeof(check->answer)) {
			check_fail(check,
			    "bibd's own check on the client socket got an answer that is not in PostgreSQL's protocol");
			return false;
		}
		if (left < length + 1)
			break;
		if (!check_take_message(check, (char)at[0], at + CHECK_HEADER, length + 1 - CHECK_HEADER))
			return false;
		at += length + 1;
		left -= length + 1;
	}
	memmove(check->answer, at, left);
	check->received = left;
	return true;
}

static void
check_ready(struct loop_watch *watch, uint32_t events)
{
	struct check *check = watch->arg;
	ssize_t n =
	    recv(watch->fd, check->answer + check->received, sizeof(check->answer) - check->received, MSG_DONTWAIT);

	(void)events;
	if (n > 0) {
		check->received += (size_t)n;
		(void)check_take_messages(check);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		check_fail(check, "bibd's own check on the client socket was closed without an answer");
}

/* ---- the question ---- */

static void
check_put_int(uint8_t *at, size_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* All at once: a startup packet, the statement, and the end. */
static size_t
check_write(const struct conf *conf, uint8_t question[CHECK_QUESTION_MAX])
{
	static const char statement[] = "Q\0\0\0\rselect 1", end[] = { 'X', 0, 0, 0, 4 };
	int n = snprintf((char *)question + 8, CHECK_QUESTION_MAX - 64, "user%cadmin%cdatabase%c%.128s%c", 0, 0, 0,
	    conf->database.name, 0);
	size_t size = 8 + (n < 0 ? 0 : (size_t)n) + 1;

	question[size - 1] = 0;
	check_put_int(question, size);
	check_put_int(question + 4, CHECK_PROTOCOL);
	memcpy(question + size, statement, sizeof(statement));
	memcpy(question + size + sizeof(statement), end, sizeof(end));
	return size + sizeof(statement) + sizeof(end);
}

static void check_connect(struct check *check);

static void
check_connect_again(struct loop_timer *timer)
{
	check_connect(timer->arg);
}

/* Takes over fd. */
static void
check_ask(struct check *check, int fd)
{
	uint8_t question[CHECK_QUESTION_MAX];
	size_t size = check_write(check->node->conf, question);
	struct error e;

	/* This is so little that a new socket always has room for it. */
	if (send(fd, question, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size &&
	    loop_watch_add(&check->node->loop, &check->watch, fd, EPOLLIN, check_ready, check, &e) == 0)
		return;
	close(fd);
	check->watch.fd = -1;
	check_fail(check, "bibd's own check on the client socket was closed without an answer");
}

static void
check_connect(struct check *check)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char cause[CHECK_CAUSE_MAX];

	(void)strlcpy(address.sun_path, check->node->listening.sockets[LISTEN_CLIENTS].path, sizeof(address.sun_path));
	if (fd != -1 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
		check_ask(check, fd);
		return;
	}
	if (fd != -1 && errno == EAGAIN)
		loop_timer_set(&check->node->loop, &check->again, CHECK_AGAIN_MS, check_connect_again, check);
	else {
		(void)snprintf(cause, sizeof(cause), "clients cannot connect to %s: %s", address.sun_path,
		    strerror(errno));
		check_fail(check, cause);
	}
	if (fd != -1)
		close(fd);
}

void
check_begin(struct check *check)
{
	if (!check_is_due(check)) {
		check_forget(check);
		return;
	}
	if (check->running)
		return;
	check->running = true;
	check->counted = check->has_row = false;
	check->nready = 0;
	check->received = 0;
	loop_timer_set(&check->node->loop, &check->deadline, conf_health(check->node->conf)->timeout, check_is_late,
	    check);
	check_connect(check);
}
