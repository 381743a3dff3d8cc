/*
 * Where a repository's objects are: a table of functions that each kind of place fills in. Objects are written once,
 * from front to back, and never changed; what must be seen whole or not at all is published.
 *
 * Names have folders ("data/ID/p00000000"), and consist of letters, digits, '-', '.' and '/'.
 */
#ifndef BIBD_ARCHIVE_DEPOT_H
#define BIBD_ARCHIVE_DEPOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"

#define DEPOT_NAME_MAX 128

struct depot;

/* Called for each name in a folder; a result other than 0 ends the walk, and is its result. */
typedef int depot_visit_fn(void *arg, const char *name, struct error *e);

/* All of them return 0 or -1. Errors: repository.io (74; 69 where the place does not answer), and repository.missing
 * (65) for an object that is not there. */
struct depot_calls {
	/* A new object; one at a time is written. One of that name that was never finished is replaced. */
	int (*create)(struct depot *depot, const char *name, struct error *e);
	int (*append)(struct depot *depot, const void *data, size_t size, struct error *e);
	int (*finish)(struct depot *depot, struct error *e);
	/* Everything that was finished since the last call is durable: once for a backup, before its manifest. */
	int (*sync)(struct depot *depot, struct error *e);
	/* A small object, all at once and durably; replace: in place of one that is there, else that is an error. */
	int (*publish)(struct depot *depot, const char *name, const void *data, size_t size, bool replace,
	    struct error *e);
	/* Bytes from offset on; *got is less than size where the object ends. */
	int (*read)(struct depot *depot, const char *name, uint64_t offset, void *data, size_t size, size_t *got,
	    struct error *e);
	/* A folder that is not there is empty. */
	int (*list)(struct depot *depot, const char *folder, depot_visit_fn *visit, void *arg, struct error *e);
	/* One that is not there is no error; a folder is removed when it is empty. */
	int (*remove)(struct depot *depot, const char *name, struct error *e);
	void (*close)(struct depot *depot);
};

struct depot {
	const struct depot_calls *calls;
	char *where; /* for messages */
	void *state;
};

/* A directory, which must be there. Errors: repository.io, repository.missing. */
int depot_open_directory(struct depot *depot, const char *path, struct error *e);

/* ---- S3 ---- */

/* Who may use it. Whoever has filled it in wipes it after use. */
struct depot_credentials {
	char id[256], secret[512], token[4096]; /* token: "" where there is none */
};

/* Fills them in; again: those of before were refused. In whichever thread the depot is used. Errors:
 * repository.credentials (77, or 69 where that may pass). */
typedef int depot_credentials_fn(void *arg, bool again, struct depot_credentials *credentials, struct error *e);

/* Text, size bytes of it: lines "aws_access_key_id = X", "aws_secret_access_key = X" and, where there is one,
 * "aws_session_token = X", as the other clients of S3 have them in their files; or a JSON object with AccessKeyId,
 * SecretAccessKey and SessionToken, as their programs print it. Errors: repository.credentials (77). */
int depot_credentials_parse(const char *text, size_t size, struct depot_credentials *credentials, struct error *e);

struct depot_options {
	const char *endpoint; /* "https://host:port"; "": that of Amazon's region */
	const char *region;
	const char *ca_file; /* certificates of authorities; "": the system's */
	bool path_style;     /* the bucket is in the path, and not in the host's name */
	int64_t timeout_ms;  /* a transfer that stands still for so long is given up, and tried again */
	depot_credentials_fn *credentials;
	void *arg;		     /* of credentials */
	const atomic_bool *stopping; /* or NULL: what waits is given up when it is true */
};

/* The part of a place after "s3://" and before the next slash: 3 to 63 lower-case letters, digits, '.' and '-'; what
 * follows is the prefix of all names: letters, digits and "-._/". Errors: repository.io (78). */
int depot_open_s3(struct depot *depot, const char *place, const struct depot_options *options, struct error *e);
/* What a place is, by how it begins. */
bool depot_is_s3(const char *place);

/* Whichever it is. The texts of the options outlive the depot. */
int depot_open(struct depot *depot, const char *place, const struct depot_options *options, struct error *e);
/* Takes one that is zeroed. */
void depot_close(struct depot *depot);

#endif
