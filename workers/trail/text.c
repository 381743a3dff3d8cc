/* Writes a statement as the audit trail and bibctl clients show it: without its literals. The lexer follows
 * PostgreSQL's (manual, 4.1). */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "common/character.h"

#include "workers/trail/trail.h"

#define WORD_MAX 24

struct text_reader {
	const uint8_t *data;
	size_t size, at;
	char *out;
	size_t out_size, used;
	unsigned words; /* of the statement so far */
	char first[WORD_MAX], second[WORD_MAX];
	const char *kind;
	bool in_doubt_hidden; /* where the string ends depends on a setting, so the rest of the text is left out */
};

/* The statements that become entries, by their first word, and by their second where that is needed. */
static const struct {
	const char *first, *second; /* second NULL: any */
	const char *kind;
} text_kinds[] = {
	{ "create", "role", "rights" },
	{ "create", "user", "rights" },
	{ "create", "group", "rights" },
	{ "alter", "role", "rights" },
	{ "alter", "user", "rights" },
	{ "alter", "group", "rights" },
	{ "alter", "default", "rights" },
	{ "drop", "role", "rights" },
	{ "drop", "user", "rights" },
	{ "drop", "group", "rights" },
	{ "drop", "owned", "rights" },
	{ "grant", NULL, "rights" },
	{ "revoke", NULL, "rights" },
	{ "reassign", NULL, "rights" },
	{ "set", "role", "role" },
	{ "reset", "role", "role" },
	{ "set", "session", "role" },
	{ "reset", "session", "role" },
	{ "create", "temp", NULL },
	{ "create", "temporary", NULL },
	{ "create", NULL, "definition" },
	{ "alter", NULL, "definition" },
	{ "drop", NULL, "definition" },
	{ "comment", NULL, "definition" },
	{ "import", NULL, "definition" },
	{ "refresh", NULL, "definition" },
	{ "security", NULL, "definition" },
	{ "load", NULL, "maintenance" },
	{ "vacuum", NULL, "maintenance" },
	{ "reindex", NULL, "maintenance" },
	{ "cluster", NULL, "maintenance" },
	{ "analyze", NULL, "maintenance" },
	{ "checkpoint", NULL, "maintenance" },
};

static void
text_put(struct text_reader *r, const void *bytes, size_t n)
{
	if (r->used + n >= r->out_size)
		return;
	memcpy(r->out + r->used, bytes, n);
	r->used += n;
}

static void
text_put_space(struct text_reader *r)
{
	if (r->used > 0 && r->out[r->used - 1] != ' ')
		text_put(r, " ", 1);
}

static int
text_peek(const struct text_reader *r, size_t ahead)
{
	return r->at + ahead < r->size ? r->data[r->at + ahead] : 0;
}

static void
text_end_statement(struct text_reader *r)
{
	for (size_t i = 0; i < sizeof(text_kinds) / sizeof(text_kinds[0]) && r->words > 0; i++)
		if (strcmp(r->first, text_kinds[i].first) == 0 &&
		    (text_kinds[i].second == NULL || strcmp(r->second, text_kinds[i].second) == 0)) {
			if (r->kind == NULL)
				r->kind = text_kinds[i].kind;
			break;
		}
	r->words = 0;
	r->first[0] = r->second[0] = '\0';
}

static void
text_skip_comment(struct text_reader *r)
{
	unsigned depth = 0;

	if (text_peek(r, 0) == '-') {
		while (r->at < r->size && r->data[r->at] != '\n')
			r->at++;
	} else
		do {
			if (text_peek(r, 0) == '/' && text_peek(r, 1) == '*') {
				depth++;
				r->at += 2;
			} else if (text_peek(r, 0) == '*' && text_peek(r, 1) == '/') {
				depth--;
				r->at += 2;
			} else
				r->at++;
		} while (depth > 0 && r->at < r->size);
	text_put_space(r);
}

static void
text_skip_string(struct text_reader *r, bool escapes)
{
	for (r->at++; r->at < r->size; r->at++) {
		if (escapes && r->data[r->at] == '\\')
			r->at++;
		else if (r->in_doubt_hidden && r->data[r->at] == '\\' && text_peek(r, 1) == '\'') {
			r->at = r->size;
			break;
		} else if (r->data[r->at] == '\'') {
			if (text_peek(r, 1) != '\'')
				break;
			r->at++;
		}
	}
	r->at++;
	text_put(r, "?", 1);
}

/* Skips $tag$ ... $tag$. Returns false when there is a parameter, or only the sign. */
static bool
text_skip_dollar(struct text_reader *r)
{
	size_t length = 1;
	const uint8_t *end;

	while (r->at + length < r->size &&
	    (isalnum(r->data[r->at + length]) || r->data[r->at + length] == '_' || r->data[r->at + length] >= 0x80))
		length++;
	if (isdigit(text_peek(r, 1)) || text_peek(r, length) != '$')
		return false;
	length++;
	end = memmem(r->data + r->at + length, r->size - r->at - length, r->data + r->at, length);
	r->at = end == NULL ? r->size : (size_t)(end - r->data) + length;
	text_put(r, "?", 1);
	return true;
}

static void
text_take_word(struct text_reader *r)
{
	size_t from = r->at, n = 0;
	char *word = r->words == 0 ? r->first : r->second;

	while (r->at < r->size && (isalnum(r->data[r->at]) || r->data[r->at] == '_' || r->data[r->at] == '$'))
		r->at++;
	/* e'..', b'..', x'..', n'..', u&'..': the prefix of a string. */
	if (r->at - from == 1 && text_peek(r, 0) == '\'') {
		text_skip_string(r, tolower(r->data[from]) == 'e');
		return;
	}
	for (; r->words < 2 && n < WORD_MAX - 1 && from + n < r->at; n++)
		word[n] = (char)tolower(r->data[from + n]);
	if (r->words < 2)
		word[n] = '\0';
	r->words++;
	text_put(r, r->data + from, r->at - from);
}

/* Takes one other character. Bytes that are no UTF-8 are replaced, since the table would not take them. */
static void
text_take_other(struct text_reader *r)
{
	uint32_t character;
	size_t n = character_read(r->data + r->at, r->size - r->at, &character);

	if (n == 0) {
		text_put(r, "?", 1);
		r->at++;
		return;
	}
	text_put(r, r->data + r->at, n);
	r->at += n;
}

static void
text_take_number(struct text_reader *r)
{
	while (r->at < r->size && (isalnum(r->data[r->at]) || r->data[r->at] == '.' || r->data[r->at] == '_'))
		r->at++;
	text_put(r, "?", 1);
}

static void
text_take_quoted(struct text_reader *r)
{
	do
		text_take_other(r);
	while (r->at < r->size && r->data[r->at] != '"');
	if (r->at < r->size)
		text_take_other(r);
	r->words++;
}

static void
text_step(struct text_reader *r)
{
	int c = text_peek(r, 0), next = text_peek(r, 1);

	if (isspace(c)) {
		text_put_space(r);
		r->at++;
	} else if ((c == '-' && next == '-') || (c == '/' && next == '*'))
		text_skip_comment(r);
	else if (c == '\'')
		text_skip_string(r, false);
	else if (c == '"')
		text_take_quoted(r);
	else if (isalpha(c) || c == '_')
		text_take_word(r);
	else if (isdigit(c))
		text_take_number(r);
	else if (c != '$' || !text_skip_dollar(r)) {
		if (c == ';')
			text_end_statement(r);
		text_take_other(r);
	}
}

/* Most texts are one statement that becomes no entry, which its first word shows; a text that begins with a comment is
 * always looked at. */
bool
trail_text_may_matter(const uint8_t *text, size_t size)
{
	size_t at = 0, n;
	int letter;

	if (memchr(text, ';', size) != NULL && (const uint8_t *)memchr(text, ';', size) + 1 < text + size)
		return true;
	while (at < size && isspace(text[at]))
		at++;
	if (at < size && (text[at] == '-' || text[at] == '/'))
		return true;
	for (n = 0; at + n < size && isalpha(text[at + n]); n++)
		;
	letter = n > 0 ? tolower(text[at]) : 0;
	for (size_t i = 0; i < sizeof(text_kinds) / sizeof(text_kinds[0]); i++)
		if (text_kinds[i].first[0] == letter && strlen(text_kinds[i].first) == n &&
		    strncasecmp(text_kinds[i].first, (const char *)text + at, n) == 0)
			return true;
	return false;
}

static void
text_run(struct text_reader *r)
{
	while (r->at < r->size)
		text_step(r);
	text_end_statement(r);
	while (r->used > 0 && r->out[r->used - 1] == ' ')
		r->used--;
	r->out[r->used] = '\0';
}

const char *
trail_text_read(const uint8_t *text, size_t size, char *out, size_t out_size)
{
	struct text_reader r = { .data = text, .size = size, .out = out, .out_size = out_size };

	text_run(&r);
	return r.kind;
}

void
trail_text_strip(const void *text, size_t size, char *out, size_t out_size)
{
	struct text_reader r = { .data = text,
		.size = size,
		.out = out,
		.out_size = out_size,
		.in_doubt_hidden = true };

	text_run(&r);
}
