/* The keys of the configuration that are lists: words of commands, names, and the access rules. */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "supervisor/conf/nearest.h"
#include "supervisor/conf/parse.h"

static int
conf_parse_list_start(struct conf_parser *parser, const char *what, const char *example)
{
	if (parser->event.type == YAML_SEQUENCE_START_EVENT)
		return 0;
	(void)error_set(parser->e, STATUS_CONFIG, "conf.value", "%s must be a list, such as %s", what, example);
	return conf_parser_locate(parser);
}

int
conf_out_of_memory(struct error *e)
{
	return error_set_errno(e, STATUS_OS, "conf.memory", "cannot read the configuration");
}

int
conf_parse_command(struct conf_parser *parser, const struct conf_key *key)
{
	/* What a list has, by the beginning of the key's path; the last row is for all other keys. */
	static const struct {
		const char *begins, *example, *word;
	} kinds[] = {
		{ "listen.", "[\"192.0.2.7\", \"2001:db8::7\"]", "a name or an address" },
		{ "database.postgres.", "[pg_stat_statements]", "a name" },
		{ "", "[/usr/bin/program, argument]", "a word of the command" },
	};
	size_t kind = 0;

	while (strncmp(key->path, kinds[kind].begins, strlen(kinds[kind].begins)) != 0)
		kind++;
	if (conf_parse_list_start(parser, key->path, kinds[kind].example) == -1)
		return -1;
	for (;;) {
		const char *word;

		if (conf_parser_next(parser) == -1)
			return -1;
		if (parser->event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if ((word = conf_parser_scalar(parser, kinds[kind].word)) == NULL)
			return -1;
		if (conf_add_word(parser->conf, key, word) == -1)
			return conf_out_of_memory(parser->e);
	}
}

/* ---- access ---- */

/* One rule as it is being read. */
struct access_rule {
	char *name; /* NULL until user or group was seen */
	bool is_group, is_login;
	enum role roles[ROLES];
	unsigned nroles;
	bool has_roles;
};

static int64_t
access_resolve(bool is_group, const char *name)
{
	const struct passwd *pw;
	const struct group *gr;

	if (is_group)
		return (gr = getgrnam(name)) == NULL ? -1 : (int64_t)gr->gr_gid;
	return (pw = getpwnam(name)) == NULL ? -1 : (int64_t)pw->pw_uid;
}

static int
access_parse_name(struct conf_parser *parser, struct access_rule *rule, const char *kind)
{
	const char *name;

	if (conf_parser_next(parser) == -1 || (name = conf_parser_scalar(parser, "a name")) == NULL)
		return -1;
	if (name[0] == '\0' || rule->name != NULL) {
		(void)error_set(parser->e, STATUS_CONFIG, "conf.value",
		    "an access rule names one user, one group or one login");
		return conf_parser_locate(parser);
	}
	rule->is_group = strcmp(kind, "group") == 0;
	rule->is_login = strcmp(kind, "login") == 0;
	return (rule->name = strdup(name)) == NULL ? conf_out_of_memory(parser->e) : 0;
}

static int
access_add_role(struct conf_parser *parser, struct access_rule *rule)
{
	const char *name = conf_parser_scalar(parser, "the name of a role");
	int role;

	if (name == NULL)
		return -1;
	if ((role = role_by_name(name)) == -1) {
		const char *nearest = role_names[0];

		for (int i = 1; i < ROLES; i++)
			if (conf_edit_distance(name, role_names[i]) < conf_edit_distance(name, nearest))
				nearest = role_names[i];
		(void)error_set(parser->e, STATUS_CONFIG, "conf.value",
		    "unknown role \"%.64s\" in an access rule; the nearest is %s (the roles are %s)", name, nearest,
		    ROLE_LIST);
		return conf_parser_locate(parser);
	}
	for (unsigned i = 0; i < rule->nroles; i++)
		if (rule->roles[i] == (enum role)role) {
			(void)error_set(parser->e, STATUS_CONFIG, "conf.value", "the role %s is given a second time",
			    name);
			return conf_parser_locate(parser);
		}
	rule->roles[rule->nroles++] = (enum role)role;
	return 0;
}

static int
access_parse_roles(struct conf_parser *parser, struct access_rule *rule)
{
	if (conf_parser_next(parser) == -1 || conf_parse_list_start(parser, "roles", "[write, query]") == -1)
		return -1;
	if (rule->has_roles) {
		(void)error_set(parser->e, STATUS_CONFIG, "conf.key", "roles is given a second time");
		return conf_parser_locate(parser);
	}
	rule->has_roles = true;
	for (;;) {
		if (conf_parser_next(parser) == -1)
			return -1;
		if (parser->event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (access_add_role(parser, rule) == -1)
			return -1;
	}
}

static int
access_parse_pair(struct conf_parser *parser, struct access_rule *rule)
{
	static const char *const kinds[] = { "user", "group", "login" };
	const char *word = conf_parser_scalar(parser, "user, group, login or roles");

	if (word == NULL)
		return -1;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(word, kinds[i]) == 0)
			return access_parse_name(parser, rule, kinds[i]);
	if (strcmp(word, "roles") == 0)
		return access_parse_roles(parser, rule);
	(void)error_set(parser->e, STATUS_CONFIG, "conf.key",
	    "unknown key \"%.64s\" in an access rule; the known ones are user, group, login and roles", word);
	return conf_parser_locate(parser);
}

/* Reads one rule; the current event is its beginning, and after it its end. */
static int
access_parse_rule(struct conf_parser *parser, struct access_rule *rule)
{
	if (parser->event.type != YAML_MAPPING_START_EVENT) {
		(void)error_set(parser->e, STATUS_CONFIG, "conf.value",
		    "an access rule is written {user: NAME, roles: [...]}, {group: NAME, roles: [...]} or {login: "
		    "NAME, roles: [...]}");
		return conf_parser_locate(parser);
	}
	for (;;) {
		if (conf_parser_next(parser) == -1)
			return -1;
		if (parser->event.type == YAML_MAPPING_END_EVENT)
			break;
		if (access_parse_pair(parser, rule) == -1)
			return -1;
	}
	if (rule->name != NULL && rule->nroles > 0)
		return 0;
	(void)error_set(parser->e, STATUS_CONFIG, "conf.value",
	    "an access rule needs a user, a group or a login, and roles");
	return conf_parser_locate(parser);
}

static int
access_add(struct conf_parser *parser, const struct access_rule *rule, size_t line)
{
	int64_t id = rule->is_login ? -1 : access_resolve(rule->is_group, rule->name);

	if (rule->is_login)
		return conf_add_login(parser->conf, rule->name, rule->roles, rule->nroles) == -1
		    ? conf_out_of_memory(parser->e)
		    : 0;
	if (id == -1)
		log_warning("%s:%zu: there is no %s \"%s\" on this host: the access rule fits nobody",
		    parser->source->file, line, rule->is_group ? "group" : "user", rule->name);
	if (conf_add_access(parser->conf, rule->is_group, rule->name, id, rule->roles, rule->nroles) == -1)
		return conf_out_of_memory(parser->e);
	return 0;
}

int
conf_parse_access(struct conf_parser *parser, const struct conf_key *key)
{
	if (conf_parse_list_start(parser, key->path, "[{user: root, roles: [admin]}]") == -1)
		return -1;
	for (;;) {
		struct access_rule rule = { .name = NULL };
		size_t line;
		int result;

		if (conf_parser_next(parser) == -1)
			return -1;
		if (parser->event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		line = parser->event.start_mark.line + 1;
		result = access_parse_rule(parser, &rule);
		if (result == 0 && rule.name != NULL)
			result = access_add(parser, &rule, line);
		free(rule.name);
		if (result == -1)
			return -1;
	}
}

int
conf_complete_access(struct conf *conf, const struct conf_source *source, struct error *e)
{
	static const enum role usual[] = { ROLE_WRITE, ROLE_QUERY };
	enum role every[ROLES];

	if (conf->listen.group[0] != '\0' && getgrnam(conf->listen.group) == NULL)
		log_warning(
		    "there is no group \"%s\" (listen.group) on this host: the sockets stay with bibd's own group",
		    conf->listen.group);
	if (conf_source_place(source, conf_key_find("access")).line != 0)
		return 0;
	for (int role = 0; role < ROLES; role++)
		every[role] = (enum role)role;
	if (conf_add_access(conf, false, "root", 0, every, ROLES) == -1 ||
	    conf_add_access(conf, true, "bibd", access_resolve(true, "bibd"), usual, 2) == -1)
		return conf_out_of_memory(e);
	return 0;
}
