/*
 * Makes statements that sessions share, and keeps the names that sessions have for them, in their order.
 */
#include "workers/postgres/statements/prepared.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/postgres/statements/settings.h"

#define NAMES_FIRST_SIZE 8

/* FNV-1a over eight bytes at a time as far as possible, since texts may be long. */
static uint32_t
hash_bytes(const uint8_t *p, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325u, word;

	for (; size >= sizeof(word); p += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		hash = (hash ^ word) * 0x100000001b3u;
		hash ^= hash >> 29;
	}
	for (; size > 0; p++, size--)
		hash = (hash ^ *p) * 0x100000001b3u;
	return (uint32_t)(hash ^ (hash >> 32));
}

void
prepared_open(struct pg_prepared *prepared, struct pg_settings_table *settings, uint64_t token)
{
	*prepared = (struct pg_prepared) { .settings = settings, .token = token, .epoch = 1 };
}

/* Makes a statement of a text with its types, without words and row. */
static struct pg_statement *
pg_statement_make(struct pg_prepared *prepared, const uint8_t *text, size_t text_size, const uint8_t *types,
    size_t types_size)
{
	struct pg_statement *statement = calloc(1, sizeof(*statement) + text_size + types_size);

	if (statement == NULL)
		return NULL;
	statement->prepared = prepared;
	statement->references = 1;
	statement->text_size = text_size;
	statement->size = text_size + types_size;
	memcpy(statement->body, text, text_size);
	memcpy(statement->body + text_size, types, types_size);
	statement->hash = hash_bytes(statement->body, statement->size);
	return statement;
}

struct pg_statement *
pg_statement_new(struct pg_prepared *prepared, const uint8_t *body, size_t size, struct pg_settings *settings)
{
	size_t text_size = strnlen((const char *)body, size);
	struct pg_statement *statement;

	text_size += text_size < size ? 1 : 0;
	if ((statement = pg_statement_make(prepared, body, text_size, body + text_size, size - text_size)) == NULL) {
		pg_settings_release(prepared->settings, settings);
		return NULL;
	}
	statement->settings = settings;
	statement->generation = prepared->generation;
	words_read(body, size, &prepared->names, &statement->words);
	return statement;
}

static bool
same_bytes(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
	return a_size == b_size && (a == NULL) == (b == NULL) && (a_size == 0 || memcmp(a, b, a_size) == 0);
}

static bool
pg_statement_is(const struct pg_statement *a, const struct pg_statement *b)
{
	return a->hash == b->hash && a->settings == b->settings && same_bytes(a->body, a->size, b->body, b->size) &&
	    same_bytes(a->row, a->row_size, b->row, b->row_size);
}

struct pg_statement *
pg_statement_described(const struct pg_statement *statement, const struct description *description)
{
	struct pg_prepared *prepared = statement->prepared;
	struct pg_statement *made, *other;

	if ((made = pg_statement_make(prepared, statement->body, statement->text_size, description->types,
		 description->types_size)) == NULL)
		return NULL;
	made->whole = true;
	made->words = statement->words;
	made->generation = statement->generation;
	if (description->row != NULL && (made->row = malloc(description->row_size + 1)) == NULL) {
		pg_statement_release(made);
		return NULL;
	}
	if (description->row != NULL)
		memcpy(made->row, description->row, made->row_size = description->row_size);
	if (statement->settings == NULL)
		return made;
	made->settings = pg_settings_reference(statement->settings);
	LIST_FOREACH(other, &prepared->buckets[made->hash % PREPARED_BUCKETS], bucket)
	if (pg_statement_is(other, made)) {
		pg_statement_release(made);
		return pg_statement_reference(other);
	}
	made->shared = true;
	LIST_INSERT_HEAD(&prepared->buckets[made->hash % PREPARED_BUCKETS], made, bucket);
	return made;
}

/* The next column of a RowDescription: its name and the bytes behind it. NULL at the end. */
#define COLUMN_TAIL_SIZE 18
static const uint8_t *
next_column(const uint8_t **p, const uint8_t *end)
{
	const uint8_t *name = *p, *nul = name < end ? memchr(name, '\0', (size_t)(end - name)) : NULL;

	if (nul == NULL || end - nul <= COLUMN_TAIL_SIZE)
		return NULL;
	*p = nul + 1 + COLUMN_TAIL_SIZE;
	return name;
}

bool
description_same_rows(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
	const uint8_t *a_end, *b_end, *a_name, *b_name;

	if (a == NULL || b == NULL || a_size < 2 || b_size < 2 || memcmp(a, b, 2) != 0)
		return a == b;
	a_end = a + a_size;
	b_end = b + b_size;
	for (a += 2, b += 2; (a_name = next_column(&a, a_end)) != NULL;) {
		if ((b_name = next_column(&b, b_end)) == NULL ||
		    strcmp((const char *)a_name, (const char *)b_name) != 0)
			return false;
		/* Compares the type, its length and its modifier, but not the table's column before them. */
		if (memcmp(a - COLUMN_TAIL_SIZE + 6, b - COLUMN_TAIL_SIZE + 6, 10) != 0)
			return false;
	}
	return true;
}

struct pg_statement *
pg_statement_reference(struct pg_statement *statement)
{
	statement->references++;
	return statement;
}

void
pg_statement_release(struct pg_statement *statement)
{
	if (statement == NULL || --statement->references > 0)
		return;
	if (statement->shared)
		LIST_REMOVE(statement, bucket);
	pg_settings_release(statement->prepared->settings, statement->settings);
	free(statement->row);
	free(statement);
}

const struct words *
pg_statement_words(const struct pg_prepared *prepared, struct pg_statement *statement)
{
	if (statement->generation != prepared->generation) {
		statement->generation = prepared->generation;
		words_read(statement->body, statement->size, &prepared->names, &statement->words);
	}
	return &statement->words;
}

char *
pg_statement_server_name(const struct pg_prepared *prepared, uint64_t id, char *name, size_t size)
{
	(void)snprintf(name, size, "bibd_%016llx_%llx", (unsigned long long)prepared->token, (unsigned long long)id);
	return name;
}

/* ---- the names of a session ---- */

static uint32_t
hash_name(const char *name)
{
	return hash_bytes((const uint8_t *)name, strnlen(name, WORDS_NAME_SIZE - 1));
}

struct named *
names_find(const struct names *names, const char *name)
{
	uint32_t hash = hash_name(name);

	if (names->n == 0)
		return NULL;
	for (struct named *named = names->buckets[hash % names->nbuckets]; named != NULL; named = named->next)
		if (named->hash == hash && strncmp(named->name, name, WORDS_NAME_SIZE - 1) == 0)
			return named;
	return NULL;
}

static int
names_grow(struct names *names)
{
	unsigned nbuckets = names->nbuckets == 0 ? NAMES_FIRST_SIZE : 2 * names->nbuckets;
	struct named **buckets, *named;

	if (names->n < names->nbuckets)
		return 0;
	if ((buckets = calloc(nbuckets, sizeof(struct named *))) == NULL)
		return -1;
	for (unsigned i = 0; i < names->nbuckets; i++)
		while ((named = names->buckets[i]) != NULL) {
			names->buckets[i] = named->next;
			named->next = buckets[named->hash % nbuckets];
			buckets[named->hash % nbuckets] = named;
		}
	free(names->buckets);
	names->buckets = buckets;
	names->nbuckets = nbuckets;
	return 0;
}

/* Puts a name that is restored into its place in the order: others may have been made after it. */
static void
names_put_in_order(struct names *names, struct named *named)
{
	struct named *before = names->last;

	while (before != NULL && before->serial > named->serial)
		before = before->earlier;
	named->earlier = before;
	named->later = before == NULL ? names->first : before->later;
	*(named->earlier == NULL ? &names->first : &named->earlier->later) = named;
	*(named->later == NULL ? &names->last : &named->later->earlier) = named;
}

static void
names_take_from_order(struct names *names, struct named *named)
{
	*(named->earlier == NULL ? &names->first : &named->earlier->later) = named->later;
	*(named->later == NULL ? &names->last : &named->later->earlier) = named->earlier;
}

static void
names_insert(struct names *names, struct named *named)
{
	names_put_in_order(names, named);
	named->next = names->buckets[named->hash % names->nbuckets];
	names->buckets[named->hash % names->nbuckets] = named;
	names->n++;
}

struct named *
names_add(struct names *names, const char *name, struct pg_statement *statement)
{
	struct named *named;

	if (names->n >= PREPARED_NAMES_MAX || names_grow(names) == -1 || (named = malloc(sizeof(*named))) == NULL)
		return NULL;
	*named = (struct named) { .hash = hash_name(name), .serial = ++names->next_serial, .statement = statement };
	(void)strlcpy(named->name, name, sizeof(named->name));
	names_insert(names, named);
	return named;
}

struct named *
names_take_address(struct names *names, const struct named *named, uint32_t hash)
{
	if (names->n == 0)
		return NULL;
	for (struct named **p = &names->buckets[hash % names->nbuckets]; *p != NULL; p = &(*p)->next)
		if (*p == named) {
			struct named *taken = *p;

			*p = taken->next;
			names_take_from_order(names, taken);
			names->n--;
			return taken;
		}
	return NULL;
}

struct named *
names_at(const struct names *names, const struct named *named, uint32_t hash)
{
	if (names->n == 0)
		return NULL;
	for (struct named *at = names->buckets[hash % names->nbuckets]; at != NULL; at = at->next)
		if (at == named)
			return at;
	return NULL;
}

struct named *
names_at_address(const struct names *names, const struct named *named, uint32_t hash,
    const struct pg_statement *statement)
{
	struct named *at = names_at(names, named, hash);

	return at != NULL && at->statement == statement ? at : NULL;
}

void
names_take(struct names *names, struct named *named)
{
	(void)names_take_address(names, named, named->hash);
}

void
names_restore(struct names *names, struct named *named)
{
	if (names_find(names, named->name) != NULL || names_grow(names) == -1) {
		named_free(named);
		return;
	}
	names_insert(names, named);
}

void
named_free(struct named *named)
{
	pg_statement_release(named->statement);
	free(named);
}

void
names_clear(struct names *names)
{
	struct named *named;

	for (unsigned i = 0; i < names->nbuckets; i++)
		while ((named = names->buckets[i]) != NULL) {
			names->buckets[i] = named->next;
			named_free(named);
		}
	free(names->buckets);
	*names = (struct names) { 0 };
}
