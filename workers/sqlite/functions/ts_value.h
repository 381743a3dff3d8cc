/*
 * What the functions of text search have in common: arguments taken, results given. Private to ts_*.c and to
 * set_textsearch.c. What returns false has failed the call.
 */
#ifndef BIBD_SQLITE_TS_VALUE_H
#define BIBD_SQLITE_TS_VALUE_H

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/textsearch/textsearch.h"

/* What was taken is to be freed. */
bool ts_take_vector(sqlite3_context *c, sqlite3_value *value, struct tsvector *out);
bool ts_take_query(sqlite3_context *c, sqlite3_value *value, struct tsquery *out);
/* Both free what they give. */
void ts_give_vector(sqlite3_context *c, struct tsvector *v);
void ts_give_query(sqlite3_context *c, struct tsquery *q);
/* The end of a function that has built a vector, or a text: gives it, or what `result` or the building failed with.
 * Frees what it is given. */
void ts_give_built(sqlite3_context *c, int result, struct tsvector_builder *builder, struct report *r);
void ts_give_text(sqlite3_context *c, int result, struct pgwire_buffer *out, struct report *r);
/* A letter of "char" as a weight, 0 for D to 3 for A. */
bool ts_take_weight(sqlite3_context *c, sqlite3_value *value, unsigned *weight);
/* A regconfig; value NULL: that of the session. */
const struct ts_config *ts_take_config(sqlite3_context *c, sqlite3_value *value);
/* The configuration, where it is the first of the arguments, else the session's; *argv and *argc move behind it. */
const struct ts_config *ts_take_first_config(sqlite3_context *c, int *argc, sqlite3_value ***argv);
/* ts_config.c: the name of what a regconfig or a regdictionary (the type) is; NULL: of no other type, or there is none
 * with that OID. */
const char *ts_name_of(uint32_t type, int64_t oid);
struct ts_poll ts_poll_of(const struct sql_context *session);
/* default_text_search_config; NULL: reported. */
const struct ts_config *ts_session_config(const struct sql_context *session, struct report *r);

#endif
