/*
 * Reads what an engine prints about a container into a struct.
 */
#include "workers/container/engine/inspection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INSPECTION_FIELDS 13

struct inspection_field {
	const char *text;
	size_t size;
};

static void
inspection_copy(const struct inspection_field *field, char *buf, size_t size)
{
	/* How a template shows a label that is not there. */
	if (field->size == strlen("<no value>") && strncmp(field->text, "<no value>", field->size) == 0)
		buf[0] = '\0';
	else
		(void)snprintf(buf, size, "%.*s", (int)field->size, field->text);
}

static bool
inspection_is(const struct inspection_field *field, const char *word)
{
	return field->size == strlen(word) && memcmp(field->text, word, field->size) == 0;
}

static bool
inspection_is_running(const struct inspection_field *status)
{
	static const char *const words[] = { "running", "paused", "restarting", "stopping" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (inspection_is(status, words[i]))
			return true;
	return false;
}

int64_t
inspection_time(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t us = 0, digit = 100000;
	time_t seconds;

	if (rest == NULL || (seconds = timegm(&tm)) < 0)
		return 0;
	if (*rest == '.')
		for (rest++; *rest >= '0' && *rest <= '9'; rest++, digit /= 10)
			us += (*rest - '0') * digit;
	return (int64_t)seconds * 1000000 + us;
}

static size_t
inspection_split(const char *line, size_t size, struct inspection_field fields[INSPECTION_FIELDS])
{
	size_t n = 0;

	for (size_t start = 0; n < INSPECTION_FIELDS && start <= size; n++) {
		const char *tab = n + 1 < INSPECTION_FIELDS ? memchr(line + start, '\t', size - start) : NULL;
		size_t end = tab != NULL ? (size_t)(tab - line) : size;

		fields[n] = (struct inspection_field) { line + start, end - start };
		start = end + 1;
	}
	return n;
}

bool
inspection_parse(const char *line, size_t size, struct inspection *inspection)
{
	struct inspection_field fields[INSPECTION_FIELDS];
	char number[64];

	*inspection = (struct inspection) { 0 };
	if (inspection_split(line, size, fields) != INSPECTION_FIELDS)
		return false;
	/* Docker puts a slash before a name. */
	if (fields[0].size > 0 && fields[0].text[0] == '/')
		fields[0] = (struct inspection_field) { fields[0].text + 1, fields[0].size - 1 };
	inspection_copy(&fields[0], inspection->name, sizeof(inspection->name));
	inspection_copy(&fields[1], inspection->id, sizeof(inspection->id));
	inspection->running = inspection_is_running(&fields[2]);
	inspection->removing = inspection_is(&fields[2], "removing");
	inspection_copy(&fields[3], number, sizeof(number));
	inspection->exit_code = (int)strtol(number, NULL, 10);
	inspection->out_of_memory = inspection_is(&fields[4], "true");
	inspection_copy(&fields[5], number, sizeof(number));
	inspection->pid = strtoll(number, NULL, 10);
	inspection_copy(&fields[6], number, sizeof(number));
	inspection->started_us = inspection_time(number);
	inspection_copy(&fields[7], inspection->image_id, sizeof(inspection->image_id));
	inspection_copy(&fields[8], inspection->node, sizeof(inspection->node));
	inspection_copy(&fields[9], inspection->role, sizeof(inspection->role));
	inspection_copy(&fields[10], inspection->hash, sizeof(inspection->hash));
	inspection_copy(&fields[11], inspection->data, sizeof(inspection->data));
	inspection_copy(&fields[12], inspection->error, sizeof(inspection->error));
	inspection->present = inspection->id[0] != '\0';
	return inspection->present;
}

void
inspection_find(const char *output, const char *name, struct inspection *inspection)
{
	while (*output != '\0') {
		size_t size = strcspn(output, "\n");

		if (inspection_parse(output, size, inspection) && strcmp(inspection->name, name) == 0)
			return;
		output += size + (output[size] == '\n');
	}
	*inspection = (struct inspection) { 0 };
}
