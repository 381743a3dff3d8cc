/*
 * Decodes, counts and writes characters, and maps their case by the locale C.UTF-8.
 */
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

static void
utf8_open(void)
{
	pthread_once(&utf8_once, open_locale);
}

void
utf8_start(void)
{
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	utf8_open();
}

uint32_t
utf8_decode(const char *text, size_t length, size_t *at)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
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

size_t
utf8_encode(char *out, uint32_t character)
{
	size_t n = character < 0x80 || (character & BAD_BYTE) != 0 ? 1
	    : character < 0x800					   ? 2
	    : character < 0x10000				   ? 3
								   : 4;
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	if (n == 1) {
		out[0] = (char)(character & 0xff);
		return 1;
	}
	for (size_t i = n; i-- > 1; character >>= 6)
		out[i] = (char)(0x80 | (character & 0x3f));
	out[0] = (char)(first[n] | character);
	return n;
}

void
utf8_put(FILE *out, uint32_t character)
{
	char bytes[UTF8_MAX];
	size_t n = utf8_encode(bytes, character);

	(void)fwrite(bytes, 1, n, out);
}

/* RFC 3629 */
size_t
utf8_length(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

	if (n == 0 || n > left || p[0] == 0)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
	    (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
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
	utf8_open();
	if ((character & BAD_BYTE) != 0 || utf8_locale == (locale_t)0)
		return character;
	return (
	    uint32_t)(upper ? towupper_l((wint_t)character, utf8_locale) : towlower_l((wint_t)character, utf8_locale));
}

bool
utf8_is_alphanumeric(uint32_t character)
{
	if (character < 0x80)
		return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
		    (character >= 'A' && character <= 'Z');
	utf8_open();
	return (character & BAD_BYTE) == 0 && utf8_locale != (locale_t)0 && iswalnum_l((wint_t)character, utf8_locale);
}
