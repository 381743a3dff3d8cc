/*
 * Connects, sends a startup packet, and reads from the answer whether a server accepts, starts, or is full.
 */
#include "workers/postgres/store/probe.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"

#define PROBE_PROTOCOL (3U << 16)
#define PROBE_RETRY_MS 100
/* Before version 3 was agreed on, an error was a text alone: its first bytes are no length then. */
#define PROBE_ERROR_MIN 8
#define PROBE_ERROR_MAX 30000

static void probe_connect(struct probe *probe);

static int64_t
probe_now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
probe_disconnect(struct probe *probe)
{
	int fd = probe->watch.fd;

	if (probe->watch.loop == NULL || fd == -1)
		return;
	loop_watch_delete(&probe->watch);
	close(fd);
}

void
probe_cancel(struct probe *probe)
{
	probe_disconnect(probe);
	loop_timer_cancel(&probe->deadline);
	loop_timer_cancel(&probe->again);
	probe->done = NULL;
}

bool
probe_is_running(const struct probe *probe)
{
	return probe->done != NULL;
}

bool
probe_is_alive(enum probe_answer answer)
{
	return answer != PROBE_SILENT && answer != PROBE_CLOSED && answer != PROBE_ABSENT;
}

static void
probe_finish(struct probe *probe, enum probe_answer answer, const char *reason)
{
	int64_t us = probe_now_us() - probe->started_us;
	struct probe_result result = { .answer = answer,
		.us = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us,
		.address = probe->address };
	probe_done_fn *done = probe->done;

	(void)snprintf(result.reason, sizeof(result.reason), "%s", reason);
	probe_cancel(probe);
	done(probe, &result);
}

/* ---- what the server says ---- */

/* Puts message and detail of an ErrorResponse into text and its SQLSTATE into state; false: it is not one. */
static bool
probe_read_error(const uint8_t *body, size_t size, char *text, size_t text_size, char state[6])
{
	const char *message = "", *detail = "";
	size_t offset = 0;

	(void)snprintf(state, 6, "%s", "");
	while (offset < size && body[offset] != '\0') {
		const char *value = (const char *)body + offset + 1;
		size_t length = strnlen(value, size - offset - 1);

		/* The message was cut off: the part that has come is used. */
		if (offset + 1 + length == size)
			break;
		if (body[offset] == 'M')
			message = value;
		else if (body[offset] == 'D')
			detail = value;
		else if (body[offset] == 'C')
			(void)snprintf(state, 6, "%s", value);
		offset += length + 2;
	}
	(void)snprintf(text, text_size, "%s%s%s", message, detail[0] == '\0' ? "" : ": ", detail);
	for (char *p = text; *p != '\0'; p++)
		if (iscntrl((unsigned char)*p))
			*p = ' ';
	return message[0] != '\0';
}

/* The answer's first bytes are all that is needed; an error is read to its end, or as far as there is room. */
static void
probe_take_answer(struct probe *probe, bool ended)
{
	char text[PROBE_REASON_MAX], state[6];
	uint32_t length = 0;
	size_t size = probe->received;
	enum probe_answer answer = PROBE_REFUSING;

	if (probe->answer[0] == 'R') {
		probe_finish(probe, PROBE_ACCEPTING, "");
		return;
	}
	if (probe->answer[0] != 'E') {
		probe_finish(probe, PROBE_REFUSING, "what answers there does not speak PostgreSQL's protocol");
		return;
	}
	if (size >= 5)
		length = (uint32_t)probe->answer[1] << 24 | (uint32_t)probe->answer[2] << 16 |
		    (uint32_t)probe->answer[3] << 8 | probe->answer[4];
	if (size < sizeof(probe->answer) && !ended &&
	    (size < 5 || (length <= PROBE_ERROR_MAX && size < (size_t)length + 1)))
		return;
	if (length < PROBE_ERROR_MIN || length > PROBE_ERROR_MAX) {
		(void)snprintf(text, sizeof(text), "%.*s", (int)strcspn((const char *)probe->answer + 1, "\r\n"),
		    (const char *)probe->answer + 1);
		probe_finish(probe, PROBE_REFUSING, text);
		return;
	}
	if (!probe_read_error(probe->answer + 5, size - 5, text, sizeof(text), state))
		(void)snprintf(text, sizeof(text), "the server answered with an error");
	if (strcmp(state, "57P03") == 0)
		answer = PROBE_STARTING;
	else if (strcmp(state, "53300") == 0)
		answer = PROBE_BUSY;
	probe_finish(probe, answer, text);
}

/* ---- the connection ---- */

/* Goes on with the next address, if there is one. */
static void
probe_fail_as(struct probe *probe, enum probe_answer answer, const char *reason)
{
	probe_disconnect(probe);
	if (probe->address + 1 < probe->target->naddresses) {
		probe->address++;
		probe_connect(probe);
		return;
	}
	probe_finish(probe, answer, reason);
}

static void
probe_fail(struct probe *probe, const char *reason)
{
	probe_fail_as(probe, PROBE_ABSENT, reason);
}

/* Puts strerror's text into a sentence. */
static void
probe_fail_errno(struct probe *probe, int errnum)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "%s", strerror(errnum));
	text[0] = (char)tolower((unsigned char)text[0]);
	/* ECONNRESET and EPIPE: the server closed the connection without reading what was sent. */
	probe_fail_as(probe, errnum == ECONNRESET || errnum == EPIPE ? PROBE_CLOSED : PROBE_ABSENT, text);
}

static void
probe_receive(struct probe *probe)
{
	ssize_t n =
	    recv(probe->watch.fd, probe->answer + probe->received, sizeof(probe->answer) - 1 - probe->received, 0);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		probe->received += (size_t)n;
	probe->answer[probe->received] = '\0';
	if (probe->received > 0)
		probe_take_answer(probe, n <= 0 || probe->received == sizeof(probe->answer) - 1);
	else if (n == -1)
		probe_fail_errno(probe, errno);
	else
		probe_fail_as(probe, PROBE_CLOSED, "the server closed the connection without an answer");
}

static void
probe_send(struct probe *probe)
{
	ssize_t n = send(probe->watch.fd, probe->packet + probe->sent, probe->packet_size - probe->sent, MSG_NOSIGNAL);

	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		probe_fail_errno(probe, errno);
		return;
	}
	if (n > 0)
		probe->sent += (size_t)n;
	if (probe->sent == probe->packet_size)
		loop_watch_events(&probe->watch, EPOLLIN);
}

static void
probe_ready(struct loop_watch *watch, uint32_t events)
{
	struct probe *probe = watch->arg;
	socklen_t size = sizeof(int);
	int errnum = 0;

	if (probe->sent < probe->packet_size && (events & (EPOLLERR | EPOLLHUP)) != 0) {
		(void)getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &errnum, &size);
		probe_fail_errno(probe, errnum == 0 ? ECONNRESET : errnum);
	} else if (probe->sent < probe->packet_size)
		probe_send(probe);
	else
		probe_receive(probe);
}

static void
probe_connect_again(struct loop_timer *timer)
{
	probe_connect(timer->arg);
}

static void
probe_connect(struct probe *probe)
{
	const struct sockaddr_storage *address = &probe->target->addresses[probe->address].address;
	int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct error e;

	probe->sent = probe->received = 0;
	if (fd == -1) {
		probe_fail_errno(probe, errno);
		return;
	}
	if (connect(fd, (const struct sockaddr *)address, probe->target->addresses[probe->address].length) == -1 &&
	    errno != EINPROGRESS) {
		int errnum = errno;

		close(fd);
		if (errnum == EAGAIN)
			loop_timer_set(probe->loop, &probe->again, PROBE_RETRY_MS, probe_connect_again, probe);
		else
			probe_fail_errno(probe, errnum);
		return;
	}
	if (loop_watch_add(probe->loop, &probe->watch, fd, EPOLLOUT, probe_ready, probe, &e) == -1) {
		close(fd);
		probe_fail(probe, e.text);
	}
}

static void
probe_expired(struct loop_timer *timer)
{
	struct probe *probe = timer->arg;
	char reason[64];

	(void)snprintf(reason, sizeof(reason), "no answer within %" PRId64 " ms", probe->timeout_ms);
	probe_finish(probe, PROBE_SILENT, reason);
}

/* ---- the packet ---- */

static void
probe_put_text(struct probe *probe, const char *text)
{
	size_t size = strlen(text) + 1;

	if (probe->packet_size + size > sizeof(probe->packet))
		return;
	memcpy(probe->packet + probe->packet_size, text, size);
	probe->packet_size += size;
}

static void
probe_make_packet(struct probe *probe)
{
	uint32_t word = htonl(PROBE_PROTOCOL);

	memcpy(probe->packet + 4, &word, 4);
	probe->packet_size = 8;
	probe_put_text(probe, "user");
	probe_put_text(probe, probe->target->user);
	probe_put_text(probe, "database");
	probe_put_text(probe, probe->target->database);
	probe_put_text(probe, "");
	word = htonl((uint32_t)probe->packet_size);
	memcpy(probe->packet, &word, 4);
}

static void
probe_begin(struct loop_timer *timer)
{
	probe_connect(timer->arg);
}

void
probe_start(struct probe *probe, struct loop *loop, const struct probe_target *target, int64_t timeout_ms,
    probe_done_fn *done, void *context)
{
	*probe = (struct probe) { .loop = loop,
		.watch.fd = -1,
		.target = target,
		.timeout_ms = timeout_ms,
		.started_us = probe_now_us(),
		.done = done,
		.context = context };
	probe_make_packet(probe);
	loop_timer_set(loop, &probe->deadline, timeout_ms, probe_expired, probe);
	/* From the loop, so that done is never called before this has returned. */
	loop_timer_set(loop, &probe->again, 0, probe_begin, probe);
}
