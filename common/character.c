/*
 * Decodes one character of UTF-8, and writes texts between double quotes.
 */
#include "common/character.h"

size_t
character_read(const void *text, size_t size, uint32_t *character)
{
	static const struct {
		uint8_t mask, lead;
		uint32_t least;
	} forms[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };
	const uint8_t *p = text;

	for (size_t length = 1; length <= 4 && length <= size; length++) {
		if ((p[0] & forms[length - 1].mask) != forms[length - 1].lead)
			continue;
		*character = p[0] & (uint8_t)~forms[length - 1].mask;
		for (size_t i = 1; i < length; i++) {
			if ((p[i] & 0xc0) != 0x80)
				return 0;
			*character = *character << 6 | (p[i] & 0x3f);
		}
		if (*character < forms[length - 1].least || *character > 0x10ffff ||
		    (*character >= 0xd800 && *character <= 0xdfff))
			return 0;
		return length;
	}
	return 0;
}

/* control: what stands before the number of a control character, which has so many digits. */
static void
put_quoted(FILE *out, const char *text, const char *control, int digits)
{
	(void)fputc('"', out);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			(void)fprintf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			(void)fprintf(out, "%s%0*x", control, digits, c);
		else
			(void)fputc(c, out);
	}
	(void)fputc('"', out);
}

void
character_put_json(FILE *out, const char *text)
{
	put_quoted(out, text, "\\u", 4);
}

void
character_put_yaml(FILE *out, const char *text)
{
	put_quoted(out, text, "\\x", 2);
}
