/* Two ends of a channel in one loop, or one end and a socket that plays a peer without manners. */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/channel.h"
#include "common/clock.h"
#include "tests/unit/run.h"

/* One end, and what it was told. */
struct end {
	struct channel channel;
	unsigned heartbeats, healths, prepares;
	uint32_t last_id;
	bool in_order;
	unsigned closed;
	char code[64];
	bool close_in_handler; /* closes and frees its own memory */
};

/* File scope: Check's fixtures and tests take no arguments. The ends are on the heap, so that a use after free
 * shows. */
static struct loop loop;
static struct end *supervisor, *worker;
static unsigned freed;

static void
take_heartbeat(void *context, struct frame *frame, const struct message_heartbeat *message)
{
	struct end *end = context;

	(void)message;
	end->heartbeats++;
	end->in_order = end->in_order && frame->header.id == end->last_id + 1;
	end->last_id = frame->header.id;
	if (end->close_in_handler) {
		channel_close(&end->channel);
		free(end);
		worker = NULL;
		freed++;
	}
}

static void
take_health(void *context, struct frame *frame, const struct message_health *message)
{
	struct end *end = context;

	end->healths++;
	end->last_id = frame->header.id;
	ck_assert_str_eq(message->cause, "why");
}

static void
take_prepare(void *context, struct frame *frame, const struct message_prepare *message)
{
	struct end *end = context;

	(void)message;
	ck_assert_int_ne(frame->fd, -1);
	end->prepares++;
}

static const struct message_handlers worker_handlers = { .heartbeat = take_heartbeat, .prepare = take_prepare };
static const struct message_handlers supervisor_handlers = { .health = take_health };

static void
note_closed(struct channel *channel, const struct error *why)
{
	struct end *end = channel->context;

	ck_assert(!channel_is_open(channel));
	end->closed++;
	strncpy(end->code, why->code, sizeof(end->code) - 1);
}

static struct end *
open_end(int fd, enum process self, enum process peer)
{
	struct end *end = calloc(1, sizeof(*end));

	ck_assert_ptr_nonnull(end);
	ck_assert(!channel_is_open(&end->channel));
	end->in_order = true;
	ck_assert_int_eq(channel_open(&end->channel, &loop, fd, self, peer,
			     self == PROCESS_SQLITE ? &worker_handlers : &supervisor_handlers, end, note_closed, NULL),
	    0);
	return end;
}

static void
set_up(void)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	ck_assert_int_eq(loop_open(&loop, NULL), 0);
	supervisor = open_end(ends[0], PROCESS_SUPERVISOR, PROCESS_SQLITE);
	worker = open_end(ends[1], PROCESS_SQLITE, PROCESS_SUPERVISOR);
}

static void
tear_down(void)
{
	struct end *ends[] = { supervisor, worker };

	for (size_t i = 0; i < 2; i++)
		if (ends[i] != NULL) {
			channel_close(&ends[i]->channel);
			free(ends[i]);
		}
	loop_close(&loop);
}

/* Runs until nothing more happens. */
static void
settle(void)
{
	for (int i = 0; i < 2000; i++)
		ck_assert_int_eq(loop_run_once(&loop, 0, NULL), 0);
}

static const struct message_health health = { .healthy = true, .cause = "why" };

/* ---- the ordinary ---- */

START_TEST(test_messages_travel)
{
	int fd = dup(STDIN_FILENO);

	ck_assert_int_eq(channel_send_heartbeat(&supervisor->channel, 1, NULL, -1), 0);
	ck_assert_int_eq(channel_send_prepare(&supervisor->channel, 2, NULL, fd), 0);
	ck_assert_int_eq(close(fd), -1);
	ck_assert_int_eq(channel_send_health(&worker->channel, 7, &health, -1), 0);
	settle();
	ck_assert_uint_eq(worker->heartbeats, 1);
	ck_assert_uint_eq(worker->prepares, 1);
	ck_assert_uint_eq(supervisor->healths, 1);
	ck_assert_uint_eq(supervisor->last_id, 7);
	ck_assert_uint_eq(supervisor->closed + worker->closed, 0);
	/* No id is 0: that means that no reply is awaited. */
	ck_assert_uint_eq(channel_next_id(&supervisor->channel), 1);
	ck_assert_uint_eq(channel_next_id(&supervisor->channel), 2);
	supervisor->channel.next_id = UINT32_MAX;
	ck_assert_uint_eq(channel_next_id(&supervisor->channel), 1);
}
END_TEST

static void
assert_unanswered(const char *wanted)
{
	char text[64];

	channel_unanswered(&supervisor->channel, text, sizeof(text));
	ck_assert_str_eq(text, wanted);
}

/* A request stays until its own reply comes under its own id; a second of a kind takes the place of the first. */
START_TEST(test_what_is_not_answered_is_known)
{
	assert_unanswered("");
	(void)channel_send_health(&worker->channel, 7, &health, -1);
	assert_unanswered("");
	(void)channel_send_prepare(&supervisor->channel, 0, NULL, dup(STDIN_FILENO));
	(void)channel_send_heartbeat(&supervisor->channel, 1, NULL, -1);
	(void)channel_send_prepare(&supervisor->channel, 0, NULL, dup(STDIN_FILENO));
	assert_unanswered("HEARTBEAT, PREPARE");
	(void)channel_send_health(&worker->channel, 7, &health, -1);
	settle();
	assert_unanswered("HEARTBEAT, PREPARE");
	(void)channel_send_health(&worker->channel, 1, &health, -1);
	settle();
	assert_unanswered("PREPARE");
	channel_close(&supervisor->channel);
	assert_unanswered("PREPARE");
}
END_TEST

START_TEST(test_close_is_seen_once)
{
	channel_close(&supervisor->channel);
	channel_close(&supervisor->channel);
	ck_assert_int_eq(channel_send_heartbeat(&supervisor->channel, 1, NULL, -1), -1);
	settle();
	ck_assert_uint_eq(supervisor->closed, 0);
	ck_assert_uint_eq(worker->closed, 1);
	ck_assert_str_eq(worker->code, "channel.closed");
	ck_assert_int_eq(channel_send_prepare(&worker->channel, 1, NULL, dup(STDIN_FILENO)), -1);
}
END_TEST

START_TEST(test_last_words_are_heard)
{
	for (uint32_t i = 1; i <= 5; i++)
		ck_assert_int_eq(channel_send_heartbeat(&supervisor->channel, i, NULL, -1), 0);
	ck_assert_int_eq(channel_send_health(&worker->channel, 1, &health, -1), 0);
	channel_close(&supervisor->channel);
	settle();
	ck_assert_uint_eq(worker->heartbeats, 5);
	ck_assert_str_eq(worker->code, "channel.closed");
}
END_TEST

START_TEST(test_close_in_a_handler)
{
	worker->close_in_handler = true;
	ck_assert_int_eq(channel_send_heartbeat(&supervisor->channel, 1, NULL, -1), 0);
	ck_assert_int_eq(channel_send_heartbeat(&supervisor->channel, 2, NULL, -1), 0);
	settle();
	ck_assert_uint_eq(freed, 1);
	ck_assert_uint_eq(supervisor->closed, 1);
}
END_TEST

START_TEST(test_cannot_open)
{
	struct channel channel;
	struct error e;

	ck_assert_int_eq(channel_open(&channel, &loop, 9999, PROCESS_SQLITE, PROCESS_SUPERVISOR, &worker_handlers, NULL,
			     note_closed, &e),
	    -1);
	ck_assert_str_eq(e.code, "loop.watch");
	ck_assert(!channel_is_open(&channel));
	channel_close(&channel);
}
END_TEST

/* ---- a peer that breaks the rules costs its channel ---- */

START_TEST(test_bad_packets)
{
	static const char *const codes[] = { "frame.malformed", "message.direction", "message.unexpected" };
	struct frame frame = { .fd = -1 };

	switch (_i) {
	case 0:
		ck_assert_int_eq(send(supervisor->channel.watch.fd, "xyz", 3, 0), 3);
		break;
	case 1:
		ck_assert_int_eq(message_encode_health(&frame, 1, &health, -1, NULL), 0);
		ck_assert_int_eq(frame_send(supervisor->channel.watch.fd, &frame, NULL), 0);
		break;
	default:
		ck_assert_int_eq(channel_send_discard(&supervisor->channel, 1, NULL, -1), 0);
	}
	settle();
	ck_assert_uint_eq(worker->closed, 1);
	ck_assert_str_eq(worker->code, codes[_i]);
	ck_assert_uint_eq(supervisor->closed, 1);
	ck_assert_str_eq(supervisor->code, "channel.closed");
}
END_TEST

START_TEST(test_too_long_message_is_not_sent)
{
	static char text[FRAME_PAYLOAD_MAX + 1];

	memset(text, 'x', FRAME_PAYLOAD_MAX);
	close(STDERR_FILENO);
	ck_assert_int_eq(channel_send_health(&worker->channel, 1, &(struct message_health) { .cause = text }, -1), -1);
	settle();
	ck_assert(channel_is_open(&worker->channel));
	ck_assert_uint_eq(supervisor->healths, 0);
}
END_TEST

/* ---- a peer that does not read ---- */

static uint32_t
fill(uint32_t id, size_t queued)
{
	while (supervisor->channel.queued < queued) {
		ck_assert_int_eq(channel_send_heartbeat(&supervisor->channel, ++id, NULL, -1), 0);
		ck_assert_uint_lt(id, 100000);
	}
	return id;
}

START_TEST(test_queue_keeps_the_order)
{
	uint32_t sent = fill(0, CHANNEL_QUEUE_MAX);

	for (unsigned i = 0; i < 20; i++)
		settle();
	ck_assert_uint_eq(worker->heartbeats, sent);
	ck_assert(worker->in_order);
	ck_assert_uint_eq(supervisor->channel.queued, 0);
	ck_assert_uint_eq(supervisor->channel.watch.events, EPOLLIN);
	ck_assert_uint_eq(supervisor->closed + worker->closed, 0);
}
END_TEST

/* The end does not wait for the peer to read or say anything, and comes from the loop, not from the send. */
START_TEST(test_full_queue_ends_the_channel)
{
	loop_watch_events(&worker->channel.watch, 0);
	(void)fill(0, CHANNEL_QUEUE_MAX);
	settle();
	ck_assert_uint_eq(supervisor->closed, 0);
	ck_assert_int_eq(channel_send_heartbeat(&supervisor->channel, 1, NULL, -1), -1);
	ck_assert_int_eq(channel_send_prepare(&supervisor->channel, 1, NULL, dup(STDIN_FILENO)), -1);
	ck_assert(channel_is_open(&supervisor->channel));
	ck_assert_uint_eq(supervisor->closed, 0);
	ck_assert_int_eq(loop_run_once(&loop, -1, NULL), 0);
	ck_assert_uint_eq(supervisor->closed, 1);
	ck_assert_str_eq(supervisor->code, "channel.full");
	ck_assert_uint_eq(supervisor->channel.queued, 0);
}
END_TEST

START_TEST(test_close_with_a_full_queue)
{
	loop_watch_events(&worker->channel.watch, 0);
	(void)fill(0, CHANNEL_QUEUE_MAX);
	ck_assert_int_eq(channel_send_heartbeat(&supervisor->channel, 1, NULL, -1), -1);
	channel_close(&supervisor->channel);
	free(supervisor);
	supervisor = NULL;
	settle();
	ck_assert(TAILQ_EMPTY(&loop.timers));
}
END_TEST

START_TEST(test_peer_dies_with_frames_queued)
{
	loop_watch_events(&worker->channel.watch, 0);
	(void)fill(0, 10);
	ck_assert_int_eq(channel_send_health(&worker->channel, 3, &health, -1), 0);
	channel_close(&worker->channel);
	settle();
	ck_assert_uint_eq(supervisor->healths, 1);
	ck_assert_uint_eq(supervisor->closed, 1);
	ck_assert_str_eq(supervisor->code, "channel.closed");
	ck_assert_uint_eq(supervisor->channel.queued, 0);
}
END_TEST

/* ---- flush ---- */

/* The reader is a process of its own that starts late; it ends with the number of frames that it got, shifted. */
static int
read_all(int fd)
{
	struct frame frame;
	int n = 0, result;

	while ((result = frame_receive(fd, &frame, NULL)) != -1) {
		n += result;
		if (result == 0)
			(void)usleep(1000);
	}
	return n;
}

START_TEST(test_flush)
{
	uint32_t sent;
	int result_ends[2], got = 0;

	ck_assert_int_eq(pipe(result_ends), 0);
	loop_watch_events(&worker->channel.watch, 0);
	sent = fill(0, 50);
	if (fork() == 0) {
		int n;

		(void)usleep(100000);
		close(supervisor->channel.watch.fd);
		n = read_all(worker->channel.watch.fd);
		_exit(write(result_ends[1], &n, sizeof(n)) != sizeof(n));
	}
	channel_flush(&supervisor->channel, 10000);
	ck_assert_uint_eq(supervisor->channel.queued, 0);
	channel_close(&supervisor->channel);
	ck_assert_int_eq(read(result_ends[0], &got, sizeof(got)), sizeof(got));
	ck_assert_int_eq(got, (int)sent);
	close(result_ends[0]);
	close(result_ends[1]);
}
END_TEST

START_TEST(test_flush_ends_in_time)
{
	int64_t before = clock_now_ms();

	channel_flush(&supervisor->channel, 1000);
	ck_assert_int_lt(clock_now_ms() - before, 900);
	loop_watch_events(&worker->channel.watch, 0);
	(void)fill(0, 5);
	before = clock_now_ms();
	channel_flush(&supervisor->channel, 50);
	ck_assert_int_ge(clock_now_ms() - before, 50);
	ck_assert_int_lt(clock_now_ms() - before, 5000);
	ck_assert_uint_eq(supervisor->channel.queued, 5);
	channel_close(&worker->channel);
	channel_flush(&supervisor->channel, 60000);
	ck_assert_uint_eq(supervisor->closed, 1);
	channel_flush(&supervisor->channel, 60000);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_messages_travel);
	tcase_add_test(t, test_what_is_not_answered_is_known);
	tcase_add_test(t, test_close_is_seen_once);
	tcase_add_test(t, test_last_words_are_heard);
	tcase_add_test(t, test_close_in_a_handler);
	tcase_add_test(t, test_cannot_open);
	tcase_add_loop_test(t, test_bad_packets, 0, 3);
	tcase_add_test(t, test_too_long_message_is_not_sent);
	tcase_add_test(t, test_queue_keeps_the_order);
	tcase_add_test(t, test_full_queue_ends_the_channel);
	tcase_add_test(t, test_close_with_a_full_queue);
	tcase_add_test(t, test_peer_dies_with_frames_queued);
	tcase_add_test(t, test_flush);
	tcase_add_test(t, test_flush_ends_in_time);
	return unit_run("channel", t, NULL);
}
