/*
 * Values of tsquery: words under operators.
 */
#ifndef BIBD_SQLITE_TSQUERY_H
#define BIBD_SQLITE_TSQUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/pgwire/pgwire.h"
#include "workers/sqlite/types/tsvector.h"

#define TSQUERY_DISTANCE_MAX 16384

/* The numbers of operators are those of the binary form, which their order goes by, too. */
enum tsquery_kind { TSQUERY_WORD, TSQUERY_NOT, TSQUERY_AND, TSQUERY_OR, TSQUERY_PHRASE, TSQUERY_STOP };

struct tsquery_node {
	enum tsquery_kind kind;
	uint32_t size;	     /* of nodes: its own and those below it */
	uint16_t distance;   /* of PHRASE */
	uint8_t weights;     /* of a word: a bit for each weight, 1 for D; 0: any */
	bool prefix;	     /* of a word */
	uint32_t at, length; /* of a word: its text */
};

/* Operands stand before their operator: the right one (NOT's only one) at i - 1, the left one before all of the right
 * one, the root last. Nothing that walks one recurs. Zeroed, it is the empty query. */
struct tsquery {
	struct tsquery_node *nodes;
	size_t n, capacity;
	char *text;
	size_t used, room;
};

/* Of an operator at i. */
#define TSQUERY_RIGHT(i) ((i)-1)
#define TSQUERY_LEFT(q, i) ((i)-1 - (q)->nodes[(i)-1].size)

void tsquery_free(struct tsquery *q);
const char *tsquery_text(const struct tsquery *q, const struct tsquery_node *node);
/* Building, operands first; 54000, 53200. */
int tsquery_add_word(struct tsquery *q, const char *text, size_t length, unsigned weights, bool prefix,
    struct report *r);
int tsquery_add_stop(struct tsquery *q, struct report *r);
int tsquery_add_operator(struct tsquery *q, enum tsquery_kind kind, unsigned distance, struct report *r);
/* Appends what stands under node i of another. */
int tsquery_add_part(struct tsquery *q, const struct tsquery *from, size_t i, struct report *r);

/* What a word of a text becomes: by itself, a word. It must leave one operand, a stop at the least. */
typedef int tsquery_word_fn(void *arg, struct tsquery *q, const char *text, size_t length, unsigned weights,
    bool prefix, struct report *r);
/* How a text is read: as tsquery's own, or as people type into a search box. */
enum tsquery_form { TSQUERY_STANDARD, TSQUERY_WEB };
/* word NULL: as it stands. 42601, 22023, 54000, 53200. */
int tsquery_read(enum tsquery_form form, const char *data, size_t length, tsquery_word_fn *word, void *arg,
    struct tsquery *out, struct report *r);
#define tsquery_parse(data, length, out, r) tsquery_read(TSQUERY_STANDARD, data, length, NULL, NULL, out, r)
/* As PostgreSQL shows it; and as it is kept, which also says how operands of one operator are grouped. */
void tsquery_put(struct pgwire_buffer *out, const struct tsquery *q);
void tsquery_put_kept(struct pgwire_buffer *out, const struct tsquery *q);
int tsquery_from_binary(struct pgwire_reader *in, struct tsquery *out, struct report *r);
void tsquery_to_binary(struct pgwire_buffer *out, const struct tsquery *q);
/* As PostgreSQL sorts them: <0, 0, >0. What is out of memory counts as equal. */
int tsquery_compare(const struct tsquery *a, const struct tsquery *b);
/* Nodes i and j of two queries. */
int tsquery_compare_nodes(const struct tsquery *a, size_t i, const struct tsquery *b, size_t j);

#endif
