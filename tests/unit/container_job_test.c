/* Jobs: programs beside a loop, their bounds, their ends. The programs are the system's own. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/unit/run.h"
#include "workers/container/engine/job.h"

#define DEADLINE_MS 20000

/* What callbacks left behind. */
struct seen {
	unsigned done;
	struct job_result result;
	char output[65536 * 2 + 256];
	char error[8192];
	char lines[4096];
	struct job *cancel; /* by the first line */
};

/* Check's fixtures take no argument. */
static struct {
	struct loop loop;
	struct jobs jobs;
} f;

static void
set_up(void)
{
	/* As worker.c has it. */
	ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(loop_open(&f.loop, NULL), 0);
	ck_assert_int_eq(jobs_open(&f.jobs, &f.loop, "/tmp", NULL, NULL), 0);
}

static void
tear_down(void)
{
	jobs_close(&f.jobs);
	loop_close(&f.loop);
}

static void
take_result(void *context, const struct job_result *result)
{
	struct seen *seen = context;

	seen->done++;
	seen->result = *result;
	(void)snprintf(seen->output, sizeof(seen->output), "%s", result->output);
	(void)snprintf(seen->error, sizeof(seen->error), "%s", result->error_text);
	seen->result.output = seen->output;
	seen->result.error_text = seen->error;
}

static void
take_line(void *context, const char *line, bool from_error)
{
	struct seen *seen = context;
	size_t used = strlen(seen->lines);

	(void)snprintf(seen->lines + used, sizeof(seen->lines) - used, "%s%s;", from_error ? "!" : "", line);
	if (seen->cancel != NULL)
		job_cancel(seen->cancel);
}

static void
run_until(const unsigned *count, unsigned wanted)
{
	int64_t end = clock_now_ms() + DEADLINE_MS;

	while (*count < wanted) {
		ck_assert_int_lt(clock_now_ms(), end);
		(void)loop_run_once(&f.loop, 100, NULL);
	}
}

static struct job *
start(struct seen *seen, struct job_request request, const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct job *job;

	request.program = "sh";
	request.argv = argv;
	request.done = take_result;
	request.context = seen;
	if (request.deadline_ms == 0)
		request.deadline_ms = DEADLINE_MS;
	ck_assert_ptr_nonnull(job = job_start(&f.jobs, &request, NULL));
	return job;
}

static void
run(struct seen *seen, struct job_request request, const char *script)
{
	(void)start(seen, request, script);
	ck_assert_uint_eq(seen->done, 0);
	run_until(&seen->done, 1);
	ck_assert_uint_eq(f.jobs.count, 0);
	ck_assert_uint_eq(f.jobs.running, 0);
}

START_TEST(test_streams_apart)
{
	struct seen seen = { 0 };

	run(&seen, (struct job_request) { 0 }, "echo out; echo WARNING: beware >&2");
	ck_assert(job_succeeded(&seen.result));
	ck_assert_str_eq(seen.output, "out\n");
	ck_assert_str_eq(seen.error, "WARNING: beware\n");
}
END_TEST

START_TEST(test_merged)
{
	struct seen seen = { 0 };

	run(&seen, (struct job_request) { .merged = true }, "echo 1; echo 2 >&2; echo 3");
	ck_assert_str_eq(seen.output, "1\n2\n3\n");
	ck_assert_str_eq(seen.error, "");
}
END_TEST

START_TEST(test_exit_status_and_signal)
{
	struct seen seen = { 0 }, killed = { 0 };

	run(&seen, (struct job_request) { 0 }, "exit 3");
	ck_assert(!job_succeeded(&seen.result));
	ck_assert_int_eq(seen.result.end, JOB_EXITED);
	ck_assert_int_eq(seen.result.status, 3);
	run(&killed, (struct job_request) { 0 }, "kill -TERM $$");
	ck_assert_int_eq(killed.result.end, JOB_KILLED);
	ck_assert_int_eq(killed.result.status, SIGTERM);
}
END_TEST

START_TEST(test_input)
{
	static char input[200000];
	struct seen seen = { 0 };

	memset(input, 'i', sizeof(input));
	run(&seen, (struct job_request) { .input = input, .input_size = sizeof(input) }, "wc -c");
	ck_assert_int_eq(atoi(seen.output), sizeof(input));
	seen = (struct seen) { 0 };
	run(&seen, (struct job_request) { 0 }, "cat");
	ck_assert_str_eq(seen.output, "");
	/* Whoever does not read it costs nothing but that. */
	seen = (struct seen) { 0 };
	run(&seen, (struct job_request) { .input = input, .input_size = sizeof(input) }, "exit 0");
	ck_assert(job_succeeded(&seen.result));
}
END_TEST

/* The program sees the end of its input only when the job is over. */
START_TEST(test_input_stays_open)
{
	struct seen seen = { 0 };

	run(&seen, (struct job_request) { .input = "a\nb\n", .input_size = 4, .keep_input = true, .deadline_ms = 500 },
	    "read x; read y; echo $x$y; cat");
	ck_assert_int_eq(seen.result.end, JOB_TIMED_OUT);
	ck_assert_str_eq(seen.output, "ab\n");
	seen = (struct seen) { 0 };
	run(&seen, (struct job_request) { .input = "a\n", .input_size = 2, .keep_input = true },
	    "read x; exec <&-; sleep 0.2; echo $x");
	ck_assert_str_eq(seen.output, "a\n");
}
END_TEST

START_TEST(test_deadline_kills_the_group)
{
	char path[] = "/tmp/bibd-job-XXXXXX", script[128];
	struct seen seen = { 0 };
	int64_t begun = clock_now_ms();
	struct stat st;

	close(mkstemp(path));
	(void)snprintf(script, sizeof(script), "(sleep 2; rm %s) & echo begun; sleep 60", path);
	run(&seen, (struct job_request) { .deadline_ms = 200 }, script);
	ck_assert_int_eq(seen.result.end, JOB_TIMED_OUT);
	ck_assert_str_eq(seen.output, "begun\n");
	ck_assert_int_lt(clock_now_ms() - begun, 5000);
	(void)sleep(3);
	ck_assert_msg(stat(path, &st) == 0, "a child of the job lived on");
	(void)unlink(path);
}
END_TEST

START_TEST(test_output_is_bounded)
{
	struct seen seen = { 0 };

	run(&seen, (struct job_request) { .output_max = 1000 },
	    "echo first; i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done");
	ck_assert_uint_lt(strlen(seen.output), 1100);
	ck_assert_int_eq(strncmp(seen.output, "first\nline 0\n", 13), 0);
	ck_assert_ptr_nonnull(strstr(seen.output, " bytes left out]\n"));
	ck_assert_str_eq(seen.output + strlen(seen.output) - 10, "line 4999\n");
	seen = (struct seen) { 0 };
	run(&seen, (struct job_request) { .output_max = 20, .only_end = true }, "seq 1 10000");
	ck_assert_ptr_null(strstr(seen.output, "\n1\n2\n"));
	ck_assert_str_eq(seen.output + strlen(seen.output) - 6, "10000\n");
}
END_TEST

START_TEST(test_lines)
{
	struct seen seen = { 0 };

	run(&seen, (struct job_request) { .line = take_line },
	    "printf 'one\\ntwo\\r\\nthr'; sleep 0.1; printf 'ee'; echo bad >&2");
	ck_assert_ptr_nonnull(strstr(seen.lines, "one;two;"));
	ck_assert_ptr_nonnull(strstr(seen.lines, "three;"));
	ck_assert_ptr_nonnull(strstr(seen.lines, "!bad;"));
}
END_TEST

START_TEST(test_cancelled_by_its_own_line)
{
	struct seen seen = { 0 }, other = { 0 };

	seen.cancel = start(&seen, (struct job_request) { .line = take_line }, "echo a; sleep 60");
	run(&other, (struct job_request) { 0 }, "sleep 0.3");
	ck_assert_uint_eq(seen.done, 0);
	ck_assert_str_eq(seen.lines, "a;");
}
END_TEST

START_TEST(test_cancelled_before_it_starts)
{
	struct seen seen = { 0 }, other = { 0 };

	job_cancel(start(&seen, (struct job_request) { 0 }, "echo a"));
	run(&other, (struct job_request) { 0 }, "true");
	ck_assert_uint_eq(seen.done, 0);
}
END_TEST

START_TEST(test_only_so_many_at_once)
{
	static struct seen seen[JOBS_MAX];
	struct error e;
	unsigned most = 0, done = 0;
	const char *const argv[] = { "true", NULL };

	for (size_t i = 0; i < JOBS_MAX; i++)
		(void)start(&seen[i], (struct job_request) { 0 }, "sleep 0.05");
	ck_assert_ptr_null(
	    job_start(&f.jobs, &(struct job_request) { .program = "true", .argv = argv, .done = take_result }, &e));
	ck_assert_str_eq(e.code, "job.start");
	while (done < JOBS_MAX) {
		(void)loop_run_once(&f.loop, 100, NULL);
		most = f.jobs.running > most ? f.jobs.running : most;
		done = 0;
		for (size_t i = 0; i < JOBS_MAX; i++)
			done += seen[i].done;
	}
	ck_assert_uint_eq(most, JOBS_RUNNING_MAX);
}
END_TEST

START_TEST(test_program_that_is_not_there)
{
	const char *const argv[] = { "no-such-engine", NULL };
	struct seen seen = { 0 };
	char text[128];

	ck_assert_ptr_nonnull(job_start(&f.jobs,
	    &(struct job_request) { .program = argv[0],
		.argv = argv,
		.deadline_ms = 1000,
		.done = take_result,
		.context = &seen },
	    NULL));
	run_until(&seen.done, 1);
	ck_assert_int_eq(seen.result.end, JOB_NOT_STARTED);
	ck_assert_str_eq(job_complaint(&seen.result, text, sizeof(text)),
	    "it cannot be run: No such file or directory");
}
END_TEST

START_TEST(test_environment)
{
	struct seen seen = { 0 };

	ck_assert_int_eq(setenv("BIBD_SECRET", "leak", 1), 0);
	run(&seen, (struct job_request) { 0 },
	    "env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= | sort; umask; ls /proc/self/fd | wc -w");
	ck_assert_str_eq(seen.output,
	    "HOME=/tmp\nLC_ALL=C\nPATH=" JOB_PATH "\nTMPDIR=/tmp\nXDG_RUNTIME_DIR=/tmp\n0077\n4\n");
}
END_TEST

/* The worker dies hard: what it was running dies with it. */
START_TEST(test_dies_with_the_worker)
{
	char path[] = "/tmp/bibd-job-XXXXXX", script[128];
	struct seen seen = { 0 };
	struct stat st;
	int status;
	pid_t pid;

	close(mkstemp(path));
	(void)snprintf(script, sizeof(script), "sleep 1; rm %s", path);
	if ((pid = fork()) == 0) {
		(void)start(&seen, (struct job_request) { 0 }, script);
		(void)loop_run_once(&f.loop, 100, NULL);
		(void)loop_run_once(&f.loop, 100, NULL);
		_exit(f.jobs.running == 1 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	(void)sleep(2);
	ck_assert_int_eq(stat(path, &st), 0);
	(void)unlink(path);
}
END_TEST

static const struct {
	const char *said, *wanted;
} complaints[] = {
	{ "WARNING: no swap limit\ndocker: Error response from daemon: No such image: x.\nSee 'docker run --help'.\n",
	    "No such image: x" },
	{ "Error: no such container a\n", "no such container a" },
	{ "time=\"now\" level=warning msg=\"old\"\nsomething happened\n", "something happened" },
	{ "", "it ended with status 1 and said nothing" },
};

START_TEST(test_complaint)
{
	const struct job_result result = { .end = JOB_EXITED,
		.status = 1,
		.output = "",
		.error_text = complaints[_i].said };
	char text[128];

	ck_assert_str_eq(job_complaint(&result, text, sizeof(text)), complaints[_i].wanted);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_streams_apart);
	tcase_add_test(t, test_merged);
	tcase_add_test(t, test_exit_status_and_signal);
	tcase_add_test(t, test_input);
	tcase_add_test(t, test_input_stays_open);
	tcase_add_test(t, test_deadline_kills_the_group);
	tcase_add_test(t, test_output_is_bounded);
	tcase_add_test(t, test_lines);
	tcase_add_test(t, test_cancelled_by_its_own_line);
	tcase_add_test(t, test_cancelled_before_it_starts);
	tcase_add_test(t, test_only_so_many_at_once);
	tcase_add_test(t, test_program_that_is_not_there);
	tcase_add_test(t, test_environment);
	tcase_add_test(t, test_dies_with_the_worker);
	tcase_add_loop_test(t, test_complaint, 0, sizeof(complaints) / sizeof(complaints[0]));
	return unit_run("container_job", t, NULL);
}
