/*
 * The condition that a partition's bound is, in PostgreSQL's words, from which the view and all else is translated. It
 * is never NULL: what is compared is looked at for NULL first.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/dialect/partition.h"

/* A list of PostgreSQL's is bounded by its parser alone; a statement of SQLite's is not made for more. */
#define LIST_MAX 2000

struct bound {
	const char *lower[LIST_MAX]; /* of a list: its values */
	const char *upper[PARTITION_KEYS_MAX];
	unsigned nlower, nupper;
};

static bool
is(const char *text, const char *word)
{
	return text != NULL && strcmp(text, word) == 0;
}

static int
read_bound(struct translator *t, const char *text, struct bound *bound)
{
	const char *open = strchr(text, '('), *end;

	*bound = (struct bound) { .nlower = 0 };
	if (open == NULL)
		return 0;
	if (partition_split(t, open + 1, bound->lower, LIST_MAX, &bound->nlower, &end) == -1)
		return -1;
	if ((open = strchr(end, '(')) == NULL)
		return 0;
	return partition_split(t, open + 1, bound->upper, PARTITION_KEYS_MAX, &bound->nupper, &end);
}

/* A constant of the bound as one of the part's type. */
static void
put_value(struct translator *t, const struct partition_part *part, const char *value, struct sql_text *out)
{
	bool integer = part->oid == TYPE_INT2 || part->oid == TYPE_INT4 || part->oid == TYPE_INT8;
	const char *type = part->oid == TYPE_BPCHAR ? "bpchar" : type_display(t, part->oid);

	if (integer && *value == '\'')
		sql_text_format(out, "(%.*s)", (int)strlen(value) - 2, value + 1);
	else if (integer || part->oid == TYPE_BOOL)
		sql_text_put(out, value);
	else
		sql_text_format(out, "(%s)::%s", value, type);
}

static void
put_not_null(const struct partition_key *key, struct sql_text *out)
{
	for (unsigned i = 0; i < key->n; i++)
		sql_text_format(out, "%s(%s) IS NOT NULL", i == 0 ? "" : " AND ", key->parts[i].text);
}

static void
put_list(struct translator *t, const struct partition_key *key, const struct bound *bound, struct sql_text *out)
{
	const struct partition_part *part = &key->parts[0];
	bool null = false, first = true;

	for (unsigned i = 0; i < bound->nlower; i++)
		null |= is(bound->lower[i], "NULL");
	sql_text_format(out, null ? "((%s) IS NULL" : "((%s) IS NOT NULL", part->text);
	for (unsigned i = 0; i < bound->nlower; i++) {
		if (is(bound->lower[i], "NULL"))
			continue;
		if (first)
			sql_text_format(out, " %s (%s) IN (", null ? "OR" : "AND", part->text);
		else
			sql_text_put(out, ", ");
		put_value(t, part, bound->lower[i], out);
		first = false;
	}
	sql_text_put(out, first ? ")" : "))");
}

/* "Beyond" is greater than a lower bound, and less than an upper one; equal is within the lower alone. */
static void
put_side(struct translator *t, const struct partition_key *key, const char *const *values, bool lower,
    struct sql_text *out)
{
	unsigned opened = 0;

	for (unsigned i = 0; i < key->n; i++) {
		const struct partition_part *part = &key->parts[i];
		bool last = i + 1 == key->n;

		if (is(values[i], "MINVALUE") || is(values[i], "MAXVALUE")) {
			sql_text_put(out, lower == is(values[i], "MINVALUE") ? "true" : "false");
			break;
		}
		sql_text_format(out, "((%s) %s ", part->text, lower ? (last ? ">=" : ">") : "<");
		put_value(t, part, values[i], out);
		opened++;
		if (last)
			break;
		sql_text_format(out, " OR ((%s) = ", part->text);
		put_value(t, part, values[i], out);
		sql_text_put(out, " AND ");
		opened++;
	}
	while (opened-- > 0)
		sql_text_put(out, ")");
}

static void
put_range(struct translator *t, const struct partition_key *key, const struct bound *bound, struct sql_text *out)
{
	sql_text_put(out, "(");
	put_not_null(key, out);
	if (!is(bound->lower[0], "MINVALUE")) {
		sql_text_put(out, " AND ");
		put_side(t, key, bound->lower, true, out);
	}
	if (!is(bound->upper[0], "MAXVALUE")) {
		sql_text_put(out, " AND ");
		put_side(t, key, bound->upper, false, out);
	}
	sql_text_put(out, ")");
}

int
partition_read_hash(struct translator *t, const char *text, struct partition_hash *hash)
{
	if (sscanf(text, "FOR VALUES WITH (modulus %d, remainder %d)", &hash->modulus, &hash->remainder) == 2 &&
	    hash->modulus > 0)
		return 0;
	return translate_fail(t, -1, SQLSTATE_INTERNAL_ERROR, "what is kept of a partition cannot be read: %s", text);
}

static int
put_hash(struct translator *t, const struct partition_key *key, const char *text, struct sql_text *out)
{
	struct partition_hash hash;

	if (partition_read_hash(t, text, &hash) == -1)
		return -1;
	sql_text_format(out, "\"" PARTITION_HASH_CALL "\"(%d, %d", hash.modulus, hash.remainder);
	for (unsigned i = 0; i < key->n; i++)
		sql_text_format(out, ", (%s)", key->parts[i].text);
	sql_text_put(out, ")");
	return 0;
}

static int put_bound(struct translator *t, const struct partition_key *key, const char *text, struct sql_text *out);

/* Writes the condition of a DEFAULT partition: no other partition takes the row. */
static int
put_default(struct translator *t, const struct partition_tree *tree, const struct partition *partition,
    const struct partition_key *key, struct sql_text *out)
{
	bool any = false;

	for (const struct partition *p = tree->partitions; p != NULL; p = p->next) {
		if (p == partition || !is(p->parent, partition->parent) || is(p->bound, "DEFAULT"))
			continue;
		sql_text_put(out, any ? " WHEN " : "CASE WHEN ");
		any = true;
		if (put_bound(t, key, p->bound, out) == -1)
			return -1;
		sql_text_put(out, " THEN false");
	}
	sql_text_put(out, any ? " ELSE true END" : "true");
	return 0;
}

static int
put_bound(struct translator *t, const struct partition_key *key, const char *text, struct sql_text *out)
{
	struct bound *bound = translator_alloc(t, sizeof(*bound));

	if (bound == NULL || read_bound(t, text, bound) == -1)
		return -1;
	if (key->strategy == 'h')
		return put_hash(t, key, text, out);
	if (key->strategy == 'l' && bound->nlower > 0)
		put_list(t, key, bound, out);
	else if (key->strategy == 'r' && bound->nlower == key->n && bound->nupper == key->n)
		put_range(t, key, bound, out);
	else
		return translate_refuse(t, -1, "a partition of that bound");
	return 0;
}

int
partition_put_condition(struct translator *t, const struct partition_tree *tree, const struct partition *partition,
    struct sql_text *out)
{
	struct partition_key *key = translator_alloc(t, sizeof(*key));
	const char *text = partition_key_of(tree, partition->parent);

	if (key == NULL || text == NULL || partition_read_key(t, tree->root, text, key) == -1)
		return -1;
	return is(partition->bound, "DEFAULT") ? put_default(t, tree, partition, key, out)
					       : put_bound(t, key, partition->bound, out);
}

int
partition_put_whole_condition(struct translator *t, const struct partition_tree *tree,
    const struct partition *partition, struct sql_text *out)
{
	const struct partition *parent = partition_find(tree, partition->parent);

	if (parent != NULL) {
		if (partition_put_whole_condition(t, tree, parent, out) == -1)
			return -1;
		sql_text_put(out, " AND ");
	}
	return partition_put_condition(t, tree, partition, out);
}
