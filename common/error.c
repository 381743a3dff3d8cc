/*
 * Fills a struct error with a status, a code and a sentence.
 */
#include "common/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
error_fill(struct error *e, enum status status, const char *code, int errnum, const char *fmt, va_list ap)
{
	e->code = code;
	e->status = status;
	e->errnum = errnum;
	if (vsnprintf(e->text, sizeof(e->text), fmt, ap) < 0)
		e->text[0] = '\0';
	if (errnum != 0) {
		size_t used = strlen(e->text);
		(void)snprintf(e->text + used, sizeof(e->text) - used, ": %s", strerror(errnum));
	}
}

int
error_set(struct error *e, enum status status, const char *code, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	error_fill(e, status, code, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int
error_set_errno(struct error *e, enum status status, const char *code, const char *fmt, ...)
{
	int errnum = errno;
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	error_fill(e, status, code, errnum, fmt, ap);
	va_end(ap);
	errno = errnum;
	return -1;
}

int
error_prefix(struct error *e, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list ap;
	size_t used;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	used = strlen(text);
	(void)snprintf(text + used, sizeof(text) - used, "%s", e->text);
	memcpy(e->text, text, sizeof(e->text));
	return -1;
}
