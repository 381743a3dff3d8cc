/*
 * Reads a request by RFC 9112, sections 2 and 3. It is strict where it would have to guess; a bare LF ends a line, as
 * the RFC allows.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "workers/control/http.h"

#define REQUEST_RESOURCE "/metrics"
#define REQUEST_SCHEME "http://"

/* A part of the request; not terminated. */
struct request_span {
	const char *bytes;
	size_t length;
};

static bool
request_span_is(struct request_span span, const char *text)
{
	return span.length == strlen(text) && memcmp(span.bytes, text, span.length) == 0;
}

/* RFC 9110, 5.6.2. */
static bool
request_is_token(struct request_span span)
{
	for (size_t i = 0; i < span.length; i++)
		if (!isalnum((unsigned char)span.bytes[i]) &&
		    (span.bytes[i] == '\0' || strchr("!#$%&'*+-.^_`|~", span.bytes[i]) == NULL))
			return false;
	return span.length > 0;
}

/* Whether there are no control characters but ends of lines and tabs: so a TLS client, for example, is refused at
 * once. */
static bool
request_is_text(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if ((c < 0x20 && c != '\r' && c != '\n' && c != '\t') || c == 0x7f)
			return false;
		if (c == '\r' && i + 1 < length && bytes[i + 1] != '\n')
			return false;
	}
	return true;
}

/* Takes the next line off rest. False when its end has not come in. */
static bool
request_next_line(struct request_span *rest, struct request_span *line)
{
	const char *end = rest->length == 0 ? NULL : memchr(rest->bytes, '\n', rest->length);
	size_t length;

	if (end == NULL)
		return false;
	length = (size_t)(end - rest->bytes);
	*line = (struct request_span) { rest->bytes, length };
	if (length > 0 && line->bytes[length - 1] == '\r')
		line->length--;
	rest->bytes += length + 1;
	rest->length -= length + 1;
	return true;
}

/* Takes the part before the first separator off rest; all of it where there is none. */
static struct request_span
request_take_until(struct request_span *rest, char separator)
{
	const char *end = rest->length == 0 ? NULL : memchr(rest->bytes, separator, rest->length);
	struct request_span part = { rest->bytes, end == NULL ? rest->length : (size_t)(end - rest->bytes) };
	size_t taken = part.length + (end == NULL ? 0 : 1);

	rest->bytes += taken;
	rest->length -= taken;
	return part;
}

/* The path of a target in origin form or absolute form (RFC 9112, 3.2); empty for any other. */
static struct request_span
request_path(struct request_span target)
{
	const size_t scheme = strlen(REQUEST_SCHEME);

	if (target.length > scheme && strncasecmp(target.bytes, REQUEST_SCHEME, scheme) == 0) {
		const char *slash = memchr(target.bytes + scheme, '/', target.length - scheme);
		size_t skipped = slash == NULL ? target.length : (size_t)(slash - target.bytes);

		target.bytes += skipped;
		target.length -= skipped;
	}
	if (target.length == 0 || target.bytes[0] != '/')
		return (struct request_span) { target.bytes, 0 };
	return request_take_until(&target, '?');
}

/* "HTTP/1.1": 200 and its last digit, or the status to refuse it with. */
static unsigned
request_judge_version(struct request_span version, bool *needs_host)
{
	const char *v = version.bytes;

	if (version.length != 8 || memcmp(v, "HTTP/", 5) != 0 || !isdigit((unsigned char)v[5]) || v[6] != '.' ||
	    !isdigit((unsigned char)v[7]))
		return 400;
	*needs_host = v[7] != '0';
	return v[5] == '1' ? 200 : 505;
}

/* The lines after the first, which are complete. Host must be there exactly once from HTTP/1.1 on (RFC 9112, 3.2). */
static bool
request_fields_are_well_formed(struct request_span rest, bool needs_host)
{
	struct request_span line;
	unsigned hosts = 0;

	while (request_next_line(&rest, &line) && line.length > 0) {
		struct request_span name;

		if (memchr(line.bytes, ':', line.length) == NULL)
			return false;
		name = request_take_until(&line, ':');
		if (!request_is_token(name))
			return false;
		if (name.length == 4 && strncasecmp(name.bytes, "host", 4) == 0)
			hosts++;
	}
	return hosts == 1 || (hosts == 0 && !needs_host);
}

static unsigned
request_judge_whole(struct request_span first, struct request_span fields, bool *head)
{
	struct request_span method = request_take_until(&first, ' '), target = request_take_until(&first, ' '), path;
	bool needs_host = false;
	unsigned status = request_judge_version(first, &needs_host);

	if (!request_is_token(method) || target.length == 0)
		return 400;
	if (status != 200)
		return status;
	path = request_path(target);
	if (path.length == 0 || !request_fields_are_well_formed(fields, needs_host))
		return 400;
	if (!request_span_is(path, REQUEST_RESOURCE))
		return 404;
	*head = request_span_is(method, "HEAD");
	return *head || request_span_is(method, "GET") ? 200 : 405;
}

unsigned
http_judge_request(const char *bytes, size_t length, bool *head)
{
	struct request_span rest = { bytes, length }, first, fields, line;

	*head = false;
	if (!request_is_text(bytes, length))
		return 400;
	/* An empty line before the request is passed over (RFC 9112, 2.2). */
	do
		if (!request_next_line(&rest, &first))
			return length < HTTP_REQUEST_MAX ? 0 : 431;
	while (first.length == 0 && first.bytes == bytes);
	if (first.length == 0)
		return 400;
	fields = rest;
	do
		if (!request_next_line(&rest, &line))
			return length < HTTP_REQUEST_MAX ? 0 : 431;
	while (line.length > 0);
	return request_judge_whole(first, fields, head);
}
