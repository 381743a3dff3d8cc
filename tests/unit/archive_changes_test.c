/* Changes are read back exactly as they were written, and never when one is missing, cut or exchanged */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "workers/archive/repository/changes.h"

#define STREAM "20261201T000000-000001"

static char base[] = "/tmp/bibd-changes-XXXXXX", where[64];
static struct depot depot;
static struct repository repository;
static struct repository_identity identity = { .node_id = "node1" };

static void
setup(void)
{
	struct error e;
	bool made;

	memset(base + strlen(base) - 6, 'X', 6);
	ck_assert_ptr_nonnull(mkdtemp(base));
	(void)snprintf(where, sizeof(where), "%s/repository", base);
	ck_assert_int_eq(mkdir(where, 0700), 0);
	memset(identity.wrap, 7, sizeof(identity.wrap));
	memset(identity.seed, 9, sizeof(identity.seed));
	ck_assert_int_eq(depot_open_directory(&depot, where, &e), 0);
	ck_assert_msg(repository_open(&repository, &depot, &identity, &made, &e) == 0, "%s", e.text);
}

static void
teardown(void)
{
	char command[128];

	repository_close(&repository);
	depot_close(&depot);
	(void)snprintf(command, sizeof(command), "rm -rf %s", base);
	ck_assert_int_eq(system(command), 0);
}

/* Objects of three commits each, whose data are their positions. */
static void
write_stream(uint32_t objects)
{
	struct change_info head = { .stream = STREAM, .backend = "sqlite", .unit = 4096, .first = 100 };
	struct change_object object;
	char name[CHANGE_NAME_SIZE];
	struct error e;
	struct change_writer *w = change_writer_make(&repository, &e);
	uint64_t group = 0;

	ck_assert_ptr_nonnull(w);
	for (head.number = 0; head.number < objects; head.number++) {
		change_begin(w, &head);
		for (uint64_t p = head.first + 1; p <= head.first + 3; p++) {
			ck_assert(change_put(w, &p, sizeof(p)));
			ck_assert(change_put_mark(w, p, (int64_t)p * 1000));
		}
		ck_assert_msg(change_seal(w, head.first + 3, &object, &e) == 0, "%s", e.text);
		if (change_begins_group(head.number))
			group = head.first;
		change_name(name, &object.head, group);
		ck_assert_msg(change_store(&repository, name, object.bytes, object.size, &e) == 0, "%s", e.text);
		/* Put again after an answer that was lost. */
		ck_assert_int_eq(change_store(&repository, name, object.bytes, object.size, &e), 0);
		memcpy(head.previous, object.hash, sizeof(head.previous));
		head.first += 3;
	}
	change_writer_free(w);
}

START_TEST(what_was_written_is_read_back)
{
	struct change_stream stream;
	struct change_reader *rd;
	struct error e;
	uint64_t p;

	write_stream(5);
	ck_assert_msg(stream_open(&repository, STREAM, 106, &stream, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(stream.count, 3);
	ck_assert_uint_eq(stream.entries[0].first, 106);
	ck_assert_ptr_nonnull(rd = change_reader_make(&repository, &e));
	for (size_t i = 0; i < stream.count; i++) {
		ck_assert_msg(stream_read_entry(&stream, i, i > 0, rd, &e) == 0, "%s", e.text);
		ck_assert_uint_eq(change_head(rd)->nmarks, 3);
		for (uint32_t m = 0; m < 3; m++) {
			ck_assert_uint_eq(change_marks(rd)[m].position, stream.entries[i].first + m + 1);
			ck_assert_uint_eq(change_marks(rd)[m].end, (m + 1) * sizeof(p));
			memcpy(&p, change_data(rd) + m * sizeof(p), sizeof(p));
			ck_assert_uint_eq(p, stream.entries[i].first + m + 1);
		}
	}
	change_reader_free(rd);
	stream_close(&stream);
}
END_TEST

/* In the repository. */
static void
run(const char *what)
{
	char command[512];

	(void)snprintf(command, sizeof(command), "cd %s && %s", where, what);
	ck_assert_int_eq(system(command), 0);
}

#define OBJECT(n, first, last) "changes/" STREAM "/00000000-0000000000000064/" n "-" first "-" last
#define ONE OBJECT("00000001", "0000000000000067", "000000000000006a")
#define TWO OBJECT("00000002", "000000000000006a", "000000000000006d")

START_TEST(what_differs_is_found)
{
	/* An object is gone; cut; longer; another; one bit of it differs. */
	static const char *const commands[] = { "rm " ONE, "truncate -s -1 " ONE, "printf x >>" ONE, "cp " TWO " " ONE,
		"printf '\\1' | dd of=" ONE " bs=1 seek=70 conv=notrunc 2>/dev/null" };
	struct error e;
	uint64_t last;
	int64_t us;

	write_stream(5);
	ck_assert_msg(stream_verify(&repository, STREAM, &last, &us, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(last, 115);
	ck_assert_int_eq(us, 115000);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		run("cp -r changes kept");
		run(commands[i]);
		ck_assert_int_eq(stream_verify(&repository, STREAM, &last, &us, &e), -1);
		ck_assert_int_eq(e.status, STATUS_DATA);
		run("rm -r changes && mv kept changes");
	}
}
END_TEST

START_TEST(an_object_of_another_stream_is_found)
{
	struct error e;
	uint64_t last;
	int64_t us;

	/* The same commits, written twice: objects of the one do not fit into the other. */
	write_stream(3);
	run("cp " ONE " one && rm -r changes");
	write_stream(3);
	run("mv one " ONE);
	ck_assert_int_eq(stream_verify(&repository, STREAM, &last, &us, &e), -1);
	ck_assert_str_eq(e.code, "repository.damaged");
}
END_TEST

/* Names alone are looked at. */
static void
write_names(uint32_t objects)
{
	struct change_info head = { .stream = STREAM, .first = 100 };
	char name[CHANGE_NAME_SIZE];
	uint64_t group = 0;
	struct error e;

	for (head.number = 0; head.number < objects; head.number++, head.first += 3) {
		head.last = head.first + 3;
		if (change_begins_group(head.number))
			group = head.first;
		change_name(name, &head, group);
		ck_assert_int_eq(depot.calls->create(&depot, name, &e), 0);
		ck_assert_int_eq(depot.calls->finish(&depot, &e), 0);
	}
}

START_TEST(what_is_pruned_is_gone_and_the_rest_is_whole)
{
	struct change_stream stream;
	struct error e;

	write_names(4100);
	ck_assert_int_eq(stream_prune(&repository, STREAM, 109, &e), 0);
	ck_assert_int_eq(stream_open(&repository, STREAM, 0, &stream, &e), 0);
	ck_assert_uint_eq(stream.count, 4097);
	ck_assert_uint_eq(stream.entries[0].first, 109);
	stream_close(&stream);
	ck_assert_int_eq(stream_open(&repository, STREAM, 100 + 3 * 4096, &stream, &e), 0);
	ck_assert_uint_eq(stream.count, 4);
	stream_close(&stream);
	ck_assert_int_eq(stream_prune(&repository, STREAM, UINT64_MAX, &e), 0);
	ck_assert_int_eq(stream_open(&repository, STREAM, 0, &stream, &e), 0);
	ck_assert_uint_eq(stream.count, 0);
	stream_close(&stream);
}
END_TEST

START_TEST(a_point_is_read_back)
{
	struct change_point point = { .name = "before-1.0", .stream = STREAM, .position = 7, .time_us = 9 }, found;
	struct error e;

	ck_assert(point_is_name("a.b-c_D1"));
	ck_assert(!point_is_name("latest") && !point_is_name("1a") && !point_is_name("") && !point_is_name("a/b"));
	ck_assert_msg(point_publish(&repository, &point, &e) == 0, "%s", e.text);
	ck_assert_int_eq(point_publish(&repository, &point, &e), -1);
	ck_assert_str_eq(e.code, "repository.exists");
	ck_assert_msg(point_read(&repository, "before-1.0", &found, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(found.position, 7);
	ck_assert_str_eq(found.stream, STREAM);
	run("mv points/before-1.0 points/after");
	ck_assert_int_eq(point_read(&repository, "after", &found, &e), -1);
	ck_assert_str_eq(e.code, "repository.damaged");
	ck_assert_int_eq(point_read(&repository, "before-1.0", &found, &e), -1);
	ck_assert_str_eq(e.code, "repository.missing");
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("changes");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, what_was_written_is_read_back);
	tcase_add_test(tests, what_differs_is_found);
	tcase_add_test(tests, an_object_of_another_stream_is_found);
	tcase_add_test(tests, what_is_pruned_is_gone_and_the_rest_is_whole);
	tcase_add_test(tests, a_point_is_read_back);
	return unit_run("archive changes", tests, NULL);
}
