/* Logging in by a verifier: RFC 7677's example as the server has it, and what a client may not send. */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/scram/scram.h"

/* RFC 7677, section 3: user "user", password "pencil". */
#define RFC_SALT "W22ZaJ0SNY7soEsUEjb6gQ=="
#define RFC_CLIENT "rOprNGfwEbeRWgbNEkqO"
#define RFC_SERVER "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define RFC_FIRST "n,,n=user,r=" RFC_CLIENT
#define RFC_FINAL "c=biws,r=" RFC_CLIENT RFC_SERVER ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="

static const uint8_t secret[SCRAM_KEY_SIZE] = "a secret of the process";
static struct scram scram;
static char answer[SCRAM_MESSAGE_MAX];

/* With the nonce of the example. */
static void
begin(bool known)
{
	char verifier[SCRAM_VERIFIER_SIZE];
	uint8_t salt[24];
	struct scram_keys keys;

	ck_assert_int_gt(EVP_DecodeBlock(salt, (const unsigned char *)RFC_SALT, 24), 0);
	ck_assert_int_eq(scram_verifier("pencil", salt, 4096, verifier, NULL), 0);
	ck_assert(scram_read_verifier(verifier, &keys));
	ck_assert_int_eq(scram_begin(&scram, known ? &keys : NULL, "user", secret, NULL), 0);
	ck_assert_uint_eq(strlen(scram.nonce), 24);
	(void)snprintf(scram.nonce, sizeof(scram.nonce), "%s", RFC_SERVER);
}

START_TEST(test_rfc_7677)
{
	begin(true);
	ck_assert_int_eq(scram_take_first(&scram, RFC_FIRST, answer), SCRAM_DONE);
	ck_assert_str_eq(answer, "r=" RFC_CLIENT RFC_SERVER ",s=" RFC_SALT ",i=4096");
	ck_assert_int_eq(scram_take_final(&scram, RFC_FINAL, answer), SCRAM_DONE);
	ck_assert_str_eq(answer, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
	scram_end(&scram);
}
END_TEST

START_TEST(test_unknown_login_fails_at_the_end_alone)
{
	char first[SCRAM_MESSAGE_MAX];

	begin(false);
	ck_assert_int_eq(scram_take_first(&scram, RFC_FIRST, first), SCRAM_DONE);
	ck_assert_int_eq(scram_take_final(&scram, RFC_FINAL, answer), SCRAM_WRONG);
	/* Its salt is the same each time, and another login's is another. */
	begin(false);
	ck_assert_int_eq(scram_take_first(&scram, RFC_FIRST, answer), SCRAM_DONE);
	ck_assert_str_eq(first, answer);
	ck_assert_int_eq(scram_begin(&scram, NULL, "loser", secret, NULL), 0);
	(void)snprintf(scram.nonce, sizeof(scram.nonce), "%s", RFC_SERVER);
	ck_assert_int_eq(scram_take_first(&scram, RFC_FIRST, answer), SCRAM_DONE);
	ck_assert_str_ne(first, answer);
}
END_TEST

static const char *const bad_firsts[] = {
	"",
	"n",
	"n,",
	"n,,",
	"n,,n=user",
	"n,,n=user,",
	"n,,n=user,r=",
	"n,,r=abc",
	"n,a=other,n=user,r=abc",
	"p=tls-unique,,n=user,r=abc",
	"p=tls-server-end-point,,n=user,r=abc",
	"y,,n=user,r=abc",
	"n,,m=x,n=user,r=abc",
	"n,,n=user,r=a b",
	"x,,n=user,r=abc",
};

START_TEST(test_bad_first)
{
	begin(true);
	scram.nbinding = 32;
	ck_assert_int_eq(scram_take_first(&scram, bad_firsts[_i], answer), SCRAM_MALFORMED);
}
END_TEST

START_TEST(test_long_first)
{
	char message[2 * SCRAM_MESSAGE_MAX];

	for (size_t size = SCRAM_MESSAGE_MAX - 80; size < SCRAM_MESSAGE_MAX + 80; size++) {
		memset(message, 'a', sizeof(message));
		memcpy(message, "n,,n=,r=", 8);
		message[size] = '\0';
		begin(true);
		if (scram_take_first(&scram, message, answer) == SCRAM_DONE)
			ck_assert_uint_lt(strlen(answer), SCRAM_MESSAGE_MAX);
	}
	ck_assert_int_eq(scram_take_first(&scram, message, answer), SCRAM_MALFORMED);
}
END_TEST

static const struct {
	const char *message;
	enum scram_result result;
} bad_finals[] = {
	{ "", SCRAM_MALFORMED },
	{ "c=biws", SCRAM_MALFORMED },
	{ "c=biws,r=" RFC_CLIENT RFC_SERVER, SCRAM_MALFORMED },
	{ "c=biws,r=" RFC_CLIENT RFC_SERVER ",p=", SCRAM_MALFORMED },
	{ "c=biws,r=" RFC_CLIENT RFC_SERVER ",p=dHzb", SCRAM_MALFORMED },
	{ "c=eSws,r=" RFC_CLIENT RFC_SERVER ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", SCRAM_MALFORMED },
	{ "c=biws,r=" RFC_CLIENT ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", SCRAM_MALFORMED },
	{ "c=biws,r=" RFC_CLIENT RFC_SERVER "x,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", SCRAM_MALFORMED },
	{ "c=biws,r=" RFC_CLIENT RFC_SERVER ",p=dHzbZapWIk4jUhN!Ute9ytag9zjfMHgsqmmiz7AndVQ=", SCRAM_MALFORMED },
	{ "c=biws,r=" RFC_CLIENT RFC_SERVER ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=x", SCRAM_MALFORMED },
	{ "c=biws,r=" RFC_CLIENT RFC_SERVER ",p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", SCRAM_WRONG },
	{ ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", SCRAM_MALFORMED },
};

START_TEST(test_bad_final)
{
	begin(true);
	ck_assert_int_eq(scram_take_first(&scram, RFC_FIRST, answer), SCRAM_DONE);
	ck_assert_int_eq(scram_take_final(&scram, bad_finals[_i].message, answer), bad_finals[_i].result);
}
END_TEST

START_TEST(test_final_comes_second)
{
	begin(true);
	ck_assert_int_eq(scram_take_final(&scram, RFC_FINAL, answer), SCRAM_MALFORMED);
}
END_TEST

/* "p=tls-server-end-point,,", and 32 bytes of 'x' or of 'y'. */
#define BOUND_X "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwseHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="
#define BOUND_Y "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwseXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXk="

START_TEST(test_channel_is_bound)
{
	static const char *const finals[] = { BOUND_X, BOUND_Y, "c=biws" };
	static const enum scram_result results[] = { SCRAM_WRONG, SCRAM_MALFORMED, SCRAM_MALFORMED };
	char message[SCRAM_MESSAGE_MAX];

	begin(true);
	scram.plus = true;
	scram.nbinding = 32;
	memset(scram.binding, 'x', 32);
	ck_assert_int_eq(scram_take_first(&scram, RFC_FIRST, answer), SCRAM_MALFORMED);
	ck_assert_int_eq(scram_take_first(&scram, "p=tls-server-end-point,,n=,r=abc", answer), SCRAM_DONE);
	(void)snprintf(message, sizeof(message),
	    "%s,r=abc%s,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", finals[_i], RFC_SERVER);
	/* The proof is another exchange's: where the channel is the one bound, it is what is wrong. */
	ck_assert_int_eq(scram_take_final(&scram, message, answer), results[_i]);
}
END_TEST

static const char *const bad_verifiers[] = {
	"",
	"md5abc",
	"SCRAM-SHA-256$",
	"SCRAM-SHA-256$4096",
	"SCRAM-SHA-256$4096:" RFC_SALT,
	"SCRAM-SHA-256$0:" RFC_SALT "$a:b",
	"SCRAM-SHA-256$4095:" RFC_SALT
	"$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
	"SCRAM-SHA-256$4096:W22Z"
	"$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
	"SCRAM-SHA-256$4096:" RFC_SALT
	"$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=x",
	"SCRAM-SHA-256$99999999999:" RFC_SALT
	"$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
	"SCRAM-SHA-256$4096:====================0000$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
	"wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
};

START_TEST(test_bad_verifiers)
{
	struct scram_keys keys;

	ck_assert(!scram_read_verifier(bad_verifiers[_i], &keys));
}
END_TEST

START_TEST(test_good_verifier)
{
	struct scram_keys keys;

	ck_assert(scram_read_verifier(
	    "SCRAM-SHA-256$4096:" RFC_SALT
	    "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
	    &keys));
	ck_assert_int_eq(keys.iterations, 4096);
}
END_TEST

#define ROWS(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_rfc_7677);
	tcase_add_test(t, test_unknown_login_fails_at_the_end_alone);
	tcase_add_loop_test(t, test_bad_first, 0, ROWS(bad_firsts));
	tcase_add_test(t, test_long_first);
	tcase_add_loop_test(t, test_bad_final, 0, ROWS(bad_finals));
	tcase_add_test(t, test_final_comes_second);
	tcase_add_loop_test(t, test_channel_is_bound, 0, 3);
	tcase_add_loop_test(t, test_bad_verifiers, 0, ROWS(bad_verifiers));
	tcase_add_test(t, test_good_verifier);
	return unit_run("scram_exchange", t, NULL);
}
