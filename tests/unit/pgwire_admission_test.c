/* Who is let in: limits in all and by uid, on those who have not sent their startup packet and on sessions. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "workers/pgwire/admission.h"

#define PLACES 64

struct fixture {
	struct admission admission;
	struct conf *conf;
	struct report report;
	int sockets[2];
	struct admission_place places[PLACES];
};
/* Check's fixtures take no argument. */
static struct fixture f;

static void
set_up(void)
{
	struct error e;

	memset(&f, 0, sizeof(f));
	ck_assert_int_eq(admission_open(&f.admission, &e), 0);
	f.conf = conf_new();
	ck_assert_ptr_nonnull(f.conf);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, f.sockets), 0);
}

static void
tear_down(void)
{
	admission_close(&f.admission);
	conf_free(f.conf);
	report_reset(&f.report);
	close(f.sockets[0]);
	close(f.sockets[1]);
}

static void
client_sends(const void *bytes, size_t size)
{
	ck_assert_int_eq((int)send(f.sockets[0], bytes, size, 0), (int)size);
}
#define CLIENT_SENDS(text) client_sends(text, sizeof(text) - 1)

/* A whole packet for a session: "user", "a". */
#define SESSION_PACKET "\0\0\0\x10\0\3\0\0user\0a\0\0"

static int
enter(unsigned place, uid_t uid)
{
	report_reset(&f.report);
	return admission_enter(&f.admission, f.conf, &(struct pgwire_peer) { .uid = uid }, f.sockets[1],
	    &f.places[place], &f.report);
}

static int
enter_from(unsigned place, const char *address)
{
	struct pgwire_peer peer;

	pgwire_peer_set_remote(&peer, "shop", address);
	report_reset(&f.report);
	return admission_enter(&f.admission, f.conf, &peer, f.sockets[1], &f.places[place], &f.report);
}

static int
serve_role(unsigned place, enum role role)
{
	report_reset(&f.report);
	return admission_serve(&f.admission, f.conf, role, &f.places[place], &f.report);
}

static int
serve(unsigned place)
{
	return serve_role(place, ROLE_WRITE);
}

static void
leave(unsigned place)
{
	admission_leave(&f.admission, &f.places[place]);
}

static void
assert_refused(int result, const char *key)
{
	ck_assert_int_eq(result, -1);
	ck_assert_int_eq(f.report.state, SQLSTATE_TOO_MANY_CONNECTIONS);
	ck_assert_msg(strstr(f.report.message, key) != NULL, "%s does not name %s", f.report.message, key);
}

START_TEST(one_uid_keeps_silent_in_a_quarter)
{
	f.conf->server.max_starting = 16;
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(enter(i, 1000), 0);
	assert_refused(enter(4, 1000), "one user's part of server.max_starting (16)");
	ck_assert_int_eq(f.places[4].state, ADMISSION_NONE);
	ck_assert_int_eq(enter(5, 1001), 0);
	leave(0);
	ck_assert_int_eq(enter(4, 1000), 0);
}
END_TEST

START_TEST(all_uids_together_are_limited)
{
	f.conf->server.max_starting = 8;
	for (unsigned i = 0; i < 8; i++)
		ck_assert_int_eq(enter(i, 1000 + i / 2), 0);
	assert_refused(enter(8, 2000), "server.max_starting is 8");
}
END_TEST

START_TEST(who_has_sent_is_not_waited_for)
{
	f.conf->server.max_starting = 1;
	ck_assert_int_eq(enter(0, 1000), 0);
	assert_refused(enter(1, 1000), "server.max_starting");
	CLIENT_SENDS(SESSION_PACKET);
	for (unsigned i = 1; i < 10; i++)
		ck_assert_int_eq(enter(i, 1000), 0);
}
END_TEST

START_TEST(a_part_of_a_packet_is_waited_for)
{
	CLIENT_SENDS("\0\0\0");
	ck_assert(!pgwire_startup_has_arrived(f.sockets[1]));
	CLIENT_SENDS("\x10\0\3\0\0user\0a\0");
	ck_assert(!pgwire_startup_has_arrived(f.sockets[1]));
	CLIENT_SENDS("\0");
	ck_assert(pgwire_startup_has_arrived(f.sockets[1]));
}
END_TEST

START_TEST(what_is_no_request_of_a_session_is_waited_for)
{
	static const struct {
		const char *bytes;
		size_t size;
		bool arrived;
	} rows[] = {
		{ "\0\0\0\x08\x04\xd2\x16\x2f", 8, false },		    /* TLS: another packet must follow */
		{ "\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\1\0\0\0\2", 16, true }, /* cancel */
		{ "\0\0\0\x08\0\2\0\0", 8, false },			    /* protocol 2 */
		{ "\xff\xff\xff\xff\0\3\0\0", 8, false },		    /* a length that nobody may send */
		{ "\0\0\0\7\0\3\0\0", 8, false },
	};

	client_sends(rows[_i].bytes, rows[_i].size);
	ck_assert_int_eq(pgwire_startup_has_arrived(f.sockets[1]), rows[_i].arrived);
}
END_TEST

START_TEST(sessions_are_limited)
{
	f.conf->server.max_clients = 4;
	f.conf->server.max_clients_per_uid = 4;
	for (unsigned i = 0; i < 5; i++)
		ck_assert_int_eq(enter(i, 1000 + i), 0);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(serve(i), 0);
	assert_refused(serve(4), "server.max_clients is 4");
	leave(4);
	leave(1);
	ck_assert_int_eq(enter(4, 1004), 0);
	ck_assert_int_eq(serve(4), 0);
}
END_TEST

START_TEST(sessions_of_one_uid_are_limited)
{
	f.conf->server.max_clients_per_uid = 2;
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(enter(i, 1000), 0);
	ck_assert_int_eq(serve(0), 0);
	ck_assert_int_eq(serve(1), 0);
	assert_refused(serve(2), "server.max_clients_per_uid is 2");
	ck_assert_int_eq(enter(3, 1001), 0);
	ck_assert_int_eq(serve(3), 0);
	leave(0);
	leave(2);
	ck_assert_int_eq(enter(0, 1000), 0);
	ck_assert_int_eq(serve(0), 0);
}
END_TEST

/* For itself, also of a user that has all its sessions; not without an end. */
START_TEST(admin_gets_in_where_all_are_taken)
{
	f.conf->server.max_clients = 2;
	f.conf->server.max_clients_per_uid = 2;
	for (unsigned i = 0; i < 7; i++)
		ck_assert_int_eq(enter(i, 1000), 0);
	ck_assert_int_eq(serve(0), 0);
	ck_assert_int_eq(serve(1), 0);
	for (unsigned i = 0; i < ADMISSION_ADMIN_RESERVE; i++)
		ck_assert_int_eq(serve_role(2 + i, ROLE_ADMIN), 0);
	assert_refused(serve_role(5, ROLE_ADMIN), "server.max_clients is 2");
	leave(0);
	assert_refused(serve_role(6, ROLE_QUERY), "server.max_clients is 2");
	ck_assert_int_eq(serve_role(5, ROLE_ADMIN), 0);
}
END_TEST

START_TEST(one_uid_has_nine_tenths_by_itself)
{
	f.conf->server.max_clients = 20;
	ck_assert_uint_eq(admission_user_limit(f.conf, false), 18);
	f.conf->server.max_clients = 3;
	ck_assert_uint_eq(admission_user_limit(f.conf, false), 3);
	f.conf->server.max_clients = 11;
	for (unsigned i = 0; i < 10; i++) {
		ck_assert_int_eq(enter(i, 1000), 0);
		ck_assert_int_eq(serve(i), 0);
	}
	ck_assert_int_eq(enter(10, 1000), 0);
	assert_refused(serve(10), "see server.max_clients_per_uid");
}
END_TEST

START_TEST(remote_addresses_have_a_limit_of_their_own)
{
	f.conf->server.max_clients = 20;
	f.conf->server.max_clients_per_uid = 7;
	f.conf->listen.tcp.max_clients_per_address = 2;
	CLIENT_SENDS(SESSION_PACKET);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(enter_from(i, "192.0.2.1"), 0);
		ck_assert_int_eq(serve(i), 0);
	}
	ck_assert_int_eq(enter_from(2, "192.0.2.1"), 0);
	assert_refused(serve(2), "address 192.0.2.1 already: listen.tcp.max_clients_per_address is 2");
	/* Another address, and the uid that a remote one does not have. */
	ck_assert_int_eq(enter_from(3, "192.0.2.2"), 0);
	ck_assert_int_eq(serve(3), 0);
	ck_assert_int_eq(enter(4, (uid_t)-1), 0);
	ck_assert_int_eq(serve(4), 0);
	f.conf->listen.tcp.max_clients_per_address = 0;
	ck_assert_uint_eq(admission_user_limit(f.conf, true), 18);
}
END_TEST

START_TEST(who_starts_makes_room_for_the_next)
{
	f.conf->server.max_starting = 4;
	for (unsigned i = 0; i < 20; i++) {
		ck_assert_int_eq(enter(i, 1000), 0);
		ck_assert_int_eq(serve(i), 0);
	}
	ck_assert_uint_eq(f.admission.nstarting, 0);
	ck_assert_uint_eq(f.admission.nserved, 20);
	for (unsigned i = 0; i < 20; i++)
		leave(i);
	ck_assert_uint_eq(f.admission.nserved, 0);
	ck_assert(LIST_EMPTY(&f.admission.users));
	leave(0); /* has none: nothing happens */
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("admission");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, one_uid_keeps_silent_in_a_quarter);
	tcase_add_test(t, all_uids_together_are_limited);
	tcase_add_test(t, who_has_sent_is_not_waited_for);
	tcase_add_test(t, a_part_of_a_packet_is_waited_for);
	tcase_add_loop_test(t, what_is_no_request_of_a_session_is_waited_for, 0, 5);
	tcase_add_test(t, sessions_are_limited);
	tcase_add_test(t, sessions_of_one_uid_are_limited);
	tcase_add_test(t, admin_gets_in_where_all_are_taken);
	tcase_add_test(t, one_uid_has_nine_tenths_by_itself);
	tcase_add_test(t, remote_addresses_have_a_limit_of_their_own);
	tcase_add_test(t, who_starts_makes_room_for_the_next);
	return unit_run("pgwire_admission", t, NULL);
}
