/* What happened, for programs: one object for each paragraph, and one for what has no time. */
#include "workers/control/shared/escape.h"
#include "workers/control/show/json.h"

static const char
    *const json_story_kinds[] = { [STORY_BESIDE] = "beside", [STORY_OUTAGE] = "outage", [STORY_PAUSE] = "pause" };
_Static_assert(sizeof(json_story_kinds) / sizeof(json_story_kinds[0]) == STORY_KINDS, "one name for each kind");

static void
json_story_entries(struct json *json, const struct story_paragraph *paragraph)
{
	char sentence[STORY_SENTENCE_MAX];

	json_open(json, "entries", '[');
	for (size_t i = 0; i < paragraph->n; i++) {
		const struct story_entry *entry = &paragraph->entries[i];

		(void)fputs(i == 0 ? "" : ",", json->file);
		json_open(json, NULL, '{');
		json_time(json, "time", entry->time_us);
		json_text(json, "source", entry->source);
		json_text(json, "code", entry->code);
		json_text(json, "text", entry->text);
		json_text(json, "sentence", story_sentence(entry, sentence, sizeof(sentence)));
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void
json_story_paragraph(const struct render *render, const struct story_paragraph *paragraph)
{
	struct json json = json_begin(render);
	char heading[STORY_SENTENCE_MAX];
	int64_t until = paragraph->end_us == 0 ? render->now_us : paragraph->end_us;

	json_text(&json, "kind", json_story_kinds[paragraph->kind]);
	if (paragraph->kind != STORY_BESIDE) {
		json_time(&json, "begin", paragraph->begin_us);
		json_time(&json, "end", paragraph->end_us);
		json_number(&json, "milliseconds",
		    until < paragraph->begin_us ? 0 : (uint64_t)(until - paragraph->begin_us) / 1000);
		json_text(&json, "cause", paragraph->cause);
		json_text(&json, "sentence", story_heading(paragraph, render->now_us, heading, sizeof(heading)));
		json_text_or_null(&json, "consequence", paragraph->consequence);
	}
	json_story_entries(&json, paragraph);
	json_end(&json);
}

void
json_story(const struct render *render, const struct story *story)
{
	struct json json;

	for (size_t i = 0; i < story->nparagraphs; i++)
		json_story_paragraph(render, &story->paragraphs[i]);
	json = json_begin(render);
	json_text(&json, "kind", "around");
	json_time(&json, "from", story->from_us);
	json_time(&json, "to", story->to_us);
	json_boolean(&json, "happened", story->nparagraphs > 0);
	json_open(&json, "notes", '[');
	for (size_t i = 0; i < story->nnotes; i++) {
		(void)fputs(i == 0 ? "" : ",", json.file);
		escape_put_json(json.file, story->notes[i]);
	}
	json_close(&json, ']');
	json_end(&json);
}
