/*
 * The configurations and dictionaries that PostgreSQL 15 comes with.
 */
#include <string.h>

#include "workers/sqlite/textsearch/parser.h"
#include "workers/sqlite/textsearch/textsearch.h"

#define STOP_WORDS(language, ...) static const char *const language##_stops[] = { __VA_ARGS__ };
#include "workers/sqlite/textsearch/stopwords.def"
#undef STOP_WORDS

#define STEMS(name, oid) \
	{ \
#name "_stem", oid, #name, NULL, 0 \
	}
#define STOPS(name, oid) \
	{ \
#name "_stem", oid, #name, name##_stops, sizeof(name##_stops) / sizeof(name##_stops[0]) \
	}
static const struct ts_dictionary dictionaries[] = {
	{ "simple", TS_DICTIONARY_SIMPLE, NULL, NULL, 0 },
	STEMS(arabic, 13151),
	STEMS(armenian, 13153),
	STEMS(basque, 13155),
	STEMS(catalan, 13157),
	STOPS(danish, 13159),
	STOPS(dutch, 13161),
	STOPS(english, 13163),
	STOPS(finnish, 13165),
	STOPS(french, 13167),
	STOPS(german, 13169),
	STEMS(greek, 13171),
	STEMS(hindi, 13173),
	STOPS(hungarian, 13175),
	STEMS(indonesian, 13177),
	STEMS(irish, 13179),
	STOPS(italian, 13181),
	STEMS(lithuanian, 13183),
	STOPS(nepali, 13185),
	STOPS(norwegian, 13187),
	STOPS(portuguese, 13189),
	STEMS(romanian, 13191),
	STOPS(russian, 13193),
	STEMS(serbian, 13195),
	STOPS(spanish, 13197),
	STOPS(swedish, 13199),
	STEMS(tamil, 13201),
	STOPS(turkish, 13203),
	STEMS(yiddish, 13205),
};
#define NDICTIONARIES (sizeof(dictionaries) / sizeof(dictionaries[0]))

#define ENGLISH 13163
/* A configuration is numbered behind its dictionary. */
#define CONFIG(name, stem) \
	{ \
#name, (stem) + 1, stem, stem \
	}
#define CONFIG_OVER_ENGLISH(name, stem) \
	{ \
#name, (stem) + 1, stem, ENGLISH \
	}
static const struct ts_config configs[] = {
	{ "simple", TS_CONFIG_SIMPLE, TS_DICTIONARY_SIMPLE, TS_DICTIONARY_SIMPLE },
	CONFIG(arabic, 13151),
	CONFIG(armenian, 13153),
	CONFIG(basque, 13155),
	CONFIG(catalan, 13157),
	CONFIG(danish, 13159),
	CONFIG(dutch, 13161),
	CONFIG(english, ENGLISH),
	CONFIG(finnish, 13165),
	CONFIG(french, 13167),
	CONFIG(german, 13169),
	CONFIG(greek, 13171),
	CONFIG_OVER_ENGLISH(hindi, 13173),
	CONFIG(hungarian, 13175),
	CONFIG(indonesian, 13177),
	CONFIG(irish, 13179),
	CONFIG(italian, 13181),
	CONFIG(lithuanian, 13183),
	CONFIG(nepali, 13185),
	CONFIG(norwegian, 13187),
	CONFIG(portuguese, 13189),
	CONFIG(romanian, 13191),
	CONFIG_OVER_ENGLISH(russian, 13193),
	CONFIG(serbian, 13195),
	CONFIG(spanish, 13197),
	CONFIG(swedish, 13199),
	CONFIG(tamil, 13201),
	CONFIG(turkish, 13203),
	CONFIG(yiddish, 13205),
};
#define NCONFIGS (sizeof(configs) / sizeof(configs[0]))

const struct ts_config *
ts_config_by_index(size_t i)
{
	return i < NCONFIGS ? &configs[i] : NULL;
}

const struct ts_config *
ts_config_by_oid(uint32_t oid)
{
	for (size_t i = 0; i < NCONFIGS; i++)
		if (configs[i].oid == oid)
			return &configs[i];
	return NULL;
}

static bool
is_name(const char *name, const char *text, size_t length)
{
	return strlen(name) == length && memcmp(name, text, length) == 0;
}

const struct ts_config *
ts_config_by_name(const char *name, size_t length)
{
	for (size_t i = 0; i < NCONFIGS; i++)
		if (is_name(configs[i].name, name, length))
			return &configs[i];
	return NULL;
}

const struct ts_dictionary *
ts_dictionary_by_index(size_t i)
{
	return i < NDICTIONARIES ? &dictionaries[i] : NULL;
}

const struct ts_dictionary *
ts_dictionary_by_oid(uint32_t oid)
{
	for (size_t i = 0; i < NDICTIONARIES; i++)
		if (dictionaries[i].oid == oid)
			return &dictionaries[i];
	return NULL;
}

const struct ts_dictionary *
ts_dictionary_by_name(const char *name, size_t length)
{
	for (size_t i = 0; i < NDICTIONARIES; i++)
		if (is_name(dictionaries[i].name, name, length))
			return &dictionaries[i];
	return NULL;
}

/* What becomes of a token. */
enum use { USE_NOT, USE_SIMPLE, USE_WORD, USE_ASCII };
static const struct {
	enum use use;
	struct ts_token_name name;
} tokens[] = {
	[TS_ASCIIWORD] = { USE_ASCII, { "asciiword", "Word, all ASCII" } },
	[TS_WORD] = { USE_WORD, { "word", "Word, all letters" } },
	[TS_NUMWORD] = { USE_SIMPLE, { "numword", "Word, letters and digits" } },
	[TS_EMAIL] = { USE_SIMPLE, { "email", "Email address" } },
	[TS_URL] = { USE_SIMPLE, { "url", "URL" } },
	[TS_HOST] = { USE_SIMPLE, { "host", "Host" } },
	[TS_SFLOAT] = { USE_SIMPLE, { "sfloat", "Scientific notation" } },
	[TS_VERSION] = { USE_SIMPLE, { "version", "Version number" } },
	[TS_HWORD_NUMPART] = { USE_SIMPLE, { "hword_numpart", "Hyphenated word part, letters and digits" } },
	[TS_HWORD_PART] = { USE_WORD, { "hword_part", "Hyphenated word part, all letters" } },
	[TS_HWORD_ASCIIPART] = { USE_ASCII, { "hword_asciipart", "Hyphenated word part, all ASCII" } },
	[TS_BLANK] = { USE_NOT, { "blank", "Space symbols" } },
	[TS_TAG] = { USE_NOT, { "tag", "XML tag" } },
	[TS_PROTOCOL] = { USE_NOT, { "protocol", "Protocol head" } },
	[TS_NUMHWORD] = { USE_SIMPLE, { "numhword", "Hyphenated word, letters and digits" } },
	[TS_ASCIIHWORD] = { USE_ASCII, { "asciihword", "Hyphenated word, all ASCII" } },
	[TS_HWORD] = { USE_WORD, { "hword", "Hyphenated word, all letters" } },
	[TS_URL_PATH] = { USE_SIMPLE, { "url_path", "URL path" } },
	[TS_FILE] = { USE_SIMPLE, { "file", "File or path name" } },
	[TS_FLOAT] = { USE_SIMPLE, { "float", "Decimal notation" } },
	[TS_INT] = { USE_SIMPLE, { "int", "Signed integer" } },
	[TS_UINT] = { USE_SIMPLE, { "uint", "Unsigned integer" } },
	[TS_ENTITY] = { USE_NOT, { "entity", "XML entity" } },
};

uint32_t
ts_config_dictionary(const struct ts_config *config, unsigned type)
{
	switch (tokens[type].use) {
	case USE_WORD:
		return config->words;
	case USE_ASCII:
		return config->ascii_words;
	case USE_SIMPLE:
		return TS_DICTIONARY_SIMPLE;
	default:
		return 0;
	}
}

const struct ts_token_name *
ts_token_name(unsigned type)
{
	return type >= 1 && type <= TS_TOKEN_TYPES ? &tokens[type].name : NULL;
}
