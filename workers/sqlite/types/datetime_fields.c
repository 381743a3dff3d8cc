/* Cuts the text of a date, a time or an interval into fields. */
#include "workers/sqlite/types/datetime_fields.h"

#include <ctype.h>
#include <string.h>

#include "workers/sqlite/types/datetime_words.h"

struct cutter {
	const char *p, *end;
	char *to, *limit;
	bool failed;
};

static char
here(const struct cutter *c)
{
	return c->p < c->end ? *c->p : '\0';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
keep(struct cutter *c)
{
	char byte = here(c);

	c->p++;
	if (c->to + 1 >= c->limit)
		c->failed = true;
	else
		*c->to++ = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

/* As long as there are digits or one of these. */
static void
keep_digits_and(struct cutter *c, const char *others)
{
	while (is_digit(here(c)) || (here(c) != '\0' && strchr(others, here(c)) != NULL))
		keep(c);
}

/* Two numbers with a point between them are one; with other separators, or a third number, they are a date. */
static enum datetime_field_kind
cut_separated(struct cutter *c)
{
	char separator[2] = { here(c), '\0' };
	enum datetime_field_kind kind = FIELD_DATE;

	keep(c);
	if (!is_digit(here(c))) {
		while (is_letter(here(c)) || is_digit(here(c)) || (here(c) == separator[0]))
			keep(c);
		return FIELD_DATE;
	}
	kind = separator[0] == '.' ? FIELD_NUMBER : FIELD_DATE;
	keep_digits_and(c, "");
	if (here(c) != separator[0])
		return kind;
	keep_digits_and(c, separator);
	return FIELD_DATE;
}

static enum datetime_field_kind
cut_digits(struct cutter *c)
{
	keep_digits_and(c, "");
	if (here(c) == ':') {
		keep_digits_and(c, ":.");
		return FIELD_TIME;
	}
	return here(c) != '\0' && strchr("-/.", here(c)) != NULL ? cut_separated(c) : FIELD_NUMBER;
}

/* A word of dates and a number or a plus behind it are two fields; with another word they are a zone's name. */
static bool
is_date_word(const struct cutter *c, const char *start)
{
	char word[16];
	size_t n = (size_t)(c->to - start);
	int ignored;

	if (n >= sizeof(word))
		return false;
	memcpy(word, start, n);
	word[n] = '\0';
	return datetime_word(word, &ignored) != WORD_NONE;
}

static enum datetime_field_kind
cut_word(struct cutter *c)
{
	const char *start = c->to;

	while (is_letter(here(c)))
		keep(c);
	if (here(c) == '\0' || (strchr("-/.+", here(c)) == NULL && !is_digit(here(c))))
		return FIELD_WORD;
	if ((here(c) == '+' || is_digit(here(c))) && is_date_word(c, start))
		return FIELD_WORD;
	while (is_letter(here(c)) || is_digit(here(c)) || (here(c) != '\0' && strchr("+-/_.:", here(c)) != NULL))
		keep(c);
	return FIELD_DATE;
}

static enum datetime_field_kind
cut_signed(struct cutter *c)
{
	keep(c);
	while (is_space(here(c)))
		c->p++;
	if (is_digit(here(c))) {
		keep_digits_and(c, ":.-");
		return FIELD_OFFSET;
	}
	c->failed |= !is_letter(here(c));
	while (is_letter(here(c)))
		keep(c);
	return FIELD_SIGNED_WORD;
}

static enum datetime_field_kind
cut(struct cutter *c)
{
	if (is_digit(here(c)))
		return cut_digits(c);
	if (is_letter(here(c)))
		return cut_word(c);
	if (here(c) != '.')
		return cut_signed(c);
	keep(c);
	keep_digits_and(c, "");
	return FIELD_NUMBER;
}

bool
datetime_fields_split(const char *data, size_t length, size_t room, struct datetime_fields *out)
{
	struct cutter c = { .p = data, .end = data + length, .to = out->bytes, .limit = out->bytes + room };

	out->n = 0;
	while (c.p < c.end && !c.failed) {
		char byte = here(&c);

		if (is_space(byte) ||
		    (ispunct((unsigned char)byte) && strchr(".+-", byte) == NULL && (unsigned char)byte < 0x80 &&
			!is_letter(byte))) {
			c.p++;
		} else if (is_digit(byte) || is_letter(byte) || byte == '.' || byte == '+' || byte == '-') {
			if (out->n == DATETIME_FIELDS_MAX)
				return false;
			out->at[out->n].text = c.to;
			out->at[out->n++].kind = cut(&c);
			if (c.to + 1 >= c.limit)
				return false;
			*c.to++ = '\0';
		} else {
			return false;
		}
	}
	return !c.failed;
}
