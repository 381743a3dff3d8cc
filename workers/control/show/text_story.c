/* What happened, for people: a paragraph for each outage, a line for each thing, the day where it changes. */
#include <string.h>
#include <time.h>

#include "workers/control/shared/escape.h"
#include "workers/control/show/text.h"

/* "12:03:10.120", local time. */
static void
text_story_clock(const struct render *render, int64_t us)
{
	time_t seconds = (time_t)(us / 1000000);
	char text[16] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%H:%M:%S", &tm);
	(void)fprintf(render->out, "  %s.%03d  ", text, (int)(us < 0 ? 0 : us % 1000000 / 1000));
}

/* Writes the day of what follows, if it differs from the one before. */
static void
text_story_day(const struct render *render, int64_t us, char day[TEXT_TIME_MAX])
{
	char when[TEXT_TIME_MAX];

	(void)text_time(us, when, sizeof(when));
	when[strcspn(when, " ")] = '\0';
	if (strcmp(when, day) == 0)
		return;
	(void)snprintf(day, TEXT_TIME_MAX, "%s", when);
	text_put(render, TEXT_BOLD, day);
	(void)fputc('\n', render->out);
}

static void
text_story_paragraph(const struct render *render, const struct story_paragraph *paragraph, char day[TEXT_TIME_MAX])
{
	char sentence[STORY_SENTENCE_MAX];

	if (paragraph->n > 0)
		text_story_day(render, paragraph->entries[0].time_us, day);
	if (paragraph->kind != STORY_BESIDE) {
		text_put(render, paragraph->kind == STORY_OUTAGE ? TEXT_BAD : TEXT_PENDING,
		    story_heading(paragraph, render->now_us, sentence, sizeof(sentence)));
		(void)fprintf(render->out, "%s%s\n", paragraph->consequence == NULL ? "" : " ",
		    paragraph->consequence == NULL ? "" : paragraph->consequence);
	}
	for (size_t i = 0; i < paragraph->n; i++) {
		text_story_day(render, paragraph->entries[i].time_us, day);
		text_story_clock(render, paragraph->entries[i].time_us);
		escape_put_text(render->out, story_sentence(&paragraph->entries[i], sentence, sizeof(sentence)));
		(void)fputc('\n', render->out);
	}
	(void)fputc('\n', render->out);
}

void
text_story(const struct render *render, const struct story *story)
{
	char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX], day[TEXT_TIME_MAX] = "";

	for (size_t i = 0; i < story->nparagraphs; i++)
		text_story_paragraph(render, &story->paragraphs[i], day);
	if (story->nparagraphs == 0)
		(void)fprintf(render->out, "Nothing happened from %s to %s.\n",
		    text_time(story->from_us, from, sizeof(from)), text_time(story->to_us, to, sizeof(to)));
	for (size_t i = 0; i < story->nnotes; i++) {
		escape_put_text(render->out, story->notes[i]);
		(void)fputc('\n', render->out);
	}
}
