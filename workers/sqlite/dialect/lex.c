/*
 * One pass over a statement's bytes, run for every simple query: finds where it ends, takes the literals out of the
 * cache's key, and bounds how deep a tree the text can make. The bound exists because unpacking the parser's tree, and
 * walking it, take stack per level: a chain of operators is as deep as it is long. It counts, per level of parentheses,
 * the tokens since the last comma (list items are siblings, not levels), and set operations across commas; a closed
 * pair adds its own depth to the level around it.
 */
#include <string.h>

#include "workers/sqlite/dialect/lex.h"

enum byte_class {
	BYTE_OTHER,
	BYTE_NUL,
	BYTE_BLANK,
	BYTE_WORD,
	BYTE_DIGIT,
	BYTE_QUOTE,
	BYTE_DOUBLE_QUOTE,
	BYTE_DOLLAR,
	BYTE_DOT,
	BYTE_DASH,
	BYTE_SLASH,
	BYTE_OPEN,
	BYTE_CLOSE,
	BYTE_COMMA,
	BYTE_SEMICOLON,
	BYTE_CONTROL,
	BYTE_CLASSES
};

#define W4 BYTE_WORD, BYTE_WORD, BYTE_WORD, BYTE_WORD
#define W16 W4, W4, W4, W4
#define C4 BYTE_CONTROL, BYTE_CONTROL, BYTE_CONTROL, BYTE_CONTROL
#define D2 BYTE_DIGIT, BYTE_DIGIT

/* Index: the byte. Bytes of 0x80 and above are letters, as in PostgreSQL's scanner. */
static const uint8_t classes[256] = { BYTE_NUL, BYTE_CONTROL, BYTE_CONTROL, BYTE_CONTROL, C4, BYTE_CONTROL, BYTE_BLANK,
	BYTE_BLANK, BYTE_CONTROL, BYTE_BLANK, BYTE_BLANK, BYTE_CONTROL, BYTE_CONTROL, C4, C4, C4, C4,
	/* blank to slash */
	BYTE_BLANK, BYTE_OTHER, BYTE_DOUBLE_QUOTE, BYTE_OTHER, BYTE_DOLLAR, BYTE_OTHER, BYTE_OTHER, BYTE_QUOTE,
	BYTE_OPEN, BYTE_CLOSE, BYTE_OTHER, BYTE_OTHER, BYTE_COMMA, BYTE_DASH, BYTE_DOT, BYTE_SLASH,
	/* 0 to ? */
	D2, D2, D2, D2, D2, BYTE_OTHER, BYTE_SEMICOLON, BYTE_OTHER, BYTE_OTHER, BYTE_OTHER, BYTE_OTHER,
	/* @ to _ */
	BYTE_OTHER, BYTE_WORD, BYTE_WORD, BYTE_WORD, W4, W4, W4, W4, W4, BYTE_WORD, BYTE_WORD, BYTE_WORD, BYTE_OPEN,
	BYTE_OTHER, BYTE_CLOSE, BYTE_OTHER, BYTE_WORD,
	/* ` to DEL */
	BYTE_OTHER, BYTE_WORD, BYTE_WORD, BYTE_WORD, W4, W4, W4, W4, W4, BYTE_WORD, BYTE_WORD, BYTE_WORD, BYTE_OTHER,
	BYTE_OTHER, BYTE_OTHER, BYTE_OTHER, BYTE_CONTROL, W16, W16, W16, W16, W16, W16, W16, W16 };

static int
class_at(const struct lexer *l, size_t at)
{
	return at < l->length ? classes[(unsigned char)l->sql[at]] : BYTE_NUL;
}

static bool
continues_word(const struct lexer *l, size_t at)
{
	int class = class_at(l, at);

	return (class == BYTE_WORD || class == BYTE_DIGIT || class == BYTE_DOLLAR) && at < l->length;
}

/* Counts a token that can make the tree deeper. */
static void
count_token(struct lexer *l)
{
	l->levels[l->level].chain++;
}

static uint32_t
level_depth(const struct lex_level *level)
{
	uint32_t last = level->chain + level->inner;

	return (last > level->deepest ? last : level->deepest) + level->sets;
}

/* A comma, or a set operation: what came before is a sibling of what follows. */
static void
end_item(struct lex_level *level)
{
	if (level->chain + level->inner > level->deepest)
		level->deepest = level->chain + level->inner;
	level->chain = level->inner = 0;
}

static int
open_level(struct lexer *l)
{
	count_token(l);
	if (++l->level >= LEX_PARENTHESES_MAX)
		return lex_too_deep(l);
	l->levels[l->level] = (struct lex_level) { 0 };
	return 0;
}

static int
close_level(struct lexer *l)
{
	uint32_t depth;

	count_token(l);
	if (l->level == 0)
		return 0; /* the parser will say so */
	depth = level_depth(&l->levels[l->level--]) + 1;
	if (depth > l->levels[l->level].inner)
		l->levels[l->level].inner = depth;
	return depth > LEX_DEPTH_MAX ? lex_too_deep(l) : 0;
}

static bool
word_is(const char *word, size_t length, const char *keyword)
{
	return strlen(keyword) == length && strncasecmp(word, keyword, length) == 0;
}

static bool
is_set_operation(const char *word, size_t n)
{
	return (n == 5 && word_is(word, n, "union")) || (n == 6 && word_is(word, n, "except")) ||
	    (n == 9 && word_is(word, n, "intersect"));
}

static int
lex_word(struct lexer *l)
{
	size_t from = l->at;

	if (class_at(l, from + 1) == BYTE_QUOTE || (from + 2 < l->length && l->sql[from + 1] == '&')) {
		int taken = lex_prefixed(l);

		if (taken != 0)
			return taken < 0 ? -1 : 0;
	}
	while (continues_word(l, l->at))
		l->at++;
	if (is_set_operation(l->sql + from, l->at - from)) {
		end_item(&l->levels[l->level]);
		l->levels[l->level].sets += 2;
	} else
		count_token(l);
	if (lex_keep(l, from, l->at) < 0)
		return -1;
	l->like = l->at - from == 4 && word_is(l->sql + from, 4, "like");
	return 0;
}

/* Digits with an optional fraction and exponent, as PostgreSQL's scanner has them; "1..2" is 1, then two dots. */
static int
lex_number(struct lexer *l)
{
	size_t from = l->at;
	bool decimal = false;

	while (class_at(l, l->at) == BYTE_DIGIT)
		l->at++;
	if (class_at(l, l->at) == BYTE_DOT && class_at(l, l->at + 1) != BYTE_DOT) {
		decimal = true;
		l->at++;
		while (class_at(l, l->at) == BYTE_DIGIT)
			l->at++;
	}
	if (l->at < l->length && (l->sql[l->at] | 32) == 'e') {
		size_t digits = l->at + 1;

		if (digits < l->length && (l->sql[digits] == '+' || l->sql[digits] == '-'))
			digits++;
		if (class_at(l, digits) == BYTE_DIGIT) {
			decimal = true;
			for (l->at = digits; class_at(l, l->at) == BYTE_DIGIT;)
				l->at++;
		}
	}
	if (continues_word(l, l->at)) { /* junk: the parser refuses it */
		while (continues_word(l, l->at))
			l->at++;
		return lex_keep(l, from, l->at);
	}
	if (!decimal && lex_sign_decides(l->sql + from, l->at - from))
		return lex_keep(l, from, l->at);
	return lex_literal(l, lex_number_kind(l->sql + from, l->at - from), from);
}

/* "$1", or a dollar-quoted string, or a lone dollar. */
static int
lex_dollar(struct lexer *l)
{
	size_t from = l->at, tag = l->at + 1;
	unsigned number = 0;
	const char *end;

	if (class_at(l, tag) == BYTE_DIGIT) {
		for (l->at = tag; continues_word(l, l->at); l->at++)
			if (number <= LEX_PARAMETERS_MAX && class_at(l, l->at) == BYTE_DIGIT)
				number = number * 10 + (unsigned)(l->sql[l->at] - '0');
		if (number > l->out->nparams)
			l->out->nparams = number;
		return lex_keep(l, from, l->at);
	}
	while (class_at(l, tag) == BYTE_WORD || (tag > from + 1 && class_at(l, tag) == BYTE_DIGIT))
		tag++;
	l->at++;
	if (class_at(l, tag) != BYTE_DOLLAR || tag >= l->length) {
		count_token(l);
		return lex_keep(l, from, l->at);
	}
	tag++;
	end = memmem(l->sql + tag, l->length - tag, l->sql + from, tag - from);
	l->at = end == NULL ? l->length : (size_t)(end - l->sql) + (tag - from);
	return end == NULL ? lex_keep(l, from, l->at) : lex_literal(l, DIALECT_STRING, from);
}

static int
lex_double_quoted(struct lexer *l)
{
	size_t from = l->at;
	const char *end = memchr(l->sql + from + 1, '"', l->length - from - 1);

	/* A doubled quote ends one and begins the next, with nothing between: the key reads the same. */
	l->at = end == NULL ? l->length : (size_t)(end - l->sql) + 1;
	count_token(l);
	return lex_keep(l, from, l->at);
}

/* Blanks and comments: one blank in the key. */
static void
skip_comment(struct lexer *l, bool nests)
{
	unsigned depth = 1;

	if (!nests) {
		while (l->at < l->length && l->sql[l->at] != '\n' && l->sql[l->at] != '\r')
			l->at++;
		return;
	}
	for (l->at += 2; l->at < l->length && depth > 0; l->at++) {
		bool pair = l->at + 1 < l->length;

		if (pair && l->sql[l->at] == '*' && l->sql[l->at + 1] == '/') {
			depth--;
			l->at++;
		} else if (pair && l->sql[l->at] == '/' && l->sql[l->at + 1] == '*') {
			depth++;
			l->at++;
		}
	}
	if (depth > 0) { /* unterminated: must not share a key with what is well formed */
		lex_put_mark(l, LEX_MARK_BROKEN);
	}
}

/* Takes one token at l->at. 1: the statement ends here. */
static int
lex_token(struct lexer *l)
{
	size_t from = l->at;

	switch (class_at(l, from)) {
	case BYTE_BLANK:
		l->at++;
		l->blank = true;
		return 0;
	case BYTE_DASH:
	case BYTE_SLASH:
		if (from + 1 < l->length && l->sql[from + 1] == (l->sql[from] == '-' ? '-' : '*')) {
			skip_comment(l, l->sql[from] == '/');
			l->blank = true;
			return 0;
		}
		break;
	case BYTE_WORD:
		return lex_word(l);
	case BYTE_DOT:
		if (class_at(l, from + 1) == BYTE_DIGIT)
			return lex_number(l);
		l->at += class_at(l, from + 1) == BYTE_DOT; /* ".." is one token */
		break;
	case BYTE_DIGIT:
		return lex_number(l);
	case BYTE_QUOTE:
		return lex_string(l, from, DIALECT_STRING);
	case BYTE_DOUBLE_QUOTE:
		return lex_double_quoted(l);
	case BYTE_DOLLAR:
		return lex_dollar(l);
	case BYTE_SEMICOLON:
		if (l->level == 0)
			return 1;
		break;
	case BYTE_COMMA:
		end_item(&l->levels[l->level]);
		l->at++;
		return lex_keep(l, from, l->at);
	case BYTE_OPEN:
		if (open_level(l) < 0)
			return -1;
		l->at++;
		return lex_keep(l, from, l->at);
	case BYTE_CLOSE:
		if (close_level(l) < 0)
			return -1;
		l->at++;
		return lex_keep(l, from, l->at);
	case BYTE_NUL:
		return report_set(l->report, SQLSTATE_SYNTAX_ERROR, "syntax error: the text has a NUL byte in it");
	default:
		break;
	}
	count_token(l);
	l->at++;
	return lex_keep(l, from, l->at);
}

/* Eight bytes at a time; the key is compared after a hit, so that a collision costs time and nothing else. */
static uint64_t
hash_bytes(const char *p, size_t n)
{
	uint64_t h = UINT64_C(0x9e3779b97f4a7c15) ^ n, word;

	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&word, p, 8);
		h = (h ^ word) * UINT64_C(0xd6e8feb86659fd93);
		h ^= h >> 32;
	}
	word = 0;
	memcpy(&word, p, n);
	h = (h ^ word) * UINT64_C(0xd6e8feb86659fd93);
	return (h ^ (h >> 32)) * UINT64_C(0xd6e8feb86659fd93);
}

int
dialect_lex(const char *text, size_t length, size_t offset, struct dialect_text *out, struct report *r)
{
	struct lexer l; /* not zeroed as a whole: its levels are 32 KiB, and each is set when it is opened */
	int end = 0;

	l.sql = text + offset;
	l.length = length - offset;
	l.at = 0;
	l.out = out;
	l.report = r;
	l.blank = l.like = false;
	l.level = 0;
	out->sql = l.sql;
	out->key_length = 0;
	out->nliterals = 0;
	out->nparams = 0;
	out->ntokens = 0;
	out->empty = true;
	l.levels[0] = (struct lex_level) { 0 };
	while (l.at < l.length && end == 0)
		if ((end = lex_token(&l)) < 0)
			return -1;
	if (level_depth(&l.levels[0]) > LEX_DEPTH_MAX)
		return lex_too_deep(&l);
	out->length = l.at;
	out->next = offset + l.at + (end == 1);
	while (out->next < length && classes[(unsigned char)text[out->next]] == BYTE_BLANK)
		out->next++;
	if (lex_end_key(&l) < 0)
		return -1;
	out->hash = hash_bytes(out->key, out->key_length);
	return 0;
}
