/*
 * Tells from the container's state and the end of its log why a server ended, or that one of its processes crashed.
 */
#include "workers/container/cause.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAUSE_LINE_MAX 256
/* How an exit status tells of a signal: container init programs and shells alike add this to it. */
#define CAUSE_SIGNALLED 128

/* Lines that tell one session (bibd's own probe among them) that it is refused or ended: they do not say why the server
 * ended. */
static const char *const cause_of_sessions[] = { "the database system is ", "terminating connection",
	"sorry, too many clients", "pg_hba.conf rejects", "no pg_hba.conf entry", "authentication failed",
	"remaining connection slots", "too many connections", "unsupported frontend protocol",
	"connection to client lost", "canceling authentication", "database \"", "role \"" };

static bool
cause_is_of_session(const char *line)
{
	for (size_t i = 0; i < sizeof(cause_of_sessions) / sizeof(cause_of_sessions[0]); i++)
		if (strncmp(line + strspn(line, " "), cause_of_sessions[i], strlen(cause_of_sessions[i])) == 0)
			return true;
	return false;
}

/* The last line of the log that has the text word and, after it, the text with; lines about a session are passed over.
 * buf gets the line from word on. */
static bool
cause_last_line(const char *log, const char *word, const char *with, char *buf, size_t size)
{
	char text[CAUSE_LINE_MAX];
	bool found = false;

	for (const char *line = log; *line != '\0';) {
		size_t n = strcspn(line, "\n");
		const char *at = memmem(line, n, word, strlen(word));

		if (at != NULL) {
			(void)snprintf(text, sizeof(text), "%.*s", (int)(n - (size_t)(at - line)), at);
			if (strstr(text, with) != NULL && !cause_is_of_session(text + strlen(word))) {
				(void)snprintf(buf, size, "%s", text);
				found = true;
			}
		}
		line += n + (line[n] == '\n');
	}
	return found;
}

static const char *
cause_incompatible(char *text, size_t size, const char *log)
{
	char detail[CAUSE_LINE_MAX] = "";

	(void)cause_last_line(log, "The data directory was initialized by PostgreSQL version ", "", detail,
	    sizeof(detail));
	detail[strcspn(detail, "\r")] = '\0';
	if (detail[0] != '\0' && detail[strlen(detail) - 1] == '.')
		detail[strlen(detail) - 1] = '\0';
	(void)snprintf(text, size,
	    "the database directory is of another major version than the image (%s): set database.postgres.image back "
	    "to the version that made it",
	    detail[0] != '\0' ? detail : "database files are incompatible with server");
	return "server.incompatible";
}

static const char *
cause_killed(const struct cause_facts *facts, char *text, size_t size, int signal_number)
{
	bool through_engine = facts->signalled && (facts->signal == signal_number || facts->signal == 0);

	(void)snprintf(text, size, "PostgreSQL was killed by signal %d (%s)%s%s", signal_number,
	    signal_number < NSIG ? sigdescr_np(signal_number) : "unknown",
	    through_engine ? ", which somebody sent through " : "", through_engine ? facts->engine : "");
	return "server.killed";
}

static const char *
cause_stopped(const struct cause_facts *facts, char *text, size_t size)
{
	if (facts->stopped || facts->signalled)
		(void)snprintf(text, size, "the container was stopped by somebody through %s", facts->engine);
	else
		(void)snprintf(text, size, "PostgreSQL was shut down in an orderly way by somebody other than bibd");
	return "server.stopped_by_operator";
}

static const char *
cause_exited(const struct cause_facts *facts, char *text, size_t size)
{
	char line[CAUSE_LINE_MAX], before[CAUSE_LINE_MAX];
	int status = facts->container->exit_code;

	/* When a file of settings has errors, the line before says which. */
	if (cause_last_line(facts->log, "FATAL: ", "", line, sizeof(line)) && strstr(line, "contains errors") != NULL &&
	    cause_last_line(facts->log, "LOG: ", "", before, sizeof(before)))
		(void)snprintf(text, size, "PostgreSQL exited with status %d: %s; %s", status, line, before);
	else if (cause_last_line(facts->log, "PANIC: ", "", line, sizeof(line)) ||
	    cause_last_line(facts->log, "FATAL: ", "", line, sizeof(line)))
		(void)snprintf(text, size, "PostgreSQL exited with status %d: %s", status, line);
	else if (facts->container->error[0] != '\0')
		(void)snprintf(text, size, "the container ended with status %d: %s", status, facts->container->error);
	else
		(void)snprintf(text, size, "PostgreSQL exited with status %d; `bibctl logs` shows its last words",
		    status);
	return "server.exited";
}

/* Shared memory and semaphores that run out are reported in the same words as a full disk, but room on the disk does
 * not help. */
static bool
cause_is_disk_full(const char *log, char *buf, size_t size)
{
	static const char *const words[] = { "PANIC: ", "FATAL: " };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (cause_last_line(log, words[i], "No space left on device", buf, size))
			return strstr(buf, "shared memory") == NULL && strstr(buf, "semaphores") == NULL;
	return false;
}

const char *
cause_of_death(const struct cause_facts *facts, char *text, size_t size)
{
	const struct inspection *container = facts->container;
	int signal_number = container->exit_code > CAUSE_SIGNALLED ? container->exit_code - CAUSE_SIGNALLED : 0;
	bool asked = facts->stopped || (facts->signal != 0 && facts->signal != SIGKILL);
	char line[CAUSE_LINE_MAX];

	if (!container->present || container->removing) {
		(void)snprintf(text, size, "the container was removed by somebody through %s", facts->engine);
		return "server.removed";
	}
	if (facts->restarted) {
		(void)snprintf(text, size, "the container was restarted by somebody through %s", facts->engine);
		return "server.restarted_by_operator";
	}
	if (container->out_of_memory && signal_number == SIGKILL) {
		(void)snprintf(text, size,
		    "PostgreSQL was killed because it was out of memory: database.postgres.memory_mb is %lld",
		    facts->memory_mb);
		return "server.out_of_memory";
	}
	if (cause_is_disk_full(facts->log, line, sizeof(line))) {
		(void)snprintf(text, size, "the disk is full: %s", line);
		return "server.disk_full";
	}
	if (strstr(facts->log, "database files are incompatible with server") != NULL && container->exit_code == 1)
		return cause_incompatible(text, size, facts->log);
	if (facts->engine_lost) {
		(void)snprintf(text, size, "%s is gone, and the server has ended", facts->engine);
		return "server.engine_lost";
	}
	if (asked || container->exit_code == 0)
		return cause_stopped(facts, text, size);
	if (signal_number != 0)
		return cause_killed(facts, text, size, signal_number);
	return cause_exited(facts, text, size);
}

/* The last line that PostgreSQL logs about a crash; the line that says which process died comes before it. */
#define CAUSE_CRASH_WORDS "terminating any other active server processes"

const char *
cause_of_crash(const char *log, bool out_of_memory, long long memory_mb, char *text, size_t size)
{
	const char *end = NULL;
	char line[CAUSE_LINE_MAX], panic[CAUSE_LINE_MAX], *before;
	bool found, disk_full;

	for (const char *p = strstr(log, CAUSE_CRASH_WORDS); p != NULL; p = strstr(p + 1, CAUSE_CRASH_WORDS))
		end = p;
	if (end == NULL || (before = strndup(log, (size_t)(end - log))) == NULL)
		return NULL;
	found = cause_last_line(before, "LOG: ", " (PID ", line, sizeof(line));
	disk_full = cause_is_disk_full(before, panic, sizeof(panic));
	free(before);
	(void)snprintf(text, size, "a process of PostgreSQL died, which ended all sessions%s%s", found ? ": " : "",
	    found ? line + strlen("LOG: ") + strspn(line + strlen("LOG: "), " ") : "");
	if (disk_full) {
		(void)snprintf(text + strlen(text), size - strlen(text), "; the disk is full: %s", panic);
		return "server.disk_full";
	}
	if (!out_of_memory)
		return "server.process_died";
	(void)snprintf(text + strlen(text), size - strlen(text),
	    "; memory was out: database.postgres.memory_mb is %lld", memory_mb);
	return "server.process_out_of_memory";
}

bool
cause_may_repeat(const char *line, size_t size)
{
	static const char *const words[] = { "STATEMENT: ", "DETAIL: ", "CONTEXT: ", "QUERY: ", "LOG:  statement: ",
		"LOG:  execute ", "LOG:  duration: " };

	/* A line that goes on begins with a tabulator. */
	if (size == 0 || line[0] == '\t')
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(line, size, words[i], strlen(words[i])) != NULL)
			return false;
	return true;
}
