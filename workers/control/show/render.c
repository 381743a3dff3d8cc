/*
 * What bibctl says to people. Every text that comes from the daemon passes escape_text or escape_put_text.
 */
#include "workers/control/show/render.h"

#include <inttypes.h>
#include <pwd.h>
#include <string.h>
#include <time.h>
#include <bsd/string.h>

#include "workers/control/shared/escape.h"
#include "workers/control/show/text.h"

#define TEXT_PIECE_MAX 96
#define TEXT_TIME_FORM "dddd-dd-ddTdd:dd:dd.dddZ" /* of clock_text, d for a digit */

/* ECMA-48: select graphic rendition. */
static const char *const text_colors[] = { [TEXT_PLAIN] = "",
	[TEXT_BOLD] = "\033[1m",
	[TEXT_GOOD] = "\033[32m",
	[TEXT_PENDING] = "\033[33m",
	[TEXT_BAD] = "\033[31m" };
_Static_assert(sizeof(text_colors) / sizeof(text_colors[0]) == TEXT_COLORS, "one rendition for each colour");

void
text_put(const struct render *render, enum text_color color, const char *text)
{
	bool colored = render->color && color != TEXT_PLAIN;

	(void)fputs(colored ? text_colors[color] : "", render->out);
	escape_put_text(render->out, text);
	(void)fputs(colored ? "\033[0m" : "", render->out);
}

char *
render_size(uint64_t bytes, char *buf, size_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		unit++;
	}
	if (snprintf(buf, size, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]) < 0)
		buf[0] = '\0';
	return buf;
}

/* The largest unit that is reached, and the next smaller one: nobody needs the seconds of a week. */
char *
render_duration(int64_t us, char *buf, size_t size)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	const size_t last = sizeof(units) / sizeof(units[0]) - 1;
	int64_t seconds = us < 0 ? 0 : us / 1000000;
	size_t unit = 0;
	int n;

	while (unit < last && seconds < units[unit].seconds)
		unit++;
	if (unit == last)
		n = snprintf(buf, size, "%" PRId64 " s", seconds);
	else
		n = snprintf(buf, size, "%" PRId64 " %s %" PRId64 " %s", seconds / units[unit].seconds,
		    units[unit].name, seconds % units[unit].seconds / units[unit + 1].seconds, units[unit + 1].name);
	if (n < 0)
		buf[0] = '\0';
	return buf;
}

char *
render_ago(int64_t us, char *buf, size_t size)
{
	if (us < 1000000)
		(void)strlcpy(buf, "just now", size);
	else
		(void)strlcat(render_duration(us, buf, size), " ago", size);
	return buf;
}

char *
render_user(int64_t uid, char *buf, size_t size)
{
	const struct passwd *user = getpwuid((uid_t)uid);

	(void)strlcpy(buf, user == NULL ? "" : user->pw_name, size);
	return buf;
}

const char *
text_time(int64_t us, char *buf, size_t size)
{
	time_t seconds = (time_t)(us / 1000000);
	struct tm tm;

	if (us <= 0 || localtime_r(&seconds, &tm) == NULL || strftime(buf, size, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		return "never";
	return buf;
}

void
text_label(const struct render *render, const char *label)
{
	(void)fprintf(render->out, "%-12s", label);
}

static void
text_ready(const struct render *render, const char *socket, enum render_ready answer, const struct snapshot *status,
    const char *why)
{
	static const struct {
		enum text_color color;
		const char *words;
	} answers[] = {
		[RENDER_READY] = { TEXT_GOOD, "ready" },
		[RENDER_REJECTING] = { TEXT_PENDING, "not ready" },
		[RENDER_NO_RESPONSE] = { TEXT_BAD, "no response" },
		[RENDER_NO_ATTEMPT] = { TEXT_BAD, "no attempt" },
	};
	_Static_assert(sizeof(answers) / sizeof(answers[0]) == RENDER_READY_ANSWERS, "one row for each answer");

	/* The text of an error names the socket itself. */
	if (why == NULL) {
		escape_put_text(render->out, socket);
		(void)fputs(": ", render->out);
	}
	text_put(render, answers[answer].color, answers[answer].words);
	if (answer == RENDER_REJECTING && status->has_node) {
		(void)fputs(", phase ", render->out);
		escape_put_text(render->out, status->node.phase);
	}
	if (why != NULL) {
		(void)fputs(": ", render->out);
		escape_put_text(render->out, why);
	}
	(void)fputc('\n', render->out);
	if (render->verbose && status->has_node)
		text_status_backup(render, status);
}

/* A time in a text, as clock_text writes it: the UTC of "2026-11-23T11:50:00.123Z". False when there is none at p. */
static bool
text_read_time(const char *p, int64_t *us)
{
	static const char form[] = TEXT_TIME_FORM;
	struct tm tm = { 0 };

	for (size_t i = 0; i < sizeof(form) - 1; i++)
		if (form[i] == 'd' ? p[i] < '0' || p[i] > '9' : p[i] != form[i])
			return false;
	if (strptime(p, "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
		return false;
	*us = (int64_t)timegm(&tm) * 1000000;
	return true;
}

/* A text of the daemon's with its times in the time zone of the column beside it. */
static void
text_put_local(const struct render *render, const char *text)
{
	char piece[ERROR_TEXT_MAX], when[TEXT_TIME_MAX];
	size_t n = 0;
	int64_t us;

	for (; *text != '\0' && n + TEXT_TIME_MAX < sizeof(piece); text++)
		if (text_read_time(text, &us)) {
			n += strlcpy(piece + n, text_time(us, when, sizeof(when)), sizeof(piece) - n);
			text += sizeof(TEXT_TIME_FORM) - 2;
		} else
			piece[n++] = *text;
	piece[n] = '\0';
	escape_put_text(render->out, piece);
	escape_put_text(render->out, text);
}

static void
text_event(const struct render *render, const struct message_event *event)
{
	static const enum text_color colors
	    [] = { [RENDER_NOTICE] = TEXT_PLAIN, [RENDER_EVENT_WARNING] = TEXT_PENDING, [RENDER_ERROR] = TEXT_BAD };
	enum render_severity severity = render_severity(event->code);
	char when[TEXT_TIME_MAX];

	(void)fprintf(render->out, "%s.%03d  ", text_time(event->time_us, when, sizeof(when)),
	    (int)(event->time_us < 0 ? 0 : event->time_us % 1000000 / 1000));
	text_put(render, colors[severity], render_severity_names[severity]);
	(void)fprintf(render->out, "%*s", (int)(9 - strlen(render_severity_names[severity])), "");
	text_put(render, TEXT_BOLD, event->source);
	(void)fputs("  ", render->out);
	escape_put_text(render->out, event->code);
	(void)fputs("  ", render->out);
	text_put_local(render, event->text);
	(void)fputc('\n', render->out);
	(void)fflush(render->out);
}

/* Tabs and ends of lines are written as they are; everything else that a terminal acts upon is escaped. */
static void
text_log(const struct render *render, const char *log, size_t size)
{
	const char *end = log + size;

	if (!render->terminal) {
		(void)fwrite(log, 1, size, render->out);
		return;
	}
	while (log < end) {
		char piece[TEXT_PIECE_MAX];
		size_t length = 0;

		while (log + length < end && log[length] != '\0' && log[length] != '\n' && log[length] != '\t' &&
		    length + 1 < sizeof(piece))
			length++;
		/* A character is not cut in two. */
		if (length + 1 == sizeof(piece) && log + length < end)
			for (size_t back = 0; back < 3 && (log[length] & 0xc0) == 0x80; back++)
				length--;
		memcpy(piece, log, length);
		piece[length] = '\0';
		escape_put_text(render->out, piece);
		log += length;
		if (log < end && (*log == '\n' || *log == '\t'))
			(void)fputc(*log++, render->out);
		else if (log < end && *log == '\0') {
			(void)fputs("\\x00", render->out);
			log++;
		}
	}
}

const char
    *const render_verdict_names[] = { [RENDER_OK] = "ok", [RENDER_WARNING] = "warning", [RENDER_FAILED] = "failed" };
_Static_assert(sizeof(render_verdict_names) / sizeof(render_verdict_names[0]) == RENDER_VERDICTS, "one name each");

static void
text_audit(const struct render *render, const struct message_audit_verified *audit)
{
	text_put(render, TEXT_GOOD, "audit trail intact");
	(void)fprintf(render->out, ": %" PRIu64 " rows, %" PRId64 " of them signed\n", audit->rows, audit->signed_rows);
}

static void
text_finding(const struct render *render, const struct render_finding *finding)
{
	static const enum text_color
	    colors[] = { [RENDER_OK] = TEXT_GOOD, [RENDER_WARNING] = TEXT_PENDING, [RENDER_FAILED] = TEXT_BAD };

	text_put(render, colors[finding->verdict], render_verdict_names[finding->verdict]);
	(void)fprintf(render->out, "%*s%-15s", (int)(9 - strlen(render_verdict_names[finding->verdict])), "",
	    finding->check);
	escape_put_text(render->out, finding->text);
	if (finding->advice != NULL) {
		(void)fputs("; ", render->out);
		escape_put_text(render->out, finding->advice);
	}
	(void)fputc('\n', render->out);
	(void)fflush(render->out);
}

static void
text_result(const struct render *render, const struct message_result *result)
{
	FILE *file = result->status == STATUS_OK ? render->out : render->err;

	if (result->status != STATUS_OK)
		(void)fputs("bibctl: ", file);
	escape_put_text(file, *result->text != '\0' ? result->text : result->code);
	(void)fputc('\n', file);
}

const struct render_output render_text = { text_status, text_ready, text_event, text_log, text_audit, text_identity,
	text_certificates, text_clients, text_finding, text_story, text_compat, text_result };
