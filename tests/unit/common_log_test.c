/* What goes to standard error: each line is written by a child whose standard error is a pipe. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "tests/unit/run.h"

/* What the child wrote, and how it ended. File scope: a test has one child. */
static char output[16384];
static int ending;

static void
name_journal(void)
{
	char stream[64];
	struct stat st;

	if (fstat(STDERR_FILENO, &st) == -1)
		_exit(99);
	(void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	(void)setenv("JOURNAL_STREAM", stream, 1);
}

static void
run(void (*child)(void))
{
	size_t used = 0;
	ssize_t n;
	pid_t pid;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	(void)unsetenv("JOURNAL_STREAM");
	if ((pid = fork()) == 0) {
		if (dup2(ends[1], STDERR_FILENO) == -1)
			_exit(99);
		close(ends[0]);
		close(ends[1]);
		child();
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], output + used, sizeof(output) - 1 - used)) > 0)
		used += (size_t)n;
	close(ends[0]);
	output[used] = '\0';
	ck_assert_int_eq(waitpid(pid, &ending, 0), pid);
}

static unsigned
count_lines(void)
{
	unsigned n = 0;

	for (const char *p = output; *p != '\0'; p++)
		n += *p == '\n';
	return n;
}

/* "2026-11-23T11:41:00.123Z " */
static const char *
after_time(const char *line)
{
	int n = 0;

	ck_assert_int_eq(sscanf(line, "%*4d-%*2d-%*2dT%*2d:%*2d:%*2d.%*3dZ%n", &n), 0);
	ck_assert_int_eq(n, 24);
	return line + n;
}

static void
child_text(void)
{
	log_init("bibd-x");
	log_error("one %d", 1);
	log_warning("two");
	log_notice("three");
	log_info("four");
	log_debug("five");
}

START_TEST(test_text)
{
	static const char *const lines[] = { "error: one 1", "warning: two", "notice: three", "info: four" };
	char *save = NULL, *line, wanted[80];
	int pid;

	run(child_text);
	ck_assert_uint_eq(count_lines(), 4);
	line = strtok_r(output, "\n", &save);
	for (size_t i = 0; i < 4; i++, line = strtok_r(NULL, "\n", &save)) {
		const char *rest = after_time(line);

		ck_assert_int_eq(sscanf(rest, " bibd-x[%d]: ", &pid), 1);
		(void)snprintf(wanted, sizeof(wanted), " bibd-x[%d]: %s", pid, lines[i]);
		ck_assert_str_eq(rest, wanted);
	}
}
END_TEST

static void
child_levels(void)
{
	log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	log_error("kept");
	log_warning("dropped");
	log_configure(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT);
	log_debug("kept too");
}

START_TEST(test_levels)
{
	run(child_levels);
	ck_assert_uint_eq(count_lines(), 2);
	ck_assert_ptr_nonnull(strstr(output, "error: kept\n"));
	ck_assert_ptr_nonnull(strstr(output, "debug: kept too\n"));
}
END_TEST

static void
child_controls(void)
{
	log_init("b");
	log_info("a\nb\tc\x1b[31md\x7f"
		 "e\r%s",
	    "\xc2\x9b"
	    "f\xff"
	    "g\xe2\x9c\x97\xc3");
}

START_TEST(test_text_controls_are_replaced)
{
	run(child_controls);
	ck_assert_uint_eq(count_lines(), 1);
	ck_assert_ptr_nonnull(strstr(output, "info: a b c?[31md?e??f?g\xe2\x9c\x97?\n"));
}
END_TEST

static void
child_json(void)
{
	log_init("bibd-x");
	log_configure(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
	log_warning("q\"b\\n\ne\x1b\x7f\xc3\xa9\xc0\x80\xed\xa0\x80\xf5|\xf0\x9f\x98\x80");
}

START_TEST(test_json)
{
	static const char text[] = ",\"text\":\"q\\\"b\\\\n\\u000ae\\u001b\\u007f\xc3\xa9??"
				   "????|\xf0\x9f\x98\x80\"}\n";
	static const char head[] = "{\"time\":\"";
	const char *rest;
	int pid, n = 0;

	run(child_json);
	ck_assert_int_eq(strncmp(output, head, sizeof(head) - 1), 0);
	rest = after_time(output + sizeof(head) - 1);
	ck_assert_int_eq(sscanf(rest, "\",\"level\":\"warning\",\"process\":\"bibd-x\",\"pid\":%d%n", &pid, &n), 1);
	ck_assert_str_eq(rest + n, text);
}
END_TEST

static void
child_journal(void)
{
	name_journal();
	log_init("bibd-x");
	log_configure(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT);
	for (int level = 0; level < LOG_LEVELS; level++)
		log_write((enum log_level)level, "said");
}

START_TEST(test_journal)
{
	run(child_journal);
	ck_assert_str_eq(output,
	    "<3>bibd-x: said\n<4>bibd-x: said\n<5>bibd-x: said\n<6>bibd-x: said\n<7>bibd-x: said\n");
}
END_TEST

static void
child_journal_json(void)
{
	name_journal();
	log_init("b");
	log_configure(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
	log_notice("said");
}

START_TEST(test_journal_json)
{
	run(child_journal_json);
	ck_assert_int_eq(strncmp(output, "<5>{\"time\":\"", 12), 0);
}
END_TEST

static void
child_other_stream(void)
{
	(void)setenv("JOURNAL_STREAM", "1:2", 1);
	log_init("b");
	log_info("said");
	(void)setenv("JOURNAL_STREAM", "nonsense", 1);
	log_init("b");
	log_info("said");
}

START_TEST(test_journal_of_another_stream)
{
	run(child_other_stream);
	ck_assert_uint_eq(count_lines(), 2);
	ck_assert_ptr_null(strchr(output, '<'));
}
END_TEST

/* A long line is cut, even when each of its characters grows, and is still one line and whole JSON. */
static void
child_long(void)
{
	char text[8192];

	memset(text, 1, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_init("b");
	log_info("%s", text);
	log_configure(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
	log_info("%s", text);
	memset(text, '"', sizeof(text) - 1);
	log_info("%s", text);
}

START_TEST(test_long_lines_are_cut)
{
	char *save = NULL;

	run(child_long);
	ck_assert_uint_eq(count_lines(), 3);
	for (char *line = strtok_r(output, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		ck_assert_uint_lt(strlen(line), 2048);
		ck_assert_uint_gt(strlen(line), 1000);
		if (line[0] == '{')
			ck_assert_str_eq(line + strlen(line) - 2, "\"}");
	}
}
END_TEST

static void
child_errno(void)
{
	errno = EDOM;
	log_info("x");
	if (errno != EDOM)
		_exit(1);
	close(STDERR_FILENO);
	log_info("lost");
	if (errno != EDOM)
		_exit(2);
}

START_TEST(test_errno_is_kept)
{
	run(child_errno);
	ck_assert(WIFEXITED(ending));
	ck_assert_int_eq(WEXITSTATUS(ending), 0);
}
END_TEST

static void
child_fatal(void)
{
	struct error e;

	log_init("bibd");
	(void)error_set(&e, STATUS_CONFIG, "conf.value", "port must be between 1024 and 65535");
	fatal(&e);
}

START_TEST(test_fatal)
{
	run(child_fatal);
	ck_assert_str_eq(output, "\xe2\x9c\x97 port must be between 1024 and 65535\n");
	ck_assert(WIFEXITED(ending));
	ck_assert_int_eq(WEXITSTATUS(ending), STATUS_CONFIG);
}
END_TEST

static void
child_fatal_json(void)
{
	log_init("bibd");
	log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_JSON);
	fatal(&(struct error) { .text = "storage ping failed: connection \"refused\"", .status = STATUS_UNAVAILABLE });
}

START_TEST(test_fatal_json)
{
	static const char end[] = "\"text\":\"\xe2\x9c\x97 storage ping failed: connection \\\"refused\\\"\"}\n";

	run(child_fatal_json);
	ck_assert_int_eq(output[0], '{');
	ck_assert_str_eq(output + strlen(output) - (sizeof(end) - 1), end);
	ck_assert_int_eq(WEXITSTATUS(ending), STATUS_UNAVAILABLE);
}
END_TEST

static void
child_fatal_without_status(void)
{
	name_journal();
	log_init("bibd");
	fatal(&(struct error) { .text = "so\nit ends" });
}

START_TEST(test_fatal_is_never_success)
{
	run(child_fatal_without_status);
	ck_assert_str_eq(output, "<3>\xe2\x9c\x97 so it ends\n");
	ck_assert(WIFEXITED(ending));
	ck_assert_int_eq(WEXITSTATUS(ending), STATUS_BUG);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_text);
	tcase_add_test(t, test_levels);
	tcase_add_test(t, test_text_controls_are_replaced);
	tcase_add_test(t, test_json);
	tcase_add_test(t, test_journal);
	tcase_add_test(t, test_journal_json);
	tcase_add_test(t, test_journal_of_another_stream);
	tcase_add_test(t, test_long_lines_are_cut);
	tcase_add_test(t, test_errno_is_kept);
	tcase_add_test(t, test_fatal);
	tcase_add_test(t, test_fatal_json);
	tcase_add_test(t, test_fatal_is_never_success);
	return unit_run("log", t, NULL);
}
