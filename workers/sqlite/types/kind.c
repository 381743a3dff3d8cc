/* Of what kind a type is. */
#include "workers/sqlite/types/types.h"

/* OIDs of the types that a file defines: the number that a definition has, its class, and a bit for the array of it. */
#define USER_FIRST UINT32_C(0x70000000)
#define USER_LAST UINT32_C(0x7fffffff)
#define USER_ARRAY UINT32_C(1)
#define USER_CLASS_SHIFT 1
#define USER_CLASS UINT32_C(3)
#define USER_NUMBER_SHIFT 3

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

	if (type_is_user(oid))
		return (oid & USER_ARRAY) != 0 ? oid & ~USER_ARRAY : 0;
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

uint32_t
type_array_of(uint32_t oid)
{
	const struct type *type = type_by_oid(oid);

	if (type_is_user(oid))
		return (oid & USER_ARRAY) != 0 ? 0 : oid | USER_ARRAY;
	return type == NULL ? 0 : type->array_oid;
}

char
type_category(uint32_t oid)
{
	static const char user[] = { [TYPE_CLASS_ENUM] = 'E', [TYPE_CLASS_COMPOSITE] = 'C', [TYPE_CLASS_DOMAIN] = 'U' };
	const struct type *type = type_by_oid(oid);

	if (type_is_user(oid))
		return (oid & USER_ARRAY) != 0 ? 'A' : user[type_class(oid)];
	return type == NULL ? '\0' : type->category;
}

/* ---- what a file defines: its OID says of which class it is, so that no definition need be read for that ---- */

bool
type_is_user(uint32_t oid)
{
	return oid >= USER_FIRST && oid <= USER_LAST;
}

enum type_class
type_class(uint32_t oid)
{
	if (!type_is_user(oid) || (oid & USER_ARRAY) != 0)
		return TYPE_CLASS_BASE;
	return (oid >> USER_CLASS_SHIFT & USER_CLASS) == 0 ? TYPE_CLASS_COMPOSITE
							   : (enum type_class)(oid >> USER_CLASS_SHIFT & USER_CLASS);
}

bool
type_is_domain(uint32_t oid)
{
	return type_class(oid) == TYPE_CLASS_DOMAIN ||
	    (type_is_user(oid) && type_class(type_element(oid)) == TYPE_CLASS_DOMAIN);
}

uint32_t
type_of_table(bool temporary, int64_t number)
{
	return type_user_oid(TYPE_CLASS_BASE, number * 2 + temporary);
}

bool
type_is_of_table(uint32_t oid, bool *temporary, int64_t *number)
{
	int64_t both = (oid - USER_FIRST) >> USER_NUMBER_SHIFT;

	*temporary = (both & 1) != 0;
	*number = both >> 1;
	return type_is_user(oid) && (oid & USER_ARRAY) == 0 && (oid >> USER_CLASS_SHIFT & USER_CLASS) == 0;
}

uint32_t
type_user_oid(enum type_class class, int64_t number)
{
	if (number < 1 || number > (int64_t)((USER_LAST - USER_FIRST) >> USER_NUMBER_SHIFT))
		return 0;
	return USER_FIRST + ((uint32_t)number << USER_NUMBER_SHIFT) + ((uint32_t) class << USER_CLASS_SHIFT);
}

uint32_t
type_kept_as(uint32_t oid)
{
	if (type_class(oid) == TYPE_CLASS_ENUM)
		return TYPE_INT8;
	return type_class(type_element(oid)) == TYPE_CLASS_ENUM ? (uint32_t)TYPE_INT8_ARRAY : oid;
}
