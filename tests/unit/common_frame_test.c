/* Frames over a socket pair, good ones and every kind of bad one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/frame.h"
#include "tests/unit/run.h"

/* File scope: Check's fixtures and tests take no arguments. */
static int ends[2];
static struct frame frame, received;

static void
set_up(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	frame = (struct frame) { .header = { .type = 3, .length = 4, .id = 77 }, .fd = -1, .payload = "abc" };
}

static void
tear_down(void)
{
	close(ends[0]);
	close(ends[1]);
}

static unsigned
count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned n = 0;

	ck_assert_ptr_nonnull(directory);
	while (readdir(directory) != NULL)
		n++;
	(void)closedir(directory);
	return n;
}

/* A packet as only a peer that breaks the rules would make it. */
static void
send_raw(const void *data, size_t size, int nfds)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(16 * sizeof(int))];
	} control = { .bytes = "" };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)data, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (nfds > 0) {
		struct cmsghdr *cmsg;

		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE((size_t)nfds * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN((size_t)nfds * sizeof(int));
		for (int i = 0; i < nfds; i++)
			memcpy(CMSG_DATA(cmsg) + (size_t)i * sizeof(int), &ends[1], sizeof(int));
	}
	ck_assert_int_eq(sendmsg(ends[0], &msg, 0), (ssize_t)size);
}

static void
assert_refused(const char *code)
{
	struct error e;

	ck_assert_int_eq(frame_receive(ends[1], &received, &e), -1);
	ck_assert_str_eq(e.code, code);
	ck_assert_int_eq(received.fd, -1);
}

/* ---- sending and receiving ---- */

START_TEST(test_round_trip)
{
	ck_assert_int_eq(frame_receive(ends[1], &received, NULL), 0);
	ck_assert_int_eq(frame_send(ends[0], &frame, NULL), 0);
	ck_assert_int_eq(frame_receive(ends[1], &received, NULL), 1);
	ck_assert_uint_eq(received.header.type, 3);
	ck_assert_uint_eq(received.header.length, 4);
	ck_assert_uint_eq(received.header.id, 77);
	ck_assert_str_eq((const char *)received.payload, "abc");
	ck_assert_int_eq(received.fd, -1);
	ck_assert_int_eq(frame_receive(ends[1], &received, NULL), 0);
}
END_TEST

START_TEST(test_smallest_and_largest)
{
	frame.header.length = 0;
	ck_assert_int_eq(frame_send(ends[0], &frame, NULL), 0);
	ck_assert_int_eq(frame_receive(ends[1], &received, NULL), 1);
	ck_assert_uint_eq(received.header.length, 0);
	memset(frame.payload, 'x', sizeof(frame.payload));
	frame.header.length = FRAME_PAYLOAD_MAX;
	ck_assert_int_eq(frame_send(ends[0], &frame, NULL), 0);
	ck_assert_int_eq(frame_receive(ends[1], &received, NULL), 1);
	ck_assert_uint_eq(received.header.length, FRAME_PAYLOAD_MAX);
	ck_assert_mem_eq(received.payload, frame.payload, FRAME_PAYLOAD_MAX);
}
END_TEST

START_TEST(test_descriptor)
{
	unsigned before = count_descriptors();
	int pipe_ends[2], fd;
	char c = 0;

	ck_assert_int_eq(pipe(pipe_ends), 0);
	frame.fd = pipe_ends[1];
	ck_assert_int_eq(frame_send(ends[0], &frame, NULL), 0);
	ck_assert_int_eq(frame.fd, pipe_ends[1]);
	frame_close(&frame);
	ck_assert_int_eq(frame.fd, -1);
	frame_close(&frame);
	ck_assert_int_eq(frame_receive(ends[1], &received, NULL), 1);
	fd = frame_take_fd(&received);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(received.fd, -1);
	ck_assert_int_eq(frame_take_fd(&received), -1);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_eq(write(fd, "!", 1), 1);
	ck_assert_int_eq(read(pipe_ends[0], &c, 1), 1);
	ck_assert_int_eq(c, '!');
	close(fd);
	close(pipe_ends[0]);
	ck_assert_uint_eq(count_descriptors(), before);
}
END_TEST

START_TEST(test_full_socket)
{
	unsigned sent = 0;

	frame.header.length = FRAME_PAYLOAD_MAX;
	while (frame_send(ends[0], &frame, NULL) == 0)
		ck_assert_uint_lt(++sent, 10000);
	ck_assert_uint_gt(sent, 0);
	ck_assert_int_eq(frame_send(ends[0], &frame, NULL), 1);
	ck_assert_int_eq(frame_receive(ends[1], &received, NULL), 1);
	ck_assert_int_eq(frame_send(ends[0], &frame, NULL), 0);
}
END_TEST

/* A peer that is gone: an error and no SIGPIPE, and the end of the stream is told each time. */
START_TEST(test_peer_is_gone)
{
	struct error e;

	ck_assert_int_eq(shutdown(ends[0], SHUT_RDWR), 0);
	ck_assert_int_eq(frame_send(ends[0], &frame, &e), -1);
	ck_assert_str_eq(e.code, "frame.send");
	ck_assert_int_eq(e.errnum, EPIPE);
	assert_refused("channel.closed");
	assert_refused("channel.closed");
}
END_TEST

/* A peer that closes without having read what we sent: what it sent itself still arrives. */
START_TEST(test_last_words_survive_a_reset)
{
	ck_assert_int_eq(frame_send(ends[1], &frame, NULL), 0);
	ck_assert_int_eq(frame_send(ends[0], &frame, NULL), 0);
	frame.header.id = 78;
	ck_assert_int_eq(frame_send(ends[0], &frame, NULL), 0);
	close(ends[0]);
	ck_assert_int_eq(frame_receive(ends[1], &received, NULL), 1);
	ck_assert_uint_eq(received.header.id, 77);
	ck_assert_int_eq(frame_receive(ends[1], &received, NULL), 1);
	ck_assert_uint_eq(received.header.id, 78);
	assert_refused("channel.closed");
	ends[0] = -1;
}
END_TEST

START_TEST(test_bad_socket)
{
	struct error e;
	int pipe_ends[2];

	ck_assert_int_eq(pipe(pipe_ends), 0);
	ck_assert_int_eq(frame_receive(pipe_ends[0], &received, &e), -1);
	ck_assert_str_eq(e.code, "frame.receive");
	ck_assert_int_eq(e.errnum, ENOTSOCK);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}
END_TEST

/* ---- packets that break the rules ---- */

START_TEST(test_length_must_fit_the_packet)
{
	static const uint16_t lengths[] = { 0, 3, 5, FRAME_PAYLOAD_MAX, FRAME_PAYLOAD_MAX + 1, UINT16_MAX };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		frame.header.length = lengths[i];
		memcpy(received.payload, &frame.header, sizeof(frame.header));
		memcpy(received.payload + sizeof(frame.header), "abcd", 4);
		send_raw(received.payload, sizeof(frame.header) + 4, 0);
		assert_refused("frame.malformed");
	}
}
END_TEST

START_TEST(test_short_header)
{
	for (size_t size = 1; size < sizeof(frame.header); size++) {
		send_raw(&frame.header, size, 0);
		assert_refused("frame.malformed");
	}
}
END_TEST

START_TEST(test_too_long_packet)
{
	size_t size = sizeof(frame.header) + FRAME_PAYLOAD_MAX + 1;
	char *packet = calloc(1, size);

	ck_assert_ptr_nonnull(packet);
	frame.header.length = FRAME_PAYLOAD_MAX;
	memcpy(packet, &frame.header, sizeof(frame.header));
	send_raw(packet, size, 0);
	assert_refused("frame.malformed");
	frame.header.length = FRAME_PAYLOAD_MAX + 1;
	memcpy(packet, &frame.header, sizeof(frame.header));
	send_raw(packet, size, 1);
	assert_refused("frame.malformed");
	free(packet);
}
END_TEST

/* Two descriptors, more than there is room for, and descriptors with a packet that is nothing: all closed again. */
START_TEST(test_descriptors_never_leak)
{
	static const int counts[] = { 2, 4, 5, 16 };
	unsigned before = count_descriptors();

	frame.header.length = 0;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		send_raw(&frame.header, sizeof(frame.header), counts[i]);
		assert_refused("frame.malformed");
		ck_assert_uint_eq(count_descriptors(), before);
	}
	send_raw(&frame.header, 3, 1);
	assert_refused("frame.malformed");
	send_raw("", 0, 1);
	assert_refused("channel.closed");
	send_raw("", 0, 16);
	assert_refused("channel.closed");
	ck_assert_uint_eq(count_descriptors(), before);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_round_trip);
	tcase_add_test(t, test_smallest_and_largest);
	tcase_add_test(t, test_descriptor);
	tcase_add_test(t, test_full_socket);
	tcase_add_test(t, test_peer_is_gone);
	tcase_add_test(t, test_last_words_survive_a_reset);
	tcase_add_test(t, test_bad_socket);
	tcase_add_test(t, test_length_must_fit_the_packet);
	tcase_add_test(t, test_short_header);
	tcase_add_test(t, test_too_long_packet);
	tcase_add_test(t, test_descriptors_never_leak);
	return unit_run("frame", t, NULL);
}
