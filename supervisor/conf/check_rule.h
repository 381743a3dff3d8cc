/*
 * Private to the checks of a configuration: what a check is, and what several of them need.
 */
#ifndef BIBD_SUPERVISOR_CONF_CHECK_RULE_H
#define BIBD_SUPERVISOR_CONF_CHECK_RULE_H

#include "supervisor/conf/source.h"

/* An error (conf.check, status 78) at the place of a key; -1. */
#define CHECK_FAIL(source, path, e, ...) \
	(error_set(e, STATUS_CONFIG, "conf.check", __VA_ARGS__), \
	    conf_source_locate(source, conf_source_place(source, conf_key_find(path)), e))

/* One check of the whole configuration. -1: something cannot be, and the error says what to do. */
typedef int conf_check_fn(const struct conf *conf, const struct conf_source *source, struct error *e);

/* check_postgres.c: the keys of database.postgres as they bear on each other; the names of its image and network;
 * ssl_mode beside the files that it needs; the container runtime. */
conf_check_fn conf_check_postgres, conf_check_names, conf_check_ssl_mode, conf_check_runtime;

/* check_backup.c: the keys of backup. */
conf_check_fn conf_check_backup;

/* Whether the text is a name of 1 to `max` bytes that Docker and Podman take as such, and never for an option: letters
 * and digits, and behind the first character those in `others`. */
bool conf_check_is_name(const char *text, const char *others, size_t max);

#endif
