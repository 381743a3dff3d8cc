/* The HTTP server of the metrics: what it takes, what it refuses, and its bounds. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/control_scene.h"

#define GOOD "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"

/* ---- requests ---- */

static const struct {
	const char *bytes;
	unsigned status;
} requests[] = {
	{ GOOD, 200 },
	{ "GET /metrics HTTP/1.0\r\n\r\n", 200 },
	{ "GET /metrics HTTP/1.1\nHost: x\n\n", 200 },
	{ "\r\n" GOOD, 200 },
	{ "GET /metrics?a=b HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n", 200 },
	{ "GET http://localhost:9187/metrics HTTP/1.1\r\nhOST: x\r\n\r\n", 200 },
	{ "HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 200 },
	{ GOOD "more", 200 },
	{ "", 0 },
	{ "GET /metrics HTTP/1.1\r\nHost: x\r\n", 0 },
	{ "GET /metrics HTTP/1.1\r\nHost: x\r\n\r", 0 },
	{ "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 405 },
	{ "get /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 405 },
	{ "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404 },
	{ "GET /metrics/ HTTP/1.1\r\nHost: x\r\n\r\n", 404 },
	{ "GET /metricsx HTTP/1.1\r\nHost: x\r\n\r\n", 404 },
	{ "POST /other HTTP/1.1\r\nHost: x\r\n\r\n", 404 },
	{ "GET http://localhost HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
	{ "GET metrics HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
	{ "GET  /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
	{ "GET /metrics  HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
	{ "GET /metrics\r\n\r\n", 400 },
	{ "GET /metrics HTTP/1.1 \r\nHost: x\r\n\r\n", 400 },
	{ "GET /metrics HTTP/1\r\nHost: x\r\n\r\n", 400 },
	{ "GET /metrics http/1.1\r\nHost: x\r\n\r\n", 400 },
	{ "GET /metrics HTTP/2.0\r\nHost: x\r\n\r\n", 505 },
	{ "GET /metrics HTTP/1.1\r\n\r\n", 400 },
	{ "GET /metrics HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400 },
	{ "GET /metrics HTTP/1.1\r\nHost : x\r\n\r\n", 400 },
	{ "GET /metrics HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400 },
	{ "GET /metrics HTTP/1.1\r\nHost: x\r\nnothing\r\n\r\n", 400 },
	{ "GET /metrics HTTP/1.1\rHost: x\r\n\r\n", 400 },
	{ "\x16\x03\x01\x02", 400 },
	{ "G\x7f", 400 },
	{ "\r\n\r\n", 400 },
	{ "\n\n\n", 400 },
	{ " / HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
};

START_TEST(test_requests)
{
	bool head;

	ck_assert_msg(http_judge_request(requests[_i].bytes, strlen(requests[_i].bytes), &head) == requests[_i].status,
	    "%u for %s", http_judge_request(requests[_i].bytes, strlen(requests[_i].bytes), &head), requests[_i].bytes);
	ck_assert(head == (strncmp(requests[_i].bytes, "HEAD", 4) == 0));
}
END_TEST

/* Whatever the length that is there by now: never a verdict before its time, never a read beyond. */
START_TEST(test_request_comes_byte_by_byte)
{
	bool head;

	for (size_t i = 0; i < strlen(GOOD); i++)
		ck_assert_uint_eq(http_judge_request(GOOD, i, &head), 0);
	ck_assert_uint_eq(http_judge_request(GOOD, strlen(GOOD), &head), 200);
	ck_assert_uint_eq(http_judge_request("a\0b", 3, &head), 400);
}
END_TEST

START_TEST(test_request_too_large)
{
	char bytes[HTTP_REQUEST_MAX];
	bool head;

	memset(bytes, 'a', sizeof(bytes));
	ck_assert_uint_eq(http_judge_request(bytes, sizeof(bytes) - 1, &head), 0);
	ck_assert_uint_eq(http_judge_request(bytes, sizeof(bytes), &head), 431);
	bytes[snprintf(bytes, sizeof(bytes), "GET /metrics HTTP/1.1\r\nHost: x\r\nA: ")] = 'a';
	ck_assert_uint_eq(http_judge_request(bytes, sizeof(bytes), &head), 431);
}
END_TEST

/* ---- connections ---- */

/* A client's end of a connection that was just admitted. */
static int
admit(void)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	http_admit(scene.control, pair[1]);
	return pair[0];
}

static void
say(int fd, const char *text)
{
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	scene_settle();
}

/* What has come back; "" when the connection is open and nothing came, "closed" at its end. */
static const char *
heard(int fd)
{
	static char text[16384];
	ssize_t n;

	scene_settle();
	n = read(fd, text, sizeof(text) - 1);
	if (n == 0)
		return "closed";
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void
expect(int fd, const char *part)
{
	const char *text = heard(fd);

	ck_assert_msg(strstr(text, part) != NULL, "'%s' does not have '%s'", text, part);
}

START_TEST(test_metrics)
{
	int fd = admit();

	say(fd, "GET /metrics HTTP/1.1\r\n");
	ck_assert_uint_eq(scene.nasked, 0);
	say(fd, "Host: x\r\n\r\n");
	ck_assert_uint_eq(scene.nasked, 1);
	ck_assert_uint_eq(scene.asked_type, MESSAGE_STATUS_REQUEST);
	ck_assert_str_eq(heard(fd), "");
	scene_answer_status(scene.asked[0], "the-node");
	expect(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: ");
	ck_assert_str_eq(heard(fd), "closed");
	ck_assert_uint_eq(scene.control->http.count, 1);
	close(fd);
	scene_settle();
	ck_assert_uint_eq(scene.control->http.count, 0);
}
END_TEST

START_TEST(test_head_has_no_body)
{
	int fd = admit();
	const char *text;

	say(fd, "HEAD /metrics HTTP/1.0\r\n\r\n");
	scene_answer_status(scene.asked[0], "the-node");
	text = heard(fd);
	ck_assert_ptr_nonnull(strstr(text, "Content-Length: "));
	ck_assert_str_eq(text + strlen(text) - 4, "\r\n\r\n");
	ck_assert_ptr_null(strstr(text, "the-node"));
	close(fd);
}
END_TEST

START_TEST(test_scrapes_are_coalesced_and_kept)
{
	int a = admit(), b = admit(), c = admit(), d;

	say(a, GOOD);
	say(b, GOOD);
	say(c, GOOD);
	ck_assert_uint_eq(scene.nasked, 1);
	close(c);
	scene_settle();
	scene_answer_status(scene.asked[0], "the-node");
	expect(a, "the-node");
	expect(b, "the-node");
	d = admit();
	say(d, GOOD);
	expect(d, "the-node");
	ck_assert_uint_eq(scene.nasked, 1);
	close(d);
	scene_advance_clock(CONTROL_SCRAPE_CACHE_MS + 1);
	d = admit();
	say(d, GOOD);
	ck_assert_uint_eq(scene.nasked, 2);
	scene_answer_status(scene.asked[1], "another");
	expect(d, "another");
	close(a);
	close(b);
	close(d);
}
END_TEST

START_TEST(test_supervisor_is_silent)
{
	int fd = admit();

	say(fd, GOOD);
	scene_advance_clock(CONTROL_SCRAPE_MS + 1);
	expect(fd, "HTTP/1.1 503 Service Unavailable\r\n");
	scene_answer_status(scene.asked[0], "late");
	close(fd);
	fd = admit();
	say(fd, GOOD);
	ck_assert_uint_eq(scene.nasked, 2);
	close(fd);
}
END_TEST

START_TEST(test_a_refusal_is_no_status)
{
	int fd = admit();

	say(fd, GOOD);
	(void)channel_send_result(&scene.supervisor, scene.asked[0],
	    &(struct message_result) { .status = STATUS_UNAVAILABLE, .code = "status.busy" }, -1);
	expect(fd, "HTTP/1.1 503 ");
	close(fd);
}
END_TEST

START_TEST(test_refusals_over_the_wire)
{
	static const struct {
		const char *request, *answer;
	} cases[] = {
		{ "GET /x HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found\r\n" },
		{ "POST /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "Allow: GET, HEAD\r\nConnection: close\r\n" },
		{ "\x16\x03\x01", "HTTP/1.1 400 Bad Request\r\n" },
	};
	char bytes[HTTP_REQUEST_MAX + 1];
	int fd;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fd = admit();
		say(fd, cases[i].request);
		expect(fd, cases[i].answer);
		ck_assert_str_eq(heard(fd), "closed");
		close(fd);
	}
	memset(bytes, 'a', sizeof(bytes) - 1);
	bytes[sizeof(bytes) - 1] = '\0';
	fd = admit();
	say(fd, bytes);
	/* What comes after is taken, so that the answer is not lost, and costs nothing. */
	say(fd, bytes);
	expect(fd, "HTTP/1.1 431 Request Header Fields Too Large\r\n");
	close(fd);
	ck_assert_uint_eq(scene.nasked, 0);
	scene_settle();
	ck_assert_uint_eq(scene.control->http.count, 0);
}
END_TEST

START_TEST(test_slow_clients_are_ended)
{
	int silent = admit(), drips = admit(), lingers = admit();

	say(drips, "GET /met");
	say(lingers, "GET / HTTP/1.0\r\n\r\n");
	expect(lingers, "404");
	scene_advance_clock(HTTP_LINGER_MS + 1);
	scene_settle();
	ck_assert_uint_eq(scene.control->http.count, 2);
	scene_advance_clock(HTTP_DEADLINE_MS - HTTP_LINGER_MS - 10);
	say(drips, "rics");
	scene_advance_clock(20);
	ck_assert_str_eq(heard(silent), "closed");
	ck_assert_str_eq(heard(drips), "closed");
	ck_assert_uint_eq(scene.control->http.count, 0);
	close(silent);
	close(drips);
	close(lingers);
}
END_TEST

START_TEST(test_connections_are_bounded)
{
	int fds[HTTP_CONNECTIONS_MAX + 1];

	for (size_t i = 0; i <= HTTP_CONNECTIONS_MAX; i++)
		fds[i] = admit();
	ck_assert_uint_eq(scene.control->http.count, HTTP_CONNECTIONS_MAX);
	ck_assert_str_eq(heard(fds[HTTP_CONNECTIONS_MAX]), "closed");
	close(fds[0]);
	scene_settle();
	ck_assert_uint_eq(scene.control->http.count, HTTP_CONNECTIONS_MAX - 1);
	for (size_t i = 1; i <= HTTP_CONNECTIONS_MAX; i++)
		close(fds[i]);
	scene_settle();
	ck_assert_uint_eq(scene.control->http.count, 0);
}
END_TEST

/* A reader that takes nothing is written to as far as its socket goes, and ended. */
START_TEST(test_answer_that_is_not_read)
{
	int fd, pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	ck_assert_int_eq(setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &(int) { 1 }, sizeof(int)), 0);
	http_admit(scene.control, pair[1]);
	fd = pair[0];
	for (unsigned i = 0; i < SNAPSHOT_FAILURES_MAX; i++)
		scene.control->failures.rows[i] =
		    (struct control_failure) { .source = "xxxxxxxxxxxxxxxxxxxx", .cause = "y" };
	scene.control->failures.count = SNAPSHOT_FAILURES_MAX;
	say(fd, GOOD);
	scene_answer_status(scene.asked[0], "the-node");
	scene_settle();
	ck_assert_uint_eq(scene.control->http.count, 1);
	scene_advance_clock(HTTP_DEADLINE_MS + 1);
	scene_settle();
	ck_assert_uint_eq(scene.control->http.count, 0);
	close(fd);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_loop_test(t, test_requests, 0, sizeof(requests) / sizeof(requests[0]));
	tcase_add_test(t, test_request_comes_byte_by_byte);
	tcase_add_test(t, test_request_too_large);
	tcase_add_test(t, test_metrics);
	tcase_add_test(t, test_head_has_no_body);
	tcase_add_test(t, test_scrapes_are_coalesced_and_kept);
	tcase_add_test(t, test_supervisor_is_silent);
	tcase_add_test(t, test_a_refusal_is_no_status);
	tcase_add_test(t, test_refusals_over_the_wire);
	tcase_add_test(t, test_slow_clients_are_ended);
	tcase_add_test(t, test_connections_are_bounded);
	tcase_add_test(t, test_answer_that_is_not_read);
}

int
main(void)
{
	return scene_main("control http", add_tests);
}
