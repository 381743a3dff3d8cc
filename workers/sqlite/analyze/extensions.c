/*
 * Expands extensions.def.
 */
#include "workers/sqlite/analyze/extensions.h"

#include <string.h>

#include "workers/sqlite/types/types.h"

#define EXTENSION(n, v, c) { .name = (n), .version = (v), .comment = (c) },
#define MEMBER(...)
#define NAMED(...)
#define UNHAD(...)
static const struct extension_fact extensions[] = {
#include "workers/sqlite/analyze/extensions.def"
};
#undef EXTENSION
#undef MEMBER
#undef NAMED
#undef UNHAD

/* A 0 alone stands for no argument. */
#define FIRST(first, ...) (first)
#define COUNT(...) (sizeof((uint32_t[]) { __VA_ARGS__ }) / sizeof(uint32_t) - (FIRST(__VA_ARGS__, 0) == 0 ? 1 : 0))
#define ROW(e, n, v, had, r, a, ...) \
	{ .extension = (e), \
		.name = (n), \
		.volatility = (v), \
		.computed = (had), \
		.result = (r), \
		.names = (a), \
		.narguments = COUNT(__VA_ARGS__), \
		.arguments = { __VA_ARGS__ } },
#define EXTENSION(...)
#define MEMBER(e, n, v, r, ...) ROW(e, n, v, true, r, NULL, __VA_ARGS__)
#define NAMED(e, n, v, r, a, ...) ROW(e, n, v, true, r, a, __VA_ARGS__)
#define UNHAD(e, n, v, r, ...) ROW(e, n, v, false, r, NULL, __VA_ARGS__)
static const struct extension_member members[] = {
#include "workers/sqlite/analyze/extensions.def"
};
#undef EXTENSION
#undef MEMBER
#undef NAMED
#undef UNHAD

const struct extension_fact *
extension_by_index(size_t i)
{
	return i < sizeof(extensions) / sizeof(extensions[0]) ? &extensions[i] : NULL;
}

const struct extension_fact *
extension_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
		if (strcmp(extensions[i].name, name) == 0)
			return &extensions[i];
	return NULL;
}

const struct extension_member *
extension_member_by_index(size_t i)
{
	return i < sizeof(members) / sizeof(members[0]) ? &members[i] : NULL;
}
