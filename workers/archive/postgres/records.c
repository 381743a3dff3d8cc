/* Walks over pages and records of the write-ahead log. */
#include "workers/archive/postgres/records.h"

#include <inttypes.h>
#include <string.h>

#define PAGE_SHORT 24
#define PAGE_LONG 40 /* the first one of a segment */
#define PAGE_CONTINUES 0x0001
#define PAGE_OVERWRITES 0x0008 /* what continued here was never finished */
#define RECORD_MIN 24
#define RECORD_XLOG 0
#define RECORD_XACT 1
#define RECORD_SWITCH 0x40
#define XACT_MASK 0x70
#define XACT_COMMIT 0x00
#define XACT_COMMIT_PREPARED 0x30
/* What stands before a record's data, each by a byte that says what it is. */
#define ID_DATA_SHORT 255
#define ID_DATA_LONG 254
#define ID_ORIGIN 253
#define ID_TOPLEVEL 252
#define EPOCH_2000_US INT64_C(946684800000000)

void
records_begin(struct records *records, uint64_t position, uint32_t segment)
{
	*records = (struct records) { .position = position, .segment = segment };
}

static int
records_fail(const struct records *records, const char *what, struct error *e)
{
	return error_set(e, STATUS_DATA, "postgres.stream", "the write-ahead log at %" PRIX32 "/%" PRIX32 " %s",
	    (uint32_t)(records->position >> 32), (uint32_t)records->position, what);
}

static uint32_t
records_u32(const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static uint64_t
records_u64(const uint8_t *p)
{
	uint64_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

/* ---- pages ---- */

static int
page_check(const struct records *r, struct error *e)
{
	uint64_t begins = r->position - r->page_need;

	if (records_u64(r->page + 8) != begins)
		return records_fail(r, "has a page that belongs elsewhere", e);
	if (r->page_need == PAGE_LONG &&
	    (records_u32(r->page + 32) != r->segment || records_u32(r->page + 36) != RECORDS_PAGE))
		return records_fail(r, "has segments or pages of another size", e);
	return 0;
}

static int
page_take(struct records *r, struct error *e)
{
	unsigned info = (unsigned)r->page[2] | (unsigned)r->page[3] << 8;
	uint32_t rest = records_u32(r->page + 16);

	if (page_check(r, e) == -1)
		return -1;
	if ((info & PAGE_CONTINUES) != 0) {
		if (r->left == rest)
			return 0;
		if (r->left != 0 || r->is_begun)
			return records_fail(r, "goes on with another record than it began", e);
		/* It began before what was read. */
		r->left = rest;
		r->fill = 4; /* as if its length had been read */
		r->is_unknown = true;
		r->pad = (uint32_t)-rest & 7;
		return 0;
	}
	if (r->left != 0 && (info & PAGE_OVERWRITES) == 0)
		return records_fail(r, "ends within a record", e);
	r->left = r->fill = r->pad = 0;
	r->is_unknown = false;
	return 0;
}

/* ---- records ---- */

/* Where the data begin in the head; 0: nowhere. */
static size_t
record_find_data(const struct records *r)
{
	size_t at = RECORD_MIN, have = r->fill < RECORDS_HEAD ? r->fill : RECORDS_HEAD;

	while (at < have)
		switch (r->head[at]) {
		case ID_ORIGIN:
			at += 3;
			break;
		case ID_TOPLEVEL:
			at += 5;
			break;
		case ID_DATA_SHORT:
			return at + 2;
		case ID_DATA_LONG:
			return at + 5;
		default:
			return 0;
		}
	return 0;
}

/* It is whole. */
static int
record_end(struct records *r, int64_t *commit_us, struct error *e)
{
	unsigned info = r->head[16] & 0xf0, manager = r->head[17], kind = info & XACT_MASK;
	bool unknown = r->is_unknown;
	size_t data;

	r->is_unknown = false;
	r->is_begun = true;
	if (unknown) {
		r->fill = 0;
		return 0;
	}
	if (r->before != 0 && records_u64(r->head + 8) != r->before)
		return records_fail(r, "has a record that follows another", e);
	r->before = r->begins;
	if (manager == RECORD_XLOG && info == RECORD_SWITCH)
		r->is_skipping = r->position % r->segment != 0;
	if (manager == RECORD_XACT && (kind == XACT_COMMIT || kind == XACT_COMMIT_PREPARED)) {
		if ((data = record_find_data(r)) == 0 || data + 8 > RECORDS_HEAD || data + 8 > r->fill)
			return records_fail(r, "has a commit without a time", e);
		*commit_us = (int64_t)records_u64(r->head + data) + EPOCH_2000_US;
	}
	r->fill = 0;
	return 0;
}

/* Bytes of a record, on one page. Returns how many were taken, -1. */
static ssize_t
record_take(struct records *r, const uint8_t *data, size_t size, struct error *e)
{
	bool begins = r->left == 0 && !r->is_unknown;
	size_t want = begins ? 4 - r->fill : r->left, n = size < want ? size : want;

	if (begins && r->fill == 0)
		r->begins = r->position;
	if (r->fill < RECORDS_HEAD)
		memcpy(r->head + r->fill, data, n < RECORDS_HEAD - r->fill ? n : RECORDS_HEAD - r->fill);
	r->fill = r->fill + n > UINT32_MAX / 2 ? UINT32_MAX / 2 : r->fill + (uint32_t)n;
	r->position += n;
	if (!begins)
		r->left -= (uint32_t)n;
	else if (r->fill == 4) {
		uint32_t length = records_u32(r->head);

		if (length < RECORD_MIN)
			return records_fail(r, "has a record without a length", e);
		r->left = length - 4;
		r->pad = (uint32_t)-length & 7;
	}
	return (ssize_t)n;
}

/* ---- bytes ---- */

static size_t
records_skip(struct records *r, size_t size)
{
	uint64_t rest = r->segment - r->position % r->segment;
	size_t n = size < rest ? size : (size_t)rest;

	r->position += n;
	r->is_skipping = r->position % r->segment != 0;
	return n;
}

static ssize_t
records_take_page(struct records *r, const uint8_t *data, size_t size, struct error *e)
{
	size_t n = r->page_need - r->page_fill;

	n = size < n ? size : n;
	memcpy(r->page + r->page_fill, data, n);
	r->page_fill += n;
	r->position += n;
	if (r->page_fill < r->page_need)
		return (ssize_t)n;
	if (page_take(r, e) == -1)
		return -1;
	r->page_fill = r->page_need = 0;
	return (ssize_t)n;
}

/* What comes next, up to the end of a record or of a page. *ends: a record has ended with it. */
static ssize_t
records_step(struct records *r, const uint8_t *data, size_t size, bool *ends, struct error *e)
{
	size_t page = RECORDS_PAGE - r->position % RECORDS_PAGE;
	ssize_t n;

	if (r->is_skipping)
		return (ssize_t)records_skip(r, size);
	if (r->page_need == 0 && page == RECORDS_PAGE)
		r->page_need = r->position % r->segment == 0 ? PAGE_LONG : PAGE_SHORT;
	if (r->page_need != 0)
		return records_take_page(r, data, size, e);
	size = size < page ? size : page;
	if (r->left == 0 && r->fill >= 4 && r->pad > 0) {
		n = (ssize_t)(size < r->pad ? size : r->pad);
		r->pad -= (uint32_t)n;
		r->position += (uint64_t)n;
	} else if ((n = record_take(r, data, size, e)) == -1)
		return -1;
	*ends = r->left == 0 && r->fill >= 4 && r->pad == 0;
	return n;
}

ssize_t
records_take(struct records *r, const uint8_t *data, size_t size, int64_t *commit_us, struct error *e)
{
	size_t done = 0;

	*commit_us = 0;
	while (done < size && *commit_us == 0) {
		bool ends = false;
		ssize_t n = records_step(r, data + done, size - done, &ends, e);

		if (n == -1 || (ends && record_end(r, commit_us, e) == -1))
			return -1;
		done += (size_t)n;
	}
	return (ssize_t)done;
}
