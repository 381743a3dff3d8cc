/*
 * Characters of UTF-8 texts. Bytes that are no UTF-8 count as characters of their own and are written back as they are.
 */
#ifndef BIBD_SQLITE_UTF8_H
#define BIBD_SQLITE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The character at *at, which moves behind it. */
uint32_t utf8_decode(const char *text, size_t length, size_t *at);
/* Its bytes, at most UTF8_MAX; how many they are. */
#define UTF8_MAX 4
size_t utf8_encode(char *out, uint32_t character);
void utf8_put(FILE *out, uint32_t character);
/* How many bytes the character at p has, 0 when it is none that a text may have (NUL, half of a surrogate pair). */
size_t utf8_length(const unsigned char *p, size_t left);
size_t utf8_count(const char *text, size_t length);
/* Where the first n characters end; length when there are fewer. */
size_t utf8_offset(const char *text, size_t length, uint64_t n);
/* Makes C.UTF-8 the process's locale of characters, whose files a sandbox has no more; regular expressions go by it.
 * Before there are threads. */
void utf8_start(void);
/* By the tables of the C library's C.UTF-8 locale. */
uint32_t utf8_map_case(uint32_t character, bool upper);
bool utf8_is_alphanumeric(uint32_t character);

#endif
