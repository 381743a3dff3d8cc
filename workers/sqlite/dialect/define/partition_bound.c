/*
 * FOR VALUES: what is written is computed once, kept as PostgreSQL shows it, and held against the other partitions.
 */
#include "workers/sqlite/dialect/define/partition_value.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/names.h"

/* ---- lists ---- */

static int
report_overlap(struct partition_making *m, const char *with)
{
	return translate_fail(m->t, m->spec->location, SQLSTATE_INVALID_OBJECT_DEFINITION,
	    "partition \"%s\" would overlap partition \"%s\"", m->name, with);
}

/* Whether the list, as text, has the value; -1: failed. */
static int
list_has(struct partition_making *m, const char *bound, const char *value)
{
	const char **items = translator_alloc(m->t, 2000 * sizeof(const char *)), *end;
	unsigned n;

	if (items == NULL || partition_split(m->t, strchr(bound, '(') + 1, items, 2000, &n, &end) == -1)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		int order;

		if (strcmp(items[i], "NULL") == 0 || strcmp(value, "NULL") == 0) {
			if (strcmp(items[i], value) == 0)
				return 1;
			continue;
		}
		if ((order = partition_compare_values(m, 0, items[i], value)) == -2)
			return -1;
		if (order == 0)
			return 1;
	}
	return 0;
}

static int
check_list_value(struct partition_making *m, const char *value)
{
	for (const struct partition *p = m->tree->partitions; p != NULL; p = p->next) {
		int has;

		if (strcmp(p->parent, m->parent) != 0 || strcmp(p->bound, "DEFAULT") == 0)
			continue;
		if ((has = list_has(m, p->bound, value)) != 0)
			return has == -1 ? -1 : report_overlap(m, p->name);
	}
	return 0;
}

static int
put_list(struct partition_making *m)
{
	const char **values = translator_alloc(m->t, (m->spec->n_listdatums + 1) * sizeof(const char *));
	unsigned n = 0;

	if (values == NULL)
		return -1;
	for (size_t i = 0; i < m->spec->n_listdatums; i++) {
		bool null, known = false;
		const char *value = partition_value_text(m, 0, m->spec->listdatums[i], &null);

		if (value == NULL)
			return -1;
		for (unsigned k = 0; !known && k < n; k++)
			known = strcmp(values[k], value) == 0;
		if (!known)
			values[n++] = value;
	}
	for (unsigned i = 0; i < n; i++)
		if (check_list_value(m, values[i]) == -1)
			return -1;
	sql_text_put(&m->out, "FOR VALUES IN (");
	for (unsigned i = 0; i < n; i++)
		sql_text_format(&m->out, "%s%s", i == 0 ? "" : ", ", values[i]);
	sql_text_put(&m->out, ")");
	return 0;
}

/* ---- ranges ---- */

/* MINVALUE and MAXVALUE are columns to the parser. */
static const char *
infinity_of(const PgQuery__Node *node)
{
	const char *name = node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && node->column_ref->n_fields == 1
	    ? translate_string(node->column_ref->fields[0])
	    : NULL;

	if (name != NULL && strcmp(name, "minvalue") == 0)
		return "MINVALUE";
	return name != NULL && strcmp(name, "maxvalue") == 0 ? "MAXVALUE" : NULL;
}

static int
read_end(struct partition_making *m, PgQuery__Node *const *datums, const char **values)
{
	int before = 0;

	for (unsigned i = 0; i < m->key.n; i++) {
		bool null = false;

		if ((values[i] = infinity_of(datums[i])) == NULL &&
		    (values[i] = partition_value_text(m, i, datums[i], &null)) == NULL)
			return -1;
		if (null)
			return translate_fail(m->t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
			    "cannot specify NULL in range bound");
		if (before != 0 && partition_rank_of(values[i]) != before)
			return translate_fail(m->t, translate_location(datums[i]), SQLSTATE_DATATYPE_MISMATCH,
			    "every bound following %s must also be %s", before < 0 ? "MINVALUE" : "MAXVALUE",
			    before < 0 ? "MINVALUE" : "MAXVALUE");
		before = partition_rank_of(values[i]);
	}
	return 0;
}

static void
put_end(struct partition_making *m, const char *const *values)
{
	sql_text_put(&m->out, "(");
	for (unsigned i = 0; i < m->key.n; i++)
		sql_text_format(&m->out, "%s%s", i == 0 ? "" : ", ", values[i]);
	sql_text_put(&m->out, ")");
}

static int
check_range(struct partition_making *m, const char *const *lower, const char *const *upper)
{
	for (const struct partition *p = m->tree->partitions; p != NULL; p = p->next) {
		const char *from[PARTITION_KEYS_MAX], *to[PARTITION_KEYS_MAX], *end;
		unsigned n;
		int below, above;

		if (strcmp(p->parent, m->parent) != 0 || strcmp(p->bound, "DEFAULT") == 0)
			continue;
		if (partition_split(m->t, strchr(p->bound, '(') + 1, from, PARTITION_KEYS_MAX, &n, &end) == -1 ||
		    partition_split(m->t, strchr(end, '(') + 1, to, PARTITION_KEYS_MAX, &n, &end) == -1)
			return -1;
		below = partition_compare_ends(m, lower, to);
		above = partition_compare_ends(m, from, upper);
		if (below == -2 || above == -2)
			return -1;
		if (below < 0 && above < 0)
			return report_overlap(m, p->name);
	}
	return 0;
}

static int
put_range(struct partition_making *m)
{
	const char *lower[PARTITION_KEYS_MAX] = { NULL }, *upper[PARTITION_KEYS_MAX] = { NULL };
	int order;

	if (m->spec->n_lowerdatums != m->key.n)
		return translate_fail(m->t, m->spec->location, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "FROM must specify exactly one value per partitioning column");
	if (m->spec->n_upperdatums != m->key.n)
		return translate_fail(m->t, m->spec->location, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "TO must specify exactly one value per partitioning column");
	if (read_end(m, m->spec->lowerdatums, lower) == -1 || read_end(m, m->spec->upperdatums, upper) == -1)
		return -1;
	if ((order = partition_compare_ends(m, lower, upper)) == -2)
		return -1;
	put_end(m, lower);
	sql_text_put(&m->out, " TO ");
	put_end(m, upper);
	if (order >= 0) {
		(void)translate_fail(m->t, m->spec->location, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "empty range bound specified for partition \"%s\"", m->name);
		report_detail(m->t->report, "Specified lower bound %.*s is greater than or equal to upper bound %s.",
		    (int)(strstr(m->out.data, " TO ") - m->out.data), m->out.data, strstr(m->out.data, " TO ") + 4);
		return -1;
	}
	sql_text_insert(&m->out, 0, "FOR VALUES FROM ");
	return check_range(m, lower, upper);
}

/* ---- hashes ---- */

/* Moduli are factors of each other. */
static int
check_modulus(struct partition_making *m, const struct partition_hash *own)
{
	for (const struct partition *p = m->tree->partitions; p != NULL; p = p->next) {
		struct partition_hash other;

		if (strcmp(p->parent, m->parent) != 0)
			continue;
		if (partition_read_hash(m->t, p->bound, &other) == -1)
			return -1;
		if (own->modulus % other.modulus == 0 || other.modulus % own->modulus == 0)
			continue;
		(void)translate_fail(m->t, m->spec->location, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "every hash partition modulus must be a factor of the next larger modulus");
		report_detail(m->t->report,
		    own->modulus < other.modulus
			? "The new modulus %d is not a factor of %d, the modulus of existing partition \"%s\"."
			: "The new modulus %d is not divisible by %d, the modulus of existing partition \"%s\".",
		    own->modulus, other.modulus, namespace_relation(p->name));
		return -1;
	}
	return 0;
}

/* The partition of the least remainder that the two have in common is the one that is named. */
static int
check_remainder(struct partition_making *m, const struct partition_hash *own)
{
	const struct partition *with = NULL;
	int least = 0;

	for (const struct partition *p = m->tree->partitions; p != NULL; p = p->next) {
		struct partition_hash other;
		int smaller, first;

		if (strcmp(p->parent, m->parent) != 0)
			continue;
		if (partition_read_hash(m->t, p->bound, &other) == -1)
			return -1;
		smaller = own->modulus < other.modulus ? own->modulus : other.modulus;
		first = own->modulus < other.modulus ? other.remainder : own->remainder;
		if (own->remainder % smaller != other.remainder % smaller || (with != NULL && first >= least))
			continue;
		with = p;
		least = first;
	}
	return with == NULL ? 0 : report_overlap(m, namespace_relation(with->name));
}

static int
put_hash(struct partition_making *m)
{
	const struct partition_hash own = { .modulus = m->spec->modulus, .remainder = m->spec->remainder };
	const char *wrong = own.modulus <= 0 ? "modulus for hash partition must be an integer value greater than zero"
	    : own.remainder < 0 ? "remainder for hash partition must be an integer value greater than or equal to zero"
	    : own.remainder >= own.modulus ? "remainder for hash partition must be less than modulus"
					   : NULL;

	if (wrong != NULL)
		return translate_fail(m->t, -1, SQLSTATE_INVALID_TABLE_DEFINITION, "%s", wrong);
	if (check_modulus(m, &own) == -1 || check_remainder(m, &own) == -1)
		return -1;
	sql_text_format(&m->out, "FOR VALUES WITH (modulus %d, remainder %d)", own.modulus, own.remainder);
	return 0;
}

/* ---- all ---- */

static int
put_default(struct partition_making *m)
{
	if (m->key.strategy == 'h')
		return translate_fail(m->t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "a hash-partitioned table may not have a default partition");
	for (const struct partition *p = m->tree->partitions; p != NULL; p = p->next)
		if (strcmp(p->parent, m->parent) == 0 && strcmp(p->bound, "DEFAULT") == 0)
			return translate_fail(m->t, m->spec->location, SQLSTATE_INVALID_OBJECT_DEFINITION,
			    "partition \"%s\" conflicts with existing default partition \"%s\"", m->name, p->name);
	sql_text_put(&m->out, "DEFAULT");
	return 0;
}

static int
put_bound(struct partition_making *m)
{
	static const struct {
		char strategy;
		const char *name;
	} strategies[] = { { 'l', "list" }, { 'r', "range" }, { 'h', "hash" } };
	const char *text = partition_key_of(m->tree, m->parent);

	if (partition_read_key(m->t, m->tree->root, text, &m->key) == -1)
		return -1;
	if (m->spec->is_default)
		return put_default(m);
	for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++)
		if (strategies[i].strategy == m->key.strategy && m->spec->strategy[0] != m->key.strategy)
			return translate_fail(m->t, m->spec->location, SQLSTATE_INVALID_TABLE_DEFINITION,
			    "invalid bound specification for a %s partition", strategies[i].name);
	if (m->key.strategy == 'l')
		return put_list(m);
	if (m->key.strategy == 'r')
		return put_range(m);
	return put_hash(m);
}

const char *
define_partition_bound(struct translator *t, const struct partition_tree *tree, const char *parent, const char *name,
    const PgQuery__PartitionBoundSpec *spec)
{
	struct partition_making *m = translator_alloc(t, sizeof(*m));
	const char *text = NULL;

	if (m == NULL)
		return NULL;
	*m = (struct partition_making) { .t = t, .tree = tree, .parent = parent, .name = name, .spec = spec };
	if (put_bound(m) == 0)
		text = m->out.failed ? NULL : translator_copy(t, m->out.data);
	sql_text_free(&m->out);
	return text;
}
