/*
 * Functions of extensions: called by name through bibd_own(), as the file's own functions are (set_own.c).
 */
#ifndef BIBD_SQLITE_FUNCTIONS_NATIVE_H
#define BIBD_SQLITE_FUNCTIONS_NATIVE_H

#include "workers/sqlite/functions/functions.h"

/* Calls it; a NULL among the arguments makes the result NULL. */
void native_call(sqlite3_context *c, const char *name, int argc, sqlite3_value **argv);

#define NATIVE(name, body) function_body body;
#include "workers/sqlite/functions/natives.def"
#undef NATIVE

/* ---- shared among them ---- */

/* The digest of these bytes one behind the other, by its name; its length, or 0: no digest here is called so. */
#define NATIVE_DIGEST_MAX 64
struct native_bytes {
	const void *data;
	size_t length;
};
size_t native_digest_of(const char *name, const struct native_bytes *parts, size_t n,
    uint8_t digest[NATIVE_DIGEST_MAX]);
struct native_bytes native_bytes_of(sqlite3_value *value);
/* Random bytes; false: there are none, and the call has failed. */
bool native_random(sqlite3_context *c, void *bytes, size_t n);

#endif
