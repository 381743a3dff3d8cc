/*
 * The comment's form: BEGIN, sixteen digits of the sum, a blank, the texts with SEPARATOR between. What would end a
 * comment is written with SLASH; texts have no control characters of their own (dialect/deparse).
 *
 * SQLite renames a column where its name stands in quotes in the body. A text that names columns by the place of such a
 * name follows: its comment begins with BEGIN_NAMES, and its sum leaves out what is in quotes.
 */
#include "workers/sqlite/schema/kept.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/settings/search_path.h"
#include "workers/sqlite/types/quote.h"

#define BEGIN "/*bibd:text "
#define BEGIN_NAMES "/*bibd:name " /* as long as BEGIN */
#define SEPARATOR '\3'
#define SLASH '\4'
#define SUM_DIGITS 16

/* The end of a text in quotes that begins here; two quotes in it stand for one. */
static const char *
skip_quoted(const char *p)
{
	char quote = *p++;

	while (*p != '\0' && (*p != quote || p[1] == quote))
		p += *p == quote ? 2 : 1;
	return *p == '\0' ? p : p + 1;
}

/* FNV-1a of a text without the blanks and the semicolon at its end, or of what is not in double quotes in it. */
static uint64_t
sum(const char *body, bool names)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t length;

	body += strspn(body, " ");
	length = strlen(body);
	while (length > 0 && strchr(" \n;", body[length - 1]) != NULL)
		length--;
	for (const char *p = body; p < body + length;) {
		const char *end = *p == '\'' || *p == '"' ? skip_quoted(p) : p + 1;

		for (; p < end && p < body + length; p++)
			if (!names || *(end - 1) != '"')
				hash = (hash ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
			else
				p = end - 1;
	}
	return hash;
}

/* ---- columns ---- */

/* The k-th name in double quotes, from 0. malloc'ed; NULL: there is none. */
static char *
name_at(const char *body, unsigned long k)
{
	char *name, *put;

	for (const char *p = body; *p != '\0';) {
		const char *end = *p == '\'' || *p == '"' ? skip_quoted(p) : p + 1;

		if (*p != '"' || k-- > 0) {
			p = end;
			continue;
		}
		if ((name = put = malloc((size_t)(end - p) + 1)) == NULL)
			return NULL;
		for (p++; p < end - 1; p++)
			if ((*put++ = *p) == '"')
				p++;
		*put = '\0';
		return name;
	}
	return NULL;
}

/* The place of the name among the names in double quotes, from 0; -1: it is none of them. */
static long
place_of(const char *body, const char *name, size_t length)
{
	char *found;
	bool same = false;
	long k = 0;

	for (; !same && (found = name_at(body, (unsigned long)k)) != NULL; k++) {
		same = strlen(found) == length && strncmp(found, name, length) == 0;
		free(found);
	}
	return same ? k - 1 : -1;
}

/* Each mark of a column that is by a name is made one by its place, or (`names`) the name itself. malloc'ed; NULL: a
 * name is not there, or memory is out. */
static char *
convert_columns(const char *text, const char *body, bool names)
{
	char *converted = NULL;
	size_t length;
	bool known = true;
	FILE *out = open_memstream(&converted, &length);

	if (out == NULL)
		return NULL;
	for (; known && *text != '\0'; text++) {
		const char *end = text[0] == KEPT_OWN_BEGIN && text[1] == 'c' ? strchr(text, KEPT_OWN_END) : NULL;
		long place;

		if (end == NULL) {
			fputc(*text, out);
			continue;
		}
		text += 2;
		place = names ? -1 : place_of(body, text, (size_t)(end - text));
		if ((known = names || place >= 0) && !names)
			fprintf(out, "%cc%ld%c", KEPT_OWN_BEGIN, place, KEPT_OWN_END);
		else if (known) {
			char *name = strndup(text, (size_t)(end - text));

			if ((known = name != NULL))
				quote_put_identifier(out, name);
			free(name);
		}
		text = end;
	}
	if (fclose(out) == 0 && known)
		return converted;
	free(converted);
	return NULL;
}

/* The reverse: puts the names back in place of the marks. */
static char *
name_columns(char *text, const char *body)
{
	char *named = NULL;
	size_t length;
	bool known = true;
	FILE *out = text == NULL ? NULL : open_memstream(&named, &length);

	for (const char *at = text; out != NULL && known && *at != '\0'; at++) {
		const char *end = at[0] == KEPT_OWN_BEGIN && at[1] == 'c' ? strchr(at, KEPT_OWN_END) : NULL;
		char *name;

		if (end == NULL) {
			fputc(*at, out);
			continue;
		}
		if ((known = (name = name_at(body, strtoul(at + 2, NULL, 10))) != NULL))
			quote_put_identifier(out, name);
		free(name);
		at = end;
	}
	free(text);
	if (out != NULL && fclose(out) == 0 && known)
		return named;
	free(named);
	return NULL;
}

char *
kept_named(const char *text)
{
	return convert_columns(text, "", true);
}

/* ---- the comment ---- */

static void
put_text(FILE *out, const char *text)
{
	for (char last = '\0'; *text != '\0'; last = *text++)
		fputc(*text == '/' && last == '*' ? SLASH : *text, out);
}

static char *
print_comment(const char *plain, const char *pretty, bool call, const char *options, const char *body, bool names)
{
	char *comment = NULL;
	size_t length;
	FILE *out = open_memstream(&comment, &length);

	if (out == NULL)
		return NULL;
	fprintf(out, "%s%016" PRIx64 " ", names ? BEGIN_NAMES : BEGIN, sum(body, names));
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

char *
kept_comment(const char *plain, const char *pretty, bool call, const char *options, const char *body)
{
	static const char mark[] = { KEPT_OWN_BEGIN, 'c', '\0' };
	char *comment = NULL, *both[2] = { NULL, NULL };
	bool places = true;

	if (plain == NULL || pretty == NULL || strstr(plain, mark) == NULL)
		return print_comment(plain, pretty, call, options, body, false);
	both[0] = convert_columns(plain, body, false);
	both[1] = convert_columns(pretty, body, false);
	if (both[0] == NULL || both[1] == NULL) {
		places = false;
		free(both[0]);
		free(both[1]);
		both[0] = kept_named(plain);
		both[1] = kept_named(pretty);
	}
	if (both[0] != NULL && both[1] != NULL)
		comment = print_comment(both[0], both[1], call, options, body, places);
	free(both[0]);
	free(both[1]);
	return comment;
}

/* Finds the comment, outside of quotes; NULL: there is none. */
static const char *
find_comment(const char *sql)
{
	for (const char *p = sql; *p != '\0'; p++) {
		if (*p == '/' &&
		    (strncmp(p, BEGIN, strlen(BEGIN)) == 0 || strncmp(p, BEGIN_NAMES, strlen(BEGIN_NAMES)) == 0))
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

/* Copies one of the texts, [from, to), of the comment. */
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
	const char *inside = find_comment(sql), *begin, *plain_end, *pretty_end, *end, *body;
	bool names;

	*texts = (struct kept_texts) { 0 };
	if (inside == NULL)
		return KEPT_NEVER;
	end = strstr(inside, "*/");
	begin = inside + SUM_DIGITS + 1;
	plain_end = strchr(begin, SEPARATOR);
	pretty_end = plain_end == NULL ? NULL : strchr(plain_end + 1, SEPARATOR);
	body = after_comment(inside);
	names = strncmp(inside - strlen(BEGIN), BEGIN_NAMES, strlen(BEGIN_NAMES)) == 0;
	if (pretty_end == NULL || end == NULL || end < pretty_end + 2 || strtoull(inside, NULL, 16) != sum(body, names))
		return KEPT_NOT;
	*texts = (struct kept_texts) { .plain = copy_text(begin, plain_end),
		.pretty = copy_text(plain_end + 1, pretty_end),
		.call = pretty_end[1] == 'c',
		.options = copy_text(pretty_end + 2, end) };
	if (names) {
		texts->plain = name_columns(texts->plain, body);
		texts->pretty = name_columns(texts->pretty, body);
	}
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

/* Whether the path names the schema that stands between the marks. */
static bool
is_visible(const char *begin, const char *end, const char *path)
{
	char *schema = strndup(begin + 1, (size_t)(end - begin - 1));
	bool visible = schema != NULL && search_path_names(path, schema);

	free(schema);
	return visible;
}

char *
kept_resolve(sqlite3 *db, const char *text, const char *path)
{
	char *resolved = NULL, *own;
	size_t length;
	bool known = true;
	FILE *out = open_memstream(&resolved, &length);

	if (out == NULL)
		return NULL;
	for (; known && *text != '\0'; text++) {
		const char *end = *text == KEPT_SCHEMA_BEGIN ? strchr(text, KEPT_SCHEMA_END) : NULL;

		if (*text == KEPT_OWN_BEGIN) {
			own = kept_own(db, text + 1, path, &text);
			known = own != NULL && *text == KEPT_OWN_END;
			fputs(own == NULL ? "" : own, out);
			free(own);
		} else if (end != NULL && is_visible(text, end, path))
			text = end;
		else if (*text == KEPT_SCHEMA_END)
			fputc('.', out);
		else if (*text != KEPT_SCHEMA_BEGIN)
			fputc(*text, out);
	}
	if (fclose(out) == 0 && known)
		return resolved;
	free(resolved);
	return NULL;
}

bool
kept_same(const char *a, const char *b)
{
	struct kept_texts x, y;
	bool same = kept_read(a, &x) == KEPT_TEXT && kept_read(b, &y) == KEPT_TEXT;

	if (same) {
		same = strcmp(x.plain, y.plain) == 0;
		kept_free(&y);
	}
	kept_free(&x);
	return same;
}
