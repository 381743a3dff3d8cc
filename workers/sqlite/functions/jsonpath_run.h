/*
 * A jsonpath asked of a document: private to the files jsonpath_*.c.
 */
#ifndef BIBD_SQLITE_JSONPATH_RUN_H
#define BIBD_SQLITE_JSONPATH_RUN_H

#include "workers/sqlite/functions/json_span.h"
#include "workers/sqlite/types/jsonpath.h"

/* What one evaluation may keep: items, and texts that it made. */
#define JSONPATH_BYTES_MAX FUNCTION_RESULT_MAX
/* How deep steps, operators and levels of documents may be in each other. */
#define JSONPATH_RUN_DEPTH_MAX 4000

enum jsonpath_result { PATH_OK, PATH_NOT_FOUND, PATH_ERROR };
enum jsonpath_truth { PATH_FALSE, PATH_TRUE, PATH_UNKNOWN };

/* Parts of the document, or texts of the run. */
struct jsonpath_items {
	struct json_span *list;
	size_t n, capacity;
};

struct jsonpath_text {
	struct jsonpath_text *next;
	char text[];
};

struct jsonpath_run {
	const struct jsonpath *path;
	const struct sql_context *session;
	struct json_span root, current, vars; /* vars.at NULL: none */
	bool lax, forgiving; /* forgiving: a step that doesn't fit finds nothing; else it is an error */
	bool silent;	     /* errors are not told: they make predicates unknown */
	bool fatal;	     /* ended, whatever is silent */
	int64_t array_size;  /* of the innermost [...]; -1: none */
	unsigned asked, depth;
	size_t bytes;
	struct jsonpath_text *texts;
	struct report report; /* of the error */
};

/* `vars` may be NULL. Frees nothing of what it is given; jsonpath_run_close frees what the run made, so that items of
 * it are no more. Items are in the order that PostgreSQL has. PATH_ERROR: the run's report says why, if it isn't
 * silent; `found` has what was found before. found NULL: only whether there is any. */
void jsonpath_run_open(struct jsonpath_run *run, const struct jsonpath *path, const struct sql_context *session,
    struct json_span document, const struct json_span *vars, bool silent);
enum jsonpath_result jsonpath_run(struct jsonpath_run *run, struct jsonpath_items *found);
void jsonpath_run_close(struct jsonpath_run *run);
void jsonpath_items_free(struct jsonpath_items *items);

/* ---- jsonpath_run.c ---- */
typedef const struct jsonpath_node jsonpath_step;
/* The step on an item; found NULL: whether there is anything. */
enum jsonpath_result jsonpath_step_into(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found);
/* The step behind, or the item itself. */
enum jsonpath_result jsonpath_step_behind(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found);
/* All that an operand is; in lax mode arrays are taken apart if `unwrap`. */
enum jsonpath_result jsonpath_operand(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, bool unwrap,
    struct jsonpath_items *found);

/* ---- jsonpath_keep.c ---- */
bool jsonpath_items_add(struct jsonpath_run *run, struct jsonpath_items *items, struct json_span item);
/* An error that a silent run keeps for itself; and one that it doesn't. */
enum jsonpath_result jsonpath_fail(struct jsonpath_run *run, enum sqlstate state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
enum jsonpath_result jsonpath_end(struct jsonpath_run *run, enum sqlstate state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* False: the statement was cancelled, or the run is too deep; it is over. */
bool jsonpath_may_go_on(struct jsonpath_run *run);
/* A text that lives as long as the run; at NULL: out of memory, and over. */
struct json_span jsonpath_keep(struct jsonpath_run *run, const char *text, size_t length);
struct json_span jsonpath_keep_string(struct jsonpath_run *run, const char *text, size_t length);
struct json_span jsonpath_keep_integer(struct jsonpath_run *run, int64_t value);
/* Whether the answer is known, and nothing more is looked for. */
bool jsonpath_is_settled(enum jsonpath_result result, const struct jsonpath_items *found);
/* What does not fit: PATH_NOT_FOUND in lax mode, else an error as by jsonpath_fail(). */
enum jsonpath_result jsonpath_misfit(struct jsonpath_run *run, enum sqlstate state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- jsonpath_predicate.c ---- */
enum jsonpath_truth jsonpath_is_true(struct jsonpath_run *run, jsonpath_step *predicate, struct json_span item);

/* ---- jsonpath_value.c: steps that are values of their own ---- */
enum jsonpath_result jsonpath_take_value(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found, bool unwrap);
enum jsonpath_result jsonpath_take_predicate(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found, bool unwrap);
enum jsonpath_result jsonpath_take_arithmetic(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found, bool unwrap);

/* ---- jsonpath_number.c ---- */
enum jsonpath_result jsonpath_arithmetic(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found);
/* Methods of numbers: abs, floor, ceiling, double. */
enum jsonpath_result jsonpath_number_method(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found);
/* A subscript; PATH_NOT_FOUND never. */
enum jsonpath_result jsonpath_subscript(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    int64_t *index);
bool jsonpath_is_number(struct json_span item);

/* The same step for each element. */
enum jsonpath_result jsonpath_unwrap(struct jsonpath_run *run, jsonpath_step *step, struct json_span array,
    struct jsonpath_items *found);

/* ---- jsonpath_method.c; `unwrap`: an array is taken apart first ---- */
enum jsonpath_result jsonpath_type(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found, bool unwrap);
enum jsonpath_result jsonpath_size(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found, bool unwrap);
enum jsonpath_result jsonpath_take_number(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found, bool unwrap);
enum jsonpath_result jsonpath_keyvalue(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found, bool unwrap);
enum jsonpath_result jsonpath_datetime(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found, bool unwrap);

#endif
