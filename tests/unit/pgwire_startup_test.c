/*
 * Startup packets, good and bad, and which role an access rule gives to whom.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "workers/pgwire/pgwire.h"

struct fixture {
	struct pgwire_buffer in, out;
	struct pgwire_startup startup;
	struct report report;
};
/* Check's fixtures take no argument. */
static struct fixture f;

static void
set_up(void)
{
	f = (struct fixture) { 0 };
}

static void
tear_down(void)
{
	pgwire_buffer_free(&f.in);
	pgwire_buffer_free(&f.out);
	report_reset(&f.report);
}

static enum pgwire_startup_kind
read_packet(uint32_t version, const void *body, size_t length)
{
	pgwire_put_int32(&f.in, (uint32_t)length + 8);
	pgwire_put_int32(&f.in, version);
	pgwire_put_bytes(&f.in, body, length);
	return pgwire_read_startup(&f.in, &f.out, &f.startup, &f.report);
}
#define READ_PACKET(version, text) read_packet((version), (text), sizeof(text))

START_TEST(session_is_read)
{
	ck_assert_int_eq(READ_PACKET(0x30000, "user\0admin\0application_name\0psql\0"), PGWIRE_STARTUP_SESSION);
	ck_assert_str_eq(f.startup.user, "admin");
	ck_assert_str_eq(f.startup.database, "admin");
	ck_assert_uint_eq(f.startup.nsettings, 1);
	ck_assert_str_eq(f.startup.settings[0], "application_name");
	ck_assert_str_eq(f.startup.settings[1], "psql");
	ck_assert_uint_eq(f.startup.size, pgwire_buffer_length(&f.in));
	ck_assert_uint_eq(f.out.end, 0);
}
END_TEST

START_TEST(session_arrives_in_pieces)
{
	static const uint8_t packet[] = { 0, 0, 0, 16, 0, 3, 0, 0, 'u', 's', 'e', 'r', 0, 'a', 0, 0 };

	for (size_t i = 0; i < sizeof(packet); i++) {
		ck_assert_int_eq(pgwire_read_startup(&f.in, &f.out, &f.startup, &f.report), PGWIRE_STARTUP_MORE);
		pgwire_put_byte(&f.in, packet[i]);
	}
	ck_assert_int_eq(pgwire_read_startup(&f.in, &f.out, &f.startup, &f.report), PGWIRE_STARTUP_SESSION);
	ck_assert_str_eq(f.startup.user, "a");
}
END_TEST

START_TEST(encryption_is_refused_and_consumed)
{
	ck_assert_int_eq(read_packet(80877103, "", 0), PGWIRE_STARTUP_REFUSE_TLS);
	ck_assert_int_eq(read_packet(80877104, "", 0), PGWIRE_STARTUP_REFUSE_TLS);
	ck_assert_uint_eq(f.out.end, 2);
	ck_assert_mem_eq(f.out.data, "NN", 2);
	ck_assert_uint_eq(pgwire_buffer_length(&f.in), 0);
}
END_TEST

START_TEST(cancel_is_read)
{
	ck_assert_int_eq(read_packet(80877102, "\0\0\1\2\3\4\5\6", 8), PGWIRE_STARTUP_CANCEL);
	ck_assert_uint_eq(f.startup.cancel_pid, 0x102);
	ck_assert_uint_eq(f.startup.cancel_secret, 0x03040506);
}
END_TEST

START_TEST(newer_minor_version_is_negotiated)
{
	static const uint8_t expected[] = { 'v', 0, 0, 0, 19, 0, 3, 0, 0, 0, 0, 0, 1, '_', 'p', 'q', '_', '.', 'x', 0 };

	ck_assert_int_eq(READ_PACKET(0x30002, "user\0a\0_pq_.x\0on\0"), PGWIRE_STARTUP_SESSION);
	ck_assert_uint_eq(f.out.end, sizeof(expected));
	ck_assert_mem_eq(f.out.data, expected, sizeof(expected));
	ck_assert_uint_eq(f.startup.nsettings, 0);
}
END_TEST

#define PACKET(version, text, state) \
	{ \
		version, text, sizeof(text), SQLSTATE_##state \
	}
static const struct {
	uint32_t version;
	const char *body;
	size_t length;
	enum sqlstate state;
} bad_packets[] = {
	PACKET(0x20000, "user\0a\0", FEATURE_NOT_SUPPORTED),
	PACKET(0x40000, "user\0a\0", FEATURE_NOT_SUPPORTED),
	PACKET(0x30000, "", INVALID_AUTHORIZATION_SPECIFICATION),
	PACKET(0x30000, "user\0a\0replication\0true\0", FEATURE_NOT_SUPPORTED),
	PACKET(0x30000, "user\0a\0\0more", PROTOCOL_VIOLATION),
	{ 0x30000, "user\0a", 6, SQLSTATE_PROTOCOL_VIOLATION },
	{ 0x30000, "user\0a", 7, SQLSTATE_PROTOCOL_VIOLATION },
	{ 0x30000, "user", 4, SQLSTATE_PROTOCOL_VIOLATION },
	{ 0x30000, "user", 0, SQLSTATE_PROTOCOL_VIOLATION },
};

START_TEST(bad_packets_are_refused)
{
	ck_assert_int_eq(read_packet(bad_packets[_i].version, bad_packets[_i].body, bad_packets[_i].length),
	    PGWIRE_STARTUP_FAILED);
	ck_assert_int_eq(f.report.state, bad_packets[_i].state);
}
END_TEST

static const uint32_t bad_lengths[] = { 0, 4, 7, 10005, 0x7fffffff, 0xffffffff };

START_TEST(bad_lengths_are_not_answered)
{
	pgwire_put_int32(&f.in, bad_lengths[_i]);
	ck_assert_int_eq(pgwire_read_startup(&f.in, &f.out, &f.startup, &f.report), PGWIRE_STARTUP_CLOSE);
	ck_assert_uint_eq(f.out.end, 0);
}
END_TEST

START_TEST(bad_cancels_are_not_answered)
{
	ck_assert_int_eq(read_packet(80877102, "1234567", 7), PGWIRE_STARTUP_CLOSE);
	pgwire_buffer_free(&f.in);
	ck_assert_int_eq(read_packet(80877102, "123456789", 9), PGWIRE_STARTUP_CLOSE);
	ck_assert_uint_eq(f.out.end, 0);
}
END_TEST

START_TEST(tls_request_may_have_more)
{
	ck_assert_int_eq(read_packet(80877103, "1", 1), PGWIRE_STARTUP_REFUSE_TLS);
	ck_assert_uint_eq(pgwire_buffer_length(&f.in), 0);
	ck_assert_uint_eq(f.out.end, 1);
}
END_TEST

START_TEST(too_many_parameters_are_refused)
{
	struct pgwire_buffer body = { 0 };

	pgwire_put_bytes(&body, "user\0a", 7);
	for (int i = 0; i <= PGWIRE_STARTUP_SETTINGS_MAX; i++)
		pgwire_put_bytes(&body, "a\0b", 4);
	pgwire_put_byte(&body, 0);
	ck_assert_int_eq(read_packet(0x30000, body.data, body.end), PGWIRE_STARTUP_FAILED);
	pgwire_buffer_free(&body);
}
END_TEST

/* ---- access ---- */

static struct conf_access rules[] = {
	{ .name = (char[]) { "nobody-here" }, .id = -1, .roles = { ROLE_ADMIN }, .nroles = 1 },
	{ .name = (char[]) { "seven" }, .id = 70007, .roles = { ROLE_WRITE, ROLE_QUERY }, .nroles = 2 },
	{ .is_group = true, .name = (char[]) { "readers" }, .id = 70100, .roles = { ROLE_QUERY }, .nroles = 1 },
	{ .is_login = true, .name = (char[]) { "shop" }, .id = -1, .roles = { ROLE_WRITE, ROLE_AUDIT }, .nroles = 2 },
};

static const struct {
	uid_t uid;
	gid_t group;
	const char *wanted;
	int role; /* -1: refused */
} access_rows[] = {
	{ 70007, 1, "write", ROLE_WRITE }, { 70007, 1, "query", ROLE_QUERY }, { 70007, 1, "admin", -1 },
	{ 70007, 1, "70007", ROLE_WRITE }, /* its own name, which is its number here: the rule's first role */
	{ 70007, 70100, "query", ROLE_QUERY }, { 70007, 70100, "somebody", -1 }, { 70008, 70100, "query", ROLE_QUERY },
	{ 70008, 70100, "write", -1 }, { 70008, 1, "query", -1 },
	{ (uid_t)-1, (gid_t)-1, "admin", -1 }, /* an unresolved rule (-1) fits nobody */
};

START_TEST(access_goes_by_the_first_rule)
{
	gid_t groups[] = { 2, access_rows[_i].group };
	struct pgwire_peer peer = { .uid = access_rows[_i].uid, .groups = groups, .ngroups = 2 };
	struct conf conf = { .access = rules, .naccess = sizeof(rules) / sizeof(rules[0]) };
	enum role role = ROLES;
	int result = pgwire_access_role(&conf, true, &peer, access_rows[_i].wanted, &role, &f.report);

	ck_assert_int_eq(result, access_rows[_i].role < 0 ? -1 : 0);
	if (result == 0) {
		ck_assert_int_eq((int)role, access_rows[_i].role);
		return;
	}
	ck_assert_int_eq(f.report.state, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION);
	ck_assert_ptr_nonnull(f.report.hint);
}
END_TEST

static const struct {
	const char *login, *wanted;
	int role; /* -1: refused */
} remote_rows[] = {
	{ "shop", "shop", ROLE_WRITE }, /* its own name: the rule's first role */
	{ "shop", "write", ROLE_WRITE },
	{ "shop", "audit", ROLE_AUDIT },
	{ "shop", "query", -1 },
	{ "shop", "seven", -1 },
	{ "seven", "write", -1 }, /* a name of this host's is no login */
	{ "readers", "query", -1 },
	{ "shopping", "write", -1 },
	{ "", "", -1 },
	{ "", "write", -1 },
};

START_TEST(remote_access_goes_by_the_login)
{
	struct conf conf = { .access = rules, .naccess = sizeof(rules) / sizeof(rules[0]) };
	enum role role = ROLES;
	struct pgwire_peer peer;
	int result;

	pgwire_peer_set_remote(&peer, remote_rows[_i].login, "192.0.2.7");
	/* Unseparated nodes too: nobody from elsewhere is whoever runs bibd. */
	peer.uid = getuid();
	result = pgwire_access_role(&conf, false, &peer, remote_rows[_i].wanted, &role, &f.report);
	ck_assert_int_eq(result, remote_rows[_i].role < 0 ? -1 : 0);
	if (result == 0)
		ck_assert_int_eq((int)role, remote_rows[_i].role);
	else
		ck_assert_int_eq(f.report.state, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION);
}
END_TEST

START_TEST(no_process_of_this_host_is_a_login)
{
	struct conf conf = { .access = &rules[3], .naccess = 1 };
	struct pgwire_peer peer = { .uid = (uid_t)-1, .name = "shop" };
	enum role role = ROLES;

	ck_assert_int_eq(pgwire_access_role(&conf, true, &peer, "shop", &role, &f.report), -1);
}
END_TEST

START_TEST(unseparated_owner_has_every_role)
{
	struct pgwire_peer peer = { .uid = getuid() };
	struct conf conf = { 0 };
	enum role role = ROLES;

	ck_assert_int_eq(pgwire_access_role(&conf, false, &peer, "audit", &role, &f.report), 0);
	ck_assert_int_eq(role, ROLE_AUDIT);
	ck_assert_int_eq(pgwire_access_role(&conf, false, &peer, pgwire_peer_name(&peer), &role, &f.report), 0);
	ck_assert_int_eq(role, ROLE_ADMIN);
	ck_assert_int_eq(pgwire_access_role(&conf, false, &peer, "no such", &role, &f.report), -1);
	report_reset(&f.report);
	ck_assert_int_eq(pgwire_access_role(&conf, true, &peer, "audit", &role, &f.report), -1);
}
END_TEST

START_TEST(peer_is_who_the_kernel_says)
{
	struct pgwire_peer peer;
	struct error e;
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(pgwire_peer_get(pair[0], &peer, &e), 0);
	ck_assert_uint_eq(peer.uid, geteuid());
	ck_assert_uint_ge(peer.ngroups, 1);
	ck_assert_uint_eq(peer.groups[0], getegid());
	pgwire_peer_free(&peer);
	close(pair[0]);
	ck_assert_int_eq(pgwire_peer_get(pair[0], &peer, &e), -1);
	ck_assert_str_eq(e.code, "peer.credentials");
	close(pair[1]);
}
END_TEST

int
main(void)
{
	TCase *startup = tcase_create("startup"), *access_case = tcase_create("access");

	tcase_add_checked_fixture(startup, set_up, tear_down);
	tcase_add_test(startup, session_is_read);
	tcase_add_test(startup, session_arrives_in_pieces);
	tcase_add_test(startup, encryption_is_refused_and_consumed);
	tcase_add_test(startup, cancel_is_read);
	tcase_add_test(startup, newer_minor_version_is_negotiated);
	tcase_add_loop_test(startup, bad_packets_are_refused, 0, sizeof(bad_packets) / sizeof(bad_packets[0]));
	tcase_add_loop_test(startup, bad_lengths_are_not_answered, 0, sizeof(bad_lengths) / sizeof(bad_lengths[0]));
	tcase_add_test(startup, bad_cancels_are_not_answered);
	tcase_add_test(startup, tls_request_may_have_more);
	tcase_add_test(startup, too_many_parameters_are_refused);
	tcase_add_checked_fixture(access_case, set_up, tear_down);
	tcase_add_loop_test(access_case, access_goes_by_the_first_rule, 0,
	    sizeof(access_rows) / sizeof(access_rows[0]));
	tcase_add_loop_test(access_case, remote_access_goes_by_the_login, 0,
	    sizeof(remote_rows) / sizeof(remote_rows[0]));
	tcase_add_test(access_case, no_process_of_this_host_is_a_login);
	tcase_add_test(access_case, unseparated_owner_has_every_role);
	tcase_add_test(access_case, peer_is_who_the_kernel_says);
	return unit_run("pgwire startup", startup, access_case, NULL);
}
