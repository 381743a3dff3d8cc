/*
 * Texts of tsquery: tsquery's own form, and that of to a search box, in which nothing is an error.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/tsquery.h"

/* So many operators wait for their right operand at most, PostgreSQL has it, within one pair of parentheses. */
#define WAITING_MAX 32

struct waiting {
	char kind; /* an operator, or TSQUERY_WORD: a parenthesis */
	uint16_t distance;
};

struct reading {
	enum tsquery_form form;
	struct ts_word_reader words;
	tsquery_word_fn *word;
	void *arg;
	struct tsquery *out;
	struct waiting *stack;
	size_t depth, capacity;
	unsigned within; /* operators that wait, up to the last parenthesis */
	bool operand;	 /* comes next */
	struct report *report;
};

static int
syntax_error(struct reading *in)
{
	return report_set(in->report, SQLSTATE_SYNTAX_ERROR, "syntax error in tsquery: \"%.*s\"", (int)in->words.length,
	    in->words.whole);
}

static int
no_operand(struct reading *in)
{
	return report_set(in->report, SQLSTATE_SYNTAX_ERROR, "no operand in tsquery: \"%.*s\"", (int)in->words.length,
	    in->words.whole);
}

static bool
at_end(const struct reading *in)
{
	return in->words.at == in->words.end;
}

static bool
next_is(const struct reading *in, char c)
{
	return !at_end(in) && *in->words.at == c;
}

static void
skip_blanks(struct reading *in)
{
	while (!at_end(in) && ts_is_blank(*in->words.at))
		in->words.at++;
}

/* ---- operators that wait ---- */

static int
priority(enum tsquery_kind kind)
{
	static const int
	    priorities[] = { [TSQUERY_OR] = 1, [TSQUERY_AND] = 2, [TSQUERY_PHRASE] = 3, [TSQUERY_NOT] = 4 };

	return priorities[kind];
}

static int
wait_for(struct reading *in, enum tsquery_kind kind, unsigned distance)
{
	size_t capacity = in->capacity == 0 ? 16 : in->capacity * 2;
	struct waiting *stack;

	if (kind != TSQUERY_WORD && in->within == WAITING_MAX)
		return report_set(in->report, SQLSTATE_INTERNAL_ERROR, "tsquery stack too small");
	if (in->depth == in->capacity) {
		if ((stack = realloc(in->stack, capacity * sizeof(*stack))) == NULL)
			return type_out_of_memory(in->report);
		in->stack = stack;
		in->capacity = capacity;
	}
	in->stack[in->depth++] = (struct waiting) { (char)kind, (uint16_t)distance };
	in->within++;
	return 0;
}

/* Those that bind as tightly at least have their operands. */
static int
settle(struct reading *in, int least)
{
	while (in->depth > 0 && in->stack[in->depth - 1].kind != TSQUERY_WORD &&
	    priority(in->stack[in->depth - 1].kind) >= least) {
		struct waiting top = in->stack[--in->depth];

		in->within--;
		if (tsquery_add_operator(in->out, top.kind, top.distance, in->report) < 0)
			return -1;
	}
	return 0;
}

static int
take_operator(struct reading *in, enum tsquery_kind kind, unsigned distance)
{
	in->operand = true;
	if (kind != TSQUERY_NOT && settle(in, priority(kind)) < 0)
		return -1;
	return wait_for(in, kind, distance);
}

static int
open_parenthesis(struct reading *in)
{
	in->words.at++;
	in->operand = true;
	if (wait_for(in, TSQUERY_WORD, (unsigned)in->within) < 0)
		return -1;
	in->within = 0;
	return 0;
}

static int
close_parenthesis(struct reading *in)
{
	in->words.at++;
	if (settle(in, 0) < 0)
		return -1;
	if (in->depth == 0)
		return syntax_error(in);
	in->within = in->stack[--in->depth].distance;
	return 0;
}

/* ---- operands ---- */

static int
give_word(struct reading *in, const char *text, size_t length, unsigned weights, bool prefix)
{
	in->operand = false;
	if (in->word != NULL)
		return in->word(in->arg, in->out, text, length, weights, prefix, in->report);
	return tsquery_add_word(in->out, text, length, weights, prefix, in->report);
}

/* ":*AB" behind a word. */
static void
take_marks(struct reading *in, unsigned *weights, bool *prefix)
{
	static const char letters[] = "dDcCbBaA";
	const char *letter;

	*weights = 0;
	*prefix = false;
	if (!next_is(in, ':'))
		return;
	for (in->words.at++; !at_end(in); in->words.at++)
		if (*in->words.at == '*')
			*prefix = true;
		else if ((letter = memchr(letters, *in->words.at, sizeof(letters) - 1)) != NULL)
			*weights |= 1U << (letter - letters) / 2;
		else
			break;
}

static int
take_operand(struct reading *in)
{
	unsigned weights;
	bool prefix;

	skip_blanks(in);
	if (at_end(in))
		return in->out->n == 0 && in->depth == 0 ? 1 : no_operand(in);
	if (next_is(in, '!')) {
		in->words.at++;
		return take_operator(in, TSQUERY_NOT, 0);
	}
	if (next_is(in, '('))
		return open_parenthesis(in);
	if (next_is(in, ':'))
		return syntax_error(in);
	if (ts_word_next(&in->words, in->report) != TS_WORD_READ)
		return -1;
	take_marks(in, &weights, &prefix);
	return give_word(in, in->words.text, in->words.n, weights, prefix);
}

/* "<->", "<2>"; something stands behind it. 1: it is one. */
static int
take_phrase(struct reading *in)
{
	const char *p = in->words.at + 1, *end = in->words.end;
	int64_t distance = 1;

	if (p < end && *p == '-') {
		p++;
	} else {
		const char *digits = p;

		for (distance = 0; p < end && *p >= '0' && *p <= '9'; p++)
			distance = distance > TSQUERY_DISTANCE_MAX ? distance : distance * 10 + (*p - '0');
		if (p == digits)
			return 0;
		if (distance > TSQUERY_DISTANCE_MAX)
			return report_set(in->report, SQLSTATE_INVALID_PARAMETER_VALUE,
			    "distance in phrase operator must be an integer value between zero and %d inclusive",
			    TSQUERY_DISTANCE_MAX);
	}
	if (p == end || *p != '>' || p + 1 == end)
		return 0;
	in->words.at = p + 1;
	return take_operator(in, TSQUERY_PHRASE, (unsigned)distance) < 0 ? -1 : 1;
}

/* 0: it was one; 1: the end. */
static int
take_between(struct reading *in)
{
	int phrase;

	skip_blanks(in);
	if (at_end(in))
		return 1;
	switch (*in->words.at) {
	case '&':
	case '|':
		return take_operator(in, *in->words.at++ == '&' ? TSQUERY_AND : TSQUERY_OR, 0);
	case '<':
		phrase = take_phrase(in);
		return phrase < 0 ? -1 : phrase > 0 ? 0 : syntax_error(in);
	case ')':
		return close_parenthesis(in);
	default:
		return syntax_error(in);
	}
}

/* ---- the web's form ---- */

/* What stands between quotes is one operand. */
static int
take_quoted(struct reading *in)
{
	const char *from = ++in->words.at;
	size_t length;

	while (!at_end(in) && *in->words.at != '"')
		in->words.at++;
	length = (size_t)(in->words.at - from);
	if (!at_end(in))
		in->words.at++;
	return give_word(in, from, length, 0, false);
}

/* Blanks, and operators, which mean nothing here. */
static void
skip_signs(struct reading *in)
{
	while (!at_end(in) && (ts_is_blank(*in->words.at) || strchr("!&|()<", *in->words.at) != NULL))
		in->words.at++;
}

static int
take_web_operand(struct reading *in)
{
	skip_signs(in);
	if (at_end(in)) {
		in->operand = false;
		return in->out->n == 0 && in->depth == 0 ? 1 : tsquery_add_stop(in->out, in->report);
	}
	if (next_is(in, '-')) {
		in->words.at++;
		return take_operator(in, TSQUERY_NOT, 0);
	}
	if (next_is(in, '"'))
		return take_quoted(in);
	if (ts_word_next(&in->words, in->report) != TS_WORD_READ)
		return -1;
	return give_word(in, in->words.text, in->words.n, 0, false);
}

/* The word "or" with something behind it. */
static bool
is_or(const struct reading *in)
{
	const char *p = in->words.at, *end = in->words.end;

	if (end - p < 4 || strncasecmp(p, "or", 2) != 0)
		return false;
	p += 2;
	if (*p == '-' || *p == '_' || (*p >= '0' && *p <= '9') || ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z'))
		return false;
	for (p++; p < end && ts_is_blank(*p); p++)
		;
	return p < end;
}

static int
take_web_between(struct reading *in)
{
	skip_signs(in);
	if (at_end(in))
		return 1;
	if (!is_or(in))
		return take_operator(in, TSQUERY_AND, 0);
	in->words.at += 2;
	return take_operator(in, TSQUERY_OR, 0);
}

/* ---- all of it ---- */

static int
take_all(struct reading *in)
{
	bool web = in->form == TSQUERY_WEB;
	int state = 0;

	while (state == 0)
		state = in->operand ? (web ? take_web_operand(in) : take_operand(in))
				    : (web ? take_web_between(in) : take_between(in));
	if (state < 0 || in->out->n == 0)
		return state < 0 ? -1 : 0;
	if (settle(in, 0) < 0)
		return -1;
	return in->depth > 0 ? syntax_error(in) : 0;
}

int
tsquery_read(enum tsquery_form form, const char *data, size_t length, tsquery_word_fn *word, void *arg,
    struct tsquery *out, struct report *r)
{
	struct reading in = { .form = form, .word = word, .arg = arg, .out = out, .operand = true, .report = r };
	int result;

	*out = (struct tsquery) { .nodes = NULL };
	if (ts_word_open(&in.words, data, length, r) < 0)
		return -1;
	in.words.query = true;
	in.words.web = form == TSQUERY_WEB;
	result = take_all(&in);
	ts_word_close(&in.words);
	free(in.stack);
	if (result < 0)
		tsquery_free(out);
	return result;
}
