/* Characters, escapes, sets in brackets and anchors of regular expressions. */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/regex_lex.h"
#include "workers/sqlite/types/utf8.h"

#define CHARACTER_MAX 0x7ffffffe

bool
regex_parser_fail(struct regex_parser *p, enum sqlstate state, const char *message)
{
	if (!p->failed)
		(void)report_set(p->report, state, "%s", message);
	p->failed = true;
	return false;
}

static bool
fail_syntax(struct regex_parser *p, const char *message)
{
	return regex_parser_fail(p, SQLSTATE_INVALID_REGULAR_EXPRESSION, message);
}

static bool
fail_escape(struct regex_parser *p)
{
	return fail_syntax(p, "invalid regular expression: invalid escape \\ sequence");
}

static bool
refuse(struct regex_parser *p, const char *message)
{
	return regex_parser_fail(p, SQLSTATE_FEATURE_NOT_SUPPORTED, message);
}

bool
regex_read_options(struct regex_parser *p)
{
	size_t left = (size_t)(p->end - p->at);

	if (left >= 3 && memcmp(p->at, "***", 3) == 0)
		return refuse(p, "such a beginning of a regular expression is not supported on SQLite");
	if (left < 3 || p->at[0] != '(' || p->at[1] != '?' || p->at[2] < 'a' || p->at[2] > 'z')
		return true;
	for (p->at += 2; p->at < p->end && *p->at != ')'; p->at++) {
		if (*p->at == 'i' || *p->at == 'c')
			p->tree->ignore_case = *p->at == 'i';
		else if (*p->at == 'n' || *p->at == 'm' || *p->at == 's')
			p->tree->newline = *p->at != 's';
		else if (*p->at != 't')
			return refuse(p, "such an option in a regular expression is not supported on SQLite");
	}
	if (p->at == p->end)
		return fail_syntax(p, "invalid regular expression: parentheses () not balanced");
	p->at++;
	return true;
}

bool
regex_at_quantifier(const struct regex_parser *p)
{
	if (p->at == p->end)
		return false;
	if (*p->at == '{')
		return p->end - p->at > 1 && p->at[1] >= '0' && p->at[1] <= '9';
	return *p->at == '*' || *p->at == '+' || *p->at == '?';
}

static bool
add_range(struct regex_parser *p, struct regex_set *set, uint32_t first, uint32_t last)
{
	struct regex_range *grown = regex_tree_alloc(p->tree, (set->n + 1) * sizeof(*grown));

	if (grown == NULL)
		return regex_parser_fail(p, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (set->n > 0)
		memcpy(grown, set->ranges, set->n * sizeof(*grown));
	grown[set->n] = (struct regex_range) { first, last };
	set->ranges = grown;
	set->n++;
	return true;
}

static uint32_t
take(struct regex_parser *p)
{
	size_t at = 0;
	uint32_t c = utf8_decode(p->at, (size_t)(p->end - p->at), &at);

	p->at += at;
	return c;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* So many digits; most -1: as many as there are. */
static bool
read_hexadecimal(struct regex_parser *p, int most, uint32_t *c)
{
	int n = 0;

	for (*c = 0; p->at < p->end && n != most && hex_value(*p->at) >= 0; n++, p->at++) {
		if (*c > CHARACTER_MAX >> 4)
			return fail_escape(p);
		*c = *c << 4 | (uint32_t)hex_value(*p->at);
	}
	return (n > 0 && (most < 0 || n == most) && *c <= CHARACTER_MAX) || fail_escape(p);
}

/* Behind a backslash: an escape for one character. *done: it was none. */
static bool
read_character_escape(struct regex_parser *p, uint32_t *c, bool *done)
{
	static const struct {
		char letter, means;
	} letters[] = { { 'a', '\a' }, { 'b', '\b' }, { 'B', '\\' }, { 'e', '\033' }, { 'f', '\f' }, { 'n', '\n' },
		{ 'r', '\r' }, { 't', '\t' }, { 'v', '\v' } };
	char letter = *p->at;

	*done = true;
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (letters[i].letter == letter) {
			p->at++;
			*c = (unsigned char)letters[i].means;
			return true;
		}
	if (letter == 'x' || letter == 'u' || letter == 'U') {
		p->at++;
		return read_hexadecimal(p, letter == 'x' ? -1 : letter == 'u' ? 4 : 8, c);
	}
	if (letter == '0' || letter == 'c')
		return refuse(p, "this escape in a regular expression is not supported on SQLite");
	if ((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9')) {
		*done = false;
		return true;
	}
	*c = take(p);
	return true;
}

/* \d, \S: into the set. */
static bool
add_class_escape(struct regex_set *set, char letter)
{
	switch (letter) {
	case 'd':
		set->classes |= REGEX_CLASS_DIGIT;
		return true;
	case 's':
		set->classes |= REGEX_CLASS_SPACE;
		return true;
	case 'w':
		set->classes |= REGEX_CLASS_WORD;
		return true;
	case 'D':
		set->without |= REGEX_CLASS_DIGIT;
		return true;
	case 'S':
		set->without |= REGEX_CLASS_SPACE;
		return true;
	case 'W':
		set->without |= REGEX_CLASS_WORD;
		return true;
	default:
		return false;
	}
}

static bool
read_escape(struct regex_parser *p, struct regex_node *node, unsigned *group)
{
	static const struct {
		char letter;
		enum regex_node_kind kind;
	} anchors[] = { { 'A', REGEX_BEGIN_TEXT }, { 'Z', REGEX_END_TEXT }, { 'm', REGEX_WORD_BEGIN },
		{ 'M', REGEX_WORD_END }, { 'y', REGEX_WORD_EDGE }, { 'Y', REGEX_WORD_INSIDE } };
	uint32_t c = 0;
	bool done;

	if (++p->at == p->end)
		return fail_escape(p);
	for (size_t i = 0; i < sizeof(anchors) / sizeof(anchors[0]); i++)
		if (anchors[i].letter == *p->at) {
			p->at++;
			node->kind = anchors[i].kind;
			return true;
		}
	node->kind = REGEX_SET;
	if (add_class_escape(&node->set, *p->at)) {
		/* The complement of a class has the newline, whatever the mode. */
		p->at++;
		return true;
	}
	if (*p->at >= '1' && *p->at <= '9') {
		*group = (unsigned)(*p->at++ - '0');
		if (p->at < p->end && *p->at >= '0' && *p->at <= '9')
			return refuse(p, "this escape in a regular expression is not supported on SQLite");
		return true;
	}
	if (!read_character_escape(p, &c, &done))
		return false;
	return done ? add_range(p, &node->set, c, c) : fail_escape(p);
}

/* ---- brackets ---- */

static bool
fail_brackets(struct regex_parser *p)
{
	return fail_syntax(p, "invalid regular expression: brackets [] not balanced");
}

/* "[:alpha:]" */
static bool
read_class(struct regex_parser *p, struct regex_set *set)
{
	static const struct {
		const char *name;
		unsigned class;
	} classes[] = { { "alnum", REGEX_CLASS_ALNUM }, { "alpha", REGEX_CLASS_ALPHA }, { "blank", REGEX_CLASS_BLANK },
		{ "cntrl", REGEX_CLASS_CNTRL }, { "digit", REGEX_CLASS_DIGIT }, { "graph", REGEX_CLASS_GRAPH },
		{ "lower", REGEX_CLASS_LOWER }, { "print", REGEX_CLASS_PRINT }, { "punct", REGEX_CLASS_PUNCT },
		{ "space", REGEX_CLASS_SPACE }, { "upper", REGEX_CLASS_UPPER }, { "xdigit", REGEX_CLASS_XDIGIT },
		{ "word", REGEX_CLASS_WORD } };
	const char *name = p->at + 2, *end = memmem(name, (size_t)(p->end - name), ":]", 2);

	if (end == NULL)
		return fail_brackets(p);
	p->at = end + 2;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strlen(classes[i].name) == (size_t)(end - name) &&
		    memcmp(classes[i].name, name, (size_t)(end - name)) == 0) {
			set->classes |= classes[i].class;
			return true;
		}
	return fail_syntax(p, "invalid regular expression: invalid character class");
}

/* One character of a set; *class: a class was read in its place. */
static bool
read_member(struct regex_parser *p, struct regex_set *set, uint32_t *c, bool *class)
{
	bool done;

	*class = false;
	if (p->end - p->at > 1 && *p->at == '[' && strchr(":.=", p->at[1]) != NULL) {
		*class = true;
		if (p->at[1] != ':')
			return refuse(p, "a collating element in a regular expression is not supported on SQLite");
		return read_class(p, set);
	}
	if (*p->at != '\\') {
		*c = take(p);
		return true;
	}
	if (++p->at == p->end)
		return fail_escape(p);
	if (add_class_escape(set, *p->at)) {
		p->at++;
		*class = true;
		return true;
	}
	if (!read_character_escape(p, c, &done))
		return false;
	return done || fail_escape(p);
}

static bool
read_range(struct regex_parser *p, struct regex_set *set)
{
	uint32_t first = 0, last;
	bool class;

	if (!read_member(p, set, &first, &class))
		return false;
	if (class)
		return p->at < p->end && p->end - p->at > 1 && *p->at == '-' && p->at[1] != ']'
		    ? fail_syntax(p, "invalid regular expression: invalid character range")
		    : true;
	last = first;
	if (p->end - p->at > 1 && *p->at == '-' && p->at[1] != ']') {
		p->at++;
		if (!read_member(p, set, &last, &class))
			return false;
		if (class || first > last)
			return fail_syntax(p, "invalid regular expression: invalid character range");
	}
	return add_range(p, set, first, last);
}

static bool
read_brackets(struct regex_parser *p, struct regex_node *node)
{
	size_t left = (size_t)(p->end - p->at);
	bool first = true;

	if (left >= 7 && (memcmp(p->at, "[[:<:]]", 7) == 0 || memcmp(p->at, "[[:>:]]", 7) == 0)) {
		node->kind = p->at[3] == '<' ? REGEX_WORD_BEGIN : REGEX_WORD_END;
		p->at += 7;
		return true;
	}
	node->kind = REGEX_SET;
	if (++p->at < p->end && *p->at == '^') {
		node->set.negated = true;
		p->at++;
	}
	for (; p->at < p->end && (first || *p->at != ']'); first = false)
		if (!read_range(p, &node->set))
			return false;
	if (p->at == p->end)
		return fail_brackets(p);
	p->at++;
	return true;
}

bool
regex_read_simple(struct regex_parser *p, struct regex_node *node, unsigned *group)
{
	uint32_t c;

	switch (*p->at) {
	case '^':
	case '$':
		node->kind = *p->at++ == '^' ? REGEX_BEGIN : REGEX_END;
		return true;
	case '.':
		p->at++;
		node->kind = REGEX_SET;
		node->set.any_but_newline = true;
		return true;
	case '[':
		return read_brackets(p, node);
	case '\\':
		return read_escape(p, node, group);
	case ')':
		return fail_syntax(p, "invalid regular expression: parentheses () not balanced");
	default:
		node->kind = REGEX_SET;
		c = take(p);
		return add_range(p, &node->set, c, c);
	}
}
