/*
 * The order of PostgreSQL's types among values of SQLite's.
 */
#ifndef BIBD_SQLITE_FUNCTION_VALUE_ORDER_H
#define BIBD_SQLITE_FUNCTION_VALUE_ORDER_H

#include <sqlite3.h>
#include <stdint.h>

/* <0, 0, >0: of two values of that type, neither of them NULL. Types whose order is neither that of numbers, nor of
 * bytes, nor one that types/codec.h has, are not for it: dialect/ordered_call.c refuses them. */
int value_order(uint32_t oid, sqlite3_value *left, sqlite3_value *right);

#endif
