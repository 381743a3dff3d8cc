/* Words in dates and times. */
#include "workers/sqlite/types/datetime_words.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *word;
	enum datetime_word_kind kind;
	int value;
} words[] = { { "-infinity", WORD_MINUS_INFINITY, 0 }, { "ad", WORD_ERA, 0 }, { "allballs", WORD_MIDNIGHT, 0 },
	{ "am", WORD_HALF, 0 }, { "apr", WORD_MONTH, 4 }, { "april", WORD_MONTH, 4 }, { "at", WORD_IGNORED, 0 },
	{ "aug", WORD_MONTH, 8 }, { "august", WORD_MONTH, 8 }, { "bc", WORD_ERA, 1 },
	{ "d", WORD_UNIT, DATETIME_UNIT_DAY }, { "dec", WORD_MONTH, 12 }, { "december", WORD_MONTH, 12 },
	{ "dow", WORD_UNIT, DATETIME_UNIT_OTHER }, { "doy", WORD_UNIT, DATETIME_UNIT_OTHER },
	{ "dst", WORD_SUMMER, 3600 }, { "epoch", WORD_EPOCH, 0 }, { "feb", WORD_MONTH, 2 },
	{ "february", WORD_MONTH, 2 }, { "fri", WORD_DAY, 5 }, { "friday", WORD_DAY, 5 },
	{ "h", WORD_UNIT, DATETIME_UNIT_HOUR }, { "infinity", WORD_INFINITY, 0 },
	{ "isodow", WORD_UNIT, DATETIME_UNIT_OTHER }, { "isoyear", WORD_UNIT, DATETIME_UNIT_OTHER },
	{ "j", WORD_UNIT, DATETIME_UNIT_JULIAN }, { "jan", WORD_MONTH, 1 }, { "january", WORD_MONTH, 1 },
	{ "jd", WORD_UNIT, DATETIME_UNIT_JULIAN }, { "jul", WORD_MONTH, 7 },
	{ "julian", WORD_UNIT, DATETIME_UNIT_JULIAN }, { "july", WORD_MONTH, 7 }, { "jun", WORD_MONTH, 6 },
	{ "june", WORD_MONTH, 6 }, { "m", WORD_UNIT, DATETIME_UNIT_MONTH }, { "mar", WORD_MONTH, 3 },
	{ "march", WORD_MONTH, 3 }, { "may", WORD_MONTH, 5 }, { "mm", WORD_UNIT, DATETIME_UNIT_MINUTE },
	{ "mon", WORD_DAY, 1 }, { "monday", WORD_DAY, 1 }, { "nov", WORD_MONTH, 11 }, { "november", WORD_MONTH, 11 },
	{ "now", WORD_NOW, 0 }, { "oct", WORD_MONTH, 10 }, { "october", WORD_MONTH, 10 }, { "on", WORD_IGNORED, 0 },
	{ "pm", WORD_HALF, 1 }, { "s", WORD_UNIT, DATETIME_UNIT_SECOND }, { "sat", WORD_DAY, 6 },
	{ "saturday", WORD_DAY, 6 }, { "sep", WORD_MONTH, 9 }, { "sept", WORD_MONTH, 9 },
	{ "september", WORD_MONTH, 9 }, { "sun", WORD_DAY, 0 }, { "sunday", WORD_DAY, 0 },
	{ "t", WORD_UNIT, DATETIME_UNIT_TIME }, { "thu", WORD_DAY, 4 }, { "thur", WORD_DAY, 4 },
	{ "thurs", WORD_DAY, 4 }, { "thursday", WORD_DAY, 4 }, { "today", WORD_TODAY, 0 },
	{ "tomorrow", WORD_TODAY, 1 }, { "tue", WORD_DAY, 2 }, { "tues", WORD_DAY, 2 }, { "tuesday", WORD_DAY, 2 },
	{ "wed", WORD_DAY, 3 }, { "wednesday", WORD_DAY, 3 }, { "weds", WORD_DAY, 3 },
	{ "y", WORD_UNIT, DATETIME_UNIT_YEAR }, { "yesterday", WORD_TODAY, -1 } };

enum datetime_word_kind
datetime_word(const char *word, int *value)
{
	*value = 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, word) == 0) {
			*value = words[i].value;
			return words[i].kind;
		}
	return WORD_NONE;
}
