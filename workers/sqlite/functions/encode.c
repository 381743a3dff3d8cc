/*
 * encode, decode and digests.
 */
#include <md5.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"

static const uint8_t *
value_bytes(sqlite3_value *value, size_t *length)
{
	const void *bytes = sqlite3_value_blob(value);

	*length = (size_t)sqlite3_value_bytes(value);
	return bytes == NULL ? (const uint8_t *)"" : bytes;
}

static void
put_hex(char *out, const uint8_t *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
}

void
text_md5(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint8_t digest[MD5_DIGEST_LENGTH];
	char text[2 * MD5_DIGEST_LENGTH];
	MD5_CTX context;
	size_t length;
	const uint8_t *bytes = value_bytes(argv[0], &length);

	(void)argc;
	MD5Init(&context);
	MD5Update(&context, bytes, length);
	MD5Final(digest, &context);
	put_hex(text, digest, sizeof(digest));
	function_result_text(c, text, sizeof(text));
}

void
text_sha256(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX context;
	size_t length;
	const uint8_t *bytes = value_bytes(argv[0], &length);

	(void)argc;
	SHA256Init(&context);
	SHA256Update(&context, bytes, length);
	SHA256Final(digest, &context);
	sqlite3_result_blob(c, digest, sizeof(digest), SQLITE_TRANSIENT);
}

static size_t
write_base64(char *out, const uint8_t *bytes, size_t length)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0, column = 0;

	for (size_t i = 0; i < length; i += 3) {
		uint32_t group = (uint32_t)bytes[i] << 16 | (i + 1 < length ? (uint32_t)bytes[i + 1] << 8 : 0) |
		    (i + 2 < length ? bytes[i + 2] : 0);

		out[n++] = alphabet[group >> 18];
		out[n++] = alphabet[group >> 12 & 63];
		out[n++] = i + 1 < length ? alphabet[group >> 6 & 63] : '=';
		out[n++] = i + 2 < length ? alphabet[group & 63] : '=';
		if ((column += 4) == 76 && i + 3 < length) {
			out[n++] = '\n';
			column = 0;
		}
	}
	return n;
}

static size_t
write_escape(char *out, const uint8_t *bytes, size_t length)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == 0 || bytes[i] >= 0x80) {
			out[n++] = '\\';
			out[n++] = (char)('0' + (bytes[i] >> 6));
			out[n++] = (char)('0' + (bytes[i] >> 3 & 7));
			out[n++] = (char)('0' + (bytes[i] & 7));
		} else {
			if (bytes[i] == '\\')
				out[n++] = '\\';
			out[n++] = (char)bytes[i];
		}
	}
	return n;
}

void
text_encode(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, n;
	const uint8_t *bytes = value_bytes(argv[0], &length);
	const char *format = (const char *)sqlite3_value_text(argv[1]);
	char *out;

	(void)argc;
	if (length > FUNCTION_RESULT_MAX / 4 || (out = malloc(length * 4 + 4)) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	if (format != NULL && sqlite3_stricmp(format, "hex") == 0) {
		put_hex(out, bytes, length);
		n = length * 2;
	} else if (format != NULL && sqlite3_stricmp(format, "base64") == 0) {
		n = write_base64(out, bytes, length);
	} else if (format != NULL && sqlite3_stricmp(format, "escape") == 0) {
		n = write_escape(out, bytes, length);
	} else {
		free(out);
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "unrecognized encoding: \"%s\"",
		    format == NULL ? "" : format);
		return;
	}
	function_result_text(c, out, n);
	free(out);
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0'
	    : c >= 'a' && c <= 'f'  ? c - 'a' + 10
	    : c >= 'A' && c <= 'F'  ? c - 'A' + 10
				    : -1;
}

static bool
read_hex(const char *text, size_t length, uint8_t *out, size_t *n)
{
	int high = -1;

	for (size_t i = 0; i < length; i++) {
		int digit = hex_digit(text[i]);

		if (strchr(" \n\t\r", text[i]) != NULL)
			continue;
		if (digit < 0)
			return false;
		if (high >= 0)
			out[(*n)++] = (uint8_t)(high << 4 | digit);
		high = high >= 0 ? -1 : digit;
	}
	return high < 0;
}

static int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool
read_base64(const char *text, size_t length, uint8_t *out, size_t *n)
{
	uint32_t group = 0;
	unsigned have = 0, ends = 0;

	for (size_t i = 0; i < length; i++) {
		int digit = base64_digit(text[i]);

		if (strchr(" \n\t\r", text[i]) != NULL)
			continue;
		if (text[i] == '=')
			ends++;
		else if (digit < 0 || ends > 0)
			return false;
		group = group << 6 | (digit < 0 ? 0 : (uint32_t)digit);
		if (++have < 4)
			continue;
		for (unsigned byte = 0; byte < 3 - (ends > 2 ? 2 : ends); byte++)
			out[(*n)++] = (uint8_t)(group >> (16 - 8 * byte));
		group = have = 0;
	}
	return have == 0;
}

static bool
read_escape(const char *text, size_t length, uint8_t *out, size_t *n)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] != '\\') {
			out[(*n)++] = (uint8_t)text[i];
		} else if (i + 1 < length && text[i + 1] == '\\') {
			out[(*n)++] = '\\';
			i++;
		} else if (i + 3 < length && text[i + 1] >= '0' && text[i + 1] <= '3') {
			out[(*n)++] =
			    (uint8_t)((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 | (text[i + 3] - '0'));
			i += 3;
		} else {
			return false;
		}
	}
	return true;
}

void
text_decode(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	static const struct {
		const char *name;
		bool (*read)(const char *text, size_t length, uint8_t *out, size_t *n);
	} formats[] = { { "hex", read_hex }, { "base64", read_base64 }, { "escape", read_escape } };
	const char *format = (const char *)sqlite3_value_text(argv[1]);
	size_t length, n = 0;
	const char *text = function_text(argv[0], &length);
	uint8_t *out = malloc(length + 1);

	(void)argc;
	if (out == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	for (size_t i = 0; format != NULL && i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (sqlite3_stricmp(formats[i].name, format) != 0)
			continue;
		if (formats[i].read(text, length, out, &n))
			sqlite3_result_blob64(c, out, n, SQLITE_TRANSIENT);
		else
			function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid %s data", format);
		free(out);
		return;
	}
	free(out);
	function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "unrecognized encoding: \"%s\"",
	    format == NULL ? "" : format);
}
