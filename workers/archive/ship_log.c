/* Reads frames in large pieces, and adds them up. */
#include "workers/archive/ship_log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/archive/repository/repository.h"

#define LOG_MAGIC 0x377f0682U /* and 1 when the checksums are of numbers in big-endian order */
#define LOG_HEADER 32
#define LOG_FRAME_HEADER 24
#define LOG_BUFFER (512 * 1024)

static uint32_t
log_number(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static uint32_t
log_little(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void
log_add_up(bool big, uint32_t sum[2], const uint8_t *data, size_t size)
{
	uint32_t a = sum[0], b = sum[1];

	if (big)
		for (size_t i = 0; i < size; i += 8) {
			a += log_number(data + i) + b;
			b += log_number(data + i + 4) + a;
		}
	else
		for (size_t i = 0; i < size; i += 8) {
			a += log_little(data + i) + b;
			b += log_little(data + i + 4) + a;
		}
	sum[0] = a;
	sum[1] = b;
}

static int
log_read(const struct ship_log *log, void *data, size_t size, off_t at, size_t *got, struct error *e)
{
	for (*got = 0; *got < size;) {
		ssize_t n = pread(log->fd, (char *)data + *got, size - *got, at + (off_t)*got);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return error_set_errno(e, STATUS_IO, "archive.io", "cannot read the write-ahead log");
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return 0;
}

static size_t
log_frame_size(const struct ship_log *log)
{
	return LOG_FRAME_HEADER + log->page_size;
}

static off_t
log_offset(const struct ship_log *log, uint32_t frame)
{
	return LOG_HEADER + (off_t)frame * (off_t)log_frame_size(log);
}

/* ---- the header ---- */

struct log_header {
	bool big;
	uint32_t page_size, salt[2], sum[2];
};

static int
log_read_header(const struct ship_log *log, struct log_header *h, struct error *e)
{
	uint8_t header[LOG_HEADER];
	size_t got;

	if (log_read(log, header, sizeof(header), 0, &got, e) == -1)
		return -1;
	if (got < sizeof(header) || (log_number(header) & ~1U) != LOG_MAGIC)
		return 0;
	*h = (struct log_header) { .big = (log_number(header) & 1) != 0,
		.page_size = log_number(header + 8),
		.salt = { log_number(header + 16), log_number(header + 20) } };
	log_add_up(h->big, h->sum, header, 24);
	if (h->sum[0] != log_number(header + 24) || h->sum[1] != log_number(header + 28))
		return 0;
	if (h->page_size < 512 || h->page_size > REPOSITORY_PAGE_MAX || (h->page_size & (h->page_size - 1)) != 0)
		return error_set(e, STATUS_DATA, "archive.log", "the write-ahead log has pages of %u bytes",
		    h->page_size);
	return 1;
}

static int
log_take_header(struct ship_log *log, const struct log_header *h, struct error *e)
{
	log->big = h->big;
	log->page_size = h->page_size;
	ship_log_again(log);
	if (log->buffer == NULL && (log->buffer = malloc(LOG_BUFFER)) == NULL)
		return error_set_errno(e, STATUS_OS, "archive.memory", "cannot read the write-ahead log");
	return 1;
}

int
ship_log_begin(struct ship_log *log, struct error *e)
{
	struct log_header h;
	int result = log_read_header(log, &h, e);

	if (result != 1)
		return result;
	memcpy(log->salt, h.salt, sizeof(log->salt));
	memcpy(log->sum, h.sum, sizeof(log->sum));
	log->frame = 0;
	return log_take_header(log, &h, e);
}

int
ship_log_resume(struct ship_log *log, struct error *e)
{
	uint8_t frame[LOG_FRAME_HEADER];
	struct log_header h;
	size_t got;
	int result = log_read_header(log, &h, e);

	if (result != 1)
		return result;
	if (memcmp(h.salt, log->salt, sizeof(h.salt)) != 0 || log->frame == 0)
		return 0;
	log->page_size = h.page_size;
	if (log_read(log, frame, sizeof(frame), log_offset(log, log->frame - 1), &got, e) == -1)
		return -1;
	if (got < sizeof(frame) || log_number(frame + 8) != log->salt[0] || log_number(frame + 12) != log->salt[1] ||
	    log_number(frame + 16) != log->sum[0] || log_number(frame + 20) != log->sum[1])
		return 0;
	return log_take_header(log, &h, e);
}

/* ---- frames ---- */

static int
log_fill(struct ship_log *log, struct error *e)
{
	size_t frames = LOG_BUFFER / log_frame_size(log), got;

	if (log_read(log, log->buffer, frames * log_frame_size(log), log_offset(log, log->frame), &got, e) == -1)
		return -1;
	log->buffered_from = log->frame;
	log->buffered = (uint32_t)(got / log_frame_size(log));
	return 0;
}

int
ship_log_next(struct ship_log *log, struct ship_frame *frame, struct error *e)
{
	uint32_t sum[2] = { log->sum[0], log->sum[1] };
	const uint8_t *f;

	if (log->buffer == NULL)
		return 0;
	if ((log->buffered == 0 || log->frame - log->buffered_from >= log->buffered) && log_fill(log, e) == -1)
		return -1;
	if (log->buffered == 0)
		return 0;
	f = log->buffer + (size_t)(log->frame - log->buffered_from) * log_frame_size(log);
	if (log_number(f) == 0 || log_number(f + 8) != log->salt[0] || log_number(f + 12) != log->salt[1])
		return 0;
	log_add_up(log->big, sum, f, 8);
	log_add_up(log->big, sum, f + LOG_FRAME_HEADER, log->page_size);
	if (sum[0] != log_number(f + 16) || sum[1] != log_number(f + 20))
		return 0;
	memcpy(log->sum, sum, sizeof(sum));
	log->frame++;
	*frame = (struct ship_frame) { .page = log_number(f), .size = log_number(f + 4), .data = f + LOG_FRAME_HEADER };
	return 1;
}

void
ship_log_again(struct ship_log *log)
{
	log->buffered = log->buffered_from = 0;
}

void
ship_log_free(struct ship_log *log)
{
	free(log->buffer);
	*log = (struct ship_log) { .fd = -1 };
}
