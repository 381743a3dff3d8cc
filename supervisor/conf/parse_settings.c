/*
 * database.postgres.settings: what the managed server gets on its command line beside what bibd sets. The server says
 * whether it knows a name and takes a value, since its version and extensions decide that. Refused here are settings
 * that bibd sets itself, and settings that would break a promise of bibd's.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "supervisor/conf/parse.h"

#define SETTINGS_NAME_MAX 63 /* NAMEDATALEN - 1 */
#define SETTINGS_VALUE_MAX 1024
#define SETTINGS_MAX 200

#define WHY_SOCKET "bibd decides how its server is reached"
#define WHY_FILES "bibd decides where the server's files are"
#define WHY_ACCESS "bibd decides who may log in at the server, and how"
#define WHY_LOG "bibd reads the server's log"
#define WHY_DURABLE "what was committed must be on disk"
#define WHY_POOL "bibd counts the server's connections"
#define WHY_SHM "the container is made for it"

/* A name that ends with '*' is what names begin with. */
static const struct {
	const char *name;
	const char *why;
} settings_own[] = {
	{ "listen_addresses", WHY_SOCKET },
	{ "port", "database.postgres.port is the key for it" },
	{ "max_connections", "database.postgres.max_connections is the key for it" },
	{ "shared_preload_libraries", "database.postgres.shared_preload_libraries is the key for it" },
	{ "superuser_reserved_connections", WHY_POOL },
	{ "reserved_connections", WHY_POOL },
	{ "unix_socket_*", WHY_SOCKET },
	{ "data_directory", WHY_FILES },
	{ "config_file", WHY_FILES },
	{ "hba_file", WHY_ACCESS },
	{ "ident_file", WHY_ACCESS },
	{ "external_pid_file", WHY_FILES },
	{ "password_encryption", WHY_ACCESS },
	{ "ssl", "database.postgres.tls.enabled is the key for it" },
	{ "ssl_*", "the keys of database.postgres.tls are for it" },
	{ "log_destination", WHY_LOG },
	{ "logging_collector", WHY_LOG },
	{ "lc_messages", WHY_LOG },
	{ "log_startup_progress_interval", WHY_LOG },
	{ "dynamic_shared_memory_type", WHY_SHM },
	{ "fsync", WHY_DURABLE },
	{ "full_page_writes", WHY_DURABLE },
	{ "synchronous_commit", WHY_DURABLE },
	{ "synchronous_standby_names", "backup.wait is the key for it" },
	{ "data_sync_retry", WHY_DURABLE },
};

/* Why the operator may not set it, or NULL. */
static const char *
settings_why_not(const char *name)
{
	for (size_t i = 0; i < sizeof(settings_own) / sizeof(settings_own[0]); i++) {
		const char *own = settings_own[i].name, *star = strchr(own, '*');

		if (star == NULL ? strcasecmp(name, own) == 0 : strncasecmp(name, own, (size_t)(star - own)) == 0)
			return settings_own[i].why;
	}
	return NULL;
}

/* As PostgreSQL takes them in a file, in ASCII: words, with the extension's before a dot. */
static bool
settings_is_name(const char *name)
{
	if (!isalpha((unsigned char)name[0]) && name[0] != '_')
		return false;
	return strlen(name) <= SETTINGS_NAME_MAX &&
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.$") == strlen(name);
}

static bool
settings_is_value(const char *value)
{
	if (strlen(value) > SETTINGS_VALUE_MAX)
		return false;
	for (; *value != '\0'; value++)
		if ((unsigned char)*value < ' ' || *value == 0x7f)
			return false;
	return true;
}

/* Whether the list has the name, and can have no more. */
static bool
settings_has(const struct conf *conf, const char *name, bool *full)
{
	char *const *words = conf->database.postgres.settings;
	size_t n = 0, length = strlen(name);

	for (; words != NULL && words[n] != NULL; n++)
		if (strncasecmp(words[n], name, length) == 0 && words[n][length] == '=')
			return true;
	*full = n >= SETTINGS_MAX;
	return false;
}

static int
settings_check_name(struct conf_parser *parser, const char *name)
{
	const char *why = settings_why_not(name);
	bool full = false;

	if (!settings_is_name(name))
		(void)error_set(parser->e, STATUS_CONFIG, "conf.value", "\"%.64s\" cannot be the name of a setting",
		    name);
	else if (why != NULL)
		(void)error_set(parser->e, STATUS_CONFIG, "conf.value",
		    "%s cannot be set in database.postgres.settings: %s", name, why);
	else if (settings_has(parser->conf, name, &full))
		(void)error_set(parser->e, STATUS_CONFIG, "conf.key", "the setting %s is given a second time", name);
	else if (full)
		(void)error_set(parser->e, STATUS_CONFIG, "conf.value", "database.postgres.settings has room for %d",
		    SETTINGS_MAX);
	else
		return 0;
	return conf_parser_locate(parser);
}

/* One name and its value; the current event is the name. */
static int
settings_parse_pair(struct conf_parser *parser, const struct conf_key *key)
{
	char word[SETTINGS_NAME_MAX + 1 + SETTINGS_VALUE_MAX + 1], name[SETTINGS_NAME_MAX + 1];
	const char *text = conf_parser_scalar(parser, "the name of a setting of PostgreSQL");

	if (text == NULL || settings_check_name(parser, text) == -1)
		return -1;
	(void)snprintf(name, sizeof(name), "%s", text);
	if (conf_parser_next(parser) == -1 || (text = conf_parser_scalar(parser, "the setting's value")) == NULL)
		return -1;
	if (conf_parser_at_null(parser) || !settings_is_value(text)) {
		(void)error_set(parser->e, STATUS_CONFIG, "conf.value",
		    "the setting %s needs a value, of at most %d bytes and without control characters", name,
		    SETTINGS_VALUE_MAX);
		return conf_parser_locate(parser);
	}
	(void)snprintf(word, sizeof(word), "%s=%s", name, text);
	return conf_add_word(parser->conf, key, word) == -1 ? conf_out_of_memory(parser->e) : 0;
}

int
conf_parse_settings(struct conf_parser *parser, const struct conf_key *key)
{
	if (conf_parser_at_null(parser))
		return 0;
	if (parser->event.type != YAML_MAPPING_START_EVENT) {
		(void)error_set(parser->e, STATUS_CONFIG, "conf.value",
		    "%s must be settings of PostgreSQL with their values, such as {work_mem: 16MB}", key->path);
		return conf_parser_locate(parser);
	}
	for (;;) {
		if (conf_parser_next(parser) == -1)
			return -1;
		if (parser->event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (settings_parse_pair(parser, key) == -1)
			return -1;
	}
}
