/*
 * Characters of UTF-8 (RFC 3629), and texts between double quotes.
 */
#ifndef BIBD_CHARACTER_H
#define BIBD_CHARACTER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Reads the character that these bytes begin with. Returns how many bytes it has, or 0 when they begin with none: a
 * surrogate, an over-long form, a code point above U+10FFFF, or bytes that are cut off or no UTF-8. *character is then
 * undefined. A NUL is a character of one byte. */
size_t character_read(const void *text, size_t size, uint32_t *character);

/* Writes a text between double quotes as a string of JSON (RFC 8259, 7), or as a scalar of YAML (YAML 1.2, 7.3.1). What
 * is not ASCII passes as it is. */
void character_put_json(FILE *out, const char *text);
void character_put_yaml(FILE *out, const char *text);

#endif
