/*
 * Pieces of what bibctl says to programs. Between json.c, json_story.c and json_write.c.
 */
#ifndef BIBD_BIBCTL_JSON_H
#define BIBD_BIBCTL_JSON_H

#include "workers/control/show/render.h"

/* Where we are in an object: whether the next member needs a comma. */
struct json {
	FILE *file;
	bool comma;
};

/* An object on a line of its own, which begins with the member schema. */
struct json json_begin(const struct render *render);
void json_end(struct json *json);

/* An object or an array in it; key NULL: it is one of an array. */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);

/* Members. Those "or null" are null instead of a text that is not there, or of 0, which was not measured; a time is as
 * RFC 3339 has it, or null for one that never was. */
void json_key(struct json *json, const char *key);
void json_text(struct json *json, const char *key, const char *text);
void json_text_or_null(struct json *json, const char *key, const char *text);
void json_number(struct json *json, const char *key, uint64_t number);
void json_number_or_null(struct json *json, const char *key, uint64_t number);
void json_boolean(struct json *json, const char *key, bool value);
void json_time(struct json *json, const char *key, int64_t us);

void json_story(const struct render *render, const struct story *story);

#endif
