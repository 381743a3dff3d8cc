/*
 * The default parser of text search: takes a document apart into tokens of 23 types. Private to the room, and to the
 * functions that show what it does.
 */
#ifndef BIBD_SQLITE_TS_PARSER_H
#define BIBD_SQLITE_TS_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* By the numbers that PostgreSQL's parser "default" gives them. */
enum ts_token_type {
	TS_ASCIIWORD = 1,
	TS_WORD,
	TS_NUMWORD,
	TS_EMAIL,
	TS_URL,
	TS_HOST,
	TS_SFLOAT,
	TS_VERSION,
	TS_HWORD_NUMPART,
	TS_HWORD_PART,
	TS_HWORD_ASCIIPART,
	TS_BLANK,
	TS_TAG,
	TS_PROTOCOL,
	TS_NUMHWORD,
	TS_ASCIIHWORD,
	TS_HWORD,
	TS_URL_PATH,
	TS_FILE,
	TS_FLOAT,
	TS_INT,
	TS_UINT,
	TS_ENTITY,
};
#define TS_TOKEN_TYPES 23

struct ts_token {
	enum ts_token_type type;
	const char *text;
	size_t length;
};

/* Where in a document it is: how the next token is read depends on what was taken apart before. */
enum ts_parser_mode { TS_MODE_TEXT, TS_MODE_PARTS, TS_MODE_HOST, TS_MODE_PATH };
struct ts_parser {
	const char *text;
	size_t length, at;
	enum ts_parser_mode mode;
	bool hidden; /* the text is within <script> or <style> */
};

/* Begins a text, which must outlive the parser. */
void ts_parser_open(struct ts_parser *p, const char *text, size_t length);
bool ts_parser_next(struct ts_parser *p, struct ts_token *token);

/* ---- between the parser's own files: where a thing that begins at `at` ends, 0: there is none ---- */
int ts_char(const struct ts_parser *p, size_t at); /* the character at that place; -1: the end of the text */
bool ts_is_letter(int c);			   /* whether it is a letter of ASCII */
bool ts_is_alpha(int c);			   /* whether it is a letter of ASCII, or of another script */
bool ts_is_digit(int c);
bool ts_is_alnum(int c);

enum ts_host_entry { TS_HOST_LABEL, TS_HOST_PIECE, TS_HOST_REST };
/* Where the host behind the @ of an e-mail ends. */
size_t ts_scan_domain(const struct ts_parser *p, size_t at);
/* parser_host.c: a host, an e-mail or a url, of which a label (behind a dot), a piece (behind - or _) or the rest of a
 * piece comes next. *type is set. */
size_t ts_scan_host(const struct ts_parser *p, size_t at, enum ts_host_entry entry, enum ts_token_type *type);
size_t ts_scan_url_path(const struct ts_parser *p, size_t at);
/* parser_file.c: what stands behind the first / or ~ or dot; and behind a word and a dot. */
size_t ts_scan_file(const struct ts_parser *p, size_t at);
size_t ts_scan_home(const struct ts_parser *p, size_t at);
size_t ts_scan_dots(const struct ts_parser *p, size_t at);
size_t ts_scan_extension(const struct ts_parser *p, size_t at);
/* parser_tag.c: behind < and &. A tag says whether what follows is hidden. */
#define TS_NOTHING_MORE SIZE_MAX /* the document ends here, though characters follow */
size_t ts_scan_tag(const struct ts_parser *p, size_t at, bool *hides, bool *shows);
size_t ts_scan_entity(const struct ts_parser *p, size_t at);
/* parser_number.c: at a digit, at a sign. */
size_t ts_scan_signed(const struct ts_parser *p, size_t at, enum ts_token_type *type);
size_t ts_scan_fraction(const struct ts_parser *p, size_t at, enum ts_token_type *type);
size_t ts_scan_exponent(const struct ts_parser *p, size_t at);

#endif
