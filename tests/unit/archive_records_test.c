/* The commits in PostgreSQL's log are found wherever pages and pieces end; what does not follow is an error */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/archive/postgres/records.h"

#define SEGMENT (4U * RECORDS_PAGE)
#define SIZE (8U * SEGMENT)
#define BEGIN (6U * SEGMENT)
#define COMMITS_MAX 4096
#define EPOCH_2000_US INT64_C(946684800000000)

/* A log as the server would write it. */
static uint8_t text[SIZE];
static size_t end;
static uint64_t before;
static struct {
	size_t end;
	int64_t us;
} commits[COMMITS_MAX];
static size_t ncommits;

static void
put(size_t at, uint64_t value, size_t size)
{
	memcpy(text + at, &value, size);
}

static void
put_page(uint32_t rest, unsigned info)
{
	size_t size = end % SEGMENT == 0 ? 40 : 24;

	put(end, 0xd110, 2);
	put(end + 2, info | (rest > 0 ? 1 : 0) | (size == 40 ? 2 : 0), 2);
	put(end + 4, 1, 4);
	put(end + 8, BEGIN + end, 8);
	put(end + 16, rest, 4);
	if (size == 40) {
		put(end + 24, 77, 8);
		put(end + 32, SEGMENT, 4);
		put(end + 36, RECORDS_PAGE, 4);
	}
	end += size;
}

static void
put_bytes(const uint8_t *data, size_t size)
{
	for (size_t done = 0, n; done < size; done += n) {
		if (end % RECORDS_PAGE == 0)
			put_page((uint32_t)(done == 0 ? 0 : size - done), 0);
		n = RECORDS_PAGE - end % RECORDS_PAGE;
		n = n < size - done ? n : size - done;
		memcpy(text + end, data + done, n);
		end += n;
	}
}

/* manager and info as PostgreSQL numbers them; commit_us: of a commit. */
static void
put_record(uint32_t size, uint8_t manager, uint8_t info, int64_t commit_us)
{
	uint8_t *record = calloc(1, size);
	int64_t time = commit_us - EPOCH_2000_US;

	ck_assert_ptr_nonnull(record);
	memset(record + 24, 0xab, size - 24);
	memcpy(record, &size, 4);
	memcpy(record + 8, &before, 8);
	record[16] = info;
	record[17] = manager;
	if (commit_us != 0) {
		/* An origin before it, and data of either length. */
		size_t at = 24;

		if (size % 3 == 0) {
			record[at] = 253;
			at += 3;
		}
		record[at] = size < 250 ? 255 : 254;
		memcpy(record + at + (size < 250 ? 2 : 5), &time, 8);
	}
	if (end % RECORDS_PAGE == 0)
		put_page(0, 0);
	before = BEGIN + end;
	put_bytes(record, size);
	end = (end + 7) / 8 * 8;
	if (commit_us != 0) {
		commits[ncommits].end = end;
		commits[ncommits++].us = commit_us;
	}
	free(record);
}

static void
write_log(void)
{
	memset(text, 0, sizeof(text));
	end = ncommits = 0;
	before = BEGIN - 100;
	/* What began in the segment before. */
	put_page(100, 0);
	end += 104;
	for (unsigned i = 0; i < 200; i++) {
		put_record(24 + i * 7919 % 900, 10, 0x20, 0);
		put_record(40 + i * 31 % 400, 1, i % 5 == 0 ? 0xb0 : 0x80, (int64_t)1700000000000000 + i);
		put_record(60, 1, 0x20, 0);
	}
	put_record(20000, 10, 0, 0);
	put_record(46, 1, 0, (int64_t)1800000000000000);
	put_record(24, 0, 0x40, 0);
	end = (end + SEGMENT - 1) / SEGMENT * SEGMENT;
	put_record(46, 1, 0, (int64_t)1900000000000000);
}

/* In pieces of so many bytes; 0: of some. */
static int
read_log(size_t piece, size_t *found, struct error *e)
{
	struct records records;
	size_t at = 0;

	*found = 0;
	records_begin(&records, BEGIN, SEGMENT);
	while (at < end) {
		size_t most = piece != 0 ? piece : 1 + (size_t)random() % 3000;
		int64_t us;
		ssize_t n = records_take(&records, text + at, end - at < most ? end - at : most, &us, e);

		if (n == -1)
			return -1;
		at += (size_t)n;
		ck_assert_uint_eq(records.position, BEGIN + at);
		if (us == 0)
			continue;
		ck_assert_uint_lt(*found, ncommits);
		ck_assert_uint_eq(at, commits[*found].end);
		ck_assert_int_eq(us, commits[(*found)++].us);
	}
	return 0;
}

START_TEST(test_commits)
{
	static const size_t pieces[] = { SIZE, 1, 3, 8, RECORDS_PAGE, 131072, 0, 0, 0 };
	struct error e;
	size_t found;

	write_log();
	ck_assert_uint_eq(ncommits, 202);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		ck_assert_msg(read_log(pieces[i], &found, &e) == 0, "%s", e.text);
		ck_assert_uint_eq(found, ncommits);
	}
}
END_TEST

/* A record that a crash has cut is followed by a page that says so. */
START_TEST(test_overwritten)
{
	uint8_t part[RECORDS_PAGE] = { 0 };
	uint32_t length = 9000;
	struct error e;
	size_t found;

	write_log();
	memcpy(part, &length, 4);
	memcpy(part + 8, &before, 8);
	put_bytes(part, RECORDS_PAGE - end % RECORDS_PAGE);
	put_page(0, 8);
	put_record(46, 1, 0, (int64_t)1950000000000000);
	ck_assert_msg(read_log(0, &found, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(found, ncommits);
	/* One that does not say so. */
	text[(end - 1) / RECORDS_PAGE * RECORDS_PAGE + 2] ^= 8;
	ck_assert_int_eq(read_log(0, &found, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "within a record"));
}
END_TEST

START_TEST(test_damage)
{
	struct error e;
	size_t found;

	write_log();
	text[3 * RECORDS_PAGE + 9] ^= 1;
	ck_assert_int_eq(read_log(0, &found, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "belongs elsewhere"));
	write_log();
	text[commits[3].end + 8] ^= 1;
	ck_assert_int_eq(read_log(0, &found, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "follows another"));
	write_log();
	text[RECORDS_PAGE + 16] ^= 8;
	ck_assert_int_eq(read_log(0, &found, &e), -1);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("records");

	tcase_add_test(tcase, test_commits);
	tcase_add_test(tcase, test_overwritten);
	tcase_add_test(tcase, test_damage);
	return unit_run("archive records", tcase, NULL);
}
