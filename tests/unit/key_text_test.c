/* What a key service answers is taken for what it is, and nothing else; tokens go over the network encrypted */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "workers/key/key.h"

START_TEST(a_member_is_found_by_its_name_alone)
{
	static const struct {
		const char *json, *value; /* NULL: none */
	} rows[] = {
		{ "{\"data\": {\"x\": 1, \"ciphertext\" : \"vault:v1:a\\/b\"}}", "vault:v1:a/b" },
		{ "{\"note\":\"\\\"ciphertext\\\":\\\"no\\\"\",\"ciphertext\":\"yes\"}", "yes" },
		{ "{\"a\":\"ciphertext\",\"b\":\"no\"}", NULL },
		{ "{\"ciphertexts\":\"no\"}", NULL },
		{ "{\"ciphertext\":17}", NULL },
		{ "{\"ciphertext\":\"a\\u0041\"}", NULL },
		{ "{\"ciphertext\":\"open", NULL },
		{ "{\"ciphertext\":\"too long for it, by far\"}", NULL },
		{ "\"ciphertext\"", NULL },
		{ "\"\\", NULL },
		{ "", NULL },
	};
	char value[16];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int result = key_find_text(rows[i].json, "ciphertext", value, sizeof(value));

		ck_assert_msg(result == (rows[i].value == NULL ? -1 : 0), "%s", rows[i].json);
		if (result == 0)
			ck_assert_str_eq(value, rows[i].value);
	}
}
END_TEST

START_TEST(base64_goes_both_ways)
{
	static const char *const wrong[] = { "", "a", "abc", "ab=c", "a===", "ab!d", "YWJj\n" };
	uint8_t data[64], back[64];
	char text[KEY_BASE64_MAX];
	size_t size;

	for (size_t n = 1; n <= sizeof(data); n++) {
		for (size_t i = 0; i < n; i++)
			data[i] = (uint8_t)(i * 37 + n);
		key_to_base64(data, n, text);
		ck_assert_int_eq(key_from_base64(text, back, sizeof(back), &size), 0);
		ck_assert_uint_eq(size, n);
		ck_assert_mem_eq(back, data, n);
		ck_assert_int_eq(key_from_base64(text, back, n - 1, &size), -1);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(key_from_base64(wrong[i], back, sizeof(back), &size) == -1, "%s", wrong[i]);
}
END_TEST

START_TEST(a_token_is_not_sent_in_the_clear)
{
	static const char *const good[] = { "https://vault:8200", "http://127.0.0.1:1", "http://localhost/",
		"http://[::1]:8200" };
	static const char *const bad[] = { "http://vault:8200", "ftp://127.0.0.1", "127.0.0.1:8200",
		"http://127.0.0.1.evil/", "http://localhost:80@evil/", "" };
	struct error e;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(key_check_address(good[i], &e) == 0, "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(key_check_address(bad[i], &e) == -1, "%s", bad[i]);
}
END_TEST

START_TEST(a_file_that_all_may_read_is_no_secret)
{
	char path[] = "/tmp/bibd-key-XXXXXX", text[16];
	int fd = mkstemp(path);
	struct error e;

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(key_read_file(path, text, sizeof(text), &e), -1);
	ck_assert_int_eq(write(fd, "  token \n", 9), 9);
	ck_assert_int_eq(key_read_file(path, text, sizeof(text), &e), 0);
	ck_assert_str_eq(text, "token");
	ck_assert_int_eq(fchmod(fd, 0644), 0);
	ck_assert_int_eq(key_read_file(path, text, sizeof(text), &e), -1);
	close(fd);
	(void)unlink(path);
	ck_assert_int_eq(key_read_file(path, text, sizeof(text), &e), -1);
}
END_TEST

int
main(void)
{
	TCase *texts = tcase_create("texts");

	tcase_add_test(texts, a_member_is_found_by_its_name_alone);
	tcase_add_test(texts, base64_goes_both_ways);
	tcase_add_test(texts, a_token_is_not_sent_in_the_clear);
	tcase_add_test(texts, a_file_that_all_may_read_is_no_secret);
	return unit_run("key text", texts, NULL);
}
