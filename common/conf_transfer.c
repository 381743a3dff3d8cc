/*
 * The configuration between processes: name, NUL, value, NUL, ... in a sealed memfd. Names are the paths of the keys;
 * a list has its name once for each element, and an access rule is "user|group|login ID ROLE...", a newline and NAME.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/conf.h"
#include "common/memfd.h"

#define CONF_TRANSFER_MAX (4U << 20)

static void
conf_write_pair(FILE *out, const char *name, const char *value)
{
	(void)fwrite(name, strlen(name) + 1, 1, out);
	(void)fwrite(value, strlen(value) + 1, 1, out);
}

static void
conf_write_access(FILE *out, const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->naccess; i++) {
		const struct conf_access *a = &conf->access[i];

		(void)fprintf(out, "%s%c%s %" PRId64, name, '\0',
		    a->is_login	      ? "login"
			: a->is_group ? "group"
				      : "user",
		    a->id);
		for (unsigned j = 0; j < a->nroles; j++)
			(void)fprintf(out, " %s", role_names[a->roles[j]]);
		(void)fprintf(out, "\n%s%c", a->name, '\0');
	}
}

static int
conf_write_key(FILE *out, const struct conf *conf, const struct conf_key *key)
{
	char *const *words, *text;

	switch (key->type) {
	case CONF_ACCESS:
		conf_write_access(out, conf, key->path);
		return 0;
	case CONF_COMMAND:
	case CONF_SETTINGS:
		words = *(char **const *)(const void *)((const char *)conf + key->offset);
		for (; words != NULL && *words != NULL; words++)
			conf_write_pair(out, key->path, *words);
		return 0;
	default:
		if ((text = conf_get_text(conf, key)) == NULL)
			return -1;
		conf_write_pair(out, key->path, text);
		if (key->secret)
			explicit_bzero(text, strlen(text));
		free(text);
		return 0;
	}
}

int
conf_send(const struct conf *conf, struct error *e)
{
	char *data = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&data, &size);
	int fd, result = 0;

	if (out == NULL)
		return error_set_errno(e, STATUS_OS, "conf.transfer", "cannot write the configuration for a worker");
	for (size_t i = 0; i < conf_nkeys && result == 0; i++)
		result = conf_write_key(out, conf, &conf_keys[i]);
	if (ferror(out) != 0)
		result = -1;
	if (fclose(out) != 0 || result == -1)
		fd = error_set_errno(e, STATUS_OS, "conf.transfer", "cannot write the configuration for a worker");
	else
		fd = memfd_create_sealed("bibd-conf", data, size, e);
	if (data != NULL)
		explicit_bzero(data, size);
	free(data);
	return fd;
}

/* Reads one rule of access as conf_send() writes it: "group 100 write query\nNAME". */
static int
conf_read_access(struct conf *conf, char *value)
{
	enum role roles[ROLES];
	unsigned nroles = 0;
	char *name = strchr(value, '\n'), *save = NULL, *word, *end;
	bool is_group, is_login;
	int64_t id;

	if (name == NULL)
		return -1;
	*name++ = '\0';
	if ((word = strtok_r(value, " ", &save)) == NULL)
		return -1;
	is_group = strcmp(word, "group") == 0;
	is_login = strcmp(word, "login") == 0;
	if (!is_group && !is_login && strcmp(word, "user") != 0)
		return -1;
	if ((word = strtok_r(NULL, " ", &save)) == NULL)
		return -1;
	id = strtoll(word, &end, 10);
	while ((word = strtok_r(NULL, " ", &save)) != NULL) {
		int role = role_by_name(word);

		if (role == -1 || nroles == ROLES)
			return -1;
		roles[nroles++] = (enum role)role;
	}
	if (*end != '\0')
		return -1;
	return is_login ? conf_add_login(conf, name, roles, nroles)
			: conf_add_access(conf, is_group, name, id, roles, nroles);
}

static int
conf_read_pair(struct conf *conf, const char *name, char *value, struct error *e)
{
	const struct conf_key *key = conf_key_find(name);

	if (key == NULL)
		return -1;
	if (key->type == CONF_ACCESS)
		return conf_read_access(conf, value);
	if (conf_is_list(key))
		return conf_add_word(conf, key, value);
	return conf_set(conf, key, value, e);
}

struct conf *
conf_receive(int fd, struct error *e)
{
	struct conf *conf = NULL;
	size_t size = 0;
	char *data = memfd_read(fd, CONF_TRANSFER_MAX, &size, e), *at, *value, *next;
	int result = 0;

	if (data == NULL)
		return NULL;
	/* Every scalar key is sent: an empty text, or one that ends within a value, does not come from conf_send. */
	if (size == 0 || data[size - 1] != '\0' || (conf = conf_new()) == NULL)
		result = -1;
	for (at = data; result == 0 && at < data + size; at = next) {
		value = at + strlen(at) + 1;
		if (value >= data + size) {
			result = -1;
			break;
		}
		next = value + strlen(value) + 1;
		result = conf_read_pair(conf, at, value, e);
	}
	explicit_bzero(data, size);
	free(data);
	if (result == -1) {
		(void)error_set(e, STATUS_BUG, "conf.transfer", "the configuration from the supervisor is malformed");
		conf_free(conf);
		return NULL;
	}
	return conf;
}
