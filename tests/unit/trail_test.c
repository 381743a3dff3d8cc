/* The audit trail: times and hashes as others compute them, the queue's bounds, and what is found in a chain that
 * somebody has changed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "common/clock.h"
#include "tests/unit/run.h"
#include "workers/trail/trail.h"

#define NODE "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ROWS 6

/* A row that a test can change: its texts are its own. */
struct stored {
	int64_t id, position;
	char previous[TRAIL_HASH_SIZE], hash[TRAIL_HASH_SIZE], head[TRAIL_HASH_SIZE];
	char statement[32];
};

static struct stored rows[ROWS];
static struct trail_verifier verifier;
static struct trail_chain witness; /* what keeper remembers */

static void
fields_of(const struct stored *row, const char *fields[TRAIL_FIELDS])
{
	const char *const texts[TRAIL_FIELDS] = { "2026-11-24 15:48:47.979+00", "0", NULL, "admin", "definition",
		row->statement, "started", "bibd-sqlite" };

	memcpy(fields, texts, sizeof(texts));
}

/* Chains the rows from the nth on, as whoever can write the table might do too. */
static void
chain_from(size_t n)
{
	struct trail_chain chain;

	trail_begin(&chain, NODE);
	if (n > 0) {
		chain.position = rows[n - 1].position;
		(void)strlcpy(chain.hash, rows[n - 1].hash, sizeof(chain.hash));
	}
	for (size_t i = n; i < ROWS; i++) {
		const char *fields[TRAIL_FIELDS];

		fields_of(&rows[i], fields);
		trail_append(&chain, fields, rows[i].previous);
		rows[i].position = chain.position;
		(void)strlcpy(rows[i].hash, chain.hash, sizeof(rows[i].hash));
	}
}

static void
set_up(void)
{
	memset(rows, 0, sizeof(rows));
	memset(&witness, 0, sizeof(witness));
	for (size_t i = 0; i < ROWS; i++) {
		rows[i].id = (int64_t)(i + 1) * 10;
		(void)snprintf(rows[i].statement, sizeof(rows[i].statement), "create table t%zu", i);
	}
	chain_from(0);
	(void)strlcpy(rows[3].head, rows[3].hash, sizeof(rows[3].head));
}

/* Verifies the rows in this order of indices; how many there are ends with -1. */
static void
verify(const int order[])
{
	trail_verify_begin(&verifier, NODE, &witness);
	for (size_t i = 0; order[i] != -1; i++) {
		const struct stored *s = &rows[order[i]];
		struct trail_row row = { .id = s->id,
			.position = s->position,
			.previous = s->previous,
			.hash = s->hash,
			.head_hash = s->head[0] == '\0' ? NULL : s->head };

		fields_of(s, row.fields);
		if (!trail_verify_row(&verifier, &row))
			return;
	}
}
static const int whole[] = { 0, 1, 2, 3, 4, 5, -1 };

static void
assert_broken(int64_t id, const char *why)
{
	ck_assert_msg(strstr(verifier.verdict.why, why) != NULL, "\"%s\" does not say \"%s\"", verifier.verdict.why,
	    why);
	ck_assert_int_eq(verifier.verdict.broken_id, id);
}

START_TEST(whole_chain)
{
	verify(whole);
	ck_assert_str_eq(verifier.verdict.why, "");
	ck_assert_uint_eq(verifier.verdict.rows, ROWS);
	ck_assert_uint_eq(verifier.verdict.heads, 1);
	ck_assert_int_eq(verifier.signed_position, 4);
	ck_assert(trail_verify_end(&verifier));
	ck_assert(trail_verify_head(&verifier, 4));
	witness = (struct trail_chain) { .position = 5 };
	(void)strlcpy(witness.hash, rows[4].hash, sizeof(witness.hash));
	verify(whole);
	ck_assert_str_eq(verifier.verdict.why, "");
	ck_assert(trail_verify_end(&verifier));
	ck_assert_int_eq(verifier.signed_position, 5);
}
END_TEST

START_TEST(changed_row)
{
	(void)strlcpy(rows[2].statement, "drop table t2", sizeof(rows[2].statement));
	verify(whole);
	assert_broken(30, "row 30 was changed");
}
END_TEST

START_TEST(missing_row)
{
	verify((const int[]) { 0, 1, 3, 4, 5, -1 });
	assert_broken(40, "1 rows that were written before row 40 are missing");
	verify((const int[]) { 2, 3, 4, 5, -1 });
	assert_broken(30, "2 rows that were written before row 30 are missing");
}
END_TEST

START_TEST(reordered_rows)
{
	verify((const int[]) { 0, 1, 2, 4, 3, 5, -1 });
	assert_broken(50, "are missing, or stand elsewhere");
	verify((const int[]) { 0, 1, 1, 2, 3, 4, 5, -1 });
	assert_broken(20, "row 20 stands after row 20 and was not written there");
	/* With the positions changed to fit. */
	rows[2].position = 4;
	rows[3].position = 3;
	verify((const int[]) { 0, 1, 3, 2, 4, 5, -1 });
	assert_broken(20, "row 20 is not the one that row 40 was written after");
}
END_TEST

START_TEST(row_with_a_new_hash)
{
	const char *fields[TRAIL_FIELDS];

	(void)strlcpy(rows[1].statement, "drop table t1", sizeof(rows[1].statement));
	fields_of(&rows[1], fields);
	trail_hash(rows[1].previous, fields, rows[1].hash);
	verify(whole);
	assert_broken(20, "row 20 is not the one that row 30 was written after: it was replaced");
}
END_TEST

START_TEST(all_chained_anew)
{
	(void)strlcpy(rows[1].statement, "drop table t1", sizeof(rows[1].statement));
	chain_from(1);
	verify(whole);
	assert_broken(40, "row 40 is not the one that was signed at its place");
}
END_TEST

START_TEST(row_of_no_chain)
{
	rows[4].position = 0;
	verify(whole);
	assert_broken(50, "row 50 is not chained");
}
END_TEST

START_TEST(truncated)
{
	verify((const int[]) { 0, 1, -1 });
	ck_assert_str_eq(verifier.verdict.why, "");
	ck_assert(trail_verify_end(&verifier));
	ck_assert(!trail_verify_head(&verifier, 4));
	assert_broken(0, "the last 2 rows are missing after row 20: bibd.audit_head has a head of them");
	witness.position = 6;
	verify((const int[]) { -1 });
	ck_assert(!trail_verify_end(&verifier));
	assert_broken(0, "the last 6 rows are missing after row 0: bibd-keeper has a head of them");
}
END_TEST

/* Rows and heads were made anew to fit each other; keeper knows better. */
START_TEST(all_but_keeper_agree)
{
	witness.position = 5;
	(void)strlcpy(witness.hash, rows[4].hash, sizeof(witness.hash));
	(void)strlcpy(rows[1].statement, "drop table t1", sizeof(rows[1].statement));
	chain_from(1);
	(void)strlcpy(rows[3].head, rows[3].hash, sizeof(rows[3].head));
	verify(whole);
	assert_broken(50, "row 50 is not the one that was signed at its place");
}
END_TEST

START_TEST(another_node)
{
	struct stored *s = &rows[0];
	struct trail_row row = { .id = s->id, .position = s->position, .previous = s->previous, .hash = s->hash };

	fields_of(s, row.fields);
	trail_verify_begin(&verifier, "bbbbbbbbbbbbbbbbbbbbbbbbbb", &witness);
	ck_assert(!trail_verify_row(&verifier, &row));
	assert_broken(10, "does not belong to this node");
}
END_TEST

/* Computed apart from this program, from the description in trail.h. */
START_TEST(hash_as_described)
{
	const char *fields[TRAIL_FIELDS] = { "a", NULL, NULL, "", NULL, NULL, NULL, "b" };
	char hash[TRAIL_HASH_SIZE];
	struct trail_chain chain;

	trail_hash("00", fields, hash);
	ck_assert_str_eq(hash, "2e1812223851834e80fff0fa7eded9becd2e6982210d4b56807f9bff6cca593e");
	trail_begin(&chain, "node");
	ck_assert_str_eq(chain.hash, "f96d04c387961719a27a6b2aadb8abb221ca48be5545bc07168172e626acf136");
	/* Where one field ends and the next begins is part of it. */
	fields[TRAIL_AT] = "ab";
	fields[TRAIL_SOURCE] = "";
	trail_hash("00", fields, hash);
	ck_assert_str_ne(hash, "2e1812223851834e80fff0fa7eded9becd2e6982210d4b56807f9bff6cca593e");
}
END_TEST

START_TEST(times)
{
	char text[TRAIL_TIME_SIZE];

	ck_assert_str_eq(trail_time(1795535327979123, text), "2026-11-24 15:48:47.979+00");
	ck_assert_str_eq(trail_time(1795535327900000, text), "2026-11-24 15:48:47.9+00");
	ck_assert_str_eq(trail_time(1795535327000999, text), "2026-11-24 15:48:47+00");
	ck_assert_str_eq(trail_time(1795535327050000, text), "2026-11-24 15:48:47.05+00");
}
END_TEST

/* ---- the queue ---- */

static int64_t fake_now;

static int64_t
fake_clock(void)
{
	return fake_now;
}

static unsigned
count(const struct trail_entries *entries, const char *kind)
{
	const struct trail_entry *entry;
	unsigned n = 0;

	STAILQ_FOREACH(entry, entries, link)
	n += kind == NULL || strcmp(entry->kind, kind) == 0;
	return n;
}

START_TEST(queue_keeps_order_and_counts)
{
	struct trail_event event = { .time_us = 1,
		.uid = 5,
		.pid = -1,
		.role = "admin",
		.kind = "definition",
		.result = "started",
		.source = "bibd-sqlite" };
	struct trail_queue queue;
	struct trail_entries taken;
	struct trail_texts texts;

	ck_assert_int_eq(trail_queue_open(&queue), 0);
	for (int i = 0; i < 3; i++) {
		char statement[8];

		(void)snprintf(statement, sizeof(statement), "s%d", i);
		event.statement = statement;
		ck_assert_int_eq(trail_queue_add(&queue, &event), i == 0);
	}
	trail_queue_take(&queue, "bibd-sqlite", &taken);
	ck_assert_uint_eq(count(&taken, NULL), 3);
	ck_assert_str_eq(STAILQ_FIRST(&taken)->statement, "s0");
	trail_entry_texts(STAILQ_FIRST(&taken), &texts);
	ck_assert_str_eq(texts.fields[TRAIL_UID], "5");
	ck_assert_ptr_null(texts.fields[TRAIL_PID]);
	/* What could not be written comes first again. */
	event.statement = "s3";
	(void)trail_queue_add(&queue, &event);
	trail_queue_give_back(&queue, &taken);
	trail_queue_take(&queue, "bibd-sqlite", &taken);
	ck_assert_uint_eq(count(&taken, NULL), 4);
	ck_assert_str_eq(STAILQ_FIRST(&taken)->statement, "s0");
	trail_queue_done(&queue, &taken);
	ck_assert_uint_eq(atomic_load(&queue.pending), 0);
}
END_TEST

START_TEST(queue_is_bounded_and_says_so)
{
	struct trail_event event = { .role = "", .kind = "node.ready", .result = "done", .source = "bibd" };
	struct trail_queue queue;
	struct trail_entries taken;
	const struct trail_entry *entry, *last = NULL;

	ck_assert_int_eq(trail_queue_open(&queue), 0);
	for (int i = 0; i < TRAIL_QUEUE_MAX + 5; i++)
		(void)trail_queue_add(&queue, &event);
	trail_queue_note_lost(&queue, 2);
	trail_queue_take(&queue, "bibd-sqlite", &taken);
	ck_assert_uint_eq(count(&taken, NULL), TRAIL_QUEUE_MAX + 1);
	STAILQ_FOREACH(entry, &taken, link)
	last = entry;
	ck_assert_ptr_nonnull(last);
	ck_assert_str_eq(last->kind, "audit.lost");
	ck_assert_ptr_nonnull(strstr(last->statement, "7 more entries"));
	trail_queue_done(&queue, &taken);
}
END_TEST

START_TEST(refused_attempts_have_a_rate)
{
	struct trail_event event = { .role = "", .kind = "refused", .result = "28000", .source = "bibd-sqlite" };
	struct trail_queue queue;
	struct trail_entries taken;

	clock_set_fake(fake_clock);
	fake_now = 5000;
	ck_assert_int_eq(trail_queue_open(&queue), 0);
	for (int i = 0; i < 100; i++)
		(void)trail_queue_add(&queue, &event);
	fake_now = 6000;
	(void)trail_queue_add(&queue, &event);
	trail_queue_take(&queue, "bibd-sqlite", &taken);
	ck_assert_uint_eq(count(&taken, "refused"), TRAIL_REFUSED_PER_SECOND + 1);
	ck_assert_uint_eq(count(&taken, "audit.lost"), 1);
	trail_queue_done(&queue, &taken);
	clock_set_fake(NULL);
}
END_TEST

/* A statement is cut between two characters. */
START_TEST(long_statement_is_cut)
{
	struct trail_event event = { .role = "", .kind = "definition", .result = "started", .source = "bibd-sqlite" };
	char *statement = malloc(3 * TRAIL_STATEMENT_MAX + 1);
	struct trail_queue queue;
	struct trail_entries taken;

	ck_assert_ptr_nonnull(statement);
	for (int i = 0; i < TRAIL_STATEMENT_MAX; i++)
		memcpy(statement + 3 * i, "\xe2\x82\xac", 3);
	statement[3 * TRAIL_STATEMENT_MAX] = '\0';
	event.statement = statement;
	ck_assert_int_eq(trail_queue_open(&queue), 0);
	(void)trail_queue_add(&queue, &event);
	trail_queue_take(&queue, "bibd-sqlite", &taken);
	ck_assert_uint_eq(strlen(STAILQ_FIRST(&taken)->statement), TRAIL_STATEMENT_MAX / 3 * 3);
	trail_queue_done(&queue, &taken);
	free(statement);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("trail");

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, whole_chain);
	tcase_add_test(t, changed_row);
	tcase_add_test(t, missing_row);
	tcase_add_test(t, reordered_rows);
	tcase_add_test(t, row_with_a_new_hash);
	tcase_add_test(t, all_chained_anew);
	tcase_add_test(t, row_of_no_chain);
	tcase_add_test(t, truncated);
	tcase_add_test(t, all_but_keeper_agree);
	tcase_add_test(t, another_node);
	tcase_add_test(t, hash_as_described);
	tcase_add_test(t, times);
	tcase_add_test(t, queue_keeps_order_and_counts);
	tcase_add_test(t, queue_is_bounded_and_says_so);
	tcase_add_test(t, refused_attempts_have_a_rate);
	tcase_add_test(t, long_statement_is_cut);
	return unit_run("trail", t, NULL);
}
