/*
 * S3 over HTTP: one request at a time, signed (Signature Version 4, by libcurl), tried again when that may help, and
 * given up when nothing moves. What is sent is signed with its SHA-256 and has its MD5 beside it, which the server
 * checks, and answers with as the ETag; what is read has the length that the server announced. Private to the depot.
 *
 * Secrets are in memory alone: not in a URL, a log or an error.
 */
#ifndef BIBD_ARCHIVE_S3_H
#define BIBD_ARCHIVE_S3_H

#include <curl/curl.h>

#include "workers/archive/repository/depot.h"

#define S3_KEY_MAX 1024
#define S3_ETAG_SIZE 136
#define S3_UPLOAD_SIZE 1024
#define S3_TRIES 5	   /* of an answer that makes no sense */
#define S3_PART (8U << 20) /* of an object that is sent in parts, and what is read ahead */

struct s3 {
	const struct depot_options *options;
	CURL *curl;
	const char *where; /* "s3://bucket/prefix"; the depot's */
	char *base;	   /* URL of the bucket, with a slash at its end */
	char *prefix;	   /* of all keys: "" or "some/folder/" */
	struct depot_credentials credentials;
	bool has_credentials;
	uint64_t random; /* for jitter */
};

/* A request and its answer; zeroed but for what is wanted. */
struct s3_call {
	const char *method, *key,
	    *query; /* key: without the prefix, NULL: the bucket; query: encoded and sorted, or NULL */
	const void *body;
	size_t size;
	const char *condition; /* a header, or NULL */
	const char *range;     /* "0-99", or NULL */
	bool slow;	       /* the server may take its time before it answers */
	uint8_t *into;	       /* what is answered, at most room bytes of it */
	size_t room;

	size_t got;
	bool overrun;  /* there was more */
	long status;   /* of HTTP */
	char code[64]; /* of S3, of an answer that is an error */
	char etag[S3_ETAG_SIZE];
	bool etag_is_other; /* not the MD5: what is stored is encrypted by the server */
	char md5[33];	    /* of what was sent */
	char region[64];    /* where the bucket is, if the server says so */
	bool has_range;
	uint64_t first, last, total; /* of Content-Range */
	int64_t length;		     /* of Content-Length; -1: none */
	unsigned tries;
	struct {
		char text[2048];
		size_t size;
	} failure;
};

/* Returns 0 for an answer of 2xx, for 404 and 416, and for 412 where a condition was given; else -1. Errors:
 * repository.io (69: no answer, or none that is of use; 74: refused), repository.denied (77), repository.stopping (69).
 */
int s3_perform(struct s3 *s3, struct s3_call *call, struct error *e);

/* ---- s3_answer.c: what stands in answers ---- */

/* One line of an answer's head. */
void s3_take_header(struct s3_call *call, const char *line, size_t size);
/* The text within <tag> of the answer, unescaped. Returns 0, or -1: there is none, or it is too long. */
int s3_find_text(const char *answer, const char *tag, char *text, size_t size);
/* Each text within <tag>, in their order; a result other than 0 ends it. */
int s3_walk_texts(const char *answer, const char *tag, int (*visit)(void *arg, char *text, struct error *e), void *arg,
    struct error *e);
/* Text as it stands in a query: all but letters, digits, '-', '.', '_' and '~' as %XX. -1: no room. */
int s3_encode(const char *text, char *encoded, size_t size);

/* An error of this call: what was tried on the object, and what the server said. Returns -1. */
int s3_error(const struct s3 *s3, const struct s3_call *call, const char *what, const char *name, struct error *e);

#endif
