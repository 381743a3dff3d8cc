/*
 * PostgreSQL's full text search without a database: configurations and their dictionaries, documents as tsvectors,
 * texts as tsqueries, which of them match, how well, and where. Nothing here is kept between calls.
 */
#ifndef BIBD_SQLITE_TEXTSEARCH_H
#define BIBD_SQLITE_TEXTSEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/pgwire/pgwire.h"
#include "workers/sqlite/types/tsquery.h"
#include "workers/sqlite/types/tsvector.h"

/* ---- configurations: config.c. OIDs are those of a PostgreSQL 15 ---- */
#define TS_CONFIG_SIMPLE 3748
#define TS_DICTIONARY_SIMPLE 3765
#define TS_PARSER_DEFAULT 3722

struct ts_dictionary {
	const char *name;
	uint32_t oid;
	const char *language;	       /* NULL: the dictionary "simple", which only makes letters small */
	const char *const *stop_words; /* sorted; NULL: there are none */
	size_t nstop_words;
};
struct ts_config {
	const char *name;
	uint32_t oid;
	/* OIDs of the dictionaries for words with letters beyond ASCII, and for others */
	uint32_t words, ascii_words;
};
/* The configuration of that OID, or that name in lower case. NULL: there is none. */
const struct ts_config *ts_config_by_oid(uint32_t oid);
const struct ts_config *ts_config_by_name(const char *name, size_t length);
const struct ts_config *ts_config_by_index(size_t i);
const struct ts_dictionary *ts_dictionary_by_oid(uint32_t oid);
const struct ts_dictionary *ts_dictionary_by_name(const char *name, size_t length);
const struct ts_dictionary *ts_dictionary_by_index(size_t i);
/* OID of the dictionary for tokens of that type (parser.h); 0: the configuration leaves them out. */
uint32_t ts_config_dictionary(const struct ts_config *config, unsigned type);
/* Names of a token's type. */
struct ts_token_name {
	const char *alias, *description;
};
const struct ts_token_name *ts_token_name(unsigned type);

/* ---- what a long run asks now and then ---- */
struct ts_poll {
	bool (*must_stop)(void *arg); /* NULL: nothing stops it */
	void *arg;
	unsigned asked;
};
/* Asks whether the work must end. -1: it must, with 57014. */
int ts_poll(struct ts_poll *poll, struct report *r);

/* ---- dictionaries in use: lexize.c ---- */
struct ts_lexizer {
	struct sb_stemmer *stemmer;
	const struct ts_dictionary *dictionary; /* the dictionary that the stemmer is for */
	char *text;				/* the last lexeme */
	size_t length, room;
};
void ts_lexizer_free(struct ts_lexizer *lexizer);
/* 1: the lexeme is at lexizer->text; 0: a stop word. 53200. */
int ts_lexize(struct ts_lexizer *lexizer, const struct ts_dictionary *dictionary, const char *word, size_t length,
    struct report *r);

/* ---- documents: document.c ---- */
struct ts_document {
	const struct ts_config *config;
	struct ts_poll *poll;
	uint32_t position; /* position of the last word, stop words included; 0 at the beginning */
	/* Called for each word. -1: the report is filled. */
	int (*word)(void *arg, const char *lexeme, size_t length, uint32_t position, struct report *r);
	void *arg;
};
int ts_read_document(struct ts_document *document, const char *text, size_t length, struct report *r);
/* Adds a document's words to a tsvector that is built. *position is ts_document.position, from which further
 * documents go on. */
int ts_add_document(struct tsvector_builder *builder, const struct ts_config *config, struct ts_poll *poll,
    uint32_t *position, const char *text, size_t length, struct report *r);
/* How many places of a word are kept, which is one less than a tsvector may have. */
#define TS_DOCUMENT_PLACES_MAX 255

/* ---- queries of texts: query.c ---- */
enum ts_query_form { TS_TO_TSQUERY, TS_PLAIN, TS_PHRASE, TS_WEBSEARCH };
int ts_make_query(enum ts_query_form form, const struct ts_config *config, struct ts_poll *poll, const char *text,
    size_t length, struct tsquery *out, struct report *r);
/* Reduces a query to the part that an index can be asked for. *something false: there is none, which is shown as
 * "T". */
int ts_query_tree(struct tsquery *q, bool *something, struct report *r);

/* Replaces each part of q that equals `wanted` by `instead`; an empty one removes the part. 54001: the query is too
 * deep. In rewrite.c. */
int ts_rewrite(struct tsquery *q, const struct tsquery *wanted, const struct tsquery *instead, struct ts_poll *poll,
    struct report *r);

/* ---- does it match: match.c ---- */
enum ts_answer { TS_NO, TS_YES, TS_MAYBE };
/* Where a part of a query stands in a document: at these positions or, with `negate`, everywhere else. */
struct ts_spots {
	uint16_t *at; /* ascending; malloc'ed, or NULL */
	size_t n;
	bool negate;
	int width;
};
/* Whether a word of a query is there, and (spots not NULL) where, as an array that is its taker's. Without memory:
 * failed is set, whatever it answers. */
struct ts_matching {
	const struct tsquery *query;
	enum ts_answer (*check)(struct ts_matching *m, size_t node, struct ts_spots *spots);
	void *arg;
	struct ts_poll *poll; /* NULL: none */
	bool failed;
	struct report *report;
};
/* Whether the document matches the query; an empty query matches nothing. -1: the report is filled. */
int ts_match(struct ts_matching *m, bool *matches);
int ts_match_vector(const struct tsvector *v, const struct tsquery *q, struct ts_poll *poll, bool *matches,
    struct report *r);
/* The first word that is not less than this one, or begins with it. */
size_t ts_find_word(const struct tsvector *v, const char *text, size_t length);
bool ts_begins_with(const struct tsvector_word *word, const char *text, size_t length);

/* ---- ranks: rank.c, cover.c ---- */
#define TS_WEIGHTS 4
/* weights: those of D, C, B and A, in this order. */
int ts_rank(const float weights[TS_WEIGHTS], const struct tsvector *v, const struct tsquery *q, int normalization,
    struct ts_poll *poll, float *rank, struct report *r);
int ts_rank_cover(const float weights[TS_WEIGHTS], const struct tsvector *v, const struct tsquery *q, int normalization,
    struct ts_poll *poll, float *rank, struct report *r);

/* ---- headlines: headline.c ---- */
struct ts_headline {
	const struct ts_config *config;
	const struct tsquery *query;
	const char *options; /* NULL: none */
	size_t options_length;
	struct ts_poll *poll;
};
int ts_make_headline(const struct ts_headline *headline, const char *text, size_t length, struct pgwire_buffer *out,
    struct report *r);

#endif
