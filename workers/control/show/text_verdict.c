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

static void
text_verdict_problems(const struct render *render, const struct verdict *verdict, bool in_first_line)
{
	static const enum text_color
	    colors[] = { [VERDICT_HINT] = TEXT_PLAIN, [VERDICT_TROUBLE] = TEXT_PENDING, [VERDICT_OUTAGE] = TEXT_BAD };

	for (size_t i = 0; i < verdict->nproblems; i++) {
		if (i > 0 || !in_first_line)
			text_label(render, i == 0 ? "wrong" : i == 1 && in_first_line ? "besides" : "");
		text_put(render, colors[verdict->problems[i].weight], verdict->problems[i].text);
		if (i == 0 && in_first_line && verdict->nproblems > 1)
			(void)fprintf(render->out, "; and %zu more", verdict->nproblems - 1);
		(void)fputc('\n', render->out);
	}
}

void
text_verdict(const struct render *render, const struct snapshot *status, bool in_first_line)
{
	char when[TEXT_TIME_MAX], ago[RENDER_AGO_SIZE];
	struct verdict verdict;

	verdict_make(&verdict, status, render->now_us);
	text_put(render, text_verdict_color(&verdict), verdict.served ? "ready" : "not ready");
	(void)fputs(": ", render->out);
	(void)fprintf(render->out, "%s since %s (%s)%s", verdict.words, text_time(verdict.since_us, when, sizeof(when)),
	    render_ago(render->now_us - verdict.since_us, ago, sizeof(ago)), *verdict.detail == '\0' ? "" : ": ");
	escape_put_text(render->out, verdict.detail);
	(void)fputs(verdict.nproblems > 0 && in_first_line ? "; " : "\n", render->out);
	text_verdict_problems(render, &verdict, in_first_line);
}
