/*
 * The order of PostgreSQL's types among values of SQLite's.
 */
#ifndef BIBD_SQLITE_FUNCTION_VALUE_ORDER_H
#define BIBD_SQLITE_FUNCTION_VALUE_ORDER_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* <0, 0, >0: of two values of that type, neither of them NULL. Types whose order is neither that of numbers, nor of
 * bytes, nor one that types/codec.h has, are not for it: dialect/ordered_call.c refuses them. */
int value_order(uint32_t oid, sqlite3_value *left, sqlite3_value *right);

/* One item of an ORDER BY, as the translator writes it to a function: '<' or '>', the type's OID, 'f' or 'l' for NULLS
 * FIRST or LAST. */
struct value_key {
	uint32_t oid;
	bool descending, nulls_first;
};
#define VALUE_KEYS_MAX 32
/* Reads them to the text's end. False: it has others than the translator's words, or more than VALUE_KEYS_MAX. */
bool value_keys_read(const char *text, struct value_key keys[VALUE_KEYS_MAX], size_t *n);
/* <0, 0, >0: of two rows of that many values, by such an ORDER BY. */
int value_keys_order(const struct value_key *keys, size_t n, sqlite3_value *const *left, sqlite3_value *const *right);

#endif
