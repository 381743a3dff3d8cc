/* What bibctl shows of others is safe for a terminal, and its JSON is JSON, whatever the bytes. */
#include <string.h>

#include "tests/unit/control_render_scene.h"
#include "tests/unit/run.h"
#include "workers/control/shared/escape.h"

START_TEST(test_escape_text)
{
	static const struct {
		const char *in, *out;
		size_t columns;
	} cases[] = {
		{ "plain", "plain", 5 },
		{ "\033[31mred", "\\x1b[31mred", 11 },
		{ "a\nb\tc", "a\\x0ab\\x09c", 11 },
		{ "\x7f", "\\x7f", 4 },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", 4 },
		{ "\xc2\x9b"
		  "31m",
		    "\\u009b31m", 9 }, /* CSI as one character of C1 */
		{ "\x9b"
		  "31m",
		    "\\x9b31m", 7 }, /* and as a byte */
		{ "\xe2\x80\xae"
		  "x",
		    "\\u202ex", 7 },				    /* right-to-left override */
		{ "\xc0\x80", "\\xc0\\x80", 8 },		    /* over-long NUL */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80", 12 },	    /* a surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", 16 }, /* above U+10FFFF */
		{ "\xe2\x82", "\\xe2\\x82", 8 },		    /* cut short */
		{ "\xf0\x9f\x90\x98", "\xf0\x9f\x90\x98", 1 },
		{ "", "", 0 },
	};
	char buf[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_uint_eq(escape_text(cases[i].in, buf, sizeof(buf)), cases[i].columns);
		ck_assert_str_eq(buf, cases[i].out);
	}
}
END_TEST

START_TEST(test_escape_text_is_cut_between_characters)
{
	char buf[6];

	ck_assert_uint_eq(escape_text("abc\x01", buf, sizeof(buf)), 3);
	ck_assert_str_eq(buf, "abc");
	ck_assert_uint_eq(escape_text("abcd\xc3\xbc", buf, sizeof(buf)), 4);
	ck_assert_str_eq(buf, "abcd");
	ck_assert_uint_eq(escape_text("abcdefgh", buf, 1), 0);
	ck_assert_str_eq(buf, "");
}
END_TEST

START_TEST(test_escape_json)
{
	escape_put_json(render.out,
	    "a\"b\\c\nd\te\033\x7f\xc2\x9b\xff\xc3\xbc\xe2\x80\xa8\xf3\xa0\x80\x81\xf0\x9f\x90\x98");
	ck_assert_str_eq(written(),
	    "\"a\\\"b\\\\c\\nd\\te\\u001b\\u007f\\u009b\\ufffd\xc3\xbc\\u2028\\udb40\\udc01\xf0\x9f\x90\x98\"");
}
END_TEST

START_TEST(test_every_byte_is_harmless)
{
	char in[3] = "", buf[32];

	for (unsigned a = 1; a < 256; a++)
		for (unsigned b = 0; b < 256; b++) {
			in[0] = (char)a;
			in[1] = (char)b;
			(void)escape_text(in, buf, sizeof(buf));
			for (const char *p = buf; *p != '\0'; p++)
				ck_assert((unsigned char)*p >= 0x20 && *p != 0x7f);
			ck_assert_ptr_null(strstr(buf, "\xc2\x9b"));
		}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("escape");

	tcase_add_checked_fixture(t, render_scene_set_up, render_scene_tear_down);
	tcase_add_test(t, test_escape_text);
	tcase_add_test(t, test_escape_text_is_cut_between_characters);
	tcase_add_test(t, test_escape_json);
	tcase_add_test(t, test_every_byte_is_harmless);
	return unit_run("control escape", t, NULL);
}
