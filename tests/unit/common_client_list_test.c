/* The list of clients between the storage worker and bibctl: what goes in comes out, and what is no line is refused. */
#include <stdlib.h>
#include <string.h>

#include "common/client_list.h"
#include "tests/unit/run.h"

static char *
put(const struct client_row *row)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(file);
	client_list_put(file, row);
	ck_assert_int_eq(fclose(file), 0);
	return text;
}

START_TEST(test_round_trip)
{
	const struct client_row in = { .id = UINT32_MAX,
		.server_pid = 4711,
		.uid = 65534,
		.pid = 1,
		.bytes = 1 << 20,
		.statements = 77,
		.connected_us = 1,
		.since_us = -2,
		.transaction_us = INT64_MAX,
		.shown = true,
		.role = "write",
		.application = "",
		.state = "idle in transaction",
		.holds = "server 4711, kept",
		.statement = "select a\tfrom\nt \033[1m\177" };
	struct client_row out;
	char *text = put(&in);

	ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
	text[strlen(text) - 1] = '\0';
	ck_assert_int_eq(client_list_read(text, &out), 0);
	ck_assert_uint_eq(out.id, in.id);
	ck_assert_uint_eq(out.server_pid, in.server_pid);
	ck_assert_int_eq(out.uid, in.uid);
	ck_assert_int_eq(out.pid, in.pid);
	ck_assert_uint_eq(out.bytes, in.bytes);
	ck_assert_uint_eq(out.statements, in.statements);
	ck_assert_int_eq(out.connected_us, in.connected_us);
	ck_assert_int_eq(out.since_us, in.since_us);
	ck_assert_int_eq(out.transaction_us, in.transaction_us);
	ck_assert(out.shown);
	ck_assert_str_eq(out.role, in.role);
	ck_assert_str_eq(out.application, "");
	ck_assert_str_eq(out.state, in.state);
	ck_assert_str_eq(out.holds, in.holds);
	ck_assert_str_eq(out.statement, "select a from t  [1m ");
	free(text);
}
END_TEST

START_TEST(test_no_line)
{
	static const char *const lines[] = {
		"",
		"1",
		"1\t2\t3\t4\t5\t6\t7\t8\t1\t9\ta\tb\tc\td",
		"1\t2\t3\t4\t5\t6\t7\t8\t1\t9\ta\tb\tc\td\te\tf",
		"x\t2\t3\t4\t5\t6\t7\t8\t1\t9\ta\tb\tc\td\te",
		"1\t2\t3\t4\t5\t\t7\t8\t1\t9\ta\tb\tc\td\te",
		"1\t2\t3\t4\t5\t6\t7\t8\t1y\t9\ta\tb\tc\td\te",
	};
	struct client_row row;
	char line[128];

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		(void)snprintf(line, sizeof(line), "%s", lines[i]);
		ck_assert_int_eq(client_list_read(line, &row), -1);
	}
	(void)snprintf(line, sizeof(line), "1\t2\t3\t4\t5\t6\t7\t8\t0\t9\ta\tb\tc\td\te");
	ck_assert_int_eq(client_list_read(line, &row), 0);
	ck_assert(!row.shown);
	ck_assert_str_eq(row.statement, "e");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_round_trip);
	tcase_add_test(t, test_no_line);
	return unit_run("client list", t, NULL);
}
