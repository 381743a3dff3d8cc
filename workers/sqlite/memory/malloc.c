/*
 * Stands before the C library's malloc in this one program, which calls it through these names too: everything that is
 * allocated is counted (memory.h). What is refused looks like memory that is out: NULL, ENOMEM.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

#include "config.h"
#include "workers/sqlite/memory/memory.h"

#ifdef BIBD_COUNT_MEMORY

/* The GNU C library's own, under the names that it keeps for stand-ins. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *p);

static void *
counted(void *p)
{
	if (p != NULL)
		memory_count((int64_t)malloc_usable_size(p));
	else
		memory_miss();
	return p;
}

static bool
refuse(size_t size)
{
	if (memory_ask(size))
		return false;
	memory_miss();
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return refuse(size) ? NULL : counted(__libc_malloc(size));
}

void *
calloc(size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	return refuse(all) ? NULL : counted(__libc_calloc(n, size));
}

void *
realloc(void *p, size_t size)
{
	size_t before = p == NULL ? 0 : malloc_usable_size(p);
	void *q;

	if (size > before && refuse(size - before))
		return NULL;
	q = __libc_realloc(p, size);
	if (q != NULL || size == 0)
		memory_count(-(int64_t)before);
	return q == NULL && size == 0 ? NULL : counted(q);
}

void *
memalign(size_t alignment, size_t size)
{
	return refuse(size) ? NULL : counted(__libc_memalign(alignment, size));
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int
posix_memalign(void **p, size_t alignment, size_t size)
{
	if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0)
		return EINVAL;
	return (*p = memalign(alignment, size)) == NULL ? ENOMEM : 0;
}

void
free(void *p)
{
	if (p != NULL)
		memory_count(-(int64_t)malloc_usable_size(p));
	__libc_free(p);
}

#endif
