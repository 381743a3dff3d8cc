/*
 * Writes a log line to standard error, as text or JSON, with control characters made harmless; and the last line of a
 * process.
 */
#include "common/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/character.h"
#include "common/clock.h"

#define LOG_LINE_MAX 2048
#define LOG_CROSS "\xe2\x9c\x97 "

const char *const log_level_names[LOG_LEVELS] = { "error", "warning", "notice", "info", "debug" };
const char *const log_format_names[LOG_FORMATS] = { "text", "json" };

/* Priorities of syslog(3), indexed by enum log_level. */
static const int log_priorities[] = { 3, 4, 5, 6, 7 };
_Static_assert(sizeof(log_priorities) / sizeof(log_priorities[0]) == LOG_LEVELS, "one priority for each level");

/* File scope: a process has one standard error, and every room writes to it. Set before threads start. */
static struct {
	const char *process;
	enum log_level level;
	enum log_format format;
	bool journal;
} log_state = { "bibd", LOG_LEVEL_INFO, LOG_FORMAT_TEXT, false };

/* sd-daemon(3): JOURNAL_STREAM is "device:inode" of the stream that the journal reads. */
static bool
log_goes_to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	return stream != NULL && sscanf(stream, "%ju:%ju", &device, &inode) == 2 && fstat(STDERR_FILENO, &st) == 0 &&
	    st.st_dev == device && st.st_ino == inode;
}

void
log_init(const char *process)
{
	log_state.process = process;
	log_state.journal = log_goes_to_journal();
}

void
log_configure(enum log_level level, enum log_format format)
{
	log_state.level = level;
	log_state.format = format;
}

/* One write, so that lines of several processes do not mix. A line that cannot be written is lost: there is nowhere
 * left to say so. */
static void
log_put(char *line, size_t length)
{
	ssize_t ignored;

	line[length++] = '\n';
	ignored = write(STDERR_FILENO, line, length);
	(void)ignored;
}

/* Whether it is a control character: of C1 too, of which some terminals take U+009B for the start of a command. */
static bool
log_is_control(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

/* Appends text with control characters made harmless (text) or escaped (JSON, RFC 8259), and with '?' for bytes that
 * are no UTF-8. Returns the new length, which leaves room for what closes the line. */
static size_t
log_append(char *line, size_t used, const char *text, bool json)
{
	size_t length;

	for (; *text != '\0' && used<LOG_LINE_MAX - 16; text += length> 0 ? length : 1) {
		uint32_t c;

		if ((length = character_read(text, strnlen(text, 4), &c)) == 0)
			line[used++] = '?';
		else if (log_is_control(c) && json)
			used += (size_t)snprintf(line + used, 7, "\\u%04x", (unsigned)c);
		else if (log_is_control(c))
			line[used++] = c == '\n' || c == '\t' ? ' ' : '?';
		else {
			if (json && (*text == '"' || *text == '\\'))
				line[used++] = '\\';
			memcpy(line + used, text, length);
			used += length;
		}
	}
	return used;
}

static size_t
log_head(char *line, enum log_level level)
{
	char when[CLOCK_TEXT_SIZE];
	int n;

	if (log_state.format == LOG_FORMAT_JSON)
		n = snprintf(line, LOG_LINE_MAX,
		    "%s{\"time\":\"%s\",\"level\":\"%s\",\"process\":\"%s\",\"pid\":%d,\"text\":\"",
		    log_state.journal ? (char[]) { '<', (char)('0' + log_priorities[level]), '>', '\0' } : "",
		    clock_text(clock_realtime_us(), when, sizeof(when)), log_level_names[level], log_state.process,
		    getpid());
	else if (log_state.journal)
		n = snprintf(line, LOG_LINE_MAX, "<%d>%s: ", log_priorities[level], log_state.process);
	else
		n = snprintf(line, LOG_LINE_MAX, "%s %s[%d]: %s: ", clock_text(clock_realtime_us(), when, sizeof(when)),
		    log_state.process, getpid(), log_level_names[level]);
	return n < 0 ? 0 : (size_t)n;
}

void
log_write(enum log_level level, const char *fmt, ...)
{
	char text[LOG_LINE_MAX / 2], line[LOG_LINE_MAX];
	int saved = errno;
	bool json = log_state.format == LOG_FORMAT_JSON;
	size_t used;
	va_list ap;

	if (level > log_state.level)
		return;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	used = log_append(line, log_head(line, level), text, json);
	if (json) {
		line[used++] = '"';
		line[used++] = '}';
	}
	log_put(line, used);
	errno = saved;
}

void
log_failure(const struct error *e)
{
	char line[LOG_LINE_MAX];
	size_t used = 0;

	/* A program that reads a log of JSON objects can read nothing else. */
	if (log_state.format == LOG_FORMAT_JSON) {
		log_write(LOG_LEVEL_ERROR, LOG_CROSS "%s", e->text);
		return;
	}

	if (log_state.journal)
		used = log_append(line, used, "<3>", false);
	used = log_append(line, used, LOG_CROSS, false);
	used = log_append(line, used, e->text, false);
	log_put(line, used);
}

void
fatal(const struct error *e)
{
	log_failure(e);
	/* Not exit: a worker's threads are still at work, and what runs at exit has no access to files any more. */
	_exit(e->status != STATUS_OK ? (int)e->status : STATUS_BUG);
}
