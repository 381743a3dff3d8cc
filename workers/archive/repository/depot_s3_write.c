/*
 * Writes objects to S3. One that is larger than a part is sent in parts, each of which is tried again by itself; it is
 * there when all of them are, and durable then.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/archive/repository/depot_s3.h"

#define S3_PARTS_MAX 10000

int
s3_create(struct depot *depot, const char *name, struct error *e)
{
	struct s3_depot *d = s3_depot_of(depot);

	if (d->part == NULL && (d->part = malloc(S3_PART)) == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot write %s/%s", depot->where, name);
	(void)snprintf(d->written, sizeof(d->written), "%s", name);
	s3_forget(d);
	d->writing = true;
	d->failed = false;
	d->upload[0] = '\0';
	d->nparts = 0;
	d->sent = d->part_size = 0;
	return 0;
}

static int
s3_begin_upload(struct s3_depot *d, struct error *e)
{
	uint8_t answer[4096];
	char id[S3_UPLOAD_SIZE / 3];
	struct s3_call call = { .method = "POST",
		.key = d->written,
		.query = "uploads=",
		.body = "",
		.into = answer,
		.room = sizeof(answer) - 1 };

	for (unsigned tries = 0; tries < S3_TRIES; tries++) {
		if (s3_must(d, &call, "begin to write", e) == -1)
			return -1;
		answer[call.got] = '\0';
		if (s3_find_text((const char *)answer, "UploadId", id, sizeof(id)) == 0 &&
		    s3_encode(id, d->upload, sizeof(d->upload)) == 0)
			return 0;
	}
	d->upload[0] = '\0';
	return error_set(e, STATUS_IO, "repository.io", "%s does not know uploads in parts", d->s3.where);
}

static int
s3_send_part(struct s3_depot *d, struct error *e)
{
	char query[S3_UPLOAD_SIZE + 64], (*grown)[S3_ETAG_SIZE];
	struct s3_call call = { .method = "PUT",
		.key = d->written,
		.query = query,
		.body = d->part,
		.size = d->part_size };

	if (d->upload[0] == '\0' && s3_begin_upload(d, e) == -1)
		return -1;
	if (d->nparts == S3_PARTS_MAX || (grown = reallocarray(d->etags, d->nparts + 1, sizeof(*grown))) == NULL)
		return error_set(e, STATUS_OS, "repository.memory", "cannot write %s/%s", d->s3.where, d->written);
	d->etags = grown;
	(void)snprintf(query, sizeof(query), "partNumber=%u&uploadId=%s", d->nparts + 1, d->upload);
	if (s3_must(d, &call, "write", e) == -1)
		return -1;
	memcpy(d->etags[d->nparts++], call.etag, sizeof(call.etag));
	d->sent += d->part_size;
	d->part_size = 0;
	return 0;
}

int
s3_append(struct depot *depot, const void *data, size_t size, struct error *e)
{
	struct s3_depot *d = s3_depot_of(depot);
	const uint8_t *p = data;

	while (size > 0) {
		size_t n = S3_PART - d->part_size;

		if (n == 0) {
			if (s3_send_part(d, e) == -1) {
				d->failed = true;
				return -1;
			}
			continue;
		}
		if (n > size)
			n = size;
		memcpy(d->part + d->part_size, p, n);
		d->part_size += n;
		p += n;
		size -= n;
	}
	return 0;
}

static char *
s3_print_parts(const struct s3_depot *d, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	if (out == NULL)
		return NULL;
	(void)fputs("<CompleteMultipartUpload>", out);
	for (unsigned i = 0; i < d->nparts; i++)
		(void)fprintf(out, "<Part><PartNumber>%u</PartNumber><ETag>%s</ETag></Part>", i + 1, d->etags[i]);
	(void)fputs("</CompleteMultipartUpload>", out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* Whether the object is there with all that was sent: it may be where the answer to the last request was lost. */
static int
s3_check_sent(struct s3_depot *d, struct error *e)
{
	struct s3_call call = { .method = "HEAD", .key = d->written };

	for (unsigned tries = 0; tries < S3_TRIES; tries++) {
		if (s3_must(d, &call, "write", e) == -1)
			return -1;
		if (call.length == (int64_t)d->sent)
			return 0;
	}
	return error_set(e, STATUS_IO, "repository.io", "%s has %" PRId64 " bytes of %s, and was sent %" PRIu64,
	    d->s3.where, call.length, d->written, d->sent);
}

static int
s3_complete(struct s3_depot *d, struct error *e)
{
	uint8_t answer[4096];
	char query[S3_UPLOAD_SIZE + 64];
	struct s3_call call = { .method = "POST",
		.key = d->written,
		.query = query,
		.slow = true,
		.into = answer,
		.room = sizeof(answer) - 1 };
	char *body = s3_print_parts(d, &call.size);
	struct error why;
	int result;

	if (body == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot write %s/%s", d->s3.where,
		    d->written);
	call.body = body;
	(void)snprintf(query, sizeof(query), "uploadId=%s", d->upload);
	result = s3_perform(&d->s3, &call, e);
	free(body);
	/* A failure may come after the head that says 200, and after a success whose answer was lost: what is there
	 * counts. */
	if (s3_check_sent(d, &why) == 0)
		return 0;
	if (result == 0)
		*e = why;
	return -1;
}

/* Parts that belong to no object cost money until they are removed. */
void
s3_give_up(struct s3_depot *d)
{
	char query[S3_UPLOAD_SIZE + 64];
	struct s3_call call = { .method = "DELETE", .key = d->written, .query = query };
	struct error e;

	(void)snprintf(query, sizeof(query), "uploadId=%s", d->upload);
	if (d->upload[0] != '\0')
		(void)s3_perform(&d->s3, &call, &e);
	d->upload[0] = '\0';
}

int
s3_finish(struct depot *depot, struct error *e)
{
	struct s3_depot *d = s3_depot_of(depot);
	struct s3_call call = { .method = "PUT", .key = d->written, .body = d->part, .size = d->part_size };
	int result;

	d->writing = false;
	if (d->failed) {
		s3_give_up(d);
		return error_set(e, STATUS_UNAVAILABLE, "repository.io", "%s/%s was not written", depot->where,
		    d->written);
	}
	if (d->upload[0] == '\0')
		return s3_must(d, &call, "write", e);
	result = s3_send_part(d, e) == -1 ? -1 : s3_complete(d, e);
	if (result == -1)
		s3_give_up(d);
	return result;
}
