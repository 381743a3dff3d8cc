/*
 * Reads credentials as files and programs of other clients of S3 have them.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/archive/repository/depot.h"

#define CREDENTIALS_SIZE_MAX 16384

struct credentials_field {
	const char *in_file, *in_json;
	char *value;
	size_t size;
};

/* Into the field; -1: it does not fit, or has what cannot stand in a header. */
static int
credentials_put(const struct credentials_field *field, const char *value, size_t length)
{
	if (length >= field->size)
		return -1;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)value[i] <= ' ' || (unsigned char)value[i] >= 0x7f)
			return -1;
	memcpy(field->value, value, length);
	field->value[length] = '\0';
	return 0;
}

/* "name = value", a line. */
static int
credentials_take_line(const struct credentials_field *field, const char *line)
{
	size_t length = strlen(field->in_file), end;

	line += strspn(line, " \t");
	if (strncmp(line, field->in_file, length) != 0)
		return 0;
	line += length;
	line += strspn(line, " \t");
	if (*line != '=')
		return 0;
	line++;
	line += strspn(line, " \t");
	for (end = strcspn(line, "\r\n"); end > 0 && isspace((unsigned char)line[end - 1]); end--)
		;
	return credentials_put(field, line, end);
}

/* "name": "value"; what needs an escape is in no credentials but '/'. */
static int
credentials_take_member(const struct credentials_field *field, const char *text)
{
	char name[64], value[4096 + 1];
	const char *at;
	size_t n = 0;
	int result;

	(void)snprintf(name, sizeof(name), "\"%s\"", field->in_json);
	if ((at = strstr(text, name)) == NULL)
		return 0;
	at += strlen(name);
	at += strspn(at, " \t\r\n:");
	if (*at++ != '"')
		return 0;
	for (; *at != '"' && *at != '\0' && n < sizeof(value); at++)
		if (*at != '\\' || at[1] != '/')
			value[n++] = *at;
	result = *at == '"' ? credentials_put(field, value, n) : -1;
	explicit_bzero(value, sizeof(value));
	return result;
}

int
depot_credentials_parse(const char *text, size_t size, struct depot_credentials *c, struct error *e)
{
	const struct credentials_field fields[] = {
		{ "aws_access_key_id", "AccessKeyId", c->id, sizeof(c->id) },
		{ "aws_secret_access_key", "SecretAccessKey", c->secret, sizeof(c->secret) },
		{ "aws_session_token", "SessionToken", c->token, sizeof(c->token) },
	};
	char *copy = size > CREDENTIALS_SIZE_MAX ? NULL : strndup(text, size);
	int result = copy == NULL ? -1 : 0;

	c->id[0] = c->secret[0] = c->token[0] = '\0';
	for (size_t i = 0; result == 0 && i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char *start = copy + strspn(copy, " \t\r\n");

		if (*start == '{')
			result = credentials_take_member(&fields[i], start);
		for (const char *line = start; result == 0 && *start != '{' && line != NULL;
		     line = strchr(line, '\n')) {
			line += *line == '\n';
			result = credentials_take_line(&fields[i], line);
		}
	}
	if (copy != NULL)
		explicit_bzero(copy, strlen(copy));
	free(copy);
	if (result == 0 && c->id[0] != '\0' && c->secret[0] != '\0')
		return 0;
	explicit_bzero(c, sizeof(*c));
	return error_set(e, STATUS_PERMISSION, "repository.credentials",
	    "the credentials of S3 cannot be used: they need lines aws_access_key_id = ... and aws_secret_access_key = "
	    "..., or the same as JSON");
}
