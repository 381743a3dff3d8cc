/*
 * One request to S3: made, signed, sent, and sent again as long as that may help.
 */
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/clock.h"
#include "workers/archive/repository/s3.h"

#define REQUEST_TRIES 7
#define REQUEST_FIRST_WAIT_MS 150
#define REQUEST_LAST_WAIT_MS 6000
#define REQUEST_SLICE_MS 50 /* of waiting, after which is seen whether the node stops */
#define REQUEST_CONNECT_MS 10000
#define REQUEST_EXPECT_MS 500L /* for a server to say that it wants the body */
#define REQUEST_SLOWEST 256    /* bytes a second: what moves less for the timeout stands still */
#define REQUEST_URL_MAX (S3_KEY_MAX + S3_UPLOAD_SIZE * 4 + 1024)

struct s3_request {
	struct s3 *s3;
	struct s3_call *call;
	char url[REQUEST_URL_MAX], range[80], error[CURL_ERROR_SIZE];
	struct curl_slist *headers;
};

static bool
request_is_stopped(const struct s3 *s3)
{
	return s3->options->stopping != NULL && atomic_load(s3->options->stopping);
}

/* ---- what libcurl calls ---- */

static size_t
request_take_head(char *line, size_t size, size_t count, void *arg)
{
	const struct s3_request *request = arg;

	s3_take_header(request->call, line, size * count);
	return size * count;
}

static size_t
request_take_body(char *data, size_t size, size_t count, void *arg)
{
	const struct s3_request *request = arg;
	struct s3_call *call = request->call;
	size_t n = size * count, room;
	long status = 0;

	(void)curl_easy_getinfo(request->s3->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 300) {
		room = sizeof(call->failure.text) - 1 - call->failure.size;
		memcpy(call->failure.text + call->failure.size, data, n < room ? n : room);
		call->failure.size += n < room ? n : room;
		return n;
	}
	room = call->room - call->got;
	if (n > room)
		call->overrun = true;
	if (n > room && room == 0)
		return n;
	memcpy(call->into + call->got, data, n < room ? n : room);
	call->got += n < room ? n : room;
	return n;
}

static int
request_see_progress(void *arg, curl_off_t down, curl_off_t downed, curl_off_t up, curl_off_t upped)
{
	const struct s3 *s3 = arg;

	(void)down;
	(void)downed;
	(void)up;
	(void)upped;
	return request_is_stopped(s3) ? 1 : 0;
}

/* ---- making it ---- */

static int
request_add_header(struct s3_request *request, const char *name, const char *value)
{
	char line[sizeof(((struct depot_credentials *)0)->token) + 64];
	struct curl_slist *grown;

	(void)snprintf(line, sizeof(line), "%s%s", name, value);
	grown = curl_slist_append(request->headers, line);
	explicit_bzero(line, sizeof(line));
	if (grown == NULL)
		return -1;
	request->headers = grown;
	return 0;
}

static void
request_print_hex(const uint8_t *data, unsigned size, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned i = 0; i < size; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
	text[2 * size] = '\0';
}

/* libcurl signs it as it signs all headers, and takes it for that of the body. */
static int
request_add_sha256(struct s3_request *request)
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	char text[2 * EVP_MAX_MD_SIZE + 1];
	unsigned size;

	if (EVP_Digest(request->call->body, request->call->size, hash, &size, EVP_sha256(), NULL) != 1)
		return -1;
	request_print_hex(hash, size, text);
	return request_add_header(request, "x-amz-content-sha256: ", text);
}

static int
request_add_md5(struct s3_request *request)
{
	uint8_t md5[EVP_MAX_MD_SIZE];
	char text[64];
	unsigned size;

	if (EVP_Digest(request->call->body, request->call->size, md5, &size, EVP_md5(), NULL) != 1)
		return -1;
	request_print_hex(md5, size, request->call->md5);
	(void)EVP_EncodeBlock((unsigned char *)text, md5, (int)size);
	return request_add_header(request, "Content-MD5: ", text);
}

/* What curl would send by itself is left out. */
static int
request_add_headers(struct s3_request *request)
{
	const struct s3_call *call = request->call;
	const char *token = request->s3->credentials.token;

	if (request_add_sha256(request) == -1)
		return -1;
	if (call->body != NULL &&
	    (request_add_header(request, "Content-Type: ", "application/octet-stream") == -1 ||
		request_add_md5(request) == -1))
		return -1;
	if (call->condition != NULL && request_add_header(request, call->condition, "") == -1)
		return -1;
	return token[0] == '\0' ? 0 : request_add_header(request, "x-amz-security-token: ", token);
}

static void
request_set_body(struct s3_request *request)
{
	const struct s3_call *call = request->call;
	CURL *curl = request->s3->curl;

	if (strcmp(call->method, "HEAD") == 0)
		(void)curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	else if (call->body != NULL) {
		/* As a form is sent: libcurl signs what is in memory, not a stream. */
		(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->size);
		(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body);
	}
	if (strcmp(call->method, "HEAD") != 0)
		(void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
	if (call->range != NULL)
		(void)curl_easy_setopt(curl, CURLOPT_RANGE, call->range);
}

static void
request_set_times(const struct s3_request *request)
{
	const struct depot_options *options = request->s3->options;
	CURL *curl = request->s3->curl;
	int64_t seconds = (options->timeout_ms + 999) / 1000;

	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)(options->timeout_ms < REQUEST_CONNECT_MS ? options->timeout_ms : REQUEST_CONNECT_MS));
	(void)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)seconds);
	(void)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, request->call->slow ? 1L : (long)REQUEST_SLOWEST);
	(void)curl_easy_setopt(curl, CURLOPT_EXPECT_100_TIMEOUT_MS, REQUEST_EXPECT_MS);
	(void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	(void)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, request->s3);
	(void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, request_see_progress);
}

static int
request_prepare(struct s3_request *request)
{
	const struct s3_call *call = request->call;
	const struct s3 *s3 = request->s3;
	const struct depot_options *options = s3->options;
	CURL *curl = s3->curl;
	char region[128];

	(void)snprintf(request->url, sizeof(request->url), "%s%s%s%s%s", s3->base, call->key == NULL ? "" : s3->prefix,
	    call->key == NULL ? "" : call->key, call->query == NULL ? "" : "?", call->query == NULL ? "" : call->query);
	(void)snprintf(region, sizeof(region), "aws:amz:%s:s3", options->region);
	curl_easy_reset(curl);
	if (request_add_headers(request) == -1 || curl_easy_setopt(curl, CURLOPT_URL, request->url) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, region) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_USERNAME, s3->credentials.id) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_PASSWORD, s3->credentials.secret) != CURLE_OK)
		return -1;
	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(curl, CURLOPT_USERAGENT, "bibd");
	(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, request->headers);
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, request->error);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, request_take_head);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, request);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, request_take_body);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, request);
	if (options->ca_file[0] != '\0')
		(void)curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file);
	request_set_times(request);
	request_set_body(request);
	return 0;
}

/* ---- once, and again ---- */

static CURLcode
request_once(struct s3_request *request)
{
	struct s3_call *call = request->call;
	CURLcode code = CURLE_OUT_OF_MEMORY;

	call->got = call->failure.size = 0;
	call->overrun = call->has_range = call->etag_is_other = false;
	call->status = 0;
	call->length = -1;
	call->code[0] = call->etag[0] = call->region[0] = request->error[0] = '\0';
	if (request_prepare(request) == 0)
		code = curl_easy_perform(request->s3->curl);
	(void)curl_easy_getinfo(request->s3->curl, CURLINFO_RESPONSE_CODE, &call->status);
	(void)curl_easy_setopt(request->s3->curl, CURLOPT_PASSWORD, NULL);
	curl_slist_free_all(request->headers);
	request->headers = NULL;
	call->failure.text[call->failure.size] = '\0';
	if (call->status >= 300)
		(void)s3_find_text(call->failure.text, "Code", call->code, sizeof(call->code));
	return code;
}

/* Whether the server has what was sent: an ETag of 32 digits is its MD5. */
static bool
request_is_taken(const struct s3_call *call)
{
	return call->status != 200 || strcmp(call->method, "PUT") != 0 || call->etag_is_other ||
	    strlen(call->etag) != 34 || strncasecmp(call->etag + 1, call->md5, 32) == 0;
}

/* An answer whose end is missing, or that is longer than announced, is none. */
static bool
request_is_whole(const struct s3_call *call)
{
	if (!request_is_taken(call))
		return false;
	if (call->status == 206)
		return call->has_range && !call->overrun && call->got == call->last - call->first + 1;
	return call->status >= 300 || strcmp(call->method, "GET") != 0 || call->length == -1 || call->overrun ||
	    call->got == (uint64_t)call->length;
}

static bool
request_may_help(CURLcode code, const struct s3_call *call)
{
	static const long passing[] = { 408, 409, 429, 500, 502, 503, 504, 509 };
	/* Bytes that were lost or changed on the way there. */
	static const char *const changed[] = { "BadDigest", "RequestTimeout", "IncompleteBody", "MalformedXML",
		"XAmzContentSHA256Mismatch" };

	if (code != CURLE_OK)
		return code != CURLE_ABORTED_BY_CALLBACK && code != CURLE_URL_MALFORMAT &&
		    code != CURLE_OUT_OF_MEMORY && code != CURLE_SSL_CACERT_BADFILE;
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (call->status == passing[i])
			return true;
	for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++)
		if (strcmp(call->code, changed[i]) == 0)
			return true;
	return false;
}

/* Half of the wait is left to chance, so that many that were refused together do not come back together. */
static void
request_wait(struct s3 *s3, unsigned tries)
{
	int64_t wait_ms = (int64_t)REQUEST_FIRST_WAIT_MS << tries;

	if (wait_ms > REQUEST_LAST_WAIT_MS)
		wait_ms = REQUEST_LAST_WAIT_MS;
	s3->random = s3->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	wait_ms = wait_ms / 2 + (int64_t)((s3->random >> 33) % (uint64_t)(wait_ms / 2 + 1));
	for (int64_t end = clock_now_ms() + wait_ms; clock_now_ms() < end && !request_is_stopped(s3);) {
		struct timespec slice = { .tv_nsec = REQUEST_SLICE_MS * 1000000L };

		(void)nanosleep(&slice, NULL);
	}
}

static bool
request_wants_credentials(const struct s3_call *call)
{
	return call->status == 401 || strcmp(call->code, "ExpiredToken") == 0 ||
	    strcmp(call->code, "InvalidToken") == 0 || strcmp(call->code, "InvalidAccessKeyId") == 0 ||
	    strcmp(call->code, "SignatureDoesNotMatch") == 0;
}

static int
request_get_credentials(struct s3 *s3, bool again, struct error *e)
{
	const struct depot_options *options = s3->options;

	if (s3->has_credentials && !again)
		return 0;
	if (options->credentials == NULL)
		return error_set(e, STATUS_PERMISSION, "repository.denied", "there are no credentials for %s",
		    s3->where);
	if (options->credentials(options->arg, again, &s3->credentials, e) == -1)
		return -1;
	s3->has_credentials = true;
	return 0;
}

static int
request_judge(const struct s3_request *request, CURLcode code, struct error *e)
{
	const struct s3 *s3 = request->s3;
	struct s3_call *call = request->call;

	if (request_is_stopped(s3))
		return error_set(e, STATUS_UNAVAILABLE, "repository.stopping", "the node stops");
	if (code != CURLE_OK)
		return error_set(e, STATUS_UNAVAILABLE, "repository.io", "%s does not answer: %s%s", s3->where,
		    request->error[0] == '\0' ? curl_easy_strerror(code) : request->error,
		    call->tries > 1 ? ", again and again" : "");
	if (call->status / 100 == 2 || call->status == 404 || call->status == 416 ||
	    (call->status == 412 && call->condition != NULL))
		return request_is_whole(call)
		    ? 0
		    : error_set(e, STATUS_UNAVAILABLE, "repository.io",
			  "%s takes or gives other bytes than it should, again and again", s3->where);
	return s3_error(s3, call, "use", call->key == NULL ? "" : call->key, e);
}

int
s3_perform(struct s3 *s3, struct s3_call *call, struct error *e)
{
	struct s3_request *request = calloc(1, sizeof(*request));
	CURLcode code = CURLE_OK;
	bool renewed = false;
	int result = -1;

	if (request == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot use %s", s3->where);
	request->s3 = s3;
	request->call = call;
	for (call->tries = 0;;) {
		if ((result = request_get_credentials(s3, false, e)) == -1)
			break;
		code = request_once(request);
		call->tries++;
		if (code == CURLE_OK && !renewed && request_wants_credentials(call)) {
			renewed = true;
			if ((result = request_get_credentials(s3, true, e)) == 0)
				continue;
			break;
		}
		if ((!request_may_help(code, call) && (code != CURLE_OK || request_is_whole(call))) ||
		    call->tries == REQUEST_TRIES || request_is_stopped(s3)) {
			result = request_judge(request, code, e);
			break;
		}
		request_wait(s3, call->tries - 1);
	}
	free(request);
	return result;
}
