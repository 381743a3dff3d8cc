/*
 * Reads SQLite's write-ahead log as its documentation describes the format: frames count whose salts are the log's and
 * whose checksums, each over all before it, are right, up to the last that ends a transaction.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/archive/archive.h"

#define LOG_MAGIC 0x377f0682U /* and 1 when the checksums are of numbers in big-endian order */
#define LOG_HEADER 32
#define LOG_FRAME_HEADER 24
#define LOG_FRAMES_MAX (4U << 20)

/* Where a page's last frame is. */
struct log_page {
	uint32_t page, frame;
};

struct log_scan {
	int fd;
	uint32_t page_size, sum[2], salt[2];
	bool big;
	struct log_page *pages;
	uint32_t frames, committed; /* valid ones, and up to the last that ends a transaction */
	uint32_t size;		    /* of the database in pages, as that one says */
	uint8_t *frame;		    /* buffer */
};

static uint32_t
log_number(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

/* What is beyond the end is as good as zeros. */
static int
log_read(const struct log_scan *scan, void *data, size_t size, off_t at, struct error *e)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = pread(scan->fd, (char *)data + got, size - got, at + (off_t)got);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return error_set_errno(e, STATUS_IO, "archive.io", "cannot read the write-ahead log");
		if (n == 0)
			break;
		got += (size_t)n;
	}
	memset((char *)data + got, 0, size - got);
	return 0;
}

static void
log_add_up(struct log_scan *scan, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i += 8) {
		uint32_t x[2];

		if (scan->big) {
			x[0] = log_number(data + i);
			x[1] = log_number(data + i + 4);
		} else {
			x[0] = (uint32_t)data[i] | (uint32_t)data[i + 1] << 8 | (uint32_t)data[i + 2] << 16 |
			    (uint32_t)data[i + 3] << 24;
			x[1] = (uint32_t)data[i + 4] | (uint32_t)data[i + 5] << 8 | (uint32_t)data[i + 6] << 16 |
			    (uint32_t)data[i + 7] << 24;
		}
		scan->sum[0] += x[0] + scan->sum[1];
		scan->sum[1] += x[1] + scan->sum[0];
	}
}

static off_t
log_offset(const struct log_scan *scan, uint32_t frame)
{
	return LOG_HEADER + (off_t)frame * (LOG_FRAME_HEADER + scan->page_size);
}

/* 1; 0: the log is empty; -1. */
static int
log_read_header(struct log_scan *scan, struct error *e)
{
	uint8_t header[LOG_HEADER];

	if (log_read(scan, header, sizeof(header), 0, e) == -1)
		return -1;
	if ((log_number(header) & ~1U) != LOG_MAGIC)
		return 0;
	scan->big = (log_number(header) & 1) != 0;
	log_add_up(scan, header, 24);
	if (scan->sum[0] != log_number(header + 24) || scan->sum[1] != log_number(header + 28))
		return 0;
	scan->page_size = log_number(header + 8);
	scan->salt[0] = log_number(header + 16);
	scan->salt[1] = log_number(header + 20);
	if (scan->page_size < 512 || scan->page_size > REPOSITORY_PAGE_MAX)
		return error_set(e, STATUS_DATA, "archive.log", "the write-ahead log has pages of %u bytes",
		    scan->page_size);
	return 1;
}

/* 1: the next frame is valid, and noted; 0: there is none; -1. */
static int
log_scan_frame(struct log_scan *scan, struct error *e)
{
	const uint8_t *f = scan->frame;

	if (scan->frames == LOG_FRAMES_MAX)
		return error_set(e, STATUS_DATA, "archive.log", "the write-ahead log has too many frames");
	if (log_read(scan, scan->frame, LOG_FRAME_HEADER + scan->page_size, log_offset(scan, scan->frames), e) == -1)
		return -1;
	if (log_number(f) == 0 || log_number(f + 8) != scan->salt[0] || log_number(f + 12) != scan->salt[1])
		return 0;
	log_add_up(scan, f, 8);
	log_add_up(scan, f + LOG_FRAME_HEADER, scan->page_size);
	if (scan->sum[0] != log_number(f + 16) || scan->sum[1] != log_number(f + 20))
		return 0;
	if ((scan->frames & (scan->frames - 1)) == 0 || scan->pages == NULL) {
		size_t room = scan->frames == 0 ? 1 : (size_t)scan->frames * 2;
		struct log_page *grown = reallocarray(scan->pages, room, sizeof(*grown));

		if (grown == NULL)
			return error_set_errno(e, STATUS_OS, "archive.memory", "cannot read the write-ahead log");
		scan->pages = grown;
	}
	scan->pages[scan->frames] = (struct log_page) { .page = log_number(f), .frame = scan->frames };
	scan->frames++;
	if (log_number(f + 4) != 0) {
		scan->committed = scan->frames;
		scan->size = log_number(f + 4);
	}
	return 1;
}

static int
log_compare(const void *a, const void *b)
{
	const struct log_page *x = a, *y = b;

	if (x->page != y->page)
		return x->page < y->page ? -1 : 1;
	return x->frame < y->frame ? -1 : x->frame > y->frame;
}

/* The last frame of each page, in the order of the pages. */
static int
log_put_pages(struct archive *archive, struct log_scan *scan, struct error *e)
{
	if (scan->committed > 0)
		qsort(scan->pages, scan->committed, sizeof(*scan->pages), log_compare);
	for (uint32_t i = 0; i < scan->committed; i++) {
		const struct log_page *p = &scan->pages[i];

		if ((i + 1 < scan->committed && scan->pages[i + 1].page == p->page) || p->page > scan->size)
			continue;
		if (log_read(scan, scan->frame, scan->page_size, log_offset(scan, p->frame) + LOG_FRAME_HEADER, e) ==
			-1 ||
		    backup_page(archive->base.writer, p->page - 1, scan->frame, scan->page_size, e) == -1)
			return -1;
	}
	return 0;
}

static int
log_scan(struct archive *archive, struct log_scan *scan, struct error *e)
{
	struct archive_base *base = &archive->base;
	/* Before the log is looked at: when it is empty then, the file has all that was read of it. */
	bool reads = ship_where(&archive->ship, &base->place);
	int result = log_read_header(scan, e);

	if (result == -1 || !reads)
		return result == -1 ? -1 : 0;
	if (result == 0)
		return base->frames == 0 ? 1 : 0;
	if (base->page_size != 0 && scan->page_size != base->page_size)
		return error_set(e, STATUS_DATA, "archive.log", "the log's pages are not of the file's size");
	/* The reader is as far as it must be, in this log. */
	if (base->place.frame < base->frames || memcmp(scan->salt, base->place.salt, sizeof(scan->salt)) != 0)
		return 0;
	while (scan->frames < base->place.frame && (result = log_scan_frame(scan, e)) == 1)
		if (atomic_load(&archive->stopping))
			return error_set(e, STATUS_UNAVAILABLE, "archive.stopping", "the node stops");
	if (result == -1)
		return -1;
	if (scan->committed != base->place.frame)
		return 0;
	if (log_put_pages(archive, scan, e) == -1)
		return -1;
	base->pages = scan->size;
	return 1;
}

int
archive_read_log(struct archive *archive, struct error *e)
{
	struct log_scan scan = { .fd = archive->base.log_fd };
	int result;

	if ((scan.frame = malloc(LOG_FRAME_HEADER + REPOSITORY_PAGE_MAX)) == NULL)
		return error_set_errno(e, STATUS_OS, "archive.memory", "cannot read the write-ahead log");
	result = log_scan(archive, &scan, e);
	free(scan.frame);
	free(scan.pages);
	return result;
}
