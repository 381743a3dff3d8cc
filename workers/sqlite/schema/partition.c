/*
 * The mark of a partition, as it stands in a view's text: four fields, each with a blank behind, in which every byte
 * that is no letter, digit or underscore is written by its number.
 */
#include "workers/sqlite/schema/partition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/schema.h"

#define BEGIN "/*bibd:partition "

static bool
is_plain(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
	    byte == '_';
}

static void
put_field(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (is_plain(*text))
			fputc(*text, out);
		else
			fprintf(out, "%%%02x", (unsigned)(unsigned char)*text);
	fputc(' ', out);
}

char *
schema_partition_mark(const struct schema_partition *partition)
{
	char *mark = NULL;
	size_t length;
	FILE *out = open_memstream(&mark, &length);

	if (out == NULL)
		return NULL;
	fputs(BEGIN, out);
	put_field(out, partition->parent);
	put_field(out, partition->bound);
	put_field(out, partition->key == NULL ? "" : partition->key);
	put_field(out, partition->own == NULL ? "" : partition->own);
	fputs("*/ ", out);
	return fclose(out) == 0 ? mark : NULL;
}

/* Finds the mark, outside of quotes, so that no name of a column is taken for it. NULL: there is none. */
static const char *
find_mark(const char *sql)
{
	for (const char *p = sql == NULL ? "" : sql; *p != '\0'; p++) {
		if (*p == '/' && strncmp(p, BEGIN, strlen(BEGIN)) == 0)
			return p + strlen(BEGIN);
		if ((*p == '\'' || *p == '"') && (p = strchr(p + 1, *p)) == NULL)
			return NULL;
	}
	return NULL;
}

bool
schema_partition_is(const char *sql)
{
	return find_mark(sql) != NULL;
}

/* Reads one field of the mark, and moves behind it. */
static char *
take_field(const char **at)
{
	size_t n = strcspn(*at, " ");
	char *text = malloc(n + 1), *put = text;

	for (size_t i = 0; text != NULL && i < n; i++) {
		char digits[3] = { 0 };

		if ((*at)[i] != '%' || i + 2 >= n + 1) {
			*put++ = (*at)[i];
			continue;
		}
		memcpy(digits, *at + i + 1, 2);
		*put++ = (char)strtoul(digits, NULL, 16);
		i += 2;
	}
	if (text != NULL)
		*put = '\0';
	*at += n + ((*at)[n] == ' ');
	return text;
}

static void
drop_empty(char **text)
{
	if (**text != '\0')
		return;
	free(*text);
	*text = NULL;
}

bool
schema_partition_own_next(const char **at, struct schema_partition_own *own)
{
	size_t n = *at == NULL ? 0 : strcspn(*at, "\7");
	char *text;

	*own = (struct schema_partition_own) { 0 };
	if (n < 2 || (own->copy = strndup(*at, n)) == NULL)
		return false;
	*at += n + 1;
	own->what = own->copy[0];
	own->name = own->copy + 1;
	own->text = "";
	if ((text = strchr(own->copy, PARTITION_OWN)) != NULL) {
		*text = '\0';
		own->text = text + 1;
	}
	return true;
}

int
schema_partition_take(const char *sql, struct schema_partition *out)
{
	const char *at = find_mark(sql);

	*out = (struct schema_partition) { 0 };
	if (at == NULL)
		return 0;
	out->parent = take_field(&at);
	out->bound = take_field(&at);
	out->key = take_field(&at);
	out->own = take_field(&at);
	if (out->parent == NULL || out->bound == NULL || out->key == NULL || out->own == NULL) {
		schema_partition_free(out);
		return -1;
	}
	drop_empty(&out->key);
	drop_empty(&out->own);
	return 1;
}

bool
schema_partition_read(const char *sql, struct schema_partition *out)
{
	return schema_partition_take(sql, out) == 1;
}

void
schema_partition_free(struct schema_partition *partition)
{
	free(partition->parent);
	free(partition->bound);
	free(partition->key);
	free(partition->own);
	*partition = (struct schema_partition) { 0 };
}

bool
schema_table_is_partitioned(const struct schema_table *table)
{
	return table->partition_key != NULL || (table->partition != NULL && table->partition->key != NULL);
}
