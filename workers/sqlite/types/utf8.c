#include "workers/sqlite/types/utf8.h"

#include <locale.h>
#include <pthread.h>
#include <wctype.h>

/* Bytes that are no UTF-8, out of the way of real characters. */
#define BAD_BYTE 0x80000000U

/* One locale for the process: made once, read only. */
static locale_t utf8_locale;
static pthread_once_t utf8_once = PTHREAD_ONCE_INIT;

static void
open_locale(void)
{
	utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

uint32_t
utf8_decode(const char *text, size_t length, size_t *at)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)text + *at;
	size_t left = length - *at, more = p[0] < 0x80 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
	uint32_t character = more == 0 ? p[0] : p[0] & (0x3fU >> more);

	*at += 1;
	if (more == 0)
		return character;
	if (p[0] < 0xc0 || p[0] >= 0xf8 || left <= more)
		return BAD_BYTE | p[0];
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return BAD_BYTE | p[0];
		character = character << 6 | (p[i] & 0x3f);
	}
	if (character < least[more] || character > 0x10ffff)
		return BAD_BYTE | p[0];
	*at += more;
	return character;
}

void
utf8_put(FILE *out, uint32_t character)
{
	if (character < 0x80 || (character & BAD_BYTE) != 0) {
		fputc((int)(character & 0xff), out);
		return;
	}
	if (character >= 0x10000) {
		fputc((int)(0xf0 | character >> 18), out);
		fputc((int)(0x80 | (character >> 12 & 0x3f)), out);
	} else if (character >= 0x800) {
		fputc((int)(0xe0 | character >> 12), out);
	}
	if (character >= 0x800)
		fputc((int)(0x80 | (character >> 6 & 0x3f)), out);
	else
		fputc((int)(0xc0 | character >> 6), out);
	fputc((int)(0x80 | (character & 0x3f)), out);
}

size_t
utf8_count(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

size_t
utf8_offset(const char *text, size_t length, uint64_t n)
{
	size_t i = 0;

	for (; i < length; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80 && n-- == 0)
			break;
	}
	return i;
}

uint32_t
utf8_map_case(uint32_t character, bool upper)
{
	if (character < 0x80) {
		bool letter = upper ? character >= 'a' && character <= 'z' : character >= 'A' && character <= 'Z';

		return letter ? character ^ 0x20 : character;
	}
	pthread_once(&utf8_once, open_locale);
	if ((character & BAD_BYTE) != 0 || utf8_locale == (locale_t)0)
		return character;
	return (uint32_t)(upper ? towupper_l((wint_t)character, utf8_locale) : towlower_l((wint_t)character,
	    utf8_locale));
}

bool
utf8_is_alphanumeric(uint32_t character)
{
	if (character < 0x80)
		return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
		    (character >= 'A' && character <= 'Z');
	pthread_once(&utf8_once, open_locale);
	return (character & BAD_BYTE) == 0 && utf8_locale != (locale_t)0 && iswalnum_l((wint_t)character, utf8_locale);
}
