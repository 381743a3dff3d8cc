/* Shows what bibctl compat found, to people and to programs. */
#include "workers/control/show/compat.h"

#include <inttypes.h>

#include "workers/control/shared/escape.h"
#include "workers/control/show/json.h"
#include "workers/control/show/render.h"

static size_t
lines_of(const struct compat_reason *reason)
{
	return reason->count < COMPAT_LINES_MAX ? (size_t)reason->count : COMPAT_LINES_MAX;
}

static void
put_reason(const struct render *render, const struct compat_reason *reason)
{
	(void)fprintf(render->out, "%6" PRIu64 "  ", reason->count);
	escape_put_text(render->out, reason->message);
	(void)fprintf(render->out, " (%s)\n        line", reason->state);
	for (size_t i = 0; i < lines_of(reason); i++)
		(void)fprintf(render->out, "%s %" PRIu64, i > 0 ? "," : reason->count > 1 ? "s" : "", reason->lines[i]);
	(void)fprintf(render->out, "%s: ", reason->count > COMPAT_LINES_MAX ? ", ..." : "");
	escape_put_text(render->out, reason->statement);
	(void)fputc('\n', render->out);
}

static void
put_reasons(const struct render *render, const struct compat_report *report, bool refused, const char *heading)
{
	bool first = true;

	for (size_t i = 0; i < report->n; i++) {
		if (compat_is_refused(&report->reasons[i]) != refused)
			continue;
		if (first)
			(void)fprintf(render->out, "\n%s\n", heading);
		first = false;
		put_reason(render, &report->reasons[i]);
	}
}

void
text_compat(const struct render *render, const struct compat_report *report)
{
	(void)fprintf(render->out,
	    "%" PRIu64 " statements: %" PRIu64 " taken, %" PRIu64 " refused, %" PRIu64 " failed otherwise\n",
	    report->statements, report->taken, report->refused, report->failed);
	put_reasons(render, report, true, "Not on SQLite:");
	put_reasons(render, report, false,
	    "Errors that PostgreSQL gives as well, or that follow from what was refused:");
}

void
json_compat(const struct render *render, const struct compat_report *report)
{
	struct json json = json_begin(render);

	json_number(&json, "statements", report->statements);
	json_number(&json, "taken", report->taken);
	json_number(&json, "refused", report->refused);
	json_number(&json, "failed", report->failed);
	json_number(&json, "skipped_lines", report->skipped);
	json_open(&json, "reasons", '[');
	for (size_t i = 0; i < report->n; i++) {
		const struct compat_reason *reason = &report->reasons[i];

		(void)fputs(i == 0 ? "" : ",", json.file);
		json_open(&json, NULL, '{');
		json_boolean(&json, "refused", compat_is_refused(reason));
		json_text(&json, "sqlstate", reason->state);
		json_text(&json, "message", reason->message);
		json_number(&json, "count", reason->count);
		json_open(&json, "lines", '[');
		for (size_t k = 0; k < lines_of(reason); k++)
			(void)fprintf(json.file, "%s%" PRIu64, k == 0 ? "" : ",", reason->lines[k]);
		json_close(&json, ']');
		json_text(&json, "statement", reason->statement);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_end(&json);
}
