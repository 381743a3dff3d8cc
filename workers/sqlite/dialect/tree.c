/*
 * Walks the parse tree by the descriptions that protobuf-c keeps of its messages: no list of kinds of nodes that could
 * lack one.
 */
#include "workers/sqlite/dialect/tree.h"

#include <string.h>

typedef int visit_fn(void *arg, const PgQuery__Node *child);

static const void *
member(const ProtobufCMessage *message, unsigned offset)
{
	return (const char *)message + offset;
}

/* How many values the field has. */
static size_t
field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	const void *quantifier = member(message, field->quantifier_offset);

	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return *(const size_t *)quantifier;
	if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 && *(const uint32_t *)quantifier != field->id)
		return 0;
	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return *(ProtobufCMessage *const *)member(message, field->offset) != NULL ? 1 : 0;
	return 1;
}

static const ProtobufCMessage *
message_at(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t i)
{
	const void *value = member(message, field->offset);

	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return (*(ProtobufCMessage *const *const *)value)[i];
	return *(const ProtobufCMessage *const *)value;
}

static int
visit_below(const ProtobufCMessage *message, visit_fn *visit, void *arg)
{
	const ProtobufCMessageDescriptor *type = message->descriptor;
	int result = 0;

	for (unsigned f = 0; result == 0 && f < type->n_fields; f++) {
		const ProtobufCFieldDescriptor *field = &type->fields[f];
		size_t n = field->type == PROTOBUF_C_TYPE_MESSAGE ? field_count(message, field) : 0;

		for (size_t i = 0; result == 0 && i < n; i++) {
			const ProtobufCMessage *below = message_at(message, field, i);

			if (below->descriptor == &pg_query__node__descriptor)
				result = visit(arg, (const PgQuery__Node *)below);
			else
				result = visit_below(below, visit, arg);
		}
	}
	return result;
}

int
tree_each_child(const PgQuery__Node *node, visit_fn *visit, void *arg)
{
	return visit_below(&node->base, visit, arg);
}

static bool message_equal(const ProtobufCMessage *a, const ProtobufCMessage *b);

static bool
scalar_equal(const void *a, const void *b, ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_STRING:
		return strcmp(*(const char *const *)a, *(const char *const *)b) == 0;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return memcmp(a, b, sizeof(uint64_t)) == 0;
	case PROTOBUF_C_TYPE_BYTES:
		return false;
	default: /* of 32 bits, booleans and enums among them */
		return memcmp(a, b, sizeof(uint32_t)) == 0;
	}
}

static bool
field_equal(const ProtobufCMessage *a, const ProtobufCMessage *b, const ProtobufCFieldDescriptor *field)
{
	size_t n = field_count(a, field);

	if (n != field_count(b, field))
		return false;
	if (field->type != PROTOBUF_C_TYPE_MESSAGE)
		return n == 0 ||
		    (field->label != PROTOBUF_C_LABEL_REPEATED &&
			scalar_equal(member(a, field->offset), member(b, field->offset), field->type));
	for (size_t i = 0; i < n; i++)
		if (!message_equal(message_at(a, field, i), message_at(b, field, i)))
			return false;
	return true;
}

static bool
message_equal(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
	if (a->descriptor != b->descriptor)
		return false;
	for (unsigned f = 0; f < a->descriptor->n_fields; f++)
		if (strcmp(a->descriptor->fields[f].name, "location") != 0 &&
		    !field_equal(a, b, &a->descriptor->fields[f]))
			return false;
	return true;
}

bool
tree_equal(const PgQuery__Node *a, const PgQuery__Node *b)
{
	return message_equal(&a->base, &b->base);
}
