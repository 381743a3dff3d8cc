/* The first lines of a status for people: whether clients are served, since when, and what is wrong. */
#include "workers/control/shared/escape.h"
#include "workers/control/show/text.h"
#include "workers/control/show/verdict.h"

/* Green: all is well. Yellow: clients are served, and something is wrong; or they are not, as it is meant to be. */
static enum text_color
text_verdict_color(const struct verdict *verdict)
{
	if (verdict->served && (verdict->nproblems == 0 || verdict->problems[0].weight == VERDICT_HINT))
		return TEXT_GOOD;
	return verdict->served || verdict->expected ? TEXT_PENDING : TEXT_BAD;
}

void
text_verdict(const struct render *render, const struct snapshot *status)
{
	static const enum text_color
	    colors[] = { [VERDICT_HINT] = TEXT_PLAIN, [VERDICT_TROUBLE] = TEXT_PENDING, [VERDICT_OUTAGE] = TEXT_BAD };
	char when[TEXT_TIME_MAX], ago[RENDER_AGO_SIZE];
	struct verdict verdict;

	verdict_make(&verdict, status, render->now_us);
	text_put(render, text_verdict_color(&verdict), verdict.served ? "ready" : "not ready");
	(void)fputs(": ", render->out);
	(void)fprintf(render->out, "%s since %s (%s)%s", verdict.words, text_time(verdict.since_us, when, sizeof(when)),
	    render_ago(render->now_us - verdict.since_us, ago, sizeof(ago)), *verdict.detail == '\0' ? "" : ": ");
	escape_put_text(render->out, verdict.detail);
	for (size_t i = 0; i < verdict.nproblems; i++) {
		if (i == 0)
			(void)fputs("; ", render->out);
		else
			text_label(render, i == 1 ? "besides" : "");
		text_put(render, colors[verdict.problems[i].weight], verdict.problems[i].text);
		if (i == 0 && verdict.nproblems > 1)
			(void)fprintf(render->out, "; and %zu more", verdict.nproblems - 1);
		(void)fputc('\n', render->out);
	}
	if (verdict.nproblems == 0)
		(void)fputc('\n', render->out);
}
