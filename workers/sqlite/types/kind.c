/* Of what kind a type is. */
#include "workers/sqlite/types/types.h"

bool
type_is_integer(uint32_t oid)
{
	return oid == TYPE_INT4 || oid == TYPE_INT8 || oid == TYPE_INT2;
}

bool
type_is_number(uint32_t oid)
{
	return type_is_integer(oid) || oid == TYPE_NUMERIC || oid == TYPE_FLOAT4 || oid == TYPE_FLOAT8;
}

bool
type_is_text(uint32_t oid)
{
	return oid == TYPE_TEXT || oid == TYPE_VARCHAR || oid == TYPE_BPCHAR || oid == TYPE_NAME || oid == TYPE_CHAR;
}

uint32_t
type_element(uint32_t oid)
{
	const struct type *type;

	if (oid == TYPE_INT2VECTOR)
		return TYPE_INT2;
	if (oid == TYPE_OIDVECTOR)
		return TYPE_OID;
	for (size_t i = 0; oid != 0 && (type = type_by_index(i)) != NULL; i++)
		if (type->array_oid == oid)
			return type->oid;
	return 0;
}

bool
type_is_array(uint32_t oid)
{
	return type_element(oid) != 0;
}
