/*
 * pg_trgm: how alike two texts are by the trigrams of their words, which are of letters and digits in C.UTF-8. A word
 * has two blanks before it and one behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/array_value.h"
#include "workers/sqlite/functions/native.h"
#include "workers/sqlite/types/utf8.h"

#define THRESHOLD "pg_trgm.similarity_threshold"
#define THRESHOLD_DEFAULT 0.3
#define TRIGRAM 3
#define TEXT_MAX ((size_t)16 << 20) /* bytes; trigrams take 16 times as much */

/* Characters. Each trigram once, in their order. */
struct trigrams {
	uint32_t (*items)[TRIGRAM];
	size_t n;
};

static int
compare(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	for (size_t k = 0; k < TRIGRAM; k++)
		if (left[k] != right[k])
			return left[k] < right[k] ? -1 : 1;
	return 0;
}

static void
add_word(struct trigrams *t, const uint32_t *word, size_t length)
{
	for (size_t i = 0; i <= length; i++, t->n++)
		for (size_t k = 0; k < TRIGRAM; k++) {
			size_t at = i + k; /* in the word with its blanks */

			t->items[t->n][k] = at < 2 || at - 2 >= length ? ' ' : word[at - 2];
		}
}

static void
keep_different(struct trigrams *t)
{
	size_t kept = 0;

	if (t->n > 0)
		qsort(t->items, t->n, sizeof(*t->items), compare);
	for (size_t i = 0; i < t->n; i++)
		if (kept == 0 || compare(t->items[kept - 1], t->items[i]) != 0)
			memmove(t->items[kept++], t->items[i], sizeof(*t->items));
	t->n = kept;
}

/* The words, in small letters. `word` has room for all of the text. */
static void
add_words(struct trigrams *t, uint32_t *word, const char *text, size_t length)
{
	size_t at = 0, n = 0;

	while (at < length) {
		uint32_t character = utf8_decode(text, length, &at);

		if (utf8_is_alphanumeric(character)) {
			word[n++] = utf8_map_case(character, false);
			continue;
		}
		if (n > 0)
			add_word(t, word, n);
		n = 0;
	}
	if (n > 0)
		add_word(t, word, n);
}

/* False: out of memory, and the call has failed. */
static bool
read_trigrams(sqlite3_context *c, sqlite3_value *value, struct trigrams *t)
{
	size_t length;
	const char *text = function_text(value, &length);
	uint32_t *word;

	if (length > TEXT_MAX) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "trigrams of so long a text are not supported on SQLite");
		return false;
	}
	word = calloc(length + 1, sizeof(*word));
	/* A word of n letters has n + 1 trigrams, and something stands between two words. */
	*t = (struct trigrams) { .items = calloc(length + 2, sizeof(*t->items)) };
	if (t->items == NULL || word == NULL) {
		free(t->items);
		free(word);
		sqlite3_result_error_nomem(c);
		return false;
	}
	add_words(t, word, text, length);
	free(word);
	keep_different(t);
	return true;
}

static float
ratio(const struct trigrams *a, const struct trigrams *b)
{
	size_t i = 0, k = 0, shared = 0;

	while (i < a->n && k < b->n) {
		int order = compare(a->items[i], b->items[k]);

		shared += order == 0;
		i += order <= 0;
		k += order >= 0;
	}
	return a->n == 0 || b->n == 0 ? 0 : (float)shared / (float)(a->n + b->n - shared);
}

static bool
measure(sqlite3_context *c, sqlite3_value **argv, float *similarity)
{
	struct trigrams a, b;

	if (!read_trigrams(c, argv[0], &a))
		return false;
	if (!read_trigrams(c, argv[1], &b)) {
		free(a.items);
		return false;
	}
	*similarity = ratio(&a, &b);
	free(a.items);
	free(b.items);
	return true;
}

/* similarity(a, b) */
void
native_similarity(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	float similarity;

	(void)argc;
	if (measure(c, argv, &similarity))
		sqlite3_result_double(c, (double)similarity);
}

/* a <-> b */
void
native_distance(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	float similarity;

	(void)argc;
	if (measure(c, argv, &similarity))
		sqlite3_result_double(c, (double)(1.0F - similarity));
}

static double
threshold(sqlite3_context *c)
{
	const struct sql_context *session = function_session(c);
	struct report r = { .state = SQLSTATE_SUCCESSFUL_COMPLETION };
	const char *value = session->settings == NULL ? NULL : settings_get(session->settings, THRESHOLD, &r);
	double number = value == NULL || *value == '\0' ? THRESHOLD_DEFAULT : strtod(value, NULL);

	report_reset(&r);
	return number;
}

/* a % b */
void
native_similar(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	float similarity;

	(void)argc;
	if (measure(c, argv, &similarity))
		sqlite3_result_int(c, (double)similarity >= threshold(c));
}

void
native_show_limit(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_double(c, (double)(float)threshold(c));
}

/* set_limit(limit) */
void
native_set_limit(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	double limit = sqlite3_value_double(argv[0]);
	struct sql_context *session = function_session(c);
	struct report r = { .state = SQLSTATE_SUCCESSFUL_COMPLETION };
	char text[32];

	(void)argc;
	(void)snprintf(text, sizeof(text), "%g", limit);
	if (!(limit >= 0 && limit <= 1)) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "%s is outside the valid range for parameter \"" THRESHOLD "\" (0 .. 1)", text);
		return;
	}
	if (session->settings != NULL && settings_set(session->settings, THRESHOLD, text, false, &r) == -1)
		function_fail_report(c, &r);
	else
		sqlite3_result_double(c, (double)(float)limit);
}

/* Others have no form but PostgreSQL's checksum of them. */
static bool
put_trigram(sqlite3_context *c, struct array_value *array, const uint32_t *trigram)
{
	char text[TRIGRAM];

	for (size_t k = 0; k < TRIGRAM; k++) {
		if (trigram[k] >= 0x80) {
			function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "show_trgm() of letters beyond ASCII is not supported on SQLite");
			array_value_free(array);
			return false;
		}
		text[k] = (char)trigram[k];
	}
	return array_value_add(c, array, text, TRIGRAM);
}

/* show_trgm(text) */
void
native_show_trgm(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct array_value array = { .n = 0 };
	struct trigrams t;
	bool done = true;

	(void)argc;
	if (!read_trigrams(c, argv[0], &t))
		return;
	for (size_t i = 0; done && i < t.n; i++)
		done = put_trigram(c, &array, t.items[i]);
	free(t.items);
	if (!done)
		return;
	array_value_flatten(&array, 1);
	array_value_give(c, &array);
}
