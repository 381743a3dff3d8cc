/*
 * The depot in S3, as its two files write and read it. Private to them.
 */
#ifndef BIBD_ARCHIVE_DEPOT_S3_H
#define BIBD_ARCHIVE_DEPOT_S3_H

#include "workers/archive/repository/s3.h"

struct s3_depot {
	struct s3 s3;
	struct depot_options options;

	/* The object that is written. */
	bool writing, failed;
	char written[DEPOT_NAME_MAX];
	char upload[S3_UPLOAD_SIZE];
	char (*etags)[S3_ETAG_SIZE];
	unsigned nparts;
	uint64_t sent;
	uint8_t *part;
	size_t part_size;

	/* What was read last. */
	char read[DEPOT_NAME_MAX];
	uint8_t *window;
	uint64_t window_at, total;
	size_t window_size;
	bool has_total;
};

struct s3_depot *s3_depot_of(const struct depot *depot);
bool s3_is_good(const struct s3_call *call);
/* A request that is answered by 2xx, or has failed. */
int s3_must(struct s3_depot *d, struct s3_call *call, const char *what, struct error *e);
/* What is remembered of an object that changes is wrong. */
void s3_forget(struct s3_depot *d);

/* ---- depot_s3_write.c: as the calls of a depot; the one that is being written is given up by s3_give_up ---- */
int s3_create(struct depot *depot, const char *name, struct error *e);
int s3_append(struct depot *depot, const void *data, size_t size, struct error *e);
int s3_finish(struct depot *depot, struct error *e);
void s3_give_up(struct s3_depot *d);

#endif
