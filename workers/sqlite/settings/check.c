/* Settings whose values have a grammar of their own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/settings/search_path.h"
#include "workers/sqlite/settings/table.h"
#include "workers/sqlite/types/codec.h"

#define NAME_LENGTH 63

static char *
copy(const char *value, struct report *r)
{
	char *text = strdup(value);

	if (text == NULL)
		(void)type_out_of_memory(r);
	return text;
}

/* Spellings of UTF-8 differ in case, hyphens and quotes; PostgreSQL too looks at letters and digits only. */
char *
setting_check_encoding(const struct setting *setting, const char *value, struct report *r)
{
	static const char *const names[] = { "utf8", "unicode" };
	char plain[16];
	size_t n = 0;

	for (const char *p = value; *p != '\0' && n < sizeof(plain) - 1; p++) {
		if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9'))
			plain[n++] = *p;
		else if (*p >= 'A' && *p <= 'Z')
			plain[n++] = (char)(*p - 'A' + 'a');
	}
	plain[n] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], plain) == 0)
			return copy("UTF8", r);
	}
	(void)setting_invalid(setting, value, r);
	report_detail(r, "Only UTF8 is supported.");
	return NULL;
}

static const struct datestyle_word {
	const char *word;
	const char *style, *order; /* NULL: it says nothing of that */
	bool beginning;		   /* a word that begins so is one, too */
} datestyle_words[] = {
	{ "iso", "ISO", NULL, false },
	{ "sql", "SQL", NULL, false },
	{ "postgres", "Postgres", NULL, true },
	{ "german", "German", NULL, false },
	{ "ymd", NULL, "YMD", false },
	{ "dmy", NULL, "DMY", false },
	{ "euro", NULL, "DMY", true },
	{ "mdy", NULL, "MDY", false },
	{ "us", NULL, "MDY", false },
	{ "noneuro", NULL, "MDY", true },
	{ "default", "ISO", "MDY", false },
};

static const struct datestyle_word *
datestyle_find(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof(datestyle_words) / sizeof(datestyle_words[0]); i++) {
		size_t n = strlen(datestyle_words[i].word);

		if ((n == length || (datestyle_words[i].beginning && n < length)) &&
		    strncasecmp(datestyle_words[i].word, word, n) == 0)
			return &datestyle_words[i];
	}
	return NULL;
}

/* Takes one part of DateStyle. False: the part was given before, and differs. */
static bool
datestyle_take(const char **part, const char *said)
{
	if (said == NULL)
		return true;
	if (*part != NULL && strcmp(*part, said) != 0)
		return false;
	*part = said;
	return true;
}

/* "-" stands for what is not said: see setting_complete_datestyle(). */
char *
setting_check_datestyle(const struct setting *setting, const char *value, struct report *r)
{
	static const char separators[] = " ,\t\n\"";
	const char *style = NULL, *order = NULL, *p = value;
	char text[32];
	size_t n;

	while (*(p += strspn(p, separators)) != '\0') {
		const struct datestyle_word *word = datestyle_find(p, n = strcspn(p, separators));

		if (word == NULL) {
			(void)setting_invalid(setting, value, r);
			report_detail(r, "Unrecognized key word: \"%.*s\".", (int)n, p);
			return NULL;
		}
		if (!datestyle_take(&style, word->style) || !datestyle_take(&order, word->order)) {
			(void)setting_invalid(setting, value, r);
			report_detail(r, "Conflicting \"datestyle\" specifications.");
			return NULL;
		}
		p += n;
	}
	if (order == NULL && style != NULL && strcmp(style, "German") == 0)
		order = "DMY";
	(void)snprintf(text, sizeof(text), "%s, %s", style == NULL ? "-" : style, order == NULL ? "-" : order);
	return copy(text, r);
}

char *
setting_complete_datestyle(const char *value, const char *current, struct report *r)
{
	const char *style = *value == '-' ? current : value, *order = strstr(value, ", -") != NULL ? current : value;
	char text[32];

	(void)snprintf(text, sizeof(text), "%.*s, %s", (int)strcspn(style, ","), style, strchr(order, ',') + 2);
	return copy(text, r);
}

char *
setting_check_intervalstyle(const struct setting *setting, const char *value, struct report *r)
{
	static const char *const styles[] = { "postgres", "postgres_verbose", "iso_8601", "sql_standard" };

	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++)
		if (strcasecmp(styles[i], value) == 0)
			return copy(styles[i], r);
	return setting_invalid(setting, value, r);
}

/* '3' and '-3.5': hours east, kept in POSIX's form, whose sign is the other way round. */
static char *
timezone_of_hours(const struct setting *setting, const char *value, double hours, struct report *r)
{
	int seconds = (int)(hours * 3600), minutes = abs(seconds) / 60 % 60;
	char offset[16], text[48];

	if (hours < -167.99 || hours > 167.99)
		return setting_invalid(setting, value, r);
	(void)snprintf(offset, sizeof(offset), minutes != 0 ? "%02d:%02d" : "%02d", abs(seconds) / 3600, minutes);
	(void)snprintf(text, sizeof(text), "<%c%s>%c%s", seconds < 0 ? '-' : '+', offset, seconds < 0 ? '+' : '-',
	    offset);
	return copy(text, r);
}

#define YEAR_2000 INT64_C(946684800)

char *
setting_check_timezone(const struct setting *setting, const char *value, struct report *r)
{
	char *end, *name;
	double hours;
	int offset_s;

	if (strcasecmp(value, "local") == 0 || strcasecmp(value, "default") == 0)
		return copy(setting->initial, r);
	if (strcasecmp(value, "utc") == 0)
		return copy("UTC", r);
	if (*value != '\0' && strspn(value, "+-0123456789.") == strlen(value)) {
		hours = strtod(value, &end);
		return *end == '\0' ? timezone_of_hours(setting, value, hours, r) : setting_invalid(setting, value, r);
	}
	/* PostgreSQL takes no zone whose minutes are not whole. */
	if (!type_zone_offset_at_utc(value, YEAR_2000, &offset_s) || offset_s % 60 != 0 ||
	    (name = type_zone_name(value)) == NULL)
		return setting_invalid(setting, value, r);
	return name;
}

/* PostgreSQL shows what is not printable ASCII as question marks, and cuts at a name's length. */
char *
setting_check_application(const struct setting *setting, const char *value, struct report *r)
{
	char *text = copy(value, r);

	(void)setting;
	if (text == NULL)
		return NULL;
	if (strlen(text) > NAME_LENGTH)
		text[NAME_LENGTH] = '\0';
	for (char *p = text; *p != '\0'; p++) {
		if (*p < 32 || *p > 126)
			*p = '?';
	}
	return text;
}

/* Schemas need not be there. */
char *
setting_check_search_path(const struct setting *setting, const char *value, struct report *r)
{
	struct search_path path;

	if (search_path_read(&path, value, NULL) == 0) {
		search_path_free(&path);
		return copy(value, r);
	}
	(void)setting_invalid(setting, value, r);
	report_detail(r, "List syntax is invalid.");
	return NULL;
}

/* Of the configurations that PostgreSQL comes with; shown with their schema. */
char *
setting_check_text_search(const struct setting *setting, const char *value, struct report *r)
{
	static const char *const names[] = { "simple", "arabic", "armenian", "basque", "catalan", "danish", "dutch",
		"english", "finnish", "french", "german", "greek", "hindi", "hungarian", "indonesian", "irish",
		"italian", "lithuanian", "nepali", "norwegian", "portuguese", "romanian", "russian", "serbian",
		"spanish", "swedish", "tamil", "turkish", "yiddish" };
	static const char schema[] = "pg_catalog.";
	const char *name = value + (strncasecmp(value, schema, strlen(schema)) == 0 ? strlen(schema) : 0);
	char text[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(names[i], name) == 0) {
			(void)snprintf(text, sizeof(text), "%s%s", schema, names[i]);
			return copy(text, r);
		}
	return setting_invalid(setting, value, r);
}

/* A session keeps the role that its peer was given: only what changes nothing is taken. settings.c lets the session's
 * own name pass before it comes here. */
char *
setting_check_role(const struct setting *setting, const char *value, struct report *r)
{
	if (strcmp(setting->name, "role") == 0 && strcmp(value, "none") == 0)
		return copy(value, r);
	report_set(r, SQLSTATE_INSUFFICIENT_PRIVILEGE,
	    strcmp(setting->name, "role") == 0 ? "permission denied to set role \"%s\""
					       : "permission denied to set session authorization \"%s\"",
	    value);
	return NULL;
}

/* ---- of PL/pgSQL ---- */

bool
setting_read_checks(const char *value, unsigned *checks)
{
	static const struct {
		const char *word;
		unsigned check;
	} words[] = {
		{ "shadowed_variables", SETTINGS_SHADOWED_VARIABLES },
		{ "too_many_rows", SETTINGS_TOO_MANY_ROWS },
		{ "strict_multi_assignment", SETTINGS_STRICT_MULTI_ASSIGNMENT },
	};
	static const char blanks[] = " \t\r\n\f\v";
	bool known = true;

	*checks = strcasecmp(value, "all") == 0 ? ~0U : 0;
	if (strcasecmp(value, "all") == 0 || strcasecmp(value, "none") == 0)
		return true;
	while (known) {
		size_t n, skip = strspn(value, blanks);

		value += skip;
		n = strcspn(value, ", \t\r\n\f\v");
		known = false;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (strlen(words[i].word) == n && strncasecmp(words[i].word, value, n) == 0) {
				*checks |= words[i].check;
				known = true;
			}
		value += n + strspn(value + n, blanks);
		if (*value == '\0')
			return known;
		known &= *value++ == ',';
	}
	return false;
}

char *
setting_check_plpgsql(const struct setting *setting, const char *value, struct report *r)
{
	unsigned checks;

	return setting_read_checks(value, &checks) ? copy(value, r) : setting_invalid(setting, value, r);
}

char *
setting_check_strict_params(const struct setting *setting, const char *value, struct report *r)
{
	bool on;

	if (!setting_parse_boolean(value, &on))
		return setting_invalid(setting, value, r);
	if (!on)
		return copy("off", r);
	(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "the setting %s is not supported on SQLite", setting->name);
	return NULL;
}
