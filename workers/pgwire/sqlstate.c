/*
 * The five characters of each SQLSTATE.
 */
#include "workers/pgwire/pgwire.h"

static const char *const codes[] = {
#define SQLSTATE(NAME, code, condition) code,
#include "workers/pgwire/sqlstates.def"
#undef SQLSTATE
};
_Static_assert(sizeof(codes) / sizeof(codes[0]) == SQLSTATES, "one code for each state");

const char *
sqlstate_code(enum sqlstate s)
{
	return (unsigned)s < SQLSTATES ? codes[s] : codes[SQLSTATE_INTERNAL_ERROR];
}
