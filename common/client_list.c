/*
 * Writes and reads one line of the list of clients.
 */
#include "common/client_list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The fields of a line in their order: numbers, then texts. */
#define LIST_NUMBERS 10
#define LIST_TEXTS 5

static void
list_put_text(FILE *file, const char *text)
{
	(void)fputc('\t', file);
	for (; *text != '\0'; text++)
		(void)fputc((unsigned char)*text < ' ' || *text == '\177' ? ' ' : *text, file);
}

void
client_list_put(FILE *file, const struct client_row *row)
{
	const char *texts[LIST_TEXTS] = { row->role, row->application, row->state, row->holds, row->statement };

	(void)fprintf(file,
	    "%" PRIu32 "\t%" PRIu32 "\t%" PRId64 "\t%" PRId64 "\t%" PRIu64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64
	    "\t%d\t%" PRIu64,
	    row->id, row->server_pid, row->uid, row->pid, row->bytes, row->connected_us, row->since_us,
	    row->transaction_us, row->shown, row->statements);
	for (size_t i = 0; i < LIST_TEXTS; i++)
		list_put_text(file, texts[i]);
	(void)fputc('\n', file);
}

/* The fields, which become strings of their own. -1: there are more, or fewer. */
static int
list_split(char *line, char *fields[LIST_NUMBERS + LIST_TEXTS])
{
	size_t n = 0;
	char *tab;

	for (;;) {
		if (n == LIST_NUMBERS + LIST_TEXTS)
			return -1;
		fields[n++] = line;
		if ((tab = strchr(line, '\t')) == NULL)
			break;
		*tab = '\0';
		line = tab + 1;
	}
	return n == LIST_NUMBERS + LIST_TEXTS ? 0 : -1;
}

int
client_list_read(char *line, struct client_row *row)
{
	char *fields[LIST_NUMBERS + LIST_TEXTS], *end;
	int64_t numbers[LIST_NUMBERS];

	if (list_split(line, fields) == -1)
		return -1;
	for (size_t i = 0; i < LIST_NUMBERS; i++) {
		numbers[i] = strtoll(fields[i], &end, 10);
		if (end == fields[i] || *end != '\0')
			return -1;
	}
	*row = (struct client_row) { .id = (uint32_t)numbers[0],
		.server_pid = (uint32_t)numbers[1],
		.uid = numbers[2],
		.pid = numbers[3],
		.bytes = (uint64_t)numbers[4],
		.connected_us = numbers[5],
		.since_us = numbers[6],
		.transaction_us = numbers[7],
		.shown = numbers[8] != 0,
		.statements = (uint64_t)numbers[9],
		.role = fields[LIST_NUMBERS],
		.application = fields[LIST_NUMBERS + 1],
		.state = fields[LIST_NUMBERS + 2],
		.holds = fields[LIST_NUMBERS + 3],
		.statement = fields[LIST_NUMBERS + 4] };
	return 0;
}
