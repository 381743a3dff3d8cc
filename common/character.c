/*
 * Decodes one character of UTF-8.
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
