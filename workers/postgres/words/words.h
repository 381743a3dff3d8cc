/*
 * What a text of SQL leaves behind in the server's session, as far as its words tell. The lexer follows PostgreSQL's
 * own (manual, 4.1 "Lexical Structure"): nested comments, '..', E'..', $tag$..$tag$, "identifiers". A text may come in
 * pieces. In doubt the answer is WORDS_STATE, which costs the session a connection of its own and nothing else.
 *
 * A function of the database may do the same out of sight. What can be seen of such functions in the catalog is a word
 * too (names.h, pool/learn.c): those whose source has the words, those that call them, tables with their triggers,
 * views on them. What is not found stands in the manual: functions in C, SQL that is put together at run time, and
 * functions that were made without bibd since it connected.
 */
#ifndef BIBD_POSTGRES_WORDS_H
#define BIBD_POSTGRES_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/postgres/words/names.h"

enum words_flag {
	WORDS_STATE = 1 << 0,	   /* leaves state behind: the session keeps its connection */
	WORDS_SEQUENCE = 1 << 1,   /* lastval, currval: reads what an earlier statement left */
	WORDS_STATEMENTS = 1 << 2, /* names prepared statements in SQL: sees those of the whole connection */
	/* These only as the one statement of a text; name says which. */
	WORDS_SETTING = 1 << 3,	   /* SET name = value for the session */
	WORDS_RESET = 1 << 4,	   /* RESET name, SET name = DEFAULT */
	WORDS_DEALLOCATE = 1 << 5, /* DEALLOCATE name; name "" is ALL */
	WORDS_DISCARD_ALL = 1 << 6,
	/* RESET ALL, also among other statements. */
	WORDS_RESET_ALL = 1 << 7,
	/* words_channels tells the channels of these in order. */
	WORDS_LISTEN = 1 << 8,	      /* LISTEN, with nothing but its like and UNLISTEN in the text */
	WORDS_UNLISTEN = 1 << 9,      /* UNLISTEN, also among others */
	WORDS_CHANNELS = 1 << 10,     /* pg_listening_channels: reads what LISTEN has left */
	WORDS_LISTEN_AMONG = 1 << 11, /* LISTEN among other statements; WORDS_STATE, too */
	WORDS_MOMENT = 1 << 12,	      /* bibd.recoverable_to, bibd.proven_to: reads what the repository has */
};

#define WORDS_NAME_SIZE 64 /* NAMEDATALEN */

struct words {
	unsigned flags;
	bool hidden;	      /* WORDS_STATE that may change any setting */
	bool temporary;	      /* makes something in the temporary schema */
	bool local;	      /* SET LOCAL: literals are read in another way until the transaction ends */
	bool literals;	      /* has a string */
	bool dates;	      /* in which DateStyle, TimeZone and the like may find another date or time (literal.c) */
	unsigned nstatements; /* how many that are not empty */
	char name[WORDS_NAME_SIZE];
};

enum words_mode {
	WORDS_MODE_PLAIN,
	WORDS_MODE_WORD,
	WORDS_MODE_NUMBER,
	WORDS_MODE_DASH,  /* after "-" */
	WORDS_MODE_SLASH, /* after "/" */
	WORDS_MODE_LINE_COMMENT,
	WORDS_MODE_COMMENT,
	WORDS_MODE_COMMENT_STAR,  /* after "*" in a comment */
	WORDS_MODE_COMMENT_SLASH, /* after "/" in a comment */
	WORDS_MODE_STRING,
	WORDS_MODE_STRING_QUOTE, /* after a quote in a string */
	WORDS_MODE_ESCAPE_STRING,
	WORDS_MODE_ESCAPE_STRING_QUOTE,
	WORDS_MODE_ESCAPE_STRING_BACKSLASH,
	WORDS_MODE_QUOTED,
	WORDS_MODE_QUOTED_QUOTE,
	WORDS_MODE_UNICODE, /* after "u&" */
	WORDS_MODE_DOLLAR,  /* in "$tag" */
	WORDS_MODE_DOLLAR_STRING,
	WORDS_MODE_DOLLAR_STRING_TAG, /* in what may be the closing "$tag$" */
};

/* How far the first words of a statement have been read. */
enum words_stage {
	WORDS_STAGE_START, /* no word of it yet */
	WORDS_STAGE_OTHER, /* nothing more to be learned from the order of its words */
	WORDS_STAGE_SET,
	WORDS_STAGE_SET_SESSION,
	WORDS_STAGE_SET_TIME,
	WORDS_STAGE_SET_NAME, /* after a part of the name */
	WORDS_STAGE_SET_DOT,
	WORDS_STAGE_SET_VALUE,	 /* after "=" or TO */
	WORDS_STAGE_SET_DEFAULT, /* after DEFAULT */
	WORDS_STAGE_SET_END,	 /* in a value */
	WORDS_STAGE_RESET,
	WORDS_STAGE_RESET_TIME,
	WORDS_STAGE_RESET_NAME,
	WORDS_STAGE_RESET_DOT,
	WORDS_STAGE_DEALLOCATE,
	WORDS_STAGE_DISCARD,
	WORDS_STAGE_PREPARE,
	WORDS_STAGE_LISTEN,	 /* after LISTEN or UNLISTEN */
	WORDS_STAGE_LISTEN_NAME, /* and the channel, or "*" */
};

/* Takes the channel of a LISTEN or UNLISTEN; name "": all of them. */
typedef void words_channel_fn(void *arg, bool listen, const char *name);

/* Zeroed memory is one that has read nothing. */
struct words_lexer {
	struct words words;
	const struct words_names *names; /* words of the database's own; NULL: none */
	enum words_mode mode;
	enum words_stage stage;
	unsigned depth; /* of comments */
	bool begun;	/* the statement has a token */
	bool ended;	/* a NUL: PostgreSQL reads no further */
	bool has_create, has_update;
	bool after_execute; /* the last word was EXECUTE */
	bool after_escape;  /* the last token was an escape string, which goes on after a newline */
	bool newline;
	uint8_t previous;      /* the last word, 0: another token */
	uint8_t set_config;    /* 0: none; 1: named; 2: in its arguments */
	bool set_config_local; /* its third argument is "true", so far */
	unsigned set_config_depth, set_config_commas, set_config_tokens;
	unsigned nsettings; /* statements that are told by a flag of their own */
	unsigned nlistens, nunlistens;
	bool listen; /* LISTEN, not UNLISTEN, is at WORDS_STAGE_LISTEN */
	char channel[WORDS_NAME_SIZE];
	words_channel_fn *take_channel; /* or NULL */
	void *take_arg;
	unsigned literal_digits, literal_groups; /* of the string, and those that it goes on from */
	unsigned literal_letters;
	char literal_word[9];
	size_t tag_length, tag_matched;
	char tag[WORDS_NAME_SIZE];
	size_t length; /* of the word so far; longer ones are cut */
	char word[WORDS_NAME_SIZE];
};

/* One for a text that comes in pieces; free() frees it. NULL: memory is out. */
struct words_lexer *words_lexer_new(const struct words_names *names);

/* Reads on. */
void words_feed(struct words_lexer *lexer, const void *data, size_t size);

/* Ends the text and says what it was. */
const struct words *words_end(struct words_lexer *lexer);

/* The whole of a text at once. */
void words_read(const void *data, size_t size, const struct words_names *names, struct words *words);

/* The channels of each LISTEN and UNLISTEN that the flags are about, in order. */
void words_channels(const void *data, size_t size, words_channel_fn *take, void *arg);

/* ---- between bytes.c, words.c, statement.c and stage.c ---- */
enum words_token { WORDS_TOKEN_WORD, WORDS_TOKEN_QUOTED, WORDS_TOKEN_VALUE, WORDS_TOKEN_SYMBOL };

/* A token: a word (lexer->word, lower case), a quoted identifier (likewise, as it is), a string or number, or one
 * character that is none of these. */
void words_take(struct words_lexer *lexer, enum words_token token, char symbol);

/* Reads one byte, in whatever mode the lexer is (bytes.c). */
void words_read_byte(struct words_lexer *lexer, uint8_t c);

/* Notes that the text leaves something, of which nothing more can be told. */
void words_hide(struct words_lexer *lexer);
/* The statement is over. */
void words_end_statement(struct words_lexer *lexer);

/* A string begins, which may continue the one before; a part of a string; a token that is no string. */
void words_literal_begin(struct words_lexer *lexer);
void words_literal_read(struct words_lexer *lexer, const uint8_t *p, size_t size);
void words_literal_forget(struct words_lexer *lexer);

#endif
