/*
 * bibd.yaml to struct conf: YAML events to keys, with the place of each.
 */
#ifndef BIBD_SUPERVISOR_CONF_PARSE_H
#define BIBD_SUPERVISOR_CONF_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "supervisor/conf/source.h"

/* A file over this size is refused. */
#define CONF_FILE_MAX (1U << 20)

/* Reads, completes and checks a configuration (check.h): what bibd goes by. Names in the access rules are
 * resolved; one that this host does not know is a warning in the log. The caller frees the result; NULL on an error:
 * conf.file (not readable), conf.syntax, conf.key (unknown, or given twice), conf.value, conf.check, each with status
 * 78 and the place in its text. */
struct conf *conf_load(const char *path, struct error *e);

/* The same without the check, for a configuration that bibd itself has kept. */
struct conf *conf_load_kept(const char *path, struct error *e);

/* The same from memory and without the check; name stands for the file in errors, and source takes the places of the
 * keys (the caller has initialised it). For conf_load and tests. */
struct conf *conf_parse(const char *text, size_t length, struct conf_source *source, struct error *e);

/* ---- between parse.c, parse_list.c, parse_settings.c and yaml_memory.c ---- */

struct conf_parser {
	yaml_parser_t yaml;
	yaml_event_t event; /* the one being looked at */
	struct conf *conf;
	struct conf_source *source;
	struct error *e;
};

/* Makes the parser of YAML, whose memory is wiped when it is freed. False: memory is out. */
bool conf_parser_open(struct conf_parser *parser);

/* Goes on to the next event. -1: conf.syntax. */
int conf_parser_next(struct conf_parser *parser);

/* Puts the current event's place before the error that was set. Returns -1. */
int conf_parser_locate(struct conf_parser *parser);

/* The current event's scalar as a string; conf.value, naming what is wanted, when it is none. */
const char *conf_parser_scalar(struct conf_parser *parser, const char *wanted);

/* Whether that is a plain scalar without a value: `key:`, `key: null`, `key: ~`. */
bool conf_parser_at_null(const struct conf_parser *parser);

/* Says that memory is out. Returns -1. */
int conf_out_of_memory(struct error *e);

/* Parse the list or mapping that begins with the current event, to its end. */
int conf_parse_command(struct conf_parser *parser, const struct conf_key *key);
int conf_parse_access(struct conf_parser *parser, const struct conf_key *key);
int conf_parse_settings(struct conf_parser *parser, const struct conf_key *key);

/* Puts the default rules in where `access` was not given, and warns of a listen.group that this host does not know. */
int conf_complete_access(struct conf *conf, const struct conf_source *source, struct error *e);

#endif
