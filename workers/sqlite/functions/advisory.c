/*
 * What sessions have to do with each other: notifications, and advisory locks. Nobody waits for one of these: a wait
 * would keep a thread, and the lock's holder needs one to give it back.
 */
#include <stdlib.h>

#include "workers/sqlite/functions/functions.h"

enum advisory_use { ADVISORY_WAIT, ADVISORY_TRY, ADVISORY_UNLOCK };

/* One bigint, or two integers, which are keys of another kind. */
static struct sql_advisory
read_key(int argc, sqlite3_value **argv)
{
	uint64_t high = (uint32_t)sqlite3_value_int(argv[0]);

	if (argc == 1)
		return (struct sql_advisory) { .key = sqlite3_value_int64(argv[0]) };
	return (
	    struct sql_advisory) { .key = (int64_t)(high << 32 | (uint32_t)sqlite3_value_int(argv[1])), .pair = true };
}

static void
use_lock(sqlite3_context *c, int argc, sqlite3_value **argv, enum advisory_use use, bool shared, bool transaction)
{
	const struct sql_context *context = function_session(c);
	struct sql_advisory lock = read_key(argc, argv);
	int result;

	if (context->sessions == NULL) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "advisory locks are not supported here on SQLite");
		return;
	}
	lock.shared = shared;
	lock.transaction = transaction;
	result = context->sessions->advise(context->sessions->arg, context->backend_pid, &lock, use != ADVISORY_UNLOCK);
	if (result == -1)
		function_fail(c, SQLSTATE_OUT_OF_MEMORY, "out of memory for advisory locks");
	else if (use != ADVISORY_WAIT)
		sqlite3_result_int(c, result);
	else if (result == 1)
		function_result_string(c, "");
	else
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "waiting for an advisory lock is not supported on SQLite: another session has it "
		    "(pg_try_advisory_lock asks)");
}

#define ADVISORY(name, use, shared, transaction) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) \
	{ \
		use_lock(c, argc, argv, use, shared, transaction); \
	}
ADVISORY(advisory_lock, ADVISORY_WAIT, false, false)
ADVISORY(advisory_lock_shared, ADVISORY_WAIT, true, false)
ADVISORY(advisory_xact_lock, ADVISORY_WAIT, false, true)
ADVISORY(advisory_xact_lock_shared, ADVISORY_WAIT, true, true)
ADVISORY(advisory_try, ADVISORY_TRY, false, false)
ADVISORY(advisory_try_shared, ADVISORY_TRY, true, false)
ADVISORY(advisory_try_xact, ADVISORY_TRY, false, true)
ADVISORY(advisory_try_xact_shared, ADVISORY_TRY, true, true)
ADVISORY(advisory_unlock, ADVISORY_UNLOCK, false, false)
ADVISORY(advisory_unlock_shared, ADVISORY_UNLOCK, true, false)
#undef ADVISORY

void
advisory_unlock_all(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct sql_context *context = function_session(c);

	(void)argc;
	(void)argv;
	if (context->sessions != NULL)
		context->sessions->advise(context->sessions->arg, context->backend_pid, NULL, false);
	function_result_string(c, "");
}

/* ---- LISTEN and NOTIFY ---- */

/* Nulls are empty, as there. */
void
session_notify(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct sql_context *context = function_session(c);
	size_t length;
	struct report r = { 0 };

	(void)argc;
	if (context->sessions == NULL || context->session == NULL)
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "pg_notify() is not supported here on SQLite");
	else if (context->sessions->notify(context->session, function_text(argv[0], &length),
		     function_text(argv[1], &length), &r) == -1)
		function_fail_report(c, &r);
	else
		function_result_string(c, "");
	report_reset(&r);
}

/* Nothing of the queue is there that waits for nobody. */
void
session_queue_usage(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_double(c, 0);
}
