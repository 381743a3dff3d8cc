/* Connections of bibctl: greeting, deadlines, how many there may be, and what garbage costs whom. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/control_scene.h"

/* ---- greeting ---- */

START_TEST(test_hello)
{
	struct scene_peer *peer = scene_greet(0);

	scene_settle();
	ck_assert_uint_eq(peer->results, 0);
	ck_assert(channel_is_open(&peer->channel));
}
END_TEST

START_TEST(test_hello_of_another_build)
{
	struct scene_peer *peer = scene_connect(0);

	scene_send_hello(peer, _i == 0 ? MESSAGE_CONTROL_PROTOCOL + 1 : MESSAGE_CONTROL_PROTOCOL,
	    _i == 0 ? message_table_hash() : message_table_hash() + 1);
	scene_run_until(&peer->results, 1);
	ck_assert_uint_eq(peer->hellos, 1);
	ck_assert_uint_eq(peer->status, STATUS_USAGE);
	ck_assert_str_eq(peer->code, "control.version");
	ck_assert_ptr_nonnull(strstr(peer->text, "9.9"));
	ck_assert_ptr_nonnull(strstr(peer->text, PACKAGE_VERSION));
	scene_settle();
	ck_assert(!channel_is_open(&peer->channel));
	ck_assert_uint_eq(scene.control->nclients, 0);
}
END_TEST

START_TEST(test_request_before_hello)
{
	struct scene_peer *peer = scene_connect(0);

	ck_assert_int_eq(channel_send_status_request(&peer->channel, 1, NULL, -1), 0);
	scene_settle();
	ck_assert(!channel_is_open(&peer->channel));
	ck_assert_uint_eq(scene.nasked, 0);
}
END_TEST

START_TEST(test_second_hello)
{
	struct scene_peer *peer = scene_greet(0);

	scene_send_hello(peer, MESSAGE_CONTROL_PROTOCOL, message_table_hash());
	scene_settle();
	ck_assert(!channel_is_open(&peer->channel));
}
END_TEST

START_TEST(test_deadlines)
{
	struct scene_peer *silent = scene_connect(0), *idle = scene_greet(1);

	scene_advance_clock(CONTROL_HELLO_MS + 1);
	scene_settle();
	ck_assert(!channel_is_open(&silent->channel));
	ck_assert(channel_is_open(&idle->channel));
	scene.now += CONTROL_IDLE_MS;
	scene_settle();
	ck_assert(!channel_is_open(&idle->channel));
	ck_assert_uint_eq(scene.control->nclients, 0);
}
END_TEST

/* ---- how many ---- */

START_TEST(test_connections_of_one_user)
{
	struct scene_peer *last;

	for (unsigned i = 0; i < CONTROL_CLIENTS_PER_UID; i++)
		(void)scene_greet(i);
	last = scene_connect(CONTROL_CLIENTS_PER_UID);
	scene_run_until(&last->results, 1);
	ck_assert_str_eq(last->code, "control.full");
	ck_assert_uint_eq(last->status, STATUS_UNAVAILABLE);
	scene_settle();
	ck_assert(!channel_is_open(&last->channel));
	channel_close(&scene.peers[0].channel);
	scene_settle();
	(void)scene_greet(0);
}
END_TEST

START_TEST(test_connections_of_all)
{
	struct control_client *client;
	uid_t uid = 1000000;

	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		(void)scene_connect(i);
		TAILQ_FOREACH(client, &scene.control->clients, entry)
		if (client->uid == getuid())
			client->uid = uid++;
	}
	ck_assert_uint_eq(scene.control->nclients, CONTROL_CLIENTS_MAX);
	(void)scene_connect(CONTROL_CLIENTS_MAX);
	scene_run_until(&scene.peers[CONTROL_CLIENTS_MAX].results, 1);
	ck_assert_uint_eq(scene.control->nclients, CONTROL_CLIENTS_MAX);
	/* Room that only those who may stop the daemon get. */
	channel_close(&scene.peers[0].channel);
	scene_settle();
	ck_assert_uint_eq(scene.control->nclients, CONTROL_CLIENTS_MAX - 1);
	(void)scene_greet(0);
}
END_TEST

/* ---- garbage ---- */

START_TEST(test_garbage)
{
	static const unsigned char patterns[] = { 0x00, 0xff, 0x7f, 0x01 };
	struct scene_peer *good = scene_greet(0);
	unsigned char bytes[70000];

	for (unsigned i = 0; i < sizeof(patterns); i++)
		for (size_t size = 1; size <= sizeof(bytes); size = size * 7 + 1) {
			struct scene_peer *bad = scene_connect(1);

			memset(bytes, patterns[i], sizeof(bytes));
			ck_assert_int_gt(send(bad->channel.watch.fd, bytes, size, MSG_NOSIGNAL), 0);
			scene_settle();
			/* All of a HELLO in zeroes is another build's; anything else is nobody's. */
			ck_assert(!channel_is_open(&bad->channel));
			channel_close(&bad->channel);
		}
	ck_assert_uint_eq(scene.control->nclients, 1);
	(void)channel_send_status_request(&good->channel, 1, NULL, -1);
	scene_run_until(&scene.nasked, 1);
}
END_TEST

START_TEST(test_wrong_direction)
{
	struct scene_peer *bad = scene_greet(0);

	/* What only the supervisor may say. */
	(void)channel_send_event(&bad->channel, 1, &(struct message_event) { .number = 1 }, -1);
	scene_settle();
	ck_assert(!channel_is_open(&bad->channel));
	ck_assert_uint_eq(scene.control->events.next, 0);
}
END_TEST

START_TEST(test_unexpected_descriptor)
{
	struct scene_peer *bad = scene_greet(0);

	(void)channel_send_status_request(&bad->channel, 1, NULL, dup(STDERR_FILENO));
	scene_settle();
	ck_assert(!channel_is_open(&bad->channel));
	ck_assert_uint_eq(scene.nasked, 0);
}
END_TEST

START_TEST(test_listen_and_close)
{
	char path[] = "/tmp/bibd-control-XXXXXX";
	struct sockaddr_un *address = calloc(1, sizeof(struct sockaddr_un));
	struct error e;
	int fd, client;

	ck_assert_ptr_nonnull(address);
	ck_assert_ptr_nonnull(mkdtemp(path));
	address->sun_family = AF_UNIX;
	(void)snprintf(address->sun_path, sizeof(address->sun_path), "%s/control.sock", path);
	ck_assert_int_ne(fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), -1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)address, sizeof(*address)), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	control_listen(&scene.worker, LISTEN_CLIENTS, dup(STDERR_FILENO)); /* not ours: closed */
	ck_assert_int_eq(scene.control->acceptors[LISTEN_CONTROL].watch.fd, -1);
	control_listen(&scene.worker, LISTEN_CONTROL, fd);
	ck_assert_int_ne(client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), -1);
	ck_assert_int_eq(connect(client, (struct sockaddr *)address, sizeof(*address)), 0);
	for (int i = 0; i < 100 && scene.control->nclients == 0; i++)
		ck_assert_int_eq(loop_run_once(&scene.worker.loop, 5, &e), 0);
	ck_assert_uint_eq(scene.control->nclients, 1);
	ck_assert_uint_eq(TAILQ_FIRST(&scene.control->clients)->uid, getuid());
	control_close(scene.control);
	ck_assert_uint_eq(scene.control->nclients, 0);
	ck_assert_int_eq(recv(client, &(char) { 0 }, 1, 0), 0);
	close(client);
	(void)unlink(address->sun_path);
	ck_assert_int_eq(rmdir(path), 0);
	free(address);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, test_hello);
	tcase_add_loop_test(t, test_hello_of_another_build, 0, 2);
	tcase_add_test(t, test_request_before_hello);
	tcase_add_test(t, test_second_hello);
	tcase_add_test(t, test_deadlines);
	tcase_add_test(t, test_connections_of_one_user);
	tcase_add_test(t, test_connections_of_all);
	tcase_add_test(t, test_garbage);
	tcase_add_test(t, test_wrong_direction);
	tcase_add_test(t, test_unexpected_descriptor);
	tcase_add_test(t, test_listen_and_close);
}

int
main(void)
{
	return scene_main("control clients", add_tests);
}
