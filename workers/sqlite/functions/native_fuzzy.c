/*
 * fuzzystrmatch: levenshtein(), soundex() and difference().
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/native.h"
#include "workers/sqlite/types/utf8.h"

#define LEVENSHTEIN_MAX 255 /* characters */
#define SOUNDEX_LENGTH 4

/* ---- levenshtein ---- */

/* Where each character begins, and behind the last one the end. -1: there are more than that. */
static int
find_characters(const char *text, size_t length, const char *at[LEVENSHTEIN_MAX + 1])
{
	int n = 0;

	for (const char *end = text + length; text < end; n++) {
		if (n == LEVENSHTEIN_MAX)
			return -1;
		at[n] = text++;
		while (text < end && ((unsigned char)*text & 0xc0) == 0x80)
			text++;
	}
	at[n] = text;
	return n;
}

static bool
is_same(const char *const *a, const char *const *b)
{
	return a[1] - a[0] == b[1] - b[0] && memcmp(a[0], b[0], (size_t)(a[1] - a[0])) == 0;
}

static int64_t
least(int64_t a, int64_t b, int64_t c)
{
	int64_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* levenshtein(a, b [, cost of an insertion, a deletion, a substitution]): row by row, what it takes to make each
 * beginning of b of the beginning of a. */
void
native_levenshtein(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t insert = argc > 2 ? sqlite3_value_int(argv[2]) : 1, remove = argc > 2 ? sqlite3_value_int(argv[3]) : 1,
		replace = argc > 2 ? sqlite3_value_int(argv[4]) : 1;
	int64_t costs[LEVENSHTEIN_MAX + 1], before, above;
	const char *a[LEVENSHTEIN_MAX + 1], *b[LEVENSHTEIN_MAX + 1];
	size_t length;
	const char *text = function_text(argv[0], &length);
	int n = find_characters(text, length, a), m;

	text = function_text(argv[1], &length);
	if (n < 0 || (m = find_characters(text, length, b)) < 0) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "levenshtein argument exceeds maximum length of %d characters", LEVENSHTEIN_MAX);
		return;
	}
	for (int k = 0; k <= m; k++)
		costs[k] = k * insert;
	for (int i = 0; i < n; i++) {
		before = costs[0];
		costs[0] += remove;
		for (int k = 0; k < m; k++) {
			above = costs[k + 1];
			costs[k + 1] =
			    least(costs[k] + insert, above + remove, before + (is_same(&a[i], &b[k]) ? 0 : replace));
			before = above;
		}
	}
	sqlite3_result_int(c, (int)costs[m]);
}

/* ---- soundex ---- */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* The group of a letter's sound, '0' for what has none; what is no letter stands for itself. */
static char
sound(char c)
{
	static const char groups[] = "01230120022455012623010202"; /* of A to Z */

	c = upper(c);
	return is_letter(c) ? groups[c - 'A'] : c;
}

static bool
make_soundex(sqlite3_value *value, char code[SOUNDEX_LENGTH])
{
	size_t length, n = 0;
	const char *text = function_text(value, &length), *end = text + length;

	while (text < end && !is_letter(*text))
		text++;
	if (text == end)
		return false;
	memset(code, '0', SOUNDEX_LENGTH);
	code[n++] = upper(*text++);
	for (; text < end && n < SOUNDEX_LENGTH; text++)
		if (is_letter(*text) && sound(*text) != sound(text[-1]) && sound(*text) != '0')
			code[n++] = sound(*text);
	return true;
}

/* soundex(text) */
void
native_soundex(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	char code[SOUNDEX_LENGTH];

	(void)argc;
	if (make_soundex(argv[0], code))
		function_result_text(c, code, sizeof(code));
	else
		function_result_text(c, "", 0);
}

/* difference(a, b): in how many places their codes agree. */
void
native_difference(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	char a[SOUNDEX_LENGTH] = "", b[SOUNDEX_LENGTH] = "";
	int same = 0;

	(void)argc;
	(void)make_soundex(argv[0], a);
	(void)make_soundex(argv[1], b);
	for (size_t i = 0; i < SOUNDEX_LENGTH; i++)
		same += a[i] == b[i];
	sqlite3_result_int(c, same);
}
