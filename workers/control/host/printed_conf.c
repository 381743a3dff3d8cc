/*
 * Finds bibd, has it print the configuration, and reads the lines into a struct conf.
 */
#include "workers/control/host/printed_conf.h"

#include <bsd/string.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/control/host/program.h"

#ifndef BIBD_SBINDIR
#define BIBD_SBINDIR "/usr/local/sbin"
#endif

#define PRINTED_DEPTH_MAX 8
#define PRINTED_PATH_MAX 128
#define PRINTED_TIMEOUT_MS 10000
#define PRINTED_CROSS "\xe2\x9c\x97 " /* what log_failure begins with */

/* ---- reading what is printed ---- */

/* Takes the quotes and escapes of conf_print off, in place. -1 when they are none of its. */
static int
printed_unquote(char *text)
{
	char *to = text, *from = text + 1;

	if (*text != '"')
		return 0;
	while (*from != '"') {
		unsigned value;

		if (*from == '\0')
			return -1;
		if (*from != '\\') {
			*to++ = *from++;
			continue;
		}
		from++;
		if (*from == '"' || *from == '\\')
			*to++ = *from++;
		else if (sscanf(from, "x%2x", &value) == 1 && strlen(from) >= 3) {
			*to++ = (char)value;
			from += 3;
		} else
			return -1;
	}
	*to = '\0';
	return from[1] == '\0' ? 0 : -1;
}

/* The name at this depth, put behind those above it: "database.postgres.port". */
struct printed_place {
	size_t lengths[PRINTED_DEPTH_MAX]; /* of the path up to and with each depth */
	char path[PRINTED_PATH_MAX];
};

static int
printed_enter(struct printed_place *place, size_t depth, const char *name)
{
	size_t used = depth == 0 ? 0 : place->lengths[depth - 1];
	int n = snprintf(place->path + used, sizeof(place->path) - used, "%s%s", depth == 0 ? "" : ".", name);

	if (n < 0 || (size_t)n >= sizeof(place->path) - used)
		return -1;
	place->lengths[depth] = used + (size_t)n;
	return 0;
}

/* ["a", "b"]: each word with its quotes taken off. */
static int
printed_set_list(struct conf *conf, const struct conf_key *key, char *value)
{
	char *word = value + 1, *end;

	if (*value != '[')
		return -1;
	while (*word == '"') {
		for (end = word + 1; *end != '\0' && *end != '"'; end++)
			if (*end == '\\' && end[1] != '\0')
				end++;
		if (*end == '\0')
			return -1;
		value = end + 1;
		if (*value != ',' && *value != ']')
			return -1;
		*value++ = '\0';
		if (printed_unquote(word) == -1 || conf_add_word(conf, key, word) == -1)
			return -1;
		word = value + (*value == ' ');
	}
	return 0;
}

static int
printed_set(struct conf *conf, const char *path, char *value, struct error *e)
{
	const struct conf_key *key = conf_key_find(path);

	if (key == NULL)
		return error_set(e, STATUS_CONFIG, "printed_conf.key", "bibd and bibctl are of different builds: %s",
		    path);
	if (key->type == CONF_SETTINGS || key->type == CONF_ACCESS)
		return 0;
	if (key->type == CONF_COMMAND)
		return printed_set_list(conf, key, value) == 0
		    ? 0
		    : error_set(e, STATUS_CONFIG, "printed_conf.value", "what bibd printed for %s is not a list", path);
	if (printed_unquote(value) == -1)
		return error_set(e, STATUS_CONFIG, "printed_conf.value", "what bibd printed for %s is not a value",
		    path);
	return conf_set(conf, key, value, e);
}

static int
printed_read_line(struct conf *conf, struct printed_place *place, char *line, struct error *e)
{
	size_t indent = strspn(line, " ");
	char *name = line + indent, *colon = strchr(name, ':');

	/* The rules of `access`, one a line. */
	if (*name == '\0' || *name == '-')
		return 0;
	if (colon == NULL || indent / 2 >= PRINTED_DEPTH_MAX || (indent > 0 && place->path[0] == '\0'))
		return error_set(e, STATUS_CONFIG, "printed_conf.value",
		    "bibd printed what is no configuration: %.100s", name);
	*colon = '\0';
	if (printed_enter(place, indent / 2, name) == -1)
		return error_set(e, STATUS_CONFIG, "printed_conf.key",
		    "bibd and bibctl are of different builds: %.100s", name);
	return colon[1] == '\0' ? 0 : printed_set(conf, place->path, colon + 2, e);
}

struct conf *
printed_conf_parse(char *text, struct error *e)
{
	struct conf *conf = conf_new();
	struct printed_place place = { .path = "" };
	char *line;

	if (conf == NULL) {
		(void)error_set_errno(e, STATUS_OS, "printed_conf.memory", "cannot read a configuration");
		return NULL;
	}
	while ((line = strsep(&text, "\n")) != NULL)
		if (printed_read_line(conf, &place, line, e) == -1) {
			conf_free(conf);
			return NULL;
		}
	return conf;
}

/* ---- having it printed ---- */

/* Beside this program, where a build tree or a moved installation has it; then where it was installed, and PATH. */
bool
printed_conf_find_bibd(char *path, size_t size)
{
	static const char *const beside[] = { "bibd", "../sbin/bibd" };
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n < 0 ? 0 : n] = '\0';
	for (size_t i = 0; n > 0 && i < sizeof(beside) / sizeof(beside[0]); i++) {
		int length = snprintf(path, size, "%.*s/%s", (int)(strrchr(self, '/') - self), self, beside[i]);

		if (length > 0 && (size_t)length < size && access(path, X_OK) == 0)
			return true;
	}
	(void)strlcpy(path, BIBD_SBINDIR "/bibd", size);
	return access(path, X_OK) == 0 || program_find("bibd", path, size);
}

/* What bibd ended with, in its own words. */
static void
printed_take_failure(struct program_output *output, struct error *e)
{
	char *cross = strstr(output->errors, PRINTED_CROSS);
	const char *text;

	if (cross != NULL)
		memmove(output->errors, cross + strlen(PRINTED_CROSS), strlen(cross + strlen(PRINTED_CROSS)) + 1);
	text = program_complaint(output);
	(void)error_set(e, output->status > 255 || output->status < 1 ? STATUS_CONFIG : (enum status)output->status,
	    "printed_conf.refused", "%s", text);
}

/* The text of a log line: what comes after its time and the process's name. */
static void
printed_take_warning(struct program_output *output, char *warning, size_t size)
{
	const char *text, *words;

	warning[0] = '\0';
	if (output->errors[0] == '\0')
		return;
	text = program_complaint(output);
	if ((words = strstr(text, "warning: ")) != NULL)
		text = words + strlen("warning: ");
	(void)strlcpy(warning, text, size);
}

struct conf *
printed_conf_load(const char *path, char *warning, size_t size, struct error *e)
{
	struct program_output *output = malloc(sizeof(*output));
	struct conf *conf = NULL;
	char bibd[PATH_MAX];
	const char *argv[] = { bibd, "--print-config", "-f", path, NULL };

	warning[0] = '\0';
	if (output == NULL)
		(void)error_set_errno(e, STATUS_OS, "printed_conf.memory", "cannot read a configuration");
	else if (!printed_conf_find_bibd(bibd, sizeof(bibd)))
		(void)error_set(e, STATUS_OS, "printed_conf.program",
		    "the program bibd, which reads the configuration, is neither beside bibctl nor in PATH");
	else if (program_run(argv, PRINTED_TIMEOUT_MS, output, e) == 0) {
		if (output->status != STATUS_OK)
			printed_take_failure(output, e);
		else {
			printed_take_warning(output, warning, size);
			conf = printed_conf_parse(output->output, e);
		}
	}
	free(output);
	return conf;
}
