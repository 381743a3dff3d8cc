/*
 * A configuration as a whole: made of the defaults, added to, compared with another, freed; and what follows from
 * several of its keys.
 */
#include "common/conf_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conf *
conf_new(void)
{
	struct conf *conf = calloc(1, sizeof(*conf));

	if (conf == NULL)
		return NULL;
	for (size_t i = 0; i < conf_nkeys; i++)
		if (conf_keys[i].default_text != NULL &&
		    conf_set(conf, &conf_keys[i], conf_keys[i].default_text, NULL) == -1) {
			conf_free(conf);
			return NULL;
		}
	return conf;
}

bool
conf_is_list(const struct conf_key *key)
{
	return key->type == CONF_COMMAND || key->type == CONF_SETTINGS;
}

static void
conf_free_words(char **words)
{
	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		free(words[i]);
	free(words);
}

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	for (size_t i = 0; i < conf_nkeys; i++) {
		const struct conf_key *key = &conf_keys[i];

		if (key->type == CONF_STRING || key->type == CONF_PATH || key->type == CONF_PLACE)
			conf_free_text(*(char **)conf_field(conf, key), key);
		else if (conf_is_list(key))
			conf_free_words(*(char ***)conf_field(conf, key));
	}
	for (size_t i = 0; i < conf->naccess; i++)
		free(conf->access[i].name);
	free(conf->access);
	free(conf);
}

int
conf_add_access(struct conf *conf, bool is_group, const char *name, int64_t id, const enum role *roles, unsigned nroles)
{
	struct conf_access *grown = reallocarray(conf->access, conf->naccess + 1, sizeof(*grown));

	if (grown == NULL)
		return -1;
	conf->access = grown;
	grown += conf->naccess;
	*grown = (struct conf_access) { .is_group = is_group, .name = strdup(name), .id = id, .nroles = nroles };
	if (grown->name == NULL || nroles > ROLES) {
		free(grown->name);
		return -1;
	}
	memcpy(grown->roles, roles, nroles * sizeof(roles[0]));
	conf->naccess++;
	return 0;
}

int
conf_add_login(struct conf *conf, const char *name, const enum role *roles, unsigned nroles)
{
	if (conf_add_access(conf, false, name, -1, roles, nroles) == -1)
		return -1;
	conf->access[conf->naccess - 1].is_login = true;
	return 0;
}

int
conf_add_word(struct conf *conf, const struct conf_key *key, const char *word)
{
	char ***field = conf_field(conf, key), **grown;
	size_t n = 0;

	while (*field != NULL && (*field)[n] != NULL)
		n++;
	if ((grown = reallocarray(*field, n + 2, sizeof(*grown))) == NULL)
		return -1;
	*field = grown;
	grown[n + 1] = NULL;
	return (grown[n] = strdup(word)) == NULL ? -1 : 0;
}

static bool
conf_words_equal(char *const *a, char *const *b)
{
	size_t i = 0;

	if (a == NULL || b == NULL)
		return (a == NULL || a[0] == NULL) && (b == NULL || b[0] == NULL);
	for (; a[i] != NULL && b[i] != NULL; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return a[i] == b[i];
}

static bool
conf_key_equal(const struct conf *a, const struct conf *b, const struct conf_key *key)
{
	char *x, *y;
	bool equal;

	if (conf_is_list(key))
		return conf_words_equal(*(char **const *)conf_const_field(a, key),
		    *(char **const *)conf_const_field(b, key));
	x = conf_get_text(a, key);
	y = conf_get_text(b, key);
	equal = x != NULL && y != NULL && strcmp(x, y) == 0;
	conf_free_text(x, key);
	conf_free_text(y, key);
	return equal;
}

const struct conf_key *
conf_needs_restart(const struct conf *a, const struct conf *b)
{
	for (size_t i = 0; i < conf_nkeys; i++)
		if (!conf_keys[i].reloads && !conf_key_equal(a, b, &conf_keys[i]))
			return &conf_keys[i];
	return NULL;
}

const struct conf_health *
conf_health(const struct conf *conf)
{
	return conf->database.backend == CONF_BACKEND_POSTGRES ? &conf->database.postgres.health
							       : &conf->database.health;
}

int
conf_postgres_path(const struct conf *conf, const char *name, char *buf, size_t size)
{
	const char *configured = conf->database.postgres.data_dir;
	int n;

	if (configured[0] != '\0')
		n = snprintf(buf, size, "%s/%s", configured, name);
	else
		n = snprintf(buf, size, "%s/postgres/%s", conf->node.data_dir, name);
	return n < 0 || (size_t)n >= size ? -1 : 0;
}

bool
conf_has_tls(const struct conf *conf)
{
	return conf->database.backend == CONF_BACKEND_POSTGRES && conf->database.postgres.managed &&
	    !conf->database.postgres.network.use_unix_socket && conf->database.postgres.tls.enabled;
}

int
conf_certificates_path(const struct conf *conf, char *buf, size_t size)
{
	const char *configured = conf->database.postgres.tls.cert_dir;
	int n;

	if (configured[0] == '\0')
		return conf_postgres_path(conf, "certs", buf, size);
	n = snprintf(buf, size, "%s", configured);
	return n < 0 || (size_t)n >= size ? -1 : 0;
}
