/*
 * Prints every key with its value as YAML that can be read in again, secrets masked.
 */
#include "supervisor/conf/print.h"

#include <stdlib.h>
#include <string.h>

#include "common/character.h"

#define CONF_MASK "********"

/* Types whose text is written without quotes. */
static const bool conf_print_plain
    [CONF_TYPES] = { [CONF_BOOLEAN] = true, [CONF_INTEGER] = true, [CONF_DECIMAL] = true, [CONF_DURATION] = true };

static void
print_command(const struct conf *conf, const struct conf_key *key, FILE *out)
{
	char *const *words = *(char **const *)(const void *)((const char *)conf + key->offset);

	(void)fputs(" [", out);
	for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
		(void)fputs(i == 0 ? "" : ", ", out);
		character_put_yaml(out, words[i]);
	}
	(void)fputs("]\n", out);
}

/* Names need no quotes: parse_settings.c takes no others. */
static void
print_settings(const struct conf *conf, const struct conf_key *key, FILE *out)
{
	char *const *words = *(char **const *)(const void *)((const char *)conf + key->offset);

	(void)fputs(" {", out);
	for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
		int length = (int)strcspn(words[i], "=");

		(void)fprintf(out, "%s%.*s: ", i == 0 ? "" : ", ", length, words[i]);
		character_put_yaml(out, words[i] + length + 1);
	}
	(void)fputs("}\n", out);
}

static void
print_access(const struct conf *conf, FILE *out)
{
	(void)fputs(conf->naccess == 0 ? " []\n" : "\n", out);
	for (size_t i = 0; i < conf->naccess; i++) {
		const struct conf_access *rule = &conf->access[i];

		(void)fprintf(out, "  - {%s: ", rule->is_login ? "login" : rule->is_group ? "group" : "user");
		character_put_yaml(out, rule->name);
		(void)fputs(", roles: [", out);
		for (unsigned j = 0; j < rule->nroles; j++)
			(void)fprintf(out, "%s%s", j == 0 ? "" : ", ", role_names[rule->roles[j]]);
		(void)fputs("]}\n", out);
	}
}

static void
print_scalar(const struct conf *conf, const struct conf_key *key, FILE *out)
{
	char *text = conf_get_text(conf, key);

	(void)fputc(' ', out);
	if (text == NULL)
		(void)fputs("\"\"", out);
	else if (key->secret)
		character_put_yaml(out, text[0] == '\0' ? "" : CONF_MASK);
	else if (conf_print_plain[key->type] || (key->type == CONF_CHOICE && text[0] != '\0'))
		(void)fputs(text, out);
	else
		character_put_yaml(out, text);
	(void)fputc('\n', out);
	if (text != NULL && key->secret)
		explicit_bzero(text, strlen(text));
	free(text);
}

/* How many whole components of the path two keys share. */
static size_t
print_shared(const char *a, const char *b)
{
	size_t shared = 0;

	for (; *a != '\0' && *a == *b; a++, b++)
		if (*a == '.')
			shared++;
	return shared;
}

/* The headings of the sections that this key is the first of, then the key's own name. */
static void
print_name(const char *path, const char *previous, FILE *out)
{
	size_t depth = 0, shared = print_shared(path, previous);
	const char *dot;

	for (; (dot = strchr(path, '.')) != NULL; path = dot + 1, depth++)
		if (depth >= shared)
			(void)fprintf(out, "%*s%.*s:\n", (int)depth * 2, "", (int)(dot - path), path);
	(void)fprintf(out, "%*s%s:", (int)depth * 2, "", path);
}

void
conf_print_value(const struct conf *conf, const struct conf_key *key, FILE *out)
{
	if (key->type == CONF_COMMAND)
		print_command(conf, key, out);
	else if (key->type == CONF_SETTINGS)
		print_settings(conf, key, out);
	else if (key->type == CONF_ACCESS)
		print_access(conf, out);
	else
		print_scalar(conf, key, out);
}

int
conf_print(const struct conf *conf, FILE *out)
{
	const char *previous = "";

	for (size_t i = 0; i < conf_nkeys; i++) {
		print_name(conf_keys[i].path, previous, out);
		previous = conf_keys[i].path;
		conf_print_value(conf, &conf_keys[i], out);
	}
	return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
