/*
 * What a statement costs a node on SQLite in instructions, for tests/bench/guard: a server without threads does each
 * kind some times unseen, and then so often that the count of one is steady.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/guard/mark.h"
#include "tests/unit/run.h"
#include "tests/unit/sqlite_server_scene.h"

#define GUARD_UNSEEN 50U
#define GUARD_TIMES 200U
#define GUARD_TEXTS 1000U
#define GUARD_TURNS_MAX 100U
#define GUARD_COPY_ROWS 1000U
#define GUARD_TABLE_ROWS 1000U

/* Only its length is set before its use: to fill it with zeros would be most of what is counted. */
struct bytes {
	char data[65536];
	size_t length;
};

static void
put(struct bytes *out, const void *data, size_t length)
{
	memcpy(out->data + out->length, data, length);
	out->length += length;
}

static void
put_message(struct bytes *out, char type, const void *data, size_t length)
{
	uint32_t size = htonl((uint32_t)length + 4);

	put(out, &type, 1);
	put(out, &size, sizeof(size));
	put(out, data, length);
}

/* Sends, gives the session its turns, of which many rows take several, and reads what it was answered, which ends with
 * this message. */
static void
exchange(struct client *client, const struct bytes *out, char last)
{
	static char answer[65536];
	ssize_t n = -1;

	if (send(client->fd, out->data, out->length, 0) != (ssize_t)out->length)
		abort();
	for (unsigned i = 0; i < GUARD_TURNS_MAX && n < 0; i++) {
		scene_turn(client);
		/* It may stand in the queue of those that go on by themselves. */
		if ((n = recv(client->fd, answer, sizeof(answer), 0)) < 0)
			(void)scene_turn_ready();
	}
	/* ReadyForQuery has one byte after its head, and CopyInResponse of one column five. */
	if (n < 6 || (last == 'Z' && (answer[n - 6] != 'Z' || answer[n - 1] != 'I' || answer[0] == 'E')) ||
	    (last == 'G' && answer[0] != 'G'))
		abort();
}

static void
query(struct client *client, const char *text, char last)
{
	struct bytes out;

	out.length = 0;
	put_message(&out, 'Q', text, strlen(text) + 1);
	exchange(client, &out, last);
}

static void
point_select(struct client *client, unsigned i)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "select v from guard where a = %u", i % GUARD_TABLE_ROWS + 1);
	query(client, text, 'Z');
}

/* As many texts as a schema with many tables has, one after the other: none is asked again before all others were. */
static void
one_of_many(struct client *client, unsigned i)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "select v as n%u from guard where a = %u", i % GUARD_TEXTS, i % 7 + 1);
	query(client, text, 'Z');
}

static void
prepared_select(struct client *client, unsigned i)
{
	struct bytes out, bind;
	char value[16];
	uint32_t length;

	out.length = bind.length = 0;
	(void)snprintf(value, sizeof(value), "%u", i % GUARD_TABLE_ROWS + 1);
	length = htonl((uint32_t)strlen(value));
	put(&bind, "\0s\0\0\0\0\1", 7);
	put(&bind, &length, sizeof(length));
	put(&bind, value, strlen(value));
	put(&bind, "\0\0", 2);
	put_message(&out, 'B', bind.data, bind.length);
	put_message(&out, 'D', "P", 2);
	put_message(&out, 'E', "\0\0\0\0", 5);
	put_message(&out, 'S', "", 0);
	exchange(client, &out, 'Z');
}

static void
insert(struct client *client, unsigned i)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "insert into guard values (%u, 'a row of the usual length')", i + 100000);
	query(client, text, 'Z');
}

/* A COPY of so many rows. */
static void
copy(struct client *client, unsigned from, unsigned rows)
{
	struct bytes out;
	char line[64];

	out.length = 0;
	query(client, "copy guard from stdin", 'G');
	for (unsigned i = 0; i < rows; i++) {
		(void)snprintf(line, sizeof(line), "%u\ta row of the usual length\n", from + i);
		put_message(&out, 'd', line, strlen(line));
	}
	put_message(&out, 'c', "", 0);
	exchange(client, &out, 'Z');
}

static const struct kind {
	const char *name;
	void (*does)(struct client *client, unsigned i);
	unsigned unseen;
} kinds[] = {
	{ "point select", point_select, GUARD_UNSEEN },
	{ "select of a thousand", one_of_many, GUARD_TEXTS },
	{ "prepared select", prepared_select, GUARD_UNSEEN },
	{ "insert", insert, GUARD_UNSEEN },
};

START_TEST(each_kind_is_counted)
{
	static const char parse[] = "s\0select v from guard where a = $1\0\0\1\0\0\0\x17";
	struct client client = scene_connect("admin");
	struct bytes out;

	out.length = 0;
	query(&client, "create table guard (a int primary key, v text)", 'Z');
	query(&client, "insert into guard select g, 'the value of ' || g from generate_series(1, 1000) g", 'Z');
	put_message(&out, 'P', parse, sizeof(parse) - 1);
	put_message(&out, 'S', "", 0);
	exchange(&client, &out, 'Z');
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		for (unsigned i = 0; i < kinds[k].unseen; i++)
			kinds[k].does(&client, i);
		guard_mark(kinds[k].name, GUARD_TIMES);
		for (unsigned i = 0; i < GUARD_TIMES; i++)
			kinds[k].does(&client, kinds[k].unseen + i);
		guard_mark(NULL, 0);
	}
	copy(&client, 200000, GUARD_COPY_ROWS);
	guard_mark("copy row", GUARD_COPY_ROWS);
	copy(&client, 300000, GUARD_COPY_ROWS);
	guard_mark(NULL, 0);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("guard");

	/* One process, which callgrind follows. */
	(void)setenv("CK_FORK", "no", 1);
	tcase_set_timeout(tests, 300);
	tcase_add_checked_fixture(tests, scene_setup_serving, scene_teardown);
	tcase_add_test(tests, each_kind_is_counted);
	return unit_run("guard", tests, NULL);
}
