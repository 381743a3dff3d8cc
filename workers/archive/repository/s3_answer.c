/*
 * Reads what S3 answers: lines of the head, and the few elements of its XML that are of use. Nothing of it is trusted:
 * what stands in objects is authenticated by whoever reads them.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/archive/repository/s3.h"

/* ---- the head ---- */

static void
answer_take_range(struct s3_call *call, const char *value)
{
	call->has_range =
	    sscanf(value, "bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, &call->first, &call->last, &call->total) == 3 &&
	    call->first <= call->last && call->last < call->total;
}

static void
answer_take_length(struct s3_call *call, const char *value)
{
	call->length = strtoll(value, NULL, 10);
}

static void
answer_take_etag(struct s3_call *call, const char *value)
{
	(void)snprintf(call->etag, sizeof(call->etag), "%s", value);
}

/* Under a key of a key service, or of the client's. */
static void
answer_take_encryption(struct s3_call *call, const char *value)
{
	call->etag_is_other = strcasecmp(value, "AES256") != 0;
}

static void
answer_take_customer(struct s3_call *call, const char *value)
{
	(void)value;
	call->etag_is_other = true;
}

static void
answer_take_region(struct s3_call *call, const char *value)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	(void)snprintf(call->region, sizeof(call->region), "%.*s", (int)strspn(value, letters), value);
}

void
s3_take_header(struct s3_call *call, const char *line, size_t size)
{
	static const struct {
		const char *name;
		void (*take)(struct s3_call *call, const char *value);
	} rows[] = {
		{ "content-range:", answer_take_range },
		{ "content-length:", answer_take_length },
		{ "etag:", answer_take_etag },
		{ "x-amz-bucket-region:", answer_take_region },
		{ "x-amz-server-side-encryption:", answer_take_encryption },
		{ "x-amz-server-side-encryption-customer-algorithm:", answer_take_customer },
	};
	char value[256];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t length = strlen(rows[i].name);

		if (size <= length || strncasecmp(line, rows[i].name, length) != 0)
			continue;
		for (; length < size && line[length] == ' '; length++)
			;
		(void)snprintf(value, sizeof(value), "%.*s", (int)(size - length), line + length);
		value[strcspn(value, "\r\n")] = '\0';
		rows[i].take(call, value);
	}
}

/* ---- the body ---- */

static void
answer_unescape(char *text)
{
	static const struct {
		const char *name;
		char is;
	} rows[] = { { "&amp;", '&' }, { "&quot;", '"' }, { "&#34;", '"' }, { "&apos;", '\'' }, { "&#39;", '\'' },
		{ "&lt;", '<' }, { "&gt;", '>' } };
	char *out = text;

	while (*text != '\0') {
		size_t i = 0, n = sizeof(rows) / sizeof(rows[0]);

		while (i < n && strncmp(text, rows[i].name, strlen(rows[i].name)) != 0)
			i++;
		*out++ = i < n ? rows[i].is : *text;
		text += i < n ? strlen(rows[i].name) : 1;
	}
	*out = '\0';
}

/* The next element of that name from *at on, which is moved behind it. NULL: there is none. */
static char *
answer_next(const char **at, const char *tag)
{
	char open[64], close[64];
	const char *begin, *end;
	char *text;

	(void)snprintf(open, sizeof(open), "<%s>", tag);
	(void)snprintf(close, sizeof(close), "</%s>", tag);
	if ((begin = strstr(*at, open)) == NULL || (end = strstr(begin += strlen(open), close)) == NULL)
		return NULL;
	*at = end + strlen(close);
	if ((text = strndup(begin, (size_t)(end - begin))) != NULL)
		answer_unescape(text);
	return text;
}

int
s3_find_text(const char *answer, const char *tag, char *text, size_t size)
{
	char *found = answer_next(&answer, tag);
	int n = found == NULL ? -1 : snprintf(text, size, "%s", found);

	/* It may be told to people. */
	for (char *p = text; n > 0 && *p != '\0'; p++)
		if (!isprint((unsigned char)*p))
			*p = '?';

	free(found);
	return n < 0 || (size_t)n >= size ? -1 : 0;
}

int
s3_walk_texts(const char *answer, const char *tag, int (*visit)(void *arg, char *text, struct error *e), void *arg,
    struct error *e)
{
	char *text;
	int result = 0;

	while (result == 0 && (text = answer_next(&answer, tag)) != NULL) {
		result = visit(arg, text, e);
		free(text);
	}
	return result;
}

int
s3_encode(const char *text, char *encoded, size_t size)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (n + 4 > size)
			return -1;
		if (strchr(plain, *text) != NULL)
			encoded[n++] = *text;
		else
			n += (size_t)snprintf(encoded + n, size - n, "%%%02X", (unsigned)(unsigned char)*text);
	}
	if (n >= size)
		return -1;
	encoded[n] = '\0';
	return 0;
}

/* ---- errors ---- */

int
s3_error(const struct s3 *s3, const struct s3_call *call, const char *what, const char *name, struct error *e)
{
	static const struct {
		const char *code, *advice;
	} rows[] = {
		{ "RequestTimeTooSkewed", ": this host's clock is wrong" },
		{ "SignatureDoesNotMatch", ": the secret key, or backup.s3.region, is another" },
		{ "InvalidAccessKeyId", ": the server does not know the access key" },
		{ "ExpiredToken", ": the credentials have expired" },
		{ "AccessDenied", ": the credentials may not do that" },
		{ "NoSuchBucket", ": there is no such bucket" },
		{ "AuthorizationHeaderMalformed", ": see backup.s3.region" },
		{ "PermanentRedirect", ": see backup.s3.endpoint and backup.s3.region" },
	};
	bool denied = call->status == 401 || call->status == 403;
	const char *advice = denied ? ": the credentials are wrong, or may not do that" : "";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(call->code, rows[i].code) == 0)
			advice = rows[i].advice;
	return error_set(e,
	    denied		      ? STATUS_PERMISSION
		: call->status >= 500 ? STATUS_UNAVAILABLE
				      : STATUS_IO,
	    denied ? "repository.denied" : "repository.io", "cannot %s %s/%s: the server answers %ld%s%.60s%s%s%.60s",
	    what, s3->where, name, call->status, call->code[0] == '\0' ? "" : " ", call->code, advice,
	    call->region[0] == '\0' || call->status == 403 ? "" : "; the bucket is in region ",
	    call->status == 403 ? "" : call->region);
}
