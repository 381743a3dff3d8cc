/*
 * Quantifiers of a regular expression: how often something may stand, and whether more of it is preferred.
 */
#include "workers/sqlite/types/regex_lex.h"

#define REPEAT_MAX 255 /* PostgreSQL's own */

static bool
read_number(struct regex_parser *p, int *value)
{
	if (p->at == p->end || *p->at < '0' || *p->at > '9')
		return false;
	for (*value = 0; p->at < p->end && *p->at >= '0' && *p->at <= '9'; p->at++)
		*value = *value > REPEAT_MAX ? *value : *value * 10 + (*p->at - '0');
	return true;
}

static bool
fail_count(struct regex_parser *p)
{
	return regex_parser_fail(p, SQLSTATE_INVALID_REGULAR_EXPRESSION,
	    "invalid regular expression: invalid repetition count(s)");
}

/* {2}, {2,}, {2,3}: the first takes its operand's preference. */
static bool
read_braces(struct regex_parser *p, struct regex_count *q)
{
	bool exact = true;

	p->at++;
	if (!read_number(p, &q->min))
		return fail_count(p);
	q->max = q->min;
	if (p->at < p->end && *p->at == ',') {
		p->at++;
		exact = false;
		if (!read_number(p, &q->max))
			q->max = -1;
	}
	if (p->at == p->end)
		return regex_parser_fail(p, SQLSTATE_INVALID_REGULAR_EXPRESSION,
		    "invalid regular expression: braces {} not balanced");
	if (*p->at != '}' || q->min > REPEAT_MAX || q->max > REPEAT_MAX || (q->max >= 0 && q->max < q->min))
		return fail_count(p);
	p->at++;
	q->preference = exact ? 0 : REGEX_LONGER;
	if (p->at < p->end && *p->at == '?') {
		p->at++;
		q->preference = exact ? 0 : REGEX_SHORTER;
	}
	return true;
}

bool
regex_read_quantifier(struct regex_parser *p, struct regex_count *q)
{
	*q = (struct regex_count) { .min = 1, .max = 1 };
	if (!regex_at_quantifier(p))
		return true;
	if (*p->at == '{')
		return read_braces(p, q);
	q->min = *p->at == '+';
	q->max = *p->at == '?' ? 1 : -1;
	q->preference = REGEX_LONGER;
	p->at++;
	if (p->at < p->end && *p->at == '?') {
		p->at++;
		q->preference = REGEX_SHORTER;
	}
	return true;
}
