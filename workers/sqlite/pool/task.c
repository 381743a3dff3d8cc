/*
 * Where tasks are, and the tags that their events bear: an event of one that has ended must not be taken for one of the
 * task that has its memory now.
 */
#include "workers/sqlite/pool/task.h"

#include <stddef.h>
#include <string.h>

/* A tag is the task's address, of which 48 bits count, and 16 bits of its generation. */
#define TASK_ADDRESS_BITS 48
#define TASK_ADDRESS_MASK ((UINT64_C(1) << TASK_ADDRESS_BITS) - 1)

enum task_where
task_where(const struct pool_task *task)
{
	return (enum task_where)(atomic_load(&task->where) & TASK_WHERE_MASK);
}

void
task_set_where(struct pool_task *task, enum task_where where)
{
	atomic_store(&task->where, (atomic_load(&task->where) & ~TASK_WHERE_MASK) | where);
}

static bool
task_take_at(struct pool_task *task, unsigned where)
{
	return (where & TASK_WHERE_MASK) == TASK_AWAITS_CLIENT &&
	    atomic_compare_exchange_strong(&task->where, &where, (where & ~TASK_WHERE_MASK) | TASK_RUNNING);
}

bool
task_take(struct pool_task *task)
{
	return task_take_at(task, atomic_load(&task->where));
}

static uint64_t
task_make_tag(const struct pool_task *task, unsigned where)
{
	return ((uint64_t)(uintptr_t)task & TASK_ADDRESS_MASK) |
	    (uint64_t)(uint16_t)(where / (TASK_WHERE_MASK + 1)) << TASK_ADDRESS_BITS;
}

struct pool_task *
task_take_by_tag(uint64_t tag)
{
	struct pool_task *task = (struct pool_task *)(uintptr_t)(tag & TASK_ADDRESS_MASK);
	unsigned where = atomic_load(&task->where);

	return task_make_tag(task, where) == tag && task_take_at(task, where) ? task : NULL;
}

void
task_renew(struct pool_task *task)
{
	unsigned where = (atomic_load(&task->where) & ~TASK_WHERE_MASK) + TASK_WHERE_MASK + 1;

	atomic_store(&task->where, where | TASK_RUNNING);
	memset((char *)task + offsetof(struct pool_task, tag), 0, sizeof(*task) - offsetof(struct pool_task, tag));
	task->tag = task_make_tag(task, where);
}
