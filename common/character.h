/*
 * Characters of UTF-8 (RFC 3629).
 */
#ifndef BIBD_CHARACTER_H
#define BIBD_CHARACTER_H

#include <stddef.h>
#include <stdint.h>

/* Reads the character that these bytes begin with. Returns how many bytes it has, or 0 when they begin with none: a
 * surrogate, an over-long form, a code point above U+10FFFF, or bytes that are cut off or no UTF-8. *character is then
 * undefined. A NUL is a character of one byte. */
size_t character_read(const void *text, size_t size, uint32_t *character);

#endif
