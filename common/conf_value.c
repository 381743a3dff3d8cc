/*
 * Values as text and back, by the types of the table of keys.
 */
#include "common/conf_value.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <bsd/string.h>

void *
conf_field(struct conf *conf, const struct conf_key *key)
{
	return (char *)conf + key->offset;
}

const void *
conf_const_field(const struct conf *conf, const struct conf_key *key)
{
	return (const char *)conf + key->offset;
}

/* Names what the key wants and what was given; the value of a secret is left out. */
static int
conf_bad(const struct conf_key *key, struct error *e, const char *text, const char *wanted)
{
	if (key->secret)
		return error_set(e, STATUS_CONFIG, "conf.value", "%s must be %s", key->path, wanted);
	return error_set(e, STATUS_CONFIG, "conf.value", "%s must be %s, not \"%.64s\"", key->path, wanted, text);
}

void
conf_free_text(char *text, const struct conf_key *key)
{
	if (key->secret && text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

static int
conf_set_string(struct conf *conf, const struct conf_key *key, const char *text, struct error *e)
{
	char **field = conf_field(conf, key);
	char *copy;

	if (key->type == CONF_PATH && text[0] != '\0' && text[0] != '/')
		return conf_bad(key, e, text, "an absolute path");
	if (key->type == CONF_PLACE && text[0] != '\0' && text[0] != '/' && strncmp(text, "s3://", 5) != 0)
		return conf_bad(key, e, text, "an absolute path, or s3://BUCKET/PREFIX");
	if ((copy = strdup(text)) == NULL)
		return error_set_errno(e, STATUS_OS, "conf.memory", "cannot set %s", key->path);
	conf_free_text(*field, key);
	*field = copy;
	return 0;
}

static int
conf_set_boolean(struct conf *conf, const struct conf_key *key, const char *text, struct error *e)
{
	bool *field = conf_field(conf, key), value = strcmp(text, "true") == 0;

	if (!value && strcmp(text, "false") != 0)
		return conf_bad(key, e, text, "true or false");
	*field = value;
	return 0;
}

static int
conf_check_range(const struct conf_key *key, const char *text, double value, struct error *e)
{
	char wanted[96];

	if (value >= key->min && value <= key->max)
		return 0;
	if (key->range_error != NULL)
		return error_set(e, STATUS_CONFIG, "conf.value", "%s", key->range_error);
	if (key->type == CONF_DURATION)
		(void)snprintf(wanted, sizeof(wanted), "between %.0fms and %.0fs", key->min, key->max / 1000);
	else
		(void)snprintf(wanted, sizeof(wanted), "between %g and %.15g", key->min, key->max);
	return conf_bad(key, e, text, wanted);
}

static int
conf_set_integer(struct conf *conf, const struct conf_key *key, const char *text, struct error *e)
{
	int64_t *field = conf_field(conf, key);
	long long value;
	char *end;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || isspace((unsigned char)text[0]))
		return conf_bad(key, e, text, "a whole number");
	if (conf_check_range(key, text, errno == ERANGE ? HUGE_VAL : (double)value, e) == -1)
		return -1;
	*field = value;
	return 0;
}

static int
conf_set_decimal(struct conf *conf, const struct conf_key *key, const char *text, struct error *e)
{
	double *field = conf_field(conf, key), value;
	char *end;

	value = strtod(text, &end);
	if (end == text || *end != '\0' || !isfinite(value) || isspace((unsigned char)text[0]))
		return conf_bad(key, e, text, "a number");
	if (conf_check_range(key, text, value, e) == -1)
		return -1;
	*field = value;
	return 0;
}

static const struct {
	const char *suffix;
	int64_t ms;
} conf_units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } };

static int
conf_set_duration(struct conf *conf, const struct conf_key *key, const char *text, struct error *e)
{
	int64_t *field = conf_field(conf, key);
	long long number;
	char *end;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (end == text || errno != 0 || !isdigit((unsigned char)text[0]))
		return conf_bad(key, e, text, "a duration such as 500ms, 30s, 5m, 168h or 7d");
	for (size_t i = 0; i < sizeof(conf_units) / sizeof(conf_units[0]); i++)
		if (strcmp(end, conf_units[i].suffix) == 0) {
			double ms = (double)number * (double)conf_units[i].ms;

			if (conf_check_range(key, text, ms, e) == -1)
				return -1;
			*field = (int64_t)ms;
			return 0;
		}
	return conf_bad(key, e, text, "a duration with its unit: ms, s, m, h or d");
}

static int
conf_set_choice(struct conf *conf, const struct conf_key *key, const char *text, struct error *e)
{
	char wanted[256] = "";
	int *field = conf_field(conf, key);

	for (int i = 0; key->choices[i] != NULL; i++) {
		if (strcmp(key->choices[i], text) == 0) {
			*field = i;
			return 0;
		}
		if (key->choices[i][0] != '\0') {
			strlcat(wanted, wanted[0] == '\0' ? "one of " : ", ", sizeof(wanted));
			strlcat(wanted, key->choices[i], sizeof(wanted));
		}
	}
	return conf_bad(key, e, text, wanted);
}

static int
conf_set_list(struct conf *conf, const struct conf_key *key, const char *text, struct error *e)
{
	(void)conf;
	return conf_bad(key, e, text, "a list");
}

/* Setters by type. A choice is stored through a pointer to int; the assertions below say that its enum has that
 * size. */
static int (*const conf_setters[])(struct conf *, const struct conf_key *, const char *, struct error *) = {
	[CONF_STRING] = conf_set_string,
	[CONF_PATH] = conf_set_string,
	[CONF_PLACE] = conf_set_string,
	[CONF_BOOLEAN] = conf_set_boolean,
	[CONF_INTEGER] = conf_set_integer,
	[CONF_DECIMAL] = conf_set_decimal,
	[CONF_DURATION] = conf_set_duration,
	[CONF_CHOICE] = conf_set_choice,
	[CONF_COMMAND] = conf_set_list,
	[CONF_ACCESS] = conf_set_list,
	[CONF_SETTINGS] = conf_set_list,
};
_Static_assert(sizeof(conf_setters) / sizeof(conf_setters[0]) == CONF_TYPES, "a setter for each type");
_Static_assert(sizeof(enum conf_mode) == sizeof(int) && sizeof(enum log_level) == sizeof(int), "choices are ints");

int
conf_set(struct conf *conf, const struct conf_key *key, const char *text, struct error *e)
{
	return conf_setters[key->type](conf, key, text, e);
}

static char *
conf_duration_text(int64_t ms)
{
	size_t i = sizeof(conf_units) / sizeof(conf_units[0]);
	char *text;

	/* Hours at most: 168h is how the configuration spells a week. */
	for (i -= 2; i > 0 && (ms == 0 || ms % conf_units[i].ms != 0); i--)
		;
	if (ms == 0)
		i = 1;
	return asprintf(&text, "%" PRId64 "%s", ms / conf_units[i].ms, conf_units[i].suffix) == -1 ? NULL : text;
}

char *
conf_get_text(const struct conf *conf, const struct conf_key *key)
{
	const void *field = conf_const_field(conf, key);
	char *text = NULL;

	switch (key->type) {
	case CONF_STRING:
	case CONF_PATH:
	case CONF_PLACE:
		return strdup(*(char *const *)field);
	case CONF_BOOLEAN:
		return strdup(*(const bool *)field ? "true" : "false");
	case CONF_INTEGER:
		return asprintf(&text, "%" PRId64, *(const int64_t *)field) == -1 ? NULL : text;
	case CONF_DECIMAL:
		return asprintf(&text, "%.15g", *(const double *)field) == -1 ? NULL : text;
	case CONF_DURATION:
		return conf_duration_text(*(const int64_t *)field);
	case CONF_CHOICE:
		return strdup(key->choices[*(const int *)field]);
	case CONF_COMMAND:
	case CONF_ACCESS:
	case CONF_SETTINGS:
	case CONF_TYPES:
		break;
	}
	return NULL;
}
