/*
 * The comment's form: BEGIN, sixteen digits of the sum, a blank, the texts with SEPARATOR between. What would end a
 * comment is written with SLASH; texts have no control characters of their own (dialect/deparse).
 */
#include "workers/sqlite/schema/kept.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "workers/sqlite/settings/search_path.h"

#define BEGIN "/*bibd:text "
#define SEPARATOR '\3'
#define SLASH '\4'
#define SUM_DIGITS 16

/* FNV-1a of a text without the blanks and the semicolon at its end. */
static uint64_t
sum(const char *body)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t length;

	body += strspn(body, " ");
	length = strlen(body);
	while (length > 0 && strchr(" \n;", body[length - 1]) != NULL)
		length--;
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)body[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static void
put_text(FILE *out, const char *text)
{
	for (char last = '\0'; *text != '\0'; last = *text++)
		fputc(*text == '/' && last == '*' ? SLASH : *text, out);
}

char *
kept_comment(const char *plain, const char *pretty, bool call, const char *options, const char *body)
{
	char *comment = NULL;
	size_t length;
	FILE *out = open_memstream(&comment, &length);

	if (out == NULL)
		return NULL;
	fprintf(out, BEGIN "%016" PRIx64 " ", sum(body));
	if (plain != NULL && pretty != NULL) {
		put_text(out, plain);
		fputc(SEPARATOR, out);
		put_text(out, pretty);
		fputc(SEPARATOR, out);
		fputc(call ? 'c' : '-', out);
		put_text(out, options == NULL ? "" : options);
	}
	fputs("*/ ", out);
	return fclose(out) == 0 ? comment : NULL;
}

/* The comment, outside of quotes; NULL: there is none. */
static const char *
find_comment(const char *sql)
{
	for (const char *p = sql; *p != '\0'; p++) {
		if (*p == '/' && strncmp(p, BEGIN, strlen(BEGIN)) == 0)
			return p + strlen(BEGIN);
		if ((*p == '\'' || *p == '"') && (p = strchr(p + 1, *p)) == NULL)
			return NULL;
	}
	return NULL;
}

static const char *
after_comment(const char *inside)
{
	const char *end = strstr(inside, "*/");

	return end == NULL ? "" : end + 2 + strspn(end + 2, " ");
}

const char *
kept_body(const char *sql)
{
	const char *inside = find_comment(sql);

	return inside == NULL ? sql : after_comment(inside);
}

/* One of the texts, [from, to). */
static char *
copy_text(const char *from, const char *to)
{
	char *text = to == NULL ? NULL : strndup(from, (size_t)(to - from));

	for (char *p = text; p != NULL && *p != '\0'; p++)
		if (*p == SLASH)
			*p = '/';
	return text;
}

enum kept_state
kept_read(const char *sql, struct kept_texts *texts)
{
	const char *inside = find_comment(sql), *begin, *plain_end, *pretty_end, *end;

	*texts = (struct kept_texts) { 0 };
	if (inside == NULL)
		return KEPT_NEVER;
	end = strstr(inside, "*/");
	begin = inside + SUM_DIGITS + 1;
	plain_end = strchr(begin, SEPARATOR);
	pretty_end = plain_end == NULL ? NULL : strchr(plain_end + 1, SEPARATOR);
	if (pretty_end == NULL || end == NULL || end < pretty_end + 2 ||
	    strtoull(inside, NULL, 16) != sum(after_comment(inside)))
		return KEPT_NOT;
	*texts = (struct kept_texts) { .plain = copy_text(begin, plain_end),
		.pretty = copy_text(plain_end + 1, pretty_end),
		.call = pretty_end[1] == 'c',
		.options = copy_text(pretty_end + 2, end) };
	if (texts->plain != NULL && texts->pretty != NULL && texts->options != NULL)
		return KEPT_TEXT;
	kept_free(texts);
	return KEPT_NOT;
}

void
kept_free(struct kept_texts *texts)
{
	free(texts->plain);
	free(texts->pretty);
	free(texts->options);
	*texts = (struct kept_texts) { 0 };
}

char *
kept_with_options(const char *sql, const char *options)
{
	const char *inside = find_comment(sql);
	char *comment = NULL, *text = NULL;
	struct kept_texts texts;

	if (kept_read(sql, &texts) == KEPT_TEXT)
		comment = kept_comment(texts.plain, texts.pretty, texts.call, options, kept_body(sql));
	if (comment != NULL &&
	    asprintf(&text, "%.*s%s%s", (int)(inside - strlen(BEGIN) - sql), sql, comment, kept_body(sql)) < 0)
		text = NULL;
	free(comment);
	kept_free(&texts);
	return text;
}

/* Whether the schema between the marks is named by the path. */
static bool
is_visible(const char *begin, const char *end, const char *path)
{
	char *schema = strndup(begin + 1, (size_t)(end - begin - 1));
	bool visible = schema != NULL && search_path_names(path, schema);

	free(schema);
	return visible;
}

char *
kept_resolve(const char *text, const char *path)
{
	char *resolved = malloc(strlen(text) + 1), *put = resolved;

	if (resolved == NULL)
		return NULL;
	for (; *text != '\0'; text++) {
		const char *end = *text == KEPT_SCHEMA_BEGIN ? strchr(text, KEPT_SCHEMA_END) : NULL;

		if (end != NULL && is_visible(text, end, path))
			text = end;
		else if (*text == KEPT_SCHEMA_END)
			*put++ = '.';
		else if (*text != KEPT_SCHEMA_BEGIN)
			*put++ = *text;
	}
	*put = '\0';
	return resolved;
}
