/*
 * Writes a number's digits under a picture: blanks or zeros where it has none, its sign before its first digit or where
 * the picture says.
 */
#include <ctype.h>
#include <string.h>

#include "workers/sqlite/functions/number_picture.h"

struct writer {
	FILE *out;
	struct picture picture;
	const char *digits, *at; /* the number, and the digit whose turn it is */
	const char *last;	 /* with FM: the last digit that is written; NULL: all are */
	int place, padding, places;
	char sign;
	bool sign_done, begun; /* begun: the part before gave a digit */
	bool ended;	       /* a digit was due, and there was none: nothing follows */
};

/* The last digit behind the point that is no 0, or the point. */
static const char *
last_digit(const char *digits)
{
	const char *point = strchr(digits, '.'), *last = point;

	for (const char *p = point; p != NULL && *p != '\0'; p++)
		if (*p != '0')
			last = p;
	return last;
}

static void
open_writer(struct writer *w)
{
	struct picture *p = &w->picture;

	if (p->zero_start > 0)
		p->zero_start--;
	if (p->plus || p->minus)
		w->sign_done = p->minus || !p->plus;
	else {
		p->bracket &= w->sign == '-' || !p->fill;
		w->sign_done = w->sign == '+' && p->fill && !p->locale_sign;
		if (p->sign == PICTURE_SIGN_BEFORE && p->before == p->sign_place)
			p->sign = PICTURE_SIGN_BEHIND;
	}
	w->places = p->behind + p->before - 1;
	if (p->fill && p->point && (w->last = last_digit(w->digits)) != NULL && p->zero_end > w->padding) {
		size_t end = strlen(w->digits) - 1, asked = (size_t)(p->zero_end - w->padding);
		const char *least = w->digits + (asked < end ? asked : end);

		w->last = w->last < least ? least : w->last;
	}
	w->places += !w->sign_done && w->padding == 0;
}

/* A 0 before the point that is not asked for: "9.9" of 0.1. */
static bool
is_idle_zero(const struct writer *w)
{
	return !w->picture.zero && w->at == w->digits && *w->digits == '0' && w->picture.behind != 0;
}

static bool
ends_at_point(const struct writer *w)
{
	return w->last != NULL && *w->last == '.';
}

static void
put_sign(struct writer *w)
{
	const struct picture *p = &w->picture;

	if (p->locale_sign) {
		if (p->sign != PICTURE_SIGN_BEFORE)
			return;
		fputc(w->sign, w->out);
	} else if (p->bracket)
		fputc(w->sign == '+' ? ' ' : '<', w->out);
	else if (w->sign == '-')
		fputc('-', w->out);
	else if (!p->fill)
		fputc(' ', w->out);
	w->sign_done = true;
}

/* The digit or point whose turn it is. */
static void
put_own_digit(struct writer *w, enum picture_code code)
{
	bool fill = w->picture.fill;

	if (*w->at == '.') {
		if (!ends_at_point(w) || fill)
			fputc('.', w->out);
	} else if (w->last != NULL && w->at > w->last && code != PICTURE_ZERO)
		;
	else if (is_idle_zero(w)) {
		if (!fill)
			fputc(' ', w->out);
		else if (ends_at_point(w))
			fputc('0', w->out);
	} else if (*w->at != '\0') {
		fputc(*w->at, w->out);
		w->begun = true;
	} else
		w->ended = true;
	w->at += *w->at != '\0';
}

static void
put_sign_behind(struct writer *w)
{
	const struct picture *p = &w->picture;

	if (w->sign_done && p->bracket)
		fputc(w->sign == '+' ? ' ' : '>', w->out);
	else if (p->locale_sign && p->sign == PICTURE_SIGN_BEHIND)
		fputc(w->sign, w->out);
}

static void
put_digit(struct writer *w, enum picture_code code)
{
	const struct picture *p = &w->picture;
	bool padded = w->place < w->padding, zero_from_here = p->zero && p->zero_start <= w->place;
	int end;

	if (p->roman)
		return;
	w->begun = false;
	if (!w->sign_done && (!padded || (p->zero && p->zero_start == w->place)) &&
	    (!is_idle_zero(w) || ends_at_point(w)))
		put_sign(w);
	if (padded && !zero_from_here) {
		if (!p->fill)
			fputc(' ', w->out);
	} else if (padded) {
		fputc('0', w->out);
		w->begun = true;
	} else
		put_own_digit(w, code);
	end = w->places + (w->padding > 0) + p->point;
	if (w->last != NULL && w->last == w->at)
		end = w->place;
	if (w->place + 1 == end && !w->ended)
		put_sign_behind(w);
	w->place++;
}

bool
picture_wants_ordinal(const struct picture *p, char sign, const char *digits)
{
	bool any = false;

	for (size_t i = 0; i < p->n; i++)
		any |= p->parts[i].code == PICTURE_ORDINAL || p->parts[i].code == PICTURE_SMALL_ORDINAL;
	return any && !p->roman && *digits != '#' && sign != '-' && !p->point;
}

static void
put_ordinal(const struct writer *w, bool small)
{
	static const char *const endings[] = { "TH", "ST", "ND", "RD" };
	size_t n = strlen(w->digits);
	int last = n > 0 && isdigit((unsigned char)w->digits[n - 1]) ? w->digits[n - 1] - '0' : 0;
	bool teen = n > 1 && w->digits[n - 2] == '1';
	const char *ending = endings[last <= 3 && !teen ? last : 0];

	if (!picture_wants_ordinal(&w->picture, w->sign, w->digits))
		return;
	for (; *ending != '\0'; ending++)
		fputc(small ? tolower((unsigned char)*ending) : *ending, w->out);
}

static void
put_roman(const struct writer *w, bool small)
{
	if (!w->picture.fill)
		fprintf(w->out, "%*s", (int)(15 - strlen(w->digits)), "");
	for (const char *p = w->digits; *p != '\0'; p++)
		fputc(small ? tolower((unsigned char)*p) : *p, w->out);
}

static void
put_part(struct writer *w, const struct picture_part *part)
{
	bool fill = w->picture.fill;

	switch (part->code) {
	case PICTURE_LITERAL:
		fputc(part->literal, w->out);
		break;
	case PICTURE_NINE:
	case PICTURE_ZERO:
	case PICTURE_POINT:
		put_digit(w, part->code);
		break;
	case PICTURE_COMMA:
	case PICTURE_GROUP:
		if (w->begun || !fill)
			fputc(w->begun ? ',' : ' ', w->out);
		break;
	case PICTURE_CURRENCY: /* the locale has none */
		fputc(' ', w->out);
		break;
	case PICTURE_MINUS:
		if (w->sign == '-' || !fill)
			fputc(w->sign == '-' ? '-' : ' ', w->out);
		break;
	case PICTURE_PLUS:
		if (w->sign == '+' || !fill)
			fputc(w->sign == '+' ? '+' : ' ', w->out);
		break;
	case PICTURE_SIGN_HERE:
		fputc(w->sign, w->out);
		break;
	case PICTURE_ORDINAL:
	case PICTURE_SMALL_ORDINAL:
		put_ordinal(w, part->code == PICTURE_SMALL_ORDINAL);
		break;
	case PICTURE_ROMAN:
	case PICTURE_SMALL_ROMAN:
		put_roman(w, part->code == PICTURE_SMALL_ROMAN);
		break;
	default:
		break;
	}
}

void
picture_put(FILE *out, const struct picture *p, char sign, const char *digits, int padding)
{
	struct writer w = { .out = out,
		.picture = *p,
		.digits = digits,
		.at = digits,
		.sign = sign,
		.padding = padding };

	if (p->exponent) {
		fputs(digits, out);
		return;
	}
	open_writer(&w);
	for (size_t i = 0; i < p->n && !w.ended; i++)
		put_part(&w, &p->parts[i]);
}
