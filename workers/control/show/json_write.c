/*
 * Writes JSON member by member.
 */
#include "workers/control/show/json.h"

#include <inttypes.h>

#include "common/clock.h"
#include "workers/control/shared/escape.h"

void
json_key(struct json *json, const char *key)
{
	(void)fprintf(json->file, "%s\"%s\":", json->comma ? "," : "", key);
	json->comma = true;
}

void
json_text(struct json *json, const char *key, const char *text)
{
	json_key(json, key);
	escape_put_json(json->file, text);
}

/* Writes null for a text that is empty. */
void
json_text_or_null(struct json *json, const char *key, const char *text)
{
	json_key(json, key);
	if (text == NULL || *text == '\0')
		(void)fputs("null", json->file);
	else
		escape_put_json(json->file, text);
}

void
json_number(struct json *json, const char *key, uint64_t number)
{
	json_key(json, key);
	(void)fprintf(json->file, "%" PRIu64, number);
}

/* Writes null for 0, which stands for what was not measured. */
void
json_number_or_null(struct json *json, const char *key, uint64_t number)
{
	if (number != 0)
		json_number(json, key, number);
	else
		json_text_or_null(json, key, NULL);
}

void
json_boolean(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	(void)fputs(value ? "true" : "false", json->file);
}

/* RFC 3339, or null for a time that never was. */
void
json_time(struct json *json, const char *key, int64_t us)
{
	char text[CLOCK_TEXT_SIZE];

	json_text_or_null(json, key, us == 0 ? NULL : clock_text(us, text, sizeof(text)));
}

void
json_open(struct json *json, const char *key, char bracket)
{
	if (key != NULL)
		json_key(json, key);
	(void)fputc(bracket, json->file);
	json->comma = false;
}

void
json_close(struct json *json, char bracket)
{
	(void)fputc(bracket, json->file);
	json->comma = true;
}

struct json
json_begin(const struct render *render)
{
	struct json json = { .file = render->out };

	json_open(&json, NULL, '{');
	json_number(&json, "schema", RENDER_SCHEMA);
	return json;
}

void
json_end(struct json *json)
{
	json_close(json, '}');
	(void)fputc('\n', json->file);
}
