/*
 * ts_rewrite(query, target, substitute).
 */
#include "workers/sqlite/functions/ts_value.h"

void
ts_rewrite_query(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct ts_poll poll = ts_poll_of(function_session(c));
	struct tsquery q = { .nodes = NULL }, target = { .nodes = NULL }, substitute = { .nodes = NULL };
	struct report r = { 0 };

	(void)argc;
	if (ts_take_query(c, argv[0], &q) && ts_take_query(c, argv[1], &target) &&
	    ts_take_query(c, argv[2], &substitute)) {
		if (ts_rewrite(&q, &target, &substitute, &poll, &r) < 0)
			function_fail_report(c, &r);
		else
			ts_give_query(c, &q);
	}
	tsquery_free(&q);
	tsquery_free(&target);
	tsquery_free(&substitute);
}
