/*
 * Names of settings: those of the table, and those that a session makes up.
 */
#include "workers/sqlite/settings/settings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/settings/state.h"

#define CUSTOM_MAX 256 /* custom settings of one session */

static bool
custom_name_is_valid(const char *name)
{
	bool first = true;

	for (const char *p = name; *p != '\0'; p++) {
		bool letter =
		    (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p == '_' || (unsigned char)*p >= 0x80;

		if (*p == '.' ? first : !letter && (first || ((*p < '0' || *p > '9') && *p != '$')))
			return false;
		first = *p == '.';
	}
	return !first;
}

int
setting_name_unknown(const char *name, struct report *r)
{
	return report_set(r, SQLSTATE_UNDEFINED_OBJECT, "unrecognized configuration parameter \"%s\"", name);
}

bool
setting_name_find(struct settings *s, const char *name, unsigned *index)
{
	const struct setting *setting = setting_find(name);

	if (setting != NULL) {
		*index = (unsigned)(setting - setting_table);
		return true;
	}
	for (unsigned i = 0; i < s->ncustoms; i++) {
		if (strcasecmp(s->customs[i], name) == 0) {
			*index = setting_count + i;
			return true;
		}
	}
	return false;
}

int
setting_name_add(struct settings *s, const char *name, unsigned *index, struct report *r)
{
	char **customs;

	if (strchr(name, '.') == NULL)
		return setting_name_unknown(name, r);
	if (!custom_name_is_valid(name)) {
		report_set(r, SQLSTATE_INVALID_NAME, "invalid configuration parameter name \"%s\"", name);
		report_detail(r, "Custom parameter names must be two or more simple identifiers separated by dots.");
		return -1;
	}
	if (strncasecmp(name, "plpgsql.", strlen("plpgsql.")) == 0)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "the setting %s is not supported on SQLite", name);
	if (s->ncustoms == CUSTOM_MAX)
		return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "too many custom parameters in this session");
	if ((customs = reallocarray(s->customs, s->ncustoms + 1, sizeof(*customs))) == NULL)
		return setting_out_of_memory(r);
	s->customs = customs;
	if ((customs[s->ncustoms] = strdup(name)) == NULL)
		return setting_out_of_memory(r);
	*index = setting_count + s->ncustoms++;
	return 0;
}
