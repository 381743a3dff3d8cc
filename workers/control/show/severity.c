/* How grave an event is: by the last word of its code, which means the same whatever it is about. */
#include <string.h>

#include "workers/control/show/render.h"

const char *const render_severity_names
    [] = { [RENDER_NOTICE] = "notice", [RENDER_EVENT_WARNING] = "warning", [RENDER_ERROR] = "error" };
_Static_assert(sizeof(render_severity_names) / sizeof(render_severity_names[0]) == RENDER_SEVERITIES, "one name each");

#define SEVERITY_FAILED "failed" /* alone, or what failed before it: start_failed, io_failed */

/* An event whose last word is not in this table is a notice. */
static const struct {
	const char *word;
	enum render_severity severity;
} severity_words[] = {
	{ "damaged", RENDER_ERROR },
	{ "exited", RENDER_ERROR },
	{ "killed", RENDER_ERROR },
	{ "removed", RENDER_ERROR },
	{ "out_of_memory", RENDER_ERROR },
	{ "process_died", RENDER_ERROR },
	{ "process_out_of_memory", RENDER_ERROR },
	{ "incompatible", RENDER_ERROR },
	{ "unhealthy", RENDER_ERROR },
	{ "unresponsive", RENDER_ERROR },
	{ "late", RENDER_ERROR },
	{ "down", RENDER_ERROR },
	{ "disk_full", RENDER_ERROR },
	{ "engine_lost", RENDER_ERROR },
	{ "broken", RENDER_ERROR },
	{ "away", RENDER_ERROR },
	{ "unwritten", RENDER_ERROR },
	{ "expiring", RENDER_EVENT_WARNING },
	{ "unsigned", RENDER_EVENT_WARNING },
	{ "unclean", RENDER_EVENT_WARNING },
	{ "set_aside", RENDER_EVENT_WARNING },
	{ "wal_held", RENDER_EVENT_WARNING },
	{ "lacks", RENDER_EVENT_WARNING },
	{ "descriptors", RENDER_EVENT_WARNING },
	{ "paused", RENDER_EVENT_WARNING },
	{ "still_paused", RENDER_EVENT_WARNING },
	{ "repaired", RENDER_EVENT_WARNING },
	{ "backend_changed", RENDER_EVENT_WARNING },
	{ "begun_anew", RENDER_EVENT_WARNING },
	{ "low", RENDER_EVENT_WARNING },
	{ "unlimited", RENDER_EVENT_WARNING },
	{ "stopped_by_operator", RENDER_EVENT_WARNING },
	{ "restarted_by_operator", RENDER_EVENT_WARNING },
};

enum render_severity
render_severity(const char *code)
{
	const char *dot = strrchr(code, '.'), *word = dot == NULL ? code : dot + 1;
	size_t length = strlen(word), failed = sizeof(SEVERITY_FAILED) - 1;

	if (length >= failed && strcmp(word + length - failed, SEVERITY_FAILED) == 0)
		return RENDER_ERROR;
	for (size_t i = 0; i < sizeof(severity_words) / sizeof(severity_words[0]); i++)
		if (strcmp(word, severity_words[i].word) == 0)
			return severity_words[i].severity;
	return RENDER_NOTICE;
}
