/*
 * Takes a file apart into statements: at semicolons that stand outside of quotes, comments and parentheses. psql's own
 * commands and the data of COPY are passed over. In a log each entry is a statement; a line that begins with a tab goes
 * on with the entry before it.
 */
#include <bsd/string.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/control/compat/compat.h"

#define LOG_LOOK_LINES 200
#define TAG_MAX 64

/* The statement that is being read, and where in it the scanner is. */
struct compat_text {
	char *data;
	size_t length, capacity;
	uint64_t line; /* of the file, on which it begins; 0: nothing of it has come */
	char quote;    /* ' or ", $ within a dollar quote, * within a comment; 0: none */
	bool escapes;  /* within '...': a backslash means something */
	unsigned comments, parentheses;
	char tag[TAG_MAX]; /* of the dollar quote */
};

static int
append(struct compat_text *text, const char *bytes, size_t n, struct error *e)
{
	if (text->length + n + 1 > COMPAT_STATEMENT_MAX)
		return error_set(e, STATUS_DATA, "compat.statement",
		    "line %llu begins a statement of more than %zu MiB", (unsigned long long)text->line,
		    COMPAT_STATEMENT_MAX >> 20);
	if (text->length + n + 1 > text->capacity) {
		size_t capacity = (text->length + n + 1) * 2;
		char *grown = realloc(text->data, capacity);

		if (grown == NULL)
			return error_set_errno(e, STATUS_OS, "compat.file", "cannot read on");
		text->data = grown;
		text->capacity = capacity;
	}
	memcpy(text->data + text->length, bytes, n);
	text->length += n;
	text->data[text->length] = '\0';
	return 0;
}

static void
begin(struct compat_text *text)
{
	text->length = 0;
	text->line = 0;
	text->quote = '\0';
	text->comments = text->parentheses = 0;
}

static bool
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80) != 0;
}

/* The length of the "$tag$" that begins here; 0: none does. */
static size_t
dollar_tag(const char *at, char before)
{
	size_t n = 1;

	if (*at != '$' || is_name(before) || isdigit((unsigned char)at[1]))
		return 0;
	while (is_name(at[n]))
		n++;
	return at[n] == '$' && n + 2 <= TAG_MAX ? n + 1 : 0;
}

/* Steps over what is quoted or commented at `at`; returns how many bytes. */
static size_t
step_quoted(struct compat_text *text, const char *at)
{
	size_t tag = strlen(text->tag);

	switch (text->quote) {
	case '$':
		if (strncmp(at, text->tag, tag) != 0)
			return 1;
		text->quote = '\0';
		return tag;
	case '*':
		if (at[0] == '/' && at[1] == '*')
			text->comments++;
		else if (at[0] != '*' || at[1] != '/')
			return 1;
		else if (--text->comments == 0)
			text->quote = '\0';
		return 2;
	default:
		if (text->escapes && *at == '\\' && at[1] != '\0')
			return 2;
		if (*at == text->quote)
			text->quote = '\0';
		return 1;
	}
}

/* The same for other text; sets *ends at a statement's end. */
static size_t
step_plain(struct compat_text *text, const char *at, char before, bool *ends)
{
	size_t tag;

	if (at[0] == '-' && at[1] == '-')
		return strcspn(at, "\n");
	if (at[0] == '/' && at[1] == '*') {
		text->quote = '*';
		text->comments = 1;
		return 2;
	}
	if (*at == '\'' || *at == '"') {
		text->quote = *at;
		text->escapes = *at == '\'' && (before == 'e' || before == 'E');
		return 1;
	}
	if ((tag = dollar_tag(at, before)) > 0) {
		(void)strlcpy(text->tag, at, tag + 1);
		text->quote = '$';
		return tag;
	}
	text->parentheses += *at == '(';
	text->parentheses -= *at == ')' && text->parentheses > 0;
	*ends = *at == ';' && text->parentheses == 0;
	return 1;
}

/* Whether anything but blanks and comments has come. */
static bool
has_words(const char *text)
{
	for (;;) {
		text += strspn(text, " \t\r\n");
		if (text[0] == '-' && text[1] == '-')
			text += strcspn(text, "\n");
		else if (text[0] == '/' && text[1] == '*' && strstr(text, "*/") != NULL)
			text = strstr(text, "*/") + 2;
		else
			return *text != '\0';
	}
}

/* ---- scripts ---- */

static bool
read_line(struct compat_reader *reader)
{
	if (reader->rest != NULL && *reader->rest != '\0')
		return true;
	if (getline(&reader->buffer, &reader->capacity, reader->file) == -1)
		return false;
	reader->rest = reader->buffer;
	reader->line++;
	return true;
}

static void
skip_copy(struct compat_reader *reader)
{
	for (reader->copies = false, reader->rest = NULL; read_line(reader); reader->rest = NULL) {
		reader->skipped++;
		if (strncmp(reader->buffer, "\\.", 2) == 0 && strchr("\r\n", reader->buffer[2]) != NULL)
			break;
	}
	reader->rest = NULL;
}

static bool
is_copy(const char *statement)
{
	size_t n = strlen(statement);

	statement += strspn(statement, " \t\r\n");
	if (strncasecmp(statement, "copy", 4) != 0)
		return false;
	for (size_t i = 0; i + 5 <= n && statement[i] != '\0'; i++)
		if (strncasecmp(statement + i, "stdin", 5) == 0)
			return true;
	return false;
}

/* Takes what belongs to the statement from the line; sets *ends when the statement is whole. */
static int
take_line(struct compat_reader *reader, bool *ends, struct error *e)
{
	struct compat_text *text = reader->text;
	const char *line = reader->rest, *at = line;

	*ends = false;
	while (*at != '\0' && !*ends) {
		size_t n =
		    text->quote != '\0' ? step_quoted(text, at) : step_plain(text, at, at > line ? at[-1] : ' ', ends);

		if (text->line == 0 && !isspace((unsigned char)*at))
			text->line = reader->line;
		at += n;
	}
	reader->rest += at - line;
	return append(text, line, (size_t)(at - line) - *ends, e);
}

static int
next_of_script(struct compat_reader *reader, struct error *e)
{
	struct compat_text *text = reader->text;
	bool ends = false;

	begin(text);
	if (reader->copies)
		skip_copy(reader);
	while (read_line(reader)) {
		if (text->quote == '\0' && *reader->rest == '\\' && (text->length == 0 || !has_words(text->data))) {
			reader->skipped++;
			reader->rest = NULL;
			continue;
		}
		if (take_line(reader, &ends, e) == -1)
			return -1;
		if (ends && has_words(text->data))
			return 1;
		if (ends)
			begin(text);
		/* A comment before it is not where it begins. */
		if (text->quote == '\0' && text->length > 0 && !has_words(text->data))
			begin(text);
	}
	return text->length > 0 && has_words(text->data);
}

/* ---- logs ---- */

/* Where the statement begins in a line of the log; NULL: the line has none. */
static const char *
entry_of(const char *line)
{
	const char *at = strstr(line, "LOG:  "), *found;

	if (at == NULL)
		return NULL;
	at += strlen("LOG:  ");
	if (strncmp(at, "duration: ", strlen("duration: ")) == 0 && (found = strstr(at, " ms  ")) != NULL)
		at = found + strlen(" ms  ");
	if (strncmp(at, "statement: ", strlen("statement: ")) == 0)
		return at + strlen("statement: ");
	if (strncmp(at, "execute ", strlen("execute ")) == 0 && (found = strstr(at, ": ")) != NULL)
		return found + 2;
	return NULL;
}

static int
next_of_log(struct compat_reader *reader, struct error *e)
{
	struct compat_text *text = reader->text;
	const char *entry;

	begin(text);
	while (read_line(reader)) {
		if (text->line != 0 && *reader->rest != '\t')
			break;
		entry = text->line != 0 ? reader->rest + 1 : entry_of(reader->rest);
		if (entry != NULL && append(text, entry, strlen(entry), e) == -1)
			return -1;
		if (entry != NULL && text->line == 0)
			text->line = reader->line;
		reader->rest = NULL;
	}
	return text->line != 0;
}

static bool
is_log(FILE *file)
{
	char *line = NULL;
	size_t capacity = 0;
	bool found = false;

	for (int i = 0; i < LOG_LOOK_LINES && !found && getline(&line, &capacity, file) != -1; i++)
		found = entry_of(line) != NULL;
	free(line);
	return found;
}

/* ---- both ---- */

/* Copies standard input to a file, since it is read twice: first to see whether it is a log. */
static FILE *
copy_of(FILE *file)
{
	FILE *copy = tmpfile();
	char bytes[65536];
	size_t n;

	while (copy != NULL && (n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		if (fwrite(bytes, 1, n, copy) != n)
			break;
	if (copy != NULL && ferror(file) == 0 && ferror(copy) == 0 && fflush(copy) == 0)
		return copy;
	if (copy != NULL)
		(void)fclose(copy);
	return NULL;
}

int
compat_open(struct compat_reader *reader, const char *path, struct error *e)
{
	bool in = strcmp(path, "-") == 0;
	FILE *file = in ? stdin : fopen(path, "re");

	*reader = (struct compat_reader) { .file = file };
	if (file != NULL && fseek(file, 0, SEEK_SET) == -1) {
		reader->file = copy_of(file);
		if (!in)
			(void)fclose(file);
	}
	if (reader->file == NULL)
		return error_set_errno(e, STATUS_IO, "compat.file", "cannot read %s", path);
	if ((reader->text = calloc(1, sizeof(*reader->text))) == NULL)
		return error_set_errno(e, STATUS_OS, "compat.file", "cannot read %s", path);
	rewind(reader->file);
	reader->log = is_log(reader->file);
	rewind(reader->file);
	return 0;
}

int
compat_next(struct compat_reader *reader, const char **statement, uint64_t *line, struct error *e)
{
	int result = reader->log ? next_of_log(reader, e) : next_of_script(reader, e);

	if (result == 1) {
		*statement = reader->text->data;
		*line = reader->text->line;
		reader->copies = !reader->log && is_copy(*statement);
	}
	if (result == 0 && ferror(reader->file) != 0)
		return error_set_errno(e, STATUS_IO, "compat.file", "cannot read on");
	return result;
}

void
compat_close(struct compat_reader *reader)
{
	if (reader->file != NULL && reader->file != stdin)
		(void)fclose(reader->file);
	if (reader->text != NULL)
		free(reader->text->data);
	free(reader->text);
	free(reader->buffer);
	*reader = (struct compat_reader) { .file = NULL };
}
