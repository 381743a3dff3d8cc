/* Values of settings: read as PostgreSQL reads them, shown as it shows them. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/settings/table.h"
#include "workers/sqlite/types/types.h"

/* Units by setting's own unit, the largest first; a value is shown in the largest that divides it. */
static const struct unit {
	enum setting_unit of;
	const char *name;
	double factor;
} units[] = {
	{ SETTING_MS, "d", 86400000 },
	{ SETTING_MS, "h", 3600000 },
	{ SETTING_MS, "min", 60000 },
	{ SETTING_MS, "s", 1000 },
	{ SETTING_MS, "ms", 1 },
	{ SETTING_MS, "us", 0.001 },
	{ SETTING_SECONDS, "d", 86400 },
	{ SETTING_SECONDS, "h", 3600 },
	{ SETTING_SECONDS, "min", 60 },
	{ SETTING_SECONDS, "s", 1 },
	{ SETTING_SECONDS, "ms", 0.001 },
	{ SETTING_SECONDS, "us", 0.000001 },
	{ SETTING_KB, "TB", 1073741824 },
	{ SETTING_KB, "GB", 1048576 },
	{ SETTING_KB, "MB", 1024 },
	{ SETTING_KB, "kB", 1 },
	{ SETTING_KB, "B", 1.0 / 1024 },
	{ SETTING_BLOCKS, "TB", 134217728 },
	{ SETTING_BLOCKS, "GB", 131072 },
	{ SETTING_BLOCKS, "MB", 128 },
	{ SETTING_BLOCKS, "kB", 1.0 / 8 },
	{ SETTING_BLOCKS, "B", 1.0 / 8192 },
};
#define NUNITS (sizeof(units) / sizeof(units[0]))

static const struct unit_words {
	const char *own, *hint;
} unit_words[] = {
	[SETTING_PLAIN] = { "", NULL },
	[SETTING_MS] = { " ms",
	    "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\"." },
	[SETTING_SECONDS] = { " s",
	    "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\"." },
	[SETTING_KB] = { " kB", "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\"." },
	[SETTING_BLOCKS] = { " 8kB", "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\"." },
};

char *
setting_invalid(const struct setting *setting, const char *value, struct report *r)
{
	report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid value for parameter \"%s\": \"%s\"", setting->name,
	    value);
	return NULL;
}

static char *
out_of_memory(struct report *r)
{
	report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	return NULL;
}

static char *
copy(const char *value, struct report *r)
{
	char *text = strdup(value);

	if (text == NULL)
		(void)out_of_memory(r);
	return text;
}

/* ---- booleans ---- */

bool
setting_parse_boolean(const char *value, bool *out)
{
	static const struct {
		const char *word;
		size_t least;
		bool value;
	} words[] = { { "true", 1, true }, { "false", 1, false }, { "yes", 1, true }, { "no", 1, false },
		{ "on", 2, true }, { "off", 2, false }, { "1", 1, true }, { "0", 1, false } };
	size_t n = strlen(value);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (n >= words[i].least && n <= strlen(words[i].word) && strncasecmp(value, words[i].word, n) == 0) {
			*out = words[i].value;
			return true;
		}
	}
	return false;
}

static char *
canonical_boolean(const struct setting *setting, const char *value, struct report *r)
{
	bool v;

	if (setting_parse_boolean(value, &v))
		return copy(v ? "on" : "off", r);
	report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "parameter \"%s\" requires a Boolean value", setting->name);
	return NULL;
}

/* ---- numbers ---- */

static bool
unit_factor(enum setting_unit own, const char *name, double *factor)
{
	size_t length = strcspn(name, " \t\n\r\v\f");

	*factor = 1;
	if (length == 0)
		return true;
	for (size_t i = 0; i < NUNITS; i++) {
		if (units[i].of == own && strlen(units[i].name) == length &&
		    strncmp(units[i].name, name, length) == 0 &&
		    name[length + strspn(name + length, " \t\n\r\v\f")] == '\0') {
			*factor = units[i].factor;
			return true;
		}
	}
	return false;
}

/* Whole numbers may be octal or hexadecimal, as in C. */
static double
read_number(const char *value, char **end)
{
	long long whole;
	double v;

	errno = 0;
	whole = strtoll(value, end, 0);
	if (*end != value && errno == 0 && **end != '.' && **end != 'e' && **end != 'E')
		return (double)whole;
	v = strtod(value, end);
	return v;
}

static int
invalid_number(const struct setting *setting, const char *value, const char *hint, struct report *r)
{
	(void)setting_invalid(setting, value, r);
	if (hint != NULL)
		report_hint(r, "%s", hint);
	return -1;
}

static int
read_scaled(const struct setting *setting, const char *value, double *out, struct report *r)
{
	double v, factor;
	char *end;

	v = read_number(value, &end);
	if (end == value || isnan(v))
		return invalid_number(setting, value, NULL, r);
	end += strspn(end, " \t\n\r\v\f");
	if (!unit_factor(setting->unit, end, &factor))
		return invalid_number(setting, value, unit_words[setting->unit].hint, r);
	*out = v * factor;
	return 0;
}

int
setting_parse_integer(const struct setting *setting, const char *value, int64_t *out, struct report *r)
{
	const char *unit = unit_words[setting->unit].own;
	double v = 0;

	if (read_scaled(setting, value, &v, r) != 0)
		return -1;
	v = rint(v);
	if (v > 2147483647.0 || v < -2147483648.0)
		return invalid_number(setting, value, "Value exceeds integer range.", r);
	*out = (int64_t)v;
	if (v >= setting->min && v <= setting->max)
		return 0;
	return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE,
	    "%.0f%s is outside the valid range for parameter \"%s\" (%.0f .. %.0f)", v, unit, setting->name,
	    setting->min, setting->max);
}

static char *
canonical_integer(const struct setting *setting, const char *value, struct report *r)
{
	const char *unit = "";
	int64_t v = 0, shown;
	char *text;

	if (setting_parse_integer(setting, value, &v, r) != 0)
		return NULL;
	shown = v;
	for (size_t i = 0; i < NUNITS && v > 0; i++) {
		double in_unit = (double)v / units[i].factor;

		if (units[i].of == setting->unit && in_unit == rint(in_unit)) {
			shown = (int64_t)in_unit;
			unit = units[i].name;
			break;
		}
	}
	return asprintf(&text, "%lld%s", (long long)shown, unit) < 0 ? out_of_memory(r) : text;
}

/* In the largest unit in which it is a whole number, else in the smallest. */
static double
real_in_unit(const struct setting *setting, double v, const char **unit)
{
	double shown = v;

	*unit = "";
	for (size_t i = 0; i < NUNITS && v > 0; i++) {
		if (units[i].of != setting->unit)
			continue;
		shown = v / units[i].factor;
		*unit = units[i].name;
		if (fabs(rint(shown) / shown - 1.0) <= 1e-8)
			break;
	}
	return shown;
}

static char *
canonical_real(const struct setting *setting, const char *value, struct report *r)
{
	const char *unit;
	char *text;
	double v = 0;

	if (read_scaled(setting, value, &v, r) != 0)
		return NULL;
	if (v < setting->min || v > setting->max) {
		report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "%g%s is outside the valid range for parameter \"%s\" (%g .. %g)", v, unit_words[setting->unit].own,
		    setting->name, setting->min, setting->max);
		return NULL;
	}
	v = real_in_unit(setting, v, &unit);
	return asprintf(&text, "%g%s", v, unit) < 0 ? out_of_memory(r) : text;
}

/* ---- choices ---- */

static void
hint_choices(const struct setting *setting, struct report *r)
{
	char text[512] = "";
	size_t used = 0;

	for (const char *const *c = setting->choices; *c != NULL && used < sizeof(text); c++) {
		int n = snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? ", " : "", *c);

		used += n > 0 ? (size_t)n : 0;
	}
	report_hint(r, "Available values: %s.", text);
}

static char *
canonical_choice(const struct setting *setting, const char *value, struct report *r)
{
	bool v;

	for (const char *const *c = setting->choices; *c != NULL; c++) {
		if (strcasecmp(*c, value) == 0)
			return copy(*c, r);
	}
	/* Those that have "on" and "off" take the other words for them as well. */
	if (setting_parse_boolean(value, &v)) {
		for (const char *const *c = setting->choices; *c != NULL; c++) {
			if (strcmp(*c, v ? "on" : "off") == 0)
				return copy(*c, r);
		}
	}
	(void)setting_invalid(setting, value, r);
	hint_choices(setting, r);
	return NULL;
}

/* ---- any ---- */

static char *
canonical_value(const struct setting *setting, const char *value, struct report *r)
{
	switch (setting->kind) {
	case SETTING_BOOLEAN:
		return canonical_boolean(setting, value, r);
	case SETTING_INTEGER:
		return canonical_integer(setting, value, r);
	case SETTING_REAL:
		return canonical_real(setting, value, r);
	case SETTING_CHOICE:
		return canonical_choice(setting, value, r);
	default:
		return setting->check != NULL ? setting->check(setting, value, r) : copy(value, r);
	}
}

char *
setting_canonical(const struct setting *setting, const char *value, struct report *r)
{
	char *canonical = canonical_value(setting, value, r);

	if (canonical == NULL || !(setting->flags & SETTING_ONLY) || strcasecmp(canonical, setting->initial) == 0)
		return canonical;
	report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "parameter \"%s\" cannot be \"%s\" here: only \"%s\" is supported", setting->name, canonical,
	    setting->initial);
	free(canonical);
	return NULL;
}
