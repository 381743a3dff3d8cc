/*
 * Walks through libyaml's events, finds the key of each, sets its value, and puts its place before an error.
 */
#include "supervisor/conf/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/conf/check.h"
#include "supervisor/conf/nearest.h"

#define CONF_SECTION_MAX 128

/* ---- events ---- */

static int
conf_parser_syntax(struct conf_parser *parser)
{
	const yaml_parser_t *y = &parser->yaml;
	struct conf_place place = { y->problem_mark.line + 1, y->problem_mark.column + 1 };

	(void)error_set(parser->e, STATUS_CONFIG, "conf.syntax", "%s%s%s", y->problem == NULL ? "not YAML" : y->problem,
	    y->context == NULL ? "" : " ", y->context == NULL ? "" : y->context);
	return conf_source_locate(parser->source, place, parser->e);
}

int
conf_parser_next(struct conf_parser *parser)
{
	yaml_event_delete(&parser->event);
	if (!yaml_parser_parse(&parser->yaml, &parser->event)) {
		memset(&parser->event, 0, sizeof(parser->event));
		return conf_parser_syntax(parser);
	}
	if (parser->event.type == YAML_ALIAS_EVENT) {
		(void)error_set(parser->e, STATUS_CONFIG, "conf.syntax", "YAML aliases are not supported");
		return conf_parser_locate(parser);
	}
	return 0;
}

static struct conf_place
conf_parser_place(const struct conf_parser *parser)
{
	return (struct conf_place) { parser->event.start_mark.line + 1, parser->event.start_mark.column + 1 };
}

int
conf_parser_locate(struct conf_parser *parser)
{
	return conf_source_locate(parser->source, conf_parser_place(parser), parser->e);
}

const char *
conf_parser_scalar(struct conf_parser *parser, const char *wanted)
{
	const yaml_event_t *event = &parser->event;

	if (event->type == YAML_SCALAR_EVENT &&
	    strlen((const char *)event->data.scalar.value) == event->data.scalar.length)
		return (const char *)event->data.scalar.value;
	(void)error_set(parser->e, STATUS_CONFIG, "conf.value", "%s is wanted here", wanted);
	(void)conf_parser_locate(parser);
	return NULL;
}

bool
conf_parser_at_null(const struct conf_parser *parser)
{
	const char *value = (const char *)parser->event.data.scalar.value;

	return parser->event.type == YAML_SCALAR_EVENT && parser->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    (value[0] == '\0' || strcmp(value, "~") == 0 || strcmp(value, "null") == 0);
}

/* ---- keys ---- */

/* Types whose values are never written in quotes. */
static const bool
    conf_type_is_plain[CONF_TYPES] = { [CONF_BOOLEAN] = true, [CONF_INTEGER] = true, [CONF_DECIMAL] = true };

static int
conf_parse_scalar(struct conf_parser *parser, const struct conf_key *key)
{
	const char *text = conf_parser_scalar(parser, "a single value");

	if (text == NULL)
		return -1;
	if (conf_parser_at_null(parser))
		text = "";
	if (conf_type_is_plain[key->type] && parser->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE) {
		(void)error_set(parser->e, STATUS_CONFIG, "conf.value", "%s must be %s, without quotes", key->path,
		    key->type == CONF_BOOLEAN ? "true or false" : "a number");
		return conf_parser_locate(parser);
	}
	if (conf_set(parser->conf, key, text, parser->e) == 0)
		return 0;
	/* The words of range_error are fixed: no file and line are put before them. */
	if (key->range_error != NULL && strcmp(parser->e->text, key->range_error) == 0)
		return -1;
	return conf_parser_locate(parser);
}

static int
conf_parse_value(struct conf_parser *parser, const struct conf_key *key)
{
	switch (key->type) {
	case CONF_COMMAND:
		return conf_parse_command(parser, key);
	case CONF_ACCESS:
		return conf_parse_access(parser, key);
	case CONF_SETTINGS:
		return conf_parse_settings(parser, key);
	default:
		return conf_parse_scalar(parser, key);
	}
}

static bool
conf_is_section(const char *path)
{
	size_t length = strlen(path);

	for (size_t i = 0; i < conf_nkeys; i++)
		if (strncmp(conf_keys[i].path, path, length) == 0 && conf_keys[i].path[length] == '.')
			return true;
	return false;
}

static int
conf_unknown_key(struct conf_parser *parser, const char *section, const char *word)
{
	char nearest[CONF_SECTION_MAX];

	/* The known key with the most similar letters would be no help here: the operator means a setting of
	 * PostgreSQL. */
	if (conf_is_postgres_setting(word))
		(void)error_set(parser->e, STATUS_CONFIG, "conf.key",
		    "unknown key \"%.64s\"%s%s: that is a setting of PostgreSQL, not of bibd; it goes into "
		    "database.postgres.settings",
		    word, section[0] == '\0' ? "" : " in ", section);
	else
		(void)error_set(parser->e, STATUS_CONFIG, "conf.key",
		    "unknown key \"%.64s\"%s%s; the nearest known key is %s", word, section[0] == '\0' ? "" : " in ",
		    section, conf_nearest_key(section, word, nearest, sizeof(nearest)));
	return conf_parser_locate(parser);
}

/* Notes where a key was given; one that was given before is an error. */
static int
conf_note_key(struct conf_parser *parser, const struct conf_key *key)
{
	struct conf_place *place = &parser->source->keys[key - conf_keys];

	if (place->line == 0) {
		*place = conf_parser_place(parser);
		return 0;
	}
	(void)error_set(parser->e, STATUS_CONFIG, "conf.key", "%s is given a second time; the first is in line %zu",
	    key->path, place->line);
	return conf_parser_locate(parser);
}

/* Sections that one mapping has had so far: few, so a list of names. */
struct conf_sections {
	char names[16][CONF_SECTION_MAX];
	size_t count;
};

static int
conf_note_section(struct conf_parser *parser, struct conf_sections *seen, const char *path)
{
	for (size_t i = 0; i < seen->count; i++)
		if (strcmp(seen->names[i], path) == 0) {
			(void)error_set(parser->e, STATUS_CONFIG, "conf.key", "the section %s is given a second time",
			    path);
			return conf_parser_locate(parser);
		}
	if (seen->count < sizeof(seen->names) / sizeof(seen->names[0]))
		(void)snprintf(seen->names[seen->count++], CONF_SECTION_MAX, "%s", path);
	return 0;
}

static int conf_parse_section(struct conf_parser *parser, const char *section);

/* One key and its value; the current event is the key. */
static int
conf_parse_pair(struct conf_parser *parser, const char *section, struct conf_sections *seen)
{
	const char *word = conf_parser_scalar(parser, "a key");
	const struct conf_key *key;
	char path[CONF_SECTION_MAX];
	int n;

	if (word == NULL)
		return -1;
	n = snprintf(path, sizeof(path), "%s%s%s", section, section[0] == '\0' ? "" : ".", word);
	if (n < 0 || (size_t)n >= sizeof(path) || strchr(word, '.') != NULL)
		return conf_unknown_key(parser, section, word);
	if ((key = conf_key_find(path)) != NULL) {
		if (conf_note_key(parser, key) == -1 || conf_parser_next(parser) == -1)
			return -1;
		return conf_parse_value(parser, key);
	}
	if (!conf_is_section(path))
		return conf_unknown_key(parser, section, word);
	if (conf_note_section(parser, seen, path) == -1 || conf_parser_next(parser) == -1)
		return -1;
	return conf_parse_section(parser, path);
}

/* The mapping that begins with the current event. Recursion ends where the names of the table end. */
static int
conf_parse_section(struct conf_parser *parser, const char *section)
{
	struct conf_sections seen = { .count = 0 };

	if (conf_parser_at_null(parser))
		return 0;
	if (parser->event.type != YAML_MAPPING_START_EVENT) {
		(void)error_set(parser->e, STATUS_CONFIG, "conf.value",
		    "%s%s must be a section, that is keys with values", section,
		    section[0] == '\0' ? "the configuration" : "");
		return conf_parser_locate(parser);
	}
	for (;;) {
		if (conf_parser_next(parser) == -1)
			return -1;
		if (parser->event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (conf_parse_pair(parser, section, &seen) == -1)
			return -1;
	}
}

/* ---- the document ---- */

/* Reads so many events further. */
static int
conf_parser_skip(struct conf_parser *parser, int events)
{
	while (events-- > 0)
		if (conf_parser_next(parser) == -1)
			return -1;
	return 0;
}

static int
conf_parse_document(struct conf_parser *parser)
{
	/* The stream's start, then the first document's, if there is one. */
	if (conf_parser_skip(parser, 2) == -1)
		return -1;
	if (parser->event.type == YAML_STREAM_END_EVENT)
		return 0;
	/* The document's contents, then its end, then the next document or the stream's end. */
	if (conf_parser_next(parser) == -1 || conf_parse_section(parser, "") == -1 || conf_parser_skip(parser, 2) == -1)
		return -1;
	if (parser->event.type == YAML_STREAM_END_EVENT)
		return 0;
	(void)error_set(parser->e, STATUS_CONFIG, "conf.syntax", "only one YAML document is allowed");
	return conf_parser_locate(parser);
}

/* What database.postgres.health does not set is as in database.health. */
static int
conf_inherit_health(struct conf *conf, const struct conf_source *source, struct error *e)
{
	static const char own[] = "database.postgres.health.", general[] = "database.health.";

	for (size_t i = 0; i < conf_nkeys; i++) {
		char path[CONF_SECTION_MAX], *text;
		int result;

		if (strncmp(conf_keys[i].path, own, sizeof(own) - 1) != 0 ||
		    conf_source_place(source, &conf_keys[i]).line != 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s%s", general, conf_keys[i].path + sizeof(own) - 1);
		if ((text = conf_get_text(conf, conf_key_find(path))) == NULL)
			return error_set_errno(e, STATUS_OS, "conf.memory", "cannot complete the configuration");
		result = conf_set(conf, &conf_keys[i], text, e);
		free(text);
		if (result == -1)
			return -1;
	}
	return 0;
}

struct conf *
conf_parse(const char *text, size_t length, struct conf_source *source, struct error *e)
{
	struct conf_parser parser = { .source = source, .e = e };
	int result;

	if ((parser.conf = conf_new()) == NULL || !conf_parser_open(&parser)) {
		conf_free(parser.conf);
		(void)error_set(e, STATUS_OS, "conf.memory", "cannot read %s: out of memory", source->file);
		return NULL;
	}
	yaml_parser_set_input_string(&parser.yaml, (const unsigned char *)text, length);
	yaml_parser_set_encoding(&parser.yaml, YAML_UTF8_ENCODING);
	result = conf_parse_document(&parser);
	yaml_event_delete(&parser.event);
	yaml_parser_delete(&parser.yaml);
	if (result == -1 || conf_inherit_health(parser.conf, source, e) == -1 ||
	    conf_complete_access(parser.conf, source, e) == -1) {
		conf_free(parser.conf);
		return NULL;
	}
	return parser.conf;
}

/* The whole file in malloc'ed memory. */
static char *
conf_read_file(const char *path, size_t *length, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *text = malloc(CONF_FILE_MAX + 1);
	ssize_t n = 0;

	*length = 0;
	if (fd == -1 || text == NULL)
		n = -1;
	while (n != -1 && *length <= CONF_FILE_MAX && (n = read(fd, text + *length, CONF_FILE_MAX + 1 - *length)) > 0)
		*length += (size_t)n;
	if (n == -1)
		(void)error_set_errno(e, STATUS_CONFIG, "conf.file", "cannot read the configuration %s", path);
	else if (*length > CONF_FILE_MAX)
		n = error_set(e, STATUS_CONFIG, "conf.file", "%s is larger than %u bytes: not a configuration", path,
		    CONF_FILE_MAX);
	if (fd != -1)
		close(fd);
	if (n == -1) {
		free(text);
		return NULL;
	}
	return text;
}

static struct conf *
conf_load_file(const char *path, bool check, struct error *e)
{
	struct conf_source source;
	struct conf *conf = NULL;
	size_t length;
	char *text = conf_read_file(path, &length, e);

	if (text == NULL)
		return NULL;
	if (conf_source_init(&source, path, e) == 0) {
		conf = conf_parse(text, length, &source, e);
		if (conf != NULL && check && conf_check(conf, &source, e) == -1) {
			conf_free(conf);
			conf = NULL;
		}
		conf_source_free(&source);
	}
	/* There may be a password in it. */
	explicit_bzero(text, length);
	free(text);
	return conf;
}

struct conf *
conf_load(const char *path, struct error *e)
{
	return conf_load_file(path, true, e);
}

struct conf *
conf_load_kept(const char *path, struct error *e)
{
	return conf_load_file(path, false, e);
}
