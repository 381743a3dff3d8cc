/*
 * Runs bibd-sqlite as the owner of the file, so that root reads nothing that the storage worker has written, and reads
 * its lines.
 */
#include "supervisor/plan/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "supervisor/children/children.h"

#define SURVEY_MS 20000
#define SURVEY_OUTPUT_MAX ((size_t)4 << 20)
#define SURVEY_PROGRAM "/bibd-sqlite"

void
plan_survey_clear(struct plan_survey *survey)
{
	free(survey->text);
	free(survey->tables);
	*survey = (struct plan_survey) { .text = NULL };
}

/* ---- its process ---- */

static _Noreturn void
survey_become(const char *program, const char *path, const struct stat *owner, int output)
{
	static char locale[] = "LC_ALL=C", option[] = "--survey";
	char *const environment[] = { locale, NULL };
	char *const argv[] = { (char *)(uintptr_t)program, option, (char *)(uintptr_t)path, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (geteuid() == 0 && (setgroups(0, NULL) == -1 || setgid(owner->st_gid) == -1 || setuid(owner->st_uid) == -1))
		_exit(STATUS_PERMISSION);
	if (null != -1 && dup2(null, STDIN_FILENO) != -1 && dup2(output, STDOUT_FILENO) != -1 &&
	    dup2(null, STDERR_FILENO) != -1)
		(void)execve(program, argv, environment);
	_exit(127);
}

/* Reads until the end, the deadline or the bound, whichever comes first. Returns how many bytes. */
static size_t
survey_read(int fd, char *text, int64_t deadline_ms)
{
	struct pollfd watched = { .fd = fd, .events = POLLIN };
	size_t used = 0;
	int64_t left;
	ssize_t n = 1;

	while (n > 0 && used < SURVEY_OUTPUT_MAX && (left = deadline_ms - clock_now_ms()) > 0)
		if (poll(&watched, 1, (int)left) == 1 && (n = read(fd, text + used, SURVEY_OUTPUT_MAX - used)) > 0)
			used += (size_t)n;
	return used;
}

static int
survey_run(const char *program, const char *path, const struct stat *owner, struct plan_survey *survey)
{
	int ends[2], status = -1;
	size_t used;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	if ((pid = fork()) == 0)
		survey_become(program, path, owner, ends[1]);
	close(ends[1]);
	used = pid == -1 ? 0 : survey_read(ends[0], survey->text, clock_now_ms() + SURVEY_MS);
	close(ends[0]);
	survey->text[used] = '\0';
	if (pid == -1)
		return -1;
	/* The program has ended, or is too late to be of use. */
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	return 0;
}

/* ---- what it says ---- */

static int
survey_add_table(struct plan_survey *survey, char *name, const char *rows)
{
	struct plan_table *grown = reallocarray(survey->tables, survey->n + 1, sizeof(*grown));

	if (grown == NULL)
		return -1;
	survey->tables = grown;
	grown[survey->n] = (struct plan_table) { .name = name, .counted = rows[0] != '-' };
	grown[survey->n].rows = grown[survey->n].counted ? strtoull(rows, NULL, 10) : 0;
	survey->rows += grown[survey->n].rows;
	survey->counted = survey->counted && grown[survey->n].counted;
	survey->n++;
	return 0;
}

static bool
survey_has(char *const *extensions, const char *name)
{
	for (; extensions != NULL && *extensions != NULL; extensions++)
		if (strcmp(*extensions, name) == 0)
			return true;
	return false;
}

/* Takes one line of the answer. Returns 1 when it was the last one. */
static int
survey_take_line(struct plan_survey *survey, const struct conf *conf, char *line)
{
	const char *word = strsep(&line, "\t");
	char *name = line == NULL ? NULL : strsep(&line, "\t");

	if (strcmp(word, "end") == 0)
		return 1;
	if (strcmp(word, "table") == 0 && name != NULL && line != NULL)
		return survey_add_table(survey, name, line);
	if (strcmp(word, "extension") == 0 && name != NULL && survey->missing == NULL &&
	    !survey_has(conf->database.postgres.extensions, name))
		survey->missing = name;
	return 0;
}

/* Orders tables by their rows, the largest first. */
static int
survey_compare(const void *a, const void *b)
{
	const struct plan_table *left = a, *right = b;

	return left->rows == right->rows ? strcmp(left->name, right->name) : left->rows < right->rows ? 1 : -1;
}

static int
survey_parse(struct plan_survey *survey, const struct conf *conf)
{
	char *rest = survey->text, *line;
	int taken = 0;

	survey->counted = true;
	while (taken == 0 && (line = strsep(&rest, "\n")) != NULL && rest != NULL)
		taken = survey_take_line(survey, conf, line);
	if (survey->n > 0)
		qsort(survey->tables, survey->n, sizeof(*survey->tables), survey_compare);
	return taken == 1 ? 0 : -1;
}

int
plan_survey(struct plan_survey *survey, const struct conf *conf, const char *path)
{
	struct process_places places;
	char program[PATH_MAX + sizeof(SURVEY_PROGRAM)];
	struct stat st;
	struct error e;

	*survey = (struct plan_survey) { .text = malloc(SURVEY_OUTPUT_MAX + 1) };
	if (survey->text == NULL || stat(path, &st) == -1 || process_find_places(&places, &e) == -1)
		return -1;
	(void)snprintf(program, sizeof(program), "%s" SURVEY_PROGRAM, places.workers);
	return survey_run(program, path, &st, survey) == -1 ? -1 : survey_parse(survey, conf);
}
