/* bibctl why: an outage is one paragraph with its begin, cause and end; log and kernel are read; nothing is invented.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "tests/unit/run.h"
#include "workers/control/bibctl/bibctl.h"
#include "workers/control/host/kernel.h"
#include "workers/control/show/render.h"

#define NOW_US INT64_C(1795434600000000) /* 2026-11-23 11:50:00 UTC */
#define SECOND INT64_C(1000000)

/* File scope: Check's fixtures take no arguments. */
static char *out_text;
static size_t out_size;
static struct render render;
static struct story story;

static void
set_up(void)
{
	ck_assert_int_eq(setenv("TZ", "UTC", 1), 0);
	tzset();
	render = (struct render) { .out = open_memstream(&out_text, &out_size), .now_us = NOW_US };
	ck_assert_ptr_nonnull(render.out);
}

static void
tear_down(void)
{
	story_clear(&story);
	(void)fclose(render.out);
	free(out_text);
}

/* ms before now. */
static void
add(int64_t ms, const char *source, const char *code, const char *text)
{
	story_add(&story, NOW_US - ms * 1000, source, code, text);
}

static void
tell(int64_t from_ms, int64_t to_ms)
{
	struct error e;

	ck_assert_int_eq(story_tell(&story, NOW_US - from_ms * 1000, NOW_US - to_ms * 1000, &e), 0);
}

static const char *
shown(const struct render_output *output)
{
	output->story(&render, &story);
	ck_assert_int_eq(fflush(render.out), 0);
	return out_text;
}

static void
add_death(int64_t ms)
{
	add(ms, "bibd-sqlite", "process.failed", "pid 7: killed by SIGKILL from outside bibd");
	add(ms, "bibd", "node.down", "clients are no longer served: storage is down");
	add(ms - 800, "bibd-sqlite", "process.restarted", "pid 9: up again 0.800 s after it had ended");
	add(ms - 810, "bibd", "node.recovered", "storage is back");
}

START_TEST(test_outage)
{
	static const char consequence[] = "Clients that were connected lost their connections, and what they had not "
					  "committed; those who connected meanwhile waited.";
	char wanted[2048];

	add(90000, "bibd", "reload.done", "the configuration was reloaded");
	add_death(60000);
	add(1000, "bibd", "reload.refused", "b.yaml: bibd-sqlite refuses it: \033no");
	tell(100000, 0);
	ck_assert_uint_eq(story.nparagraphs, 3);
	(void)snprintf(wanted, sizeof(wanted),
	    "2026-11-23\n"
	    "  11:48:30.000  The configuration was reloaded.\n"
	    "\n"
	    "Clients were not served for 810 ms: bibd-sqlite (pid 7) was killed by SIGKILL from outside bibd. %s\n"
	    "  11:49:00.000  bibd-sqlite (pid 7) was killed by SIGKILL from outside bibd.\n"
	    "  11:49:00.000  Clients are no longer served: storage is down.\n"
	    "  11:49:00.800  bibd-sqlite was up again (pid 9), 0.800 s after it had ended.\n"
	    "  11:49:00.810  Clients were served again.\n"
	    "\n"
	    "  11:49:59.000  The configuration was not reloaded: b.yaml: bibd-sqlite refuses it: \\x1bno.\n"
	    "\n",
	    consequence);
	ck_assert_str_eq(shown(&render_text), wanted);
}
END_TEST

START_TEST(test_json)
{
	add_death(60000);
	story_note(&story, "a \"note\"");
	tell(100000, 0);
	ck_assert_ptr_eq(strstr(shown(&render_json),
			     "{\"schema\":1,\"kind\":\"outage\",\"begin\":\"2026-11-23T11:49:00.000Z\","
			     "\"end\":\"2026-11-23T11:49:00.810Z\",\"milliseconds\":810,"
			     "\"cause\":\"bibd-sqlite (pid 7) was killed by SIGKILL from outside bibd\","),
	    out_text);
	ck_assert_ptr_nonnull(strstr(out_text,
	    "\n{\"schema\":1,\"kind\":\"around\",\"from\":\"2026-11-23T11:48:20.000Z\","
	    "\"to\":\"2026-11-23T11:50:00.000Z\",\"happened\":true,\"notes\":[\"a \\\"note\\\"\"]}\n"));
}
END_TEST

/* In the order of time, whatever the order in which sources were asked. */
START_TEST(test_sources_are_one_story)
{
	add(30000, "server", "server.out_of_memory", "the kernel killed it for want of memory");
	add(30000, "bibd", "node.down", "clients are no longer served: opening the store");
	add(26000, "server", "server.started", "docker container x (1)");
	add(25000, "bibd", "node.recovered", "storage is back");
	story_add_log(&story,
	    "2026-11-23 11:49:29.900 UTC [1] LOG:  server process (PID 9) was terminated by signal 9\n"
	    "no line of its\n"
	    "2026-11-23 11:49:29.910 UTC [77] admin@bibd ERROR:  division by zero\n"
	    "2026-11-23 11:49:29.950 CET [1] LOG:  terminating any other active server processes\n"
	    "2026-11-23 11:49:34.500 UTC [1] LOG:  database system is ready to accept connections\n"
	    "2026-11-23 11:49:34.600 UTC [1] LOG:  database system is ready to accept connections");
	story_add_kmsg(&story, "3,1,29800000,-;Memory cgroup out of memory: Killed process 9 (postgres) total-vm:1kB",
	    NOW_US - 60 * SECOND);
	tell(60000, 0);
	ck_assert_str_eq(shown(&render_text),
	    "2026-11-23\n"
	    "Clients were not served for 5.0 s: PostgreSQL failed: the kernel killed it for want of memory.\n"
	    "  11:49:29.800  The kernel ended a process for want of memory: process 9 (postgres), at the limit of its "
	    "cgroup.\n"
	    "  11:49:29.900  PostgreSQL wrote to its log: LOG:  server process (PID 9) was terminated by signal 9.\n"
	    "  11:49:30.000  PostgreSQL failed: the kernel killed it for want of memory.\n"
	    "  11:49:30.000  Clients are no longer served: opening the store.\n"
	    "  11:49:34.000  PostgreSQL was started: docker container x (1).\n"
	    "  11:49:34.500  PostgreSQL wrote to its log: LOG:  database system is ready to accept connections.\n"
	    "  11:49:35.000  Clients were served again.\n"
	    "\n");
}
END_TEST

START_TEST(test_outage_that_goes_on)
{
	int64_t from_us, to_us;

	add(200000, "bibd", "node.ready", "ready 19 ms after the start");
	ck_assert(!story_find_outage(&story, NOW_US, &from_us, &to_us));
	add(90500, "bibd", "node.down", "clients are no longer served: opening the store");
	ck_assert(story_find_outage(&story, NOW_US, &from_us, &to_us));
	ck_assert_int_eq(from_us, NOW_US - 90500000 - 60 * SECOND);
	ck_assert_int_eq(to_us, NOW_US);
	tell(150500, 0);
	ck_assert_ptr_nonnull(strstr(shown(&render_text),
	    "Clients have not been served for 1 min 30 s, and are not yet: opening the store.\n"));
	ck_assert_ptr_null(strstr(out_text, "lost their connections"));
	ck_assert_ptr_nonnull(strstr(shown(&render_json), "\"end\":null,\"milliseconds\":90500,"));
}
END_TEST

/* The storage worker may see that the server has gone before anybody knows why. */
START_TEST(test_cause_that_is_known_later)
{
	add(9000, "bibd", "node.down", "clients are no longer served: opening the store");
	add(8500, "server", "server.killed", "PostgreSQL was killed by signal 9 (Killed)");
	add(2000, "bibd", "node.recovered", "storage is back");
	add(1000, "bibd-sqlite", "process.failed", "pid 7: exited with status 1");
	tell(60000, 0);
	ck_assert_ptr_nonnull(strstr(shown(&render_text),
	    "Clients were not served for 7.0 s: PostgreSQL was killed by signal 9 (Killed).\n"));
	ck_assert_ptr_nonnull(strstr(out_text, "  bibd-sqlite (pid 7) exited with status 1.\n"));
}
END_TEST

/* The last one of several, with a minute before and after it. */
START_TEST(test_last_outage_is_found)
{
	int64_t from_us, to_us;

	add_death(600000);
	add_death(300000);
	ck_assert(story_find_outage(&story, NOW_US, &from_us, &to_us));
	ck_assert_int_eq(from_us, NOW_US - 360 * SECOND);
	ck_assert_int_eq(to_us, NOW_US - 300 * SECOND + 810000 + 60 * SECOND);
}
END_TEST

START_TEST(test_pause)
{
	add(20000, "bibd", "clients.paused", "new statements wait for at most 60 s, by bibctl pause of uid 7");
	add_death(15000);
	add(8000, "bibd", "clients.resumed", "clients go on, by bibctl resume of uid 7");
	tell(60000, 0);
	ck_assert_uint_eq(story.nparagraphs, 1);
	ck_assert_ptr_nonnull(strstr(shown(&render_text),
	    "Clients were paused for 12.0 s: new statements wait for at most 60 s, by bibctl pause of uid 7.\n"));
}
END_TEST

/* Whoever asks about a time in the middle of an outage is told of all of it, and of no other. */
START_TEST(test_time_within_an_outage)
{
	add_death(900000);
	add(500000, "server", "server.killed", "killed by SIGKILL");
	add(499990, "bibd", "node.down", "clients are no longer served: opening the store");
	add(100000, "bibd", "node.recovered", "storage is back");
	tell(310000, 290000);
	ck_assert_uint_eq(story.nparagraphs, 1);
	ck_assert_uint_eq(story.paragraphs[0].n, 3);
	ck_assert_str_eq(story.paragraphs[0].cause, "PostgreSQL failed: killed by SIGKILL");
}
END_TEST

START_TEST(test_nothing)
{
	add_death(600000);
	tell(60000, 0);
	ck_assert_str_eq(shown(&render_text), "Nothing happened from 2026-11-23 11:49:00 to 2026-11-23 11:50:00.\n");
	ck_assert_ptr_nonnull(strstr(shown(&render_json), "\"happened\":false,\"notes\":[]}\n"));
}
END_TEST

START_TEST(test_is_bounded)
{
	for (int i = 0; i < STORY_ENTRIES_MAX + 5; i++)
		add(i, "bibd", "node.down", "clients are no longer served: storage is down");
	ck_assert(story.has_lost);
	tell(100000, 0);
	ck_assert_uint_eq(story.n, STORY_ENTRIES_MAX);
	ck_assert_uint_eq(story.nparagraphs, 1);
}
END_TEST

START_TEST(test_records_that_are_none)
{
	static const char *const records[] = { "", ";", "6,1;Killed process 1 (a)", "6,1,x,-;Killed process 1 (a)",
		"6,1,5,-;a text" };

	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		story_add_kmsg(&story, records[i], 0);
	ck_assert_uint_eq(story.n, 0);
	story_add_kmsg(&story, "6,1,5,-;Out of memory: Killed process 12 (bibd-sqlite) total-vm:9kB\n SUB=x", 10);
	ck_assert_uint_eq(story.n, 1);
	ck_assert_int_eq(story.entries[0].time_us, 15);
	ck_assert_str_eq(story.entries[0].text, "process 12 (bibd-sqlite)");
}
END_TEST

/* ---- the host ---- */

static void
write_file(const char *root, const char *path, const char *text)
{
	char whole[256];
	FILE *file;

	(void)snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (char *slash = strchr(whole + strlen(root) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(whole, 0700);
		*slash = '/';
	}
	ck_assert_ptr_nonnull(file = fopen(whole, "w"));
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(test_kernel)
{
	char root[] = "/tmp/bibd-story-XXXXXX", command[64];
	struct snapshot status = { .has_node = true,
		.node = { .pid = 4711 },
		.has_server = true,
		.server = { .container_id = "0123abcd" } };

	ck_assert_ptr_nonnull(mkdtemp(root));
	write_file(root, "/dev/kmsg", "6,1,5,-;Out of memory: Killed process 12 (x) total-vm:9kB\n");
	write_file(root, "/proc/pressure/memory", "some avg10=0.00 avg60=12.60 avg300=0.00 total=1\n");
	write_file(root, "/proc/pressure/io", "some avg10=50.00 avg60=0.90 avg300=0.00 total=1\n");
	write_file(root, "/proc/4711/cgroup", "1:name=systemd:/x\n0::/system.slice/bibd.service\n");
	write_file(root, "/sys/fs/cgroup/system.slice/bibd.service/memory.events", "low 0\noom 3\noom_kill 2\n");
	write_file(root, "/sys/fs/cgroup/docker/0123abcd/memory.events", "low 0\noom 3\noom_kill 5\n");
	kernel_tell(&story, root, &status, true);
	ck_assert_uint_eq(story.n, 1);
	ck_assert_uint_eq(story.nnotes, 3);
	ck_assert_str_eq(story.notes[0],
	    "In the last minute processes of this host waited for memory in 13 % of the time.");
	ck_assert_ptr_nonnull(strstr(story.notes[1], "(/system.slice/bibd.service) the kernel has ended 2 processes"));
	ck_assert_ptr_nonnull(strstr(story.notes[2], "PostgreSQL's container the kernel has ended 5 processes"));
	story_clear(&story);
	/* An id is no path; and what was long ago has no pressure of now. */
	status.server.container_id = "../docker/0123abcd";
	kernel_tell(&story, root, &status, false);
	ck_assert_uint_eq(story.nnotes, 1);
	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(test_times)
{
	static const struct {
		const char *text;
		int64_t seconds; /* before now; -1: none */
	} cases[] = { { "2026-11-23 11:49:50", 10 }, { "2026-11-23T11:49:50", 10 }, { "2026-11-23T11:49:50Z", 10 },
		{ "2026-11-23 11:40", 600 }, { "11:49:50", 10 }, { "11:40", 600 },
		{ "12:00", 86400 - 600 }, /* that of yesterday */
		{ "", -1 }, { "tomorrow", -1 }, { "25:00", -1 }, { "11:49:50x", -1 }, { "2026-11-23", -1 } };
	int64_t us;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int result = bibctl_read_time(cases[i].text, NOW_US, &us);

		ck_assert_msg(result == (cases[i].seconds == -1 ? -1 : 0), "%s", cases[i].text);
		if (result == 0)
			ck_assert_msg(us == NOW_US - cases[i].seconds * SECOND, "%s: %lld", cases[i].text,
			    (long long)us);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { test_outage, test_json, test_sources_are_one_story, test_outage_that_goes_on,
		test_cause_that_is_known_later, test_last_outage_is_found, test_pause, test_time_within_an_outage,
		test_nothing, test_is_bounded, test_records_that_are_none, test_kernel, test_times };
	TCase *t = tcase_create("story");

	tcase_add_checked_fixture(t, set_up, tear_down);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(t, tests[i]);
	return unit_run("control story", t, NULL);
}
