/*
 * A depot that is a bucket of S3, or the part of it below a prefix.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "workers/archive/repository/depot_s3.h"

#define S3_SCHEME "s3://"
#define S3_LIST_MAX (2U << 20)
#define S3_READ_MIN (64U << 10)
#define S3_BUCKET_MAX 63

struct s3_depot *
s3_depot_of(const struct depot *depot)
{
	return depot->state;
}

bool
s3_is_good(const struct s3_call *call)
{
	return call->status / 100 == 2;
}

int
s3_must(struct s3_depot *d, struct s3_call *call, const char *what, struct error *e)
{
	if (s3_perform(&d->s3, call, e) == -1)
		return -1;
	return s3_is_good(call) ? 0 : s3_error(&d->s3, call, what, call->key == NULL ? "" : call->key, e);
}

void
s3_forget(struct s3_depot *d)
{
	d->read[0] = '\0';
	d->has_total = false;
	d->window_size = 0;
}

/* What S3 has answered for is durable. */
static int
s3_sync(struct depot *depot, struct error *e)
{
	(void)depot;
	(void)e;
	return 0;
}

/* ---- reading ---- */

/* From offset on, size bytes or up to the end. 404: repository.missing. */
static int
s3_fetch(struct s3_depot *d, const char *name, uint64_t offset, size_t size, struct error *e)
{
	char range[64];
	struct s3_call call = { .method = "GET", .key = name, .range = range, .into = d->window, .room = S3_PART };

	(void)snprintf(range, sizeof(range), "%" PRIu64 "-%" PRIu64, offset, offset + size - 1);
	s3_forget(d);
	if (s3_perform(&d->s3, &call, e) == -1)
		return -1;
	if (call.status == 404 && strcmp(call.code, "NoSuchBucket") != 0)
		return error_set(e, STATUS_DATA, "repository.missing", "%s/%s is missing", d->s3.where, name);
	if (call.status != 206 && call.status != 416 && (call.status != 200 || offset != 0 || call.overrun))
		return s3_error(&d->s3, &call, "read", name, e);
	if (call.status == 206 && (call.first != offset || call.got > size))
		return error_set(e, STATUS_IO, "repository.io", "%s answers with another part of %s than was asked for",
		    d->s3.where, name);
	(void)snprintf(d->read, sizeof(d->read), "%s", name);
	d->window_at = offset;
	d->window_size = call.status == 416 ? 0 : call.got;
	d->total = call.status == 206 ? call.total : call.status == 200 ? call.got : offset;
	d->has_total = true;
	return 0;
}

/* What is read front to back is read ahead. */
static size_t
s3_choose_size(const struct s3_depot *d, const char *name, uint64_t offset, size_t size)
{
	bool follows = strcmp(d->read, name) == 0 && offset == d->window_at + d->window_size && d->window_size > 0;

	if (follows || offset == 0)
		return S3_PART;
	return size < S3_READ_MIN ? S3_READ_MIN : size < S3_PART ? size : S3_PART;
}

static int
s3_read(struct depot *depot, const char *name, uint64_t offset, void *data, size_t size, size_t *got, struct error *e)
{
	struct s3_depot *d = s3_depot_of(depot);

	if (d->window == NULL && (d->window = malloc(S3_PART)) == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot read %s/%s", depot->where, name);
	for (*got = 0; *got < size;) {
		uint64_t at = offset + *got;
		bool same = strcmp(d->read, name) == 0 && d->has_total;
		size_t n;

		if (same && at >= d->total)
			return 0;
		if (!same || at < d->window_at || at >= d->window_at + d->window_size) {
			if (s3_fetch(d, name, at, s3_choose_size(d, name, at, size - *got), e) == -1)
				return -1;
			if (d->window_size == 0)
				return 0;
			continue;
		}
		n = (size_t)(d->window_at + d->window_size - at);
		if (n > size - *got)
			n = size - *got;
		memcpy((uint8_t *)data + *got, d->window + (at - d->window_at), n);
		*got += n;
	}
	return 0;
}

/* ---- small objects ---- */

/* 1: the object is there with these bytes; 0: with others; -1. */
static int
s3_compare(struct depot *depot, const char *name, const void *data, size_t size, struct error *e)
{
	uint8_t *there = malloc(size + 1);
	size_t got = 0;
	int result;

	if (there == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot write %s/%s", depot->where, name);
	s3_forget(s3_depot_of(depot));
	result = s3_read(depot, name, 0, there, size + 1, &got, e);
	if (result == 0)
		result = got == size && memcmp(there, data, size) == 0 ? 1 : 0;
	free(there);
	return result;
}

/* Not every server knows the condition, so that it is looked whether the object is there, too; what is there may also
 * be what was just sent, by a request whose answer was lost. */
static int
s3_publish(struct depot *depot, const char *name, const void *data, size_t size, bool replace, struct error *e)
{
	struct s3_depot *d = s3_depot_of(depot);
	struct s3_call head = { .method = "HEAD", .key = name };
	struct s3_call call = { .method = "PUT",
		.key = name,
		.body = data,
		.size = size,
		.condition = replace ? NULL : "If-None-Match: *" };
	int result;

	s3_forget(d);
	if (!replace && s3_perform(&d->s3, &head, e) == -1)
		return -1;
	if (replace || head.status == 404) {
		result = s3_perform(&d->s3, &call, e);
		if (result == -1 && !replace && call.status == 501) {
			call.condition = NULL;
			result = s3_perform(&d->s3, &call, e);
		}
		if (result == -1)
			return -1;
		if (s3_is_good(&call))
			return 0;
		if (call.status != 412)
			return s3_error(&d->s3, &call, "write", name, e);
	}
	if ((result = s3_compare(depot, name, data, size, e)) == 0)
		return error_set(e, STATUS_CANT_CREATE, "repository.exists", "%s/%s is there already", depot->where,
		    name);
	return result == 1 ? 0 : -1;
}

static int
s3_remove(struct depot *depot, const char *name, struct error *e)
{
	struct s3_depot *d = s3_depot_of(depot);
	struct s3_call call = { .method = "DELETE", .key = name };

	s3_forget(d);
	return s3_perform(&d->s3, &call, e) == -1 ||
		(call.status == 404 && strcmp(call.code, "NoSuchBucket") == 0 &&
		    s3_error(&d->s3, &call, "remove", name, e) == -1)
	    ? -1
	    : 0;
}

/* ---- listing ---- */

struct s3_listing {
	char folder[S3_KEY_MAX]; /* with the prefix, and a slash */
	char (*names)[DEPOT_NAME_MAX];
	size_t count;
	bool deep; /* all keys below, also those in folders */
};

/* A key or a folder: what is below ours, as far as the next slash. */
static int
s3_gather(void *arg, char *text, struct error *e)
{
	struct s3_listing *listing = arg;
	size_t length = strlen(listing->folder);
	char(*grown)[DEPOT_NAME_MAX], *name = text + length;

	if (strncmp(text, listing->folder, length) != 0)
		return 0;
	name[strcspn(name, "/")] = '\0';
	if (name[0] == '\0' || strlen(name) >= DEPOT_NAME_MAX ||
	    (listing->count > 0 && strcmp(listing->names[listing->count - 1], name) == 0))
		return 0;
	if ((grown = reallocarray(listing->names, listing->count + 1, sizeof(*grown))) == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot list %s", listing->folder);
	listing->names = grown;
	memcpy(listing->names[listing->count++], name, strlen(name) + 1);
	return 0;
}

/* One page of a listing; token: where it goes on, and where the next does, "" at the end. */
static int
s3_list_page(struct s3_depot *d, struct s3_listing *listing, char *answer, char *token, size_t token_size,
    struct error *e)
{
	char query[3 * S3_KEY_MAX + 4096 + 128], folder[3 * S3_KEY_MAX], next[4096 / 3], more[8] = "";
	struct s3_call call = { .method = "GET", .query = query, .into = (uint8_t *)answer, .room = S3_LIST_MAX };

	if (s3_encode(listing->folder, folder, sizeof(folder)) == -1)
		return error_set(e, STATUS_IO, "repository.io", "cannot list %s", listing->folder);
	(void)snprintf(query, sizeof(query), "%s%s%s%slist-type=2&prefix=%s",
	    token[0] == '\0' ? "" : "continuation-token=", token, token[0] == '\0' ? "" : "&",
	    listing->deep ? "" : "delimiter=%2F&", folder);
	for (unsigned tries = 0; tries < S3_TRIES; tries++) {
		if (s3_must(d, &call, "list", e) == -1)
			return -1;
		answer[call.got] = '\0';
		if (!call.overrun && strstr(answer, "</ListBucketResult>") != NULL)
			break;
	}
	if (call.overrun || strstr(answer, "</ListBucketResult>") == NULL)
		return error_set(e, STATUS_IO, "repository.io", "%s answers with no list", d->s3.where);
	if (s3_walk_texts(answer, "Key", s3_gather, listing, e) == -1 ||
	    s3_walk_texts(answer, "Prefix", s3_gather, listing, e) == -1)
		return -1;
	token[0] = '\0';
	(void)s3_find_text(answer, "IsTruncated", more, sizeof(more));
	if (strcmp(more, "true") == 0 &&
	    (s3_find_text(answer, "NextContinuationToken", next, sizeof(next)) == -1 ||
		s3_encode(next, token, token_size) == -1))
		return error_set(e, STATUS_IO, "repository.io", "%s answers with half a list", d->s3.where);
	return 0;
}

/* All names first: whoever is told of one may ask for more. */
static int
s3_list(struct depot *depot, const char *folder, depot_visit_fn *visit, void *arg, struct error *e)
{
	struct s3_depot *d = s3_depot_of(depot);
	struct s3_listing listing = { .count = 0 };
	char token[4096] = "", *answer = malloc(S3_LIST_MAX + 1);
	int result = 0;

	if (answer == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot list %s/%s", depot->where, folder);
	(void)snprintf(listing.folder, sizeof(listing.folder), "%s%s/", d->s3.prefix, folder);
	do
		result = s3_list_page(d, &listing, answer, token, sizeof(token), e);
	while (result == 0 && token[0] != '\0');
	/* There are servers that do not list folders which have nothing but folders. */
	listing.deep = true;
	if (result == 0 && listing.count == 0)
		do
			result = s3_list_page(d, &listing, answer, token, sizeof(token), e);
		while (result == 0 && token[0] != '\0');
	free(answer);
	for (size_t i = 0; result == 0 && i < listing.count; i++)
		result = visit(arg, listing.names[i], e);
	free(listing.names);
	return result;
}

/* ---- opening ---- */

static void
s3_close(struct depot *depot)
{
	struct s3_depot *d = s3_depot_of(depot);

	if (d == NULL)
		return;
	if (d->writing)
		s3_give_up(d);
	if (d->s3.curl != NULL)
		curl_easy_cleanup(d->s3.curl);
	explicit_bzero(&d->s3.credentials, sizeof(d->s3.credentials));
	free(d->s3.base);
	free(d->s3.prefix);
	free(d->etags);
	free(d->part);
	free(d->window);
	free(d);
}

/* The bucket's name, and what is below it. -1: it is no place in S3. */
static int
s3_split(const char *place, char bucket[S3_BUCKET_MAX + 1], const char **prefix)
{
	static const char names[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
	static const char keys[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/";
	const char *name = place + strlen(S3_SCHEME);
	size_t length = strspn(name, names);

	if (length < 3 || length > S3_BUCKET_MAX || !isalnum((unsigned char)name[0]) ||
	    (name[length] != '\0' && name[length] != '/'))
		return -1;
	(void)snprintf(bucket, S3_BUCKET_MAX + 1, "%.*s", (int)length, name);
	*prefix = name[length] == '\0' ? "" : name + length + 1;
	return strlen(*prefix) > S3_KEY_MAX / 2 || strspn(*prefix, keys) != strlen(*prefix) || (*prefix)[0] == '/' ||
		strstr(*prefix, "//") != NULL || strstr(*prefix, "..") != NULL
	    ? -1
	    : 0;
}

static int
s3_name_base(struct s3 *s3, const char *bucket, const struct depot_options *options)
{
	char *amazon = NULL;
	const char *endpoint = options->endpoint, *host;
	int n;

	if (endpoint[0] == '\0') {
		if (asprintf(&amazon, "https://s3.%s.amazonaws.com", options->region) == -1)
			return -1;
		endpoint = amazon;
	}
	host = strstr(endpoint, "://");
	n = (int)strlen(endpoint);
	while (n > 0 && endpoint[n - 1] == '/')
		n--;
	if (host == NULL || options->path_style)
		n = asprintf(&s3->base, "%.*s/%s/", n, endpoint, bucket);
	else
		n = asprintf(&s3->base, "%.*s%s.%.*s/", (int)(host + 3 - endpoint), endpoint, bucket,
		    n - (int)(host + 3 - endpoint), host + 3);
	free(amazon);
	return n == -1 ? -1 : 0;
}

static int
s3_prepare(struct s3_depot *d, const char *where, const char *bucket, const char *prefix)
{
	struct s3 *s3 = &d->s3;
	size_t length = strlen(prefix);
	const char *slash = length == 0 || prefix[length - 1] == '/' ? "" : "/";

	s3->options = &d->options;
	s3->where = where;
	if (getrandom(&s3->random, sizeof(s3->random), GRND_NONBLOCK) == -1)
		s3->random = 1;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (s3->curl = curl_easy_init()) == NULL ||
	    asprintf(&s3->prefix, "%s%s", prefix, slash) == -1)
		return -1;
	return s3_name_base(s3, bucket, &d->options);
}

bool
depot_is_s3(const char *place)
{
	return strncmp(place, S3_SCHEME, strlen(S3_SCHEME)) == 0;
}

int
depot_open_s3(struct depot *depot, const char *place, const struct depot_options *options, struct error *e)
{
	static const struct depot_calls calls = { .create = s3_create,
		.append = s3_append,
		.finish = s3_finish,
		.sync = s3_sync,
		.publish = s3_publish,
		.read = s3_read,
		.list = s3_list,
		.remove = s3_remove,
		.close = s3_close };
	char bucket[S3_BUCKET_MAX + 1];
	const char *prefix;
	struct s3_depot *d;

	*depot = (struct depot) { .calls = NULL };
	if (s3_split(place, bucket, &prefix) == -1)
		return error_set(e, STATUS_CONFIG, "repository.io",
		    "%.200s is no place in S3: it must be s3://bucket, or s3://bucket/prefix, of letters, digits and "
		    "-._/",
		    place);
	if ((d = calloc(1, sizeof(*d))) == NULL || (depot->where = strdup(place)) == NULL) {
		free(d);
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot open %s", place);
	}
	d->options = *options;
	depot->state = d;
	depot->calls = &calls;
	if (s3_prepare(d, depot->where, bucket, prefix) == 0)
		return 0;
	depot_close(depot);
	return error_set(e, STATUS_OS, "repository.memory", "cannot open %s", place);
}

int
depot_open(struct depot *depot, const char *place, const struct depot_options *options, struct error *e)
{
	return depot_is_s3(place) ? depot_open_s3(depot, place, options, e) : depot_open_directory(depot, place, e);
}
