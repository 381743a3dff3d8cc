/* The file of the verifiers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/remote/remote.h"

#define VERIFIER \
	"SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:" \
	"wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="

static int
read_text(struct logins *logins, const char *text, struct error *e)
{
	char *copy = strdup(text);
	size_t size = strlen(text);
	int result = logins_read(logins, copy, e);

	/* Nothing of it stays. */
	for (size_t i = 0; i < size; i++)
		ck_assert_int_eq(copy[i], 0);
	free(copy);
	return result;
}

START_TEST(test_reads)
{
	struct logins logins;

	ck_assert_int_eq(read_text(&logins, "# of the shop\n\nshop:" VERIFIER "\nstock:" VERIFIER, NULL), 0);
	ck_assert_uint_eq(logins.count, 2);
	ck_assert_ptr_nonnull(logins_find(&logins, "shop"));
	ck_assert_int_eq(logins_find(&logins, "stock")->keys.iterations, 4096);
	ck_assert_ptr_null(logins_find(&logins, "sho"));
	ck_assert_ptr_null(logins_find(&logins, ""));
	logins_close(&logins);
	ck_assert_int_eq(read_text(&logins, "", NULL), 0);
	ck_assert_uint_eq(logins.count, 0);
}
END_TEST

static const struct {
	const char *text, *why;
} bad[] = {
	{ "shop", "line 1 is not NAME:VERIFIER" },
	{ "# a\n:" VERIFIER, "line 2 is not NAME:VERIFIER" },
	{ "shop:secret", "line 1 has no verifier" },
	{ "shop:" VERIFIER " ", "line 1 has no verifier" },
	{ "shop:" VERIFIER "\nshop:" VERIFIER, "line 2: the login shop is there a second time" },
	{ "a123456789012345678901234567890123456789012345678901234567890123:" VERIFIER, "line 1 is not NAME:VERIFIER" },
};

START_TEST(test_refuses)
{
	struct logins logins;
	struct error e;

	ck_assert_int_eq(read_text(&logins, bad[_i].text, &e), -1);
	ck_assert_msg(strstr(e.text, bad[_i].why) != NULL, "%s", e.text);
	/* No verifier, and no word of what stands in its place. */
	ck_assert_ptr_null(strstr(e.text, "secret"));
	ck_assert_ptr_null(logins.list);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_reads);
	tcase_add_loop_test(t, test_refuses, 0, (int)(sizeof(bad) / sizeof(bad[0])));
	return unit_run("remote_logins", t, NULL);
}
