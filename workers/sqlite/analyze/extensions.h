/*
 * Which extensions of PostgreSQL's there can be, and which functions are theirs.
 */
#ifndef BIBD_SQLITE_ANALYZE_EXTENSIONS_H
#define BIBD_SQLITE_ANALYZE_EXTENSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXTENSION_ARGUMENTS_MAX 6

struct extension_fact {
	const char *name, *version, *comment;
};

/* A function of one. computed: a function of functions/natives.def bears the same name; else a call is refused. */
struct extension_member {
	const char *extension, *name;
	char volatility; /* pg_proc.provolatile */
	bool computed;
	uint32_t result;
	const char *names; /* of the arguments, with commas between; NULL: they have none */
	unsigned narguments;
	uint32_t arguments[EXTENSION_ARGUMENTS_MAX];
};

/* NULL after the last. */
const struct extension_fact *extension_by_index(size_t i);
const struct extension_fact *extension_by_name(const char *name);
const struct extension_member *extension_member_by_index(size_t i);

#endif
