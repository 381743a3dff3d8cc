/*
 * SQLite's numbers of parameters. It takes in ?N, and writes its instructions, by a search through all ?N that it
 * knows: time that grows with the square of how many there are. A plain ? costs nothing, and gets the highest number so
 * far and one. So parameters are numbered in the order in which the text names them first: those that are named once
 * are plain, the others keep a number, by which SQLite knows two expressions with them (GROUP BY, ORDER BY) to be the
 * same.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/translate.h"

/* A ?N in a text. */
struct place {
	const char *begin, *end;
	size_t number;
};

/* The first one at or after `at`. Nothing that is quoted is one. */
static bool
find_parameter(const char *at, struct place *place)
{
	for (; *at != '\0'; at++) {
		const char *closing;

		if (*at == '?' && at[1] >= '1' && at[1] <= '9') {
			char *end;

			*place = (struct place) { .begin = at, .number = strtoul(at + 1, &end, 10) };
			place->end = end;
			return true;
		}
		/* A quote that is doubled ends one and begins another. */
		if ((*at == '\'' || *at == '"') && (closing = strchr(at + 1, *at)) != NULL)
			at = closing;
	}
	return false;
}

/* Numbers each in the order of its first place. */
static void
number_in_order(const char *sql, int *numbers, bool *repeated, size_t n)
{
	struct place place;
	int last = 0;

	for (const char *at = sql; find_parameter(at, &place); at = place.end) {
		if (place.number > n)
			continue;
		if (numbers[place.number - 1] != 0)
			repeated[place.number - 1] = true;
		else
			numbers[place.number - 1] = ++last;
	}
}

static void
write_numbers(struct sql_text *out, const char *sql, const int *numbers, const bool *repeated, size_t n)
{
	struct place place;
	const char *at = sql;

	for (; find_parameter(at, &place); at = place.end) {
		sql_text_put_bytes(out, at, (size_t)(place.begin - at));
		if (place.number > n)
			sql_text_put_bytes(out, place.begin, (size_t)(place.end - place.begin));
		else if (repeated[place.number - 1])
			sql_text_format(out, "?%d", numbers[place.number - 1]);
		else
			sql_text_put(out, "?");
	}
	sql_text_put(out, at);
}

bool
translate_number_text(struct translator *t, const char *text, int **numbers, struct sql_text *out)
{
	struct dialect_plan *plan = t->plan;
	size_t n = (size_t)plan->nparams + plan->nlifted;
	bool *repeated = calloc(n + 1, sizeof(*repeated));

	*numbers = calloc(n + 1, sizeof(**numbers));
	*out = (struct sql_text) { 0 };
	if (repeated == NULL || *numbers == NULL) {
		free(repeated);
		return false;
	}
	number_in_order(text, *numbers, repeated, n);
	write_numbers(out, text, *numbers, repeated, n);
	free(repeated);
	return !out->failed;
}

/* The number of parameter `number` of the plan's text; 0: it has none. */
static int
number_in_plan(const struct dialect_plan *plan, size_t number)
{
	size_t n = (size_t)plan->nparams + plan->nlifted;

	return plan->numbers == NULL || number == 0 || number > n ? 0 : plan->numbers[number - 1];
}

bool
translate_renumber_text(struct translator *t, const char *text, struct sql_text *out)
{
	struct place place;
	const char *at = text;

	for (; find_parameter(at, &place); at = place.end) {
		int number = number_in_plan(t->plan, place.number);

		if (number == 0)
			return false;
		sql_text_put_bytes(out, at, (size_t)(place.begin - at));
		sql_text_format(out, "?%d", number);
	}
	sql_text_put(out, at);
	return !out->failed;
}

bool
translate_number_parameters(struct translator *t)
{
	struct dialect_plan *plan = t->plan;
	struct sql_text out;
	bool made;

	if (plan->nparams + plan->nlifted == 0 || t->out.data == NULL)
		return true;
	free(plan->numbers);
	made = translate_number_text(t, t->out.data, &plan->numbers, &out);
	sql_text_free(&t->out);
	t->out = out;
	return made;
}

int
dialect_parameter(const struct dialect_plan *plan, unsigned i)
{
	return plan->numbers == NULL ? 0 : plan->numbers[i];
}

int
dialect_step_parameter(const struct dialect_step *step, unsigned i)
{
	return i < step->nnumbers ? step->numbers[i] : 0;
}
