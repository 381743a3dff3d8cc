/*
 * Reads the patterns of numbers (src: PostgreSQL's manual, "Template Patterns for Numeric Formatting").
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/number_picture.h"

/* All large or all small. */
static const struct {
	const char *large, *small;
	enum picture_code code, small_code;
} words[] = {
	{ "EEEE", "eeee", PICTURE_EXPONENT, PICTURE_EXPONENT },
	{ "FM", "fm", PICTURE_FILL, PICTURE_FILL },
	{ "MI", "mi", PICTURE_MINUS, PICTURE_MINUS },
	{ "PL", "pl", PICTURE_PLUS, PICTURE_PLUS },
	{ "PR", "pr", PICTURE_BRACKET, PICTURE_BRACKET },
	{ "RN", "rn", PICTURE_ROMAN, PICTURE_SMALL_ROMAN },
	{ "SG", "sg", PICTURE_SIGN_HERE, PICTURE_SIGN_HERE },
	{ "SP", "sp", PICTURE_NOTHING, PICTURE_NOTHING },
	{ "TH", "th", PICTURE_ORDINAL, PICTURE_SMALL_ORDINAL },
	{ ",", ",", PICTURE_COMMA, PICTURE_COMMA },
	{ ".", ".", PICTURE_POINT, PICTURE_POINT },
	{ "0", "0", PICTURE_ZERO, PICTURE_ZERO },
	{ "9", "9", PICTURE_NINE, PICTURE_NINE },
	{ "B", "b", PICTURE_BLANK, PICTURE_BLANK },
	{ "C", "c", PICTURE_NOTHING, PICTURE_NOTHING },
	{ "D", "d", PICTURE_POINT, PICTURE_POINT },
	{ "G", "g", PICTURE_GROUP, PICTURE_GROUP },
	{ "L", "l", PICTURE_CURRENCY, PICTURE_CURRENCY },
	{ "S", "s", PICTURE_SIGN, PICTURE_SIGN },
	{ "V", "v", PICTURE_SHIFT, PICTURE_SHIFT },
};

/* Returns how long the word is that stands there; 0: none. */
static size_t
find_word(const char *at, enum picture_code *code)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i].large);

		if (strncmp(at, words[i].large, n) == 0) {
			*code = words[i].code;
			return n;
		}
		if (strncmp(at, words[i].small, n) == 0) {
			*code = words[i].small_code;
			return n;
		}
	}
	return 0;
}

static const char *
take_digit(struct picture *p, enum picture_code code)
{
	if (p->exponent && code == PICTURE_ZERO)
		return "\"0\" must be ahead of \"PR\"";
	if (p->bracket)
		return code == PICTURE_NINE ? "\"9\" must be ahead of \"PR\"" : "\"0\" must be ahead of \"PR\"";
	if (code == PICTURE_ZERO && !p->zero && !p->point) {
		p->zero = true;
		p->zero_start = p->before + 1;
	}
	if (code == PICTURE_NINE && p->shifted) {
		p->shift++;
		return NULL;
	}
	if (p->point)
		p->behind++;
	else
		p->before++;
	if (code == PICTURE_ZERO)
		p->zero_end = p->before + p->behind;
	return NULL;
}

static const char *
take_sign(struct picture *p, enum picture_code code)
{
	switch (code) {
	case PICTURE_SIGN:
		if (p->locale_sign)
			return "cannot use \"S\" twice";
		if (p->plus || p->minus || p->bracket)
			return "cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together";
		p->sign = p->point ? PICTURE_SIGN_BEHIND : PICTURE_SIGN_BEFORE;
		p->sign_place = p->before;
		p->locale_sign = true;
		return NULL;
	case PICTURE_MINUS:
	case PICTURE_PLUS:
	case PICTURE_SIGN_HERE:
		if (p->locale_sign)
			return code == PICTURE_MINUS ? "cannot use \"S\" and \"MI\" together"
			    : code == PICTURE_PLUS   ? "cannot use \"S\" and \"PL\" together"
						     : "cannot use \"S\" and \"SG\" together";
		p->minus |= code != PICTURE_PLUS;
		p->plus |= code != PICTURE_MINUS;
		return NULL;
	default:
		if (p->locale_sign || p->plus || p->minus)
			return "cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together";
		p->bracket = true;
		return NULL;
	}
}

/* What a part means for all of it; an error, or NULL. */
static const char *
take_part(struct picture *p, enum picture_code code)
{
	if (p->exponent && code != PICTURE_EXPONENT)
		return "\"EEEE\" must be the last pattern used";
	switch (code) {
	case PICTURE_NINE:
	case PICTURE_ZERO:
		return take_digit(p, code);
	case PICTURE_BLANK:
		p->blank |= p->before == 0 && p->behind == 0 && !p->zero;
		return NULL;
	case PICTURE_POINT:
		if (p->point)
			return "multiple decimal points";
		if (p->shifted)
			return "cannot use \"V\" and decimal point together";
		p->point = true;
		return NULL;
	case PICTURE_FILL:
		p->fill = true;
		return NULL;
	case PICTURE_SIGN:
	case PICTURE_MINUS:
	case PICTURE_PLUS:
	case PICTURE_SIGN_HERE:
	case PICTURE_BRACKET:
		return take_sign(p, code);
	case PICTURE_ROMAN:
	case PICTURE_SMALL_ROMAN:
		p->roman = true;
		return NULL;
	case PICTURE_SHIFT:
		if (p->point)
			return "cannot use \"V\" and decimal point together";
		p->shifted = true;
		return NULL;
	case PICTURE_EXPONENT:
		if (p->exponent)
			return "cannot use \"EEEE\" twice";
		if (p->blank || p->fill || p->locale_sign || p->bracket || p->minus || p->plus || p->roman ||
		    p->shifted)
			return "\"EEEE\" is incompatible with other formats";
		p->exponent = true;
		return NULL;
	default:
		return NULL;
	}
}

static void
add_part(struct picture *p, enum picture_code code, char literal)
{
	p->parts[p->n++] = (struct picture_part) { code, literal };
}

/* What is in double quotes is itself, and so is what is no word. */
static const char *
add_literal(struct picture *p, const char *at)
{
	if (*at != '"') {
		at += *at == '\\' && at[1] == '"';
		add_part(p, PICTURE_LITERAL, *at);
		return at + 1;
	}
	for (at++; *at != '\0' && *at != '"'; at++) {
		at += *at == '\\' && at[1] != '\0';
		add_part(p, PICTURE_LITERAL, *at);
	}
	return at + (*at == '"');
}

bool
picture_read(sqlite3_context *c, sqlite3_value *format, struct picture *out)
{
	size_t length, n;
	const char *at = function_text(format, &length), *why;
	enum picture_code code;

	*out = (struct picture) { .parts = calloc(length + 1, sizeof(out->parts[0])) };
	if (out->parts == NULL) {
		sqlite3_result_error_nomem(c);
		return false;
	}
	while (*at != '\0') {
		if ((n = find_word(at, &code)) == 0) {
			at = add_literal(out, at);
			continue;
		}
		if ((why = take_part(out, code)) != NULL) {
			function_fail(c, SQLSTATE_SYNTAX_ERROR, "%s", why);
			picture_free(out);
			return false;
		}
		add_part(out, code, '\0');
		at += n;
	}
	return true;
}

void
picture_free(struct picture *p)
{
	free(p->parts);
	p->parts = NULL;
}
