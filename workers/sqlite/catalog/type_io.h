/*
 * The functions by which PostgreSQL reads and writes values of its types: nobody calls them here, but pg_type names
 * them, and drivers tell by them what a type is.
 */
#ifndef BIBD_SQLITE_CATALOG_TYPE_IO_H
#define BIBD_SQLITE_CATALOG_TYPE_IO_H

#include <stdint.h>

#include "workers/sqlite/catalog/fill.h"

/* OIDs in pg_proc. */
struct type_io {
	uint32_t type, input, output, receive, send;
};
/* Of a type that PostgreSQL has; one with zeroes where it is not known. */
const struct type_io *type_io_of(uint32_t type);
/* Of arrays, enums, domains and rows. */
extern const struct type_io type_io_array, type_io_enum, type_io_domain, type_io_record;

/* The function's name; NULL: it is none of these. And its OID by its name; 0: it is none of these. */
const char *type_io_name(uint32_t oid);
uint32_t type_io_find(const char *name);

/* Their rows of pg_proc. */
void fill_type_io(struct fill *fill);

#endif
