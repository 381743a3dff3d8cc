/*
 * Writes a sequence's definition into the text of a view, and reads it back.
 */
#include "workers/sqlite/schema/sequence.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/schema.h"

/* What stands behind a sequence's name in its view's text, and nowhere else: a view's types are the first comment of
 * their kind. */
#define TYPES SCHEMA_VIEW_TYPES "20:-1 20:-1 16:-1 " SCHEMA_VIEW_CANONICAL "*/ /*bibd:sequence "
#define HEAD " (\"last_value\", \"log_cnt\", \"is_called\") AS " TYPES

/* The numbers between the mark and the owner. */
#define NUMBERS 12

uint64_t
schema_sequence_new_identity(void)
{
	uint64_t identity;

	sqlite3_randomness(sizeof(identity), &identity);
	return identity >> 1; /* it is written as a signed number */
}

/* The first of the numbers in a sequence's text; NULL: it is no sequence. */
static const char *
find_numbers(const char *sql)
{
	const char *head = sql == NULL ? NULL : strstr(sql, HEAD), *numbers = NULL;

	if (head != NULL)
		numbers = head + strlen(HEAD);
	return head != NULL && strstr(sql, SCHEMA_VIEW_TYPES) == numbers - strlen(TYPES) ? numbers : NULL;
}

bool
schema_sequence_is(const char *sql)
{
	return find_numbers(sql) != NULL;
}

/* Writes a name as one word without blanks, stars and slashes, so that no comment ends in it. */
static void
put_word(FILE *out, const char *name)
{
	fputc(' ', out);
	for (const unsigned char *p = (const unsigned char *)(name == NULL ? "" : name); *p != '\0'; p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_' || *p >= 0x80)
			fputc(*p, out);
		else
			fprintf(out, "%%%02x", *p);
}

/* Reads the word at *at, malloc'ed, and moves *at behind it. NULL: it is empty, or memory is out. */
static char *
take_word(const char **at)
{
	size_t length = strcspn(*at, " *"), n = 0;
	char *word = length == 0 ? NULL : malloc(length + 1);
	unsigned byte;

	for (size_t i = 0; word != NULL && i < length; i++) {
		if ((*at)[i] == '%' && i + 2 < length && sscanf(*at + i + 1, "%2x", &byte) == 1) {
			word[n++] = (char)byte;
			i += 2;
		} else {
			word[n++] = (*at)[i];
		}
	}
	if (word != NULL)
		word[n] = '\0';
	*at += length + ((*at)[length] == ' ');
	return word;
}

int
schema_sequence_parse(const char *sql, struct schema_sequence *sequence)
{
	int64_t numbers[NUMBERS] = { 0 };
	const char *at = find_numbers(sql);

	*sequence = (struct schema_sequence) { 0 };
	if (at == NULL)
		return -1;
	for (size_t i = 0; i < NUMBERS; i++) {
		char *end;

		numbers[i] = strtoll(at, &end, 10);
		if (end == at || *end != ' ')
			return -1;
		at = end + 1;
	}
	*sequence = (struct schema_sequence) { .id = (uint64_t)numbers[0],
		.identity = (uint64_t)numbers[1],
		.at = { .value = numbers[2], .called = numbers[3] != 0 },
		.rule = { .increment = numbers[4],
		    .min = numbers[5],
		    .max = numbers[6],
		    .cache = numbers[7],
		    .cycle = numbers[8] != 0 },
		.start = numbers[9],
		.oid = (uint32_t)numbers[10],
		.internal = numbers[11] != 0 };
	sequence->owner_table = take_word(&at);
	sequence->owner_column = take_word(&at);
	return 0;
}

void
schema_sequence_free(struct schema_sequence *sequence)
{
	free(sequence->owner_table);
	free(sequence->owner_column);
	*sequence = (struct schema_sequence) { 0 };
}

static void
put_part(FILE *out, const char *schema, const char *name, int part)
{
	fputs(part == 0 ? "SELECT bibd_sequence_part(" : ", bibd_sequence_part(", out);
	definition_put_text(out, schema);
	fputs(", ", out);
	definition_put_text(out, name);
	fprintf(out, ", %d)", part);
}

void
schema_sequence_print(const struct schema_sequence *s, FILE *out, const char *schema, const char *name)
{
	const int64_t numbers[NUMBERS] = { (int64_t)s->id, (int64_t)s->identity, s->at.value, s->at.called,
		s->rule.increment, s->rule.min, s->rule.max, s->rule.cache, s->rule.cycle, s->start, (int64_t)s->oid,
		s->internal };

	fputs("CREATE VIEW ", out);
	definition_put_name(out, schema);
	fputc('.', out);
	definition_put_name(out, name);
	fputs(HEAD, out);
	for (size_t i = 0; i < NUMBERS; i++)
		fprintf(out, "%s%" PRId64, i == 0 ? "" : " ", numbers[i]);
	put_word(out, s->owner_table);
	put_word(out, s->owner_column);
	fputs("*/ ", out);
	for (int part = 0; part < 3; part++)
		put_part(out, schema, name, part);
	fputs(";\n", out);
}

#define DRAW "bibd_draw"

char *
schema_sequence_draw(const char *schema, const char *name)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	fputs(DRAW "(", out);
	definition_put_text(out, schema);
	fputs(", ", out);
	definition_put_text(out, name);
	fputc(')', out);
	return fclose(out) == 0 ? text : NULL;
}

/* The string that the lexer stands on, quotes undone; malloc'ed. NULL: it is none. */
static char *
take_string(struct definition_lexer *lexer)
{
	size_t n = 0;
	char *text = lexer->kind == DEFINITION_STRING ? malloc(lexer->end - lexer->start) : NULL;

	if (text == NULL)
		return NULL;
	for (size_t i = lexer->start + 1; i + 1 < lexer->end; i++) {
		i += lexer->text[i] == '\'';
		text[n++] = lexer->text[i];
	}
	text[n] = '\0';
	definition_lex_next(lexer);
	return text;
}

bool
schema_sequence_drawn(const char *default_sql, char **schema, char **name)
{
	struct definition_lexer lexer;
	bool fitted;

	*schema = *name = NULL;
	if (default_sql != NULL)
		default_sql = kept_body(default_sql);
	fitted = default_sql != NULL &&
	    (strncmp(default_sql, "bibd_to_int4(", 13) == 0 || strncmp(default_sql, "bibd_to_int2(", 13) == 0);
	default_sql += fitted ? 13 : 0;
	if (default_sql == NULL || strncmp(default_sql, DRAW "(", strlen(DRAW "(")) != 0)
		return false;
	definition_lex_begin(&lexer, default_sql + strlen(DRAW "("));
	*schema = take_string(&lexer);
	if (definition_lex_take(&lexer, ","))
		*name = take_string(&lexer);
	if (*schema != NULL && *name != NULL && definition_lex_take(&lexer, ")") &&
	    (!fitted || definition_lex_take(&lexer, ")")) && lexer.kind == DEFINITION_END)
		return true;
	free(*schema);
	free(*name);
	*schema = *name = NULL;
	return false;
}
