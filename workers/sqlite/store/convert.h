/*
 * Files of an older bibd, brought to today's forms of values.
 */
#ifndef BIBD_SQLITE_CONVERT_H
#define BIBD_SQLITE_CONVERT_H

#include "common/error.h"
#include "workers/sqlite/connection/connection.h"

#define STORE_VERSION 2 /* PRAGMA user_version of a file whose values all have today's forms */

/* In one transaction, before anybody is served; nothing to do is no write. STATUS_IO when it failed, and left
 * nothing. */
int store_convert(struct connection *connection, struct error *e);

#endif
