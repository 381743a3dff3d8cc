/*
 * The catalog's tables of text search: configurations, what each does with tokens, dictionaries, the parser and the
 * templates, with PostgreSQL's own descriptions.
 */
#include <stdio.h>

#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/textsearch/parser.h"
#include "workers/sqlite/textsearch/textsearch.h"

#define TEMPLATE_SIMPLE INT64_C(3727)
#define TEMPLATE_SNOWBALL INT64_C(13150)

/* pg_class.oid of the tables, which descriptions name. */
enum { OF_DICTIONARY = 3600, OF_PARSER = 3601, OF_CONFIG = 3602, OF_TEMPLATE = 3764 };

static void
describe(struct fill *fill, int64_t oid, int64_t of, const char *text)
{
	fill_row(fill, "pg_catalog.pg_description (objoid, classoid, objsubid, description)", "iiis", oid, of,
	    INT64_C(0), text);
}

static void
put_maps(struct fill *fill, const struct ts_config *config)
{
	for (unsigned type = 1; type <= TS_TOKEN_TYPES; type++) {
		uint32_t dictionary = ts_config_dictionary(config, type);

		if (dictionary != 0)
			fill_row(fill, "pg_catalog.pg_ts_config_map (mapcfg, maptokentype, mapseqno, mapdict)", "iiii",
			    (int64_t)config->oid, (int64_t)type, INT64_C(1), (int64_t)dictionary);
	}
}

static void
put_configs(struct fill *fill)
{
	const struct ts_config *config;
	char text[80];

	for (size_t i = 0; (config = ts_config_by_index(i)) != NULL; i++) {
		fill_row(fill, "pg_catalog.pg_ts_config (oid, cfgname, cfgnamespace, cfgowner, cfgparser)", "isiii",
		    (int64_t)config->oid, config->name, (int64_t)OID_PG_CATALOG, OID_OF_ROLE(ROLE_ADMIN),
		    (int64_t)TS_PARSER_DEFAULT);
		put_maps(fill, config);
		if (config->oid == TS_CONFIG_SIMPLE)
			(void)snprintf(text, sizeof(text), "simple configuration");
		else
			(void)snprintf(text, sizeof(text), "configuration for %s language", config->name);
		describe(fill, config->oid, OF_CONFIG, text);
	}
}

static void
put_dictionaries(struct fill *fill)
{
	const struct ts_dictionary *dictionary;
	char options[96], text[80];

	for (size_t i = 0; (dictionary = ts_dictionary_by_index(i)) != NULL; i++) {
		const char *language = dictionary->language;

		if (language != NULL && dictionary->stop_words != NULL)
			(void)snprintf(options, sizeof(options), "language = '%s', stopwords = '%s'", language,
			    language);
		else if (language != NULL)
			(void)snprintf(options, sizeof(options), "language = '%s'", language);
		if (language != NULL)
			(void)snprintf(text, sizeof(text), "snowball stemmer for %s language", language);
		fill_row(fill,
		    "pg_catalog.pg_ts_dict (oid, dictname, dictnamespace, dictowner, dicttemplate, dictinitoption)",
		    "isiiis", (int64_t)dictionary->oid, dictionary->name, (int64_t)OID_PG_CATALOG,
		    OID_OF_ROLE(ROLE_ADMIN), language == NULL ? TEMPLATE_SIMPLE : TEMPLATE_SNOWBALL,
		    language == NULL ? NULL : options);
		describe(fill, dictionary->oid, OF_DICTIONARY,
		    language == NULL ? "simple dictionary: just lower case and check for stopword" : text);
	}
}

static void
put_templates(struct fill *fill)
{
	static const struct {
		int64_t oid, init, lexize;
		const char *name, *description;
	} templates[] = {
		{ TEMPLATE_SIMPLE, 3725, 3726, "simple", "simple dictionary: just lower case and check for stopword" },
		{ 3730, 3728, 3729, "synonym", "synonym dictionary: replace word by its synonym" },
		{ 3733, 3731, 3732, "ispell", "ispell dictionary" },
		{ 3742, 3740, 3741, "thesaurus", "thesaurus dictionary: phrase by phrase substitution" },
		{ TEMPLATE_SNOWBALL, 13148, 13149, "snowball", "snowball stemmer" },
	};

	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
		fill_row(fill, "pg_catalog.pg_ts_template (oid, tmplname, tmplnamespace, tmplinit, tmpllexize)",
		    "isiii", templates[i].oid, templates[i].name, (int64_t)OID_PG_CATALOG, templates[i].init,
		    templates[i].lexize);
		describe(fill, templates[i].oid, OF_TEMPLATE, templates[i].description);
	}
}

void
fill_text_search(struct fill *fill)
{
	put_configs(fill);
	put_dictionaries(fill);
	put_templates(fill);
	fill_row(fill,
	    "pg_catalog.pg_ts_parser (oid, prsname, prsnamespace, prsstart, prstoken, prsend, prsheadline, prslextype)",
	    "isiiiiii", (int64_t)TS_PARSER_DEFAULT, "default", (int64_t)OID_PG_CATALOG, INT64_C(3717), INT64_C(3718),
	    INT64_C(3719), INT64_C(3720), INT64_C(3721));
	describe(fill, TS_PARSER_DEFAULT, OF_PARSER, "default word parser");
}
