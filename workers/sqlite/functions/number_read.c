/*
 * to_number: digits of a text that stand where a picture has them. Each digit of the picture takes a character, whether
 * it is one or not; other parts take what is theirs, if it is there.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/number_picture.h"
#include "workers/sqlite/functions/numeric_value.h"
#include "workers/sqlite/types/codec.h"

struct reader {
	const struct picture *picture;
	const char *at;
	char sign; /* ' ': none yet */
	char *digits;
	size_t n;
	int before, behind;
	bool point;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One character that can't belong to a number. */
static void
skip_other(struct reader *r, int n)
{
	for (; n > 0 && *r->at != '\0' && strchr("0123456789.,+-", *r->at) == NULL; n--)
		for (r->at++; ((unsigned char)*r->at & 0xc0) == 0x80; r->at++)
			;
}

static void
take_sign(struct reader *r, bool bracket)
{
	if (*r->at == '-' || (bracket && *r->at == '<'))
		r->sign = '-';
	else if (*r->at == '+')
		r->sign = '+';
	else
		return;
	r->at++;
}

static void
take_sign_behind(struct reader *r, bool taken)
{
	const struct picture *p = r->picture;

	if (p->locale_sign && taken && r->at[1] != '\0' && !is_digit(r->at[1])) {
		if (r->at[1] == '-' || r->at[1] == '+')
			r->sign = *++r->at;
	} else if (!taken && !p->locale_sign && (p->plus || p->minus)) {
		if (*r->at == '-' || *r->at == '+')
			r->sign = *r->at;
	}
}

/* *r->at is left on the character that was taken. */
static void
take_digit(struct reader *r, enum picture_code code)
{
	const struct picture *p = r->picture;
	bool taken = false;

	if (*r->at == ' ')
		r->at++;
	if (r->sign == ' ' && code != PICTURE_POINT && r->before + r->behind == 0) {
		if (p->locale_sign && p->sign == PICTURE_SIGN_BEFORE)
			take_sign(r, false);
		else if (*r->at != '\0')
			take_sign(r, p->bracket);
	}
	if (*r->at == '\0')
		return;
	if (is_digit(*r->at)) {
		if (r->point && r->behind == p->behind)
			return;
		r->digits[r->n++] = *r->at;
		r->before += !r->point;
		r->behind += r->point;
		taken = true;
	} else if (p->point && !r->point && *r->at == '.') {
		r->digits[r->n++] = '.';
		r->point = taken = true;
	}
	if (r->sign == ' ' && r->before + r->behind > 0)
		take_sign_behind(r, taken);
}

static void
next(struct reader *r)
{
	r->at += *r->at != '\0';
}

static void
read_part(struct reader *r, const struct picture_part *part)
{
	switch (part->code) {
	case PICTURE_NINE:
	case PICTURE_ZERO:
	case PICTURE_POINT:
		take_digit(r, part->code);
		next(r);
		break;
	case PICTURE_COMMA:
	case PICTURE_GROUP:
		r->at += !r->picture->fill && *r->at == ',';
		break;
	case PICTURE_MINUS:
	case PICTURE_PLUS:
	case PICTURE_SIGN_HERE:
		if ((*r->at == '-' && part->code != PICTURE_PLUS) || (*r->at == '+' && part->code != PICTURE_MINUS))
			r->sign = *r->at++;
		else
			skip_other(r, 1);
		break;
	case PICTURE_LITERAL: /* one character, whatever it is */
		if (((unsigned char)part->literal & 0xc0) != 0x80)
			for (next(r); ((unsigned char)*r->at & 0xc0) == 0x80; r->at++)
				;
		break;
	case PICTURE_CURRENCY:
		skip_other(r, 1);
		break;
	case PICTURE_ORDINAL:
	case PICTURE_SMALL_ORDINAL:
		skip_other(r, 2);
		break;
	default:
		break;
	}
}

/* Takes the digits, with the sign in front, as a numeric of so many places. */
static void
give(sqlite3_context *c, struct reader *r, const struct picture *p)
{
	struct type_value value = { 0 };
	struct report report = { 0 };
	int32_t typmod = (((p->before + p->shift + r->behind) << 16) | r->behind) + TYPE_TYPMOD_HEADER;
	struct decimal x = { .digits = NULL }, tenth = x, out = x;
	char factor[NUMERIC_SCALE_MAX];
	bool ok;

	if (r->n > 1 && r->digits[r->n - 1] == '.')
		r->n--;
	r->digits[0] = r->sign;
	if (type_parse_numeric(r->digits, r->n, &value, &report) == -1 ||
	    type_numeric_typmod(typmod, &value, &report) == -1) {
		function_fail_report(c, &report);
		report_reset(&report);
		type_value_free(&value);
		return;
	}
	if (!p->shifted || p->shift >= NUMERIC_SIGNIFICANT) {
		function_result_value(c, &value);
		return;
	}
	/* Times 10^-n, which has 16 places. */
	(void)snprintf(factor, sizeof(factor), "0.%0*d", NUMERIC_SIGNIFICANT, 0);
	factor[p->shift == 0 ? 0 : 1 + p->shift] = '1';
	ok = decimal_read(value.bytes, value.length, &x) && decimal_read(factor, strlen(factor), &tenth) &&
	    decimal_operate('*', &x, &tenth, &out);
	if (ok)
		numeric_give(c, &out);
	else
		sqlite3_result_error_nomem(c);
	type_value_free(&value);
	decimal_free(&x);
	decimal_free(&tenth);
}

void
number_read(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct picture p;
	struct reader r = { .sign = ' ', .n = 1 };
	size_t length, format;

	(void)argc;
	(void)function_text(argv[1], &format);
	if (format == 0 || !picture_read(c, argv[1], &p))
		return;
	r.picture = &p;
	r.at = function_text(argv[0], &length);
	if (p.roman || p.exponent)
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "\"%s\" not supported for input",
		    p.roman ? "RN" : "EEEE");
	else if ((r.digits = malloc(p.n + 2)) == NULL)
		sqlite3_result_error_nomem(c);
	else {
		for (size_t i = 0; i < p.n && *r.at != '\0'; i++)
			read_part(&r, &p.parts[i]);
		give(c, &r, &p);
	}
	free(r.digits);
	picture_free(&p);
}
