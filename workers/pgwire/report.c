/*
 * Fills an error or a notice, and writes it as ErrorResponse or NoticeResponse.
 */
#include "workers/pgwire/pgwire.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const severity_names[] = {
	[REPORT_DEBUG] = "DEBUG",
	[REPORT_LOG] = "LOG",
	[REPORT_INFO] = "INFO",
	[REPORT_NOTICE] = "NOTICE",
	[REPORT_WARNING] = "WARNING",
	[REPORT_ERROR] = "ERROR",
	[REPORT_FATAL] = "FATAL",
};

void
report_reset(struct report *r)
{
	if (r == NULL)
		return;
	free(r->message);
	free(r->detail);
	free(r->hint);
	free(r->schema);
	free(r->table);
	free(r->column);
	free(r->constraint);
	free(r->datatype);
	*r = (struct report) { 0 };
}

/* NULL when memory is out: the message then says just that, other fields are left out. */
static char *
text_format(const char *fmt, va_list ap)
{
	char *text;

	return vasprintf(&text, fmt, ap) < 0 ? NULL : text;
}

int
report_set(struct report *r, enum sqlstate state, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (r == NULL)
		return -1;
	/* The text is formatted first: an argument may be a part of the report that is dropped here. */
	va_start(ap, fmt);
	text = text_format(fmt, ap);
	va_end(ap);
	report_reset(r);
	r->state = state;
	r->message = text;
	return -1;
}

const char *
report_code(const struct report *r)
{
	return r->code[0] != '\0' ? r->code : sqlstate_code(r->state);
}

/* Formatted before the old text is freed, which may be among the arguments. */
static void
text_replace(char **text, const char *fmt, va_list ap)
{
	char *new = text_format(fmt, ap);

	free(*text);
	*text = new;
}

void
report_detail(struct report *r, const char *fmt, ...)
{
	va_list ap;

	if (r == NULL)
		return;
	va_start(ap, fmt);
	text_replace(&r->detail, fmt, ap);
	va_end(ap);
}

void
report_hint(struct report *r, const char *fmt, ...)
{
	va_list ap;

	if (r == NULL)
		return;
	va_start(ap, fmt);
	text_replace(&r->hint, fmt, ap);
	va_end(ap);
}

void
report_move(struct report *a, struct report *b)
{
	if (a == b)
		return;
	report_reset(a);
	*a = *b;
	*b = (struct report) { 0 };
}

static void
put_field(struct pgwire_buffer *out, char code, const char *text)
{
	if (text == NULL)
		return;
	pgwire_put_byte(out, (uint8_t)code);
	pgwire_put_string(out, text);
}

static void
put_position(struct pgwire_buffer *out, int position)
{
	char text[16];

	if (position > 0 && snprintf(text, sizeof(text), "%d", position) > 0)
		put_field(out, 'P', text);
}

void
pgwire_put_report(struct pgwire_buffer *out, enum report_severity severity, const struct report *r)
{
	const char *name = severity_names[severity <= REPORT_FATAL ? severity : REPORT_ERROR];
	size_t mark = pgwire_begin_message(out, severity >= REPORT_ERROR ? 'E' : 'N');

	put_field(out, 'S', name);
	put_field(out, 'V', name);
	put_field(out, 'C', report_code(r));
	put_field(out, 'M', r->message != NULL ? r->message : "out of memory");
	put_field(out, 'D', r->detail);
	put_field(out, 'H', r->hint);
	put_position(out, r->position);
	put_field(out, 's', r->schema);
	put_field(out, 't', r->table);
	put_field(out, 'c', r->column);
	put_field(out, 'd', r->datatype);
	put_field(out, 'n', r->constraint);
	pgwire_put_byte(out, 0);
	pgwire_end_message(out, mark);
}
