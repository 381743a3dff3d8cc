/* Abbreviations of time zones. */
#include <string.h>

#include "workers/sqlite/types/codec.h"

static const struct type_abbreviation abbreviations[] = {
#define ABBREVIATION(name, offset_s, summer, zone) { name, offset_s, summer, zone },
#include "workers/sqlite/types/zone_abbreviations.def"
#undef ABBREVIATION
};

const struct type_abbreviation *
type_zone_abbreviation(const char *word)
{
	size_t low = 0, high = sizeof(abbreviations) / sizeof(abbreviations[0]);

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(word, abbreviations[middle].name);

		if (order == 0)
			return &abbreviations[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
