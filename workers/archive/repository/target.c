/* Which backup leads to a target. */
#include "workers/archive/repository/target.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int
target_find_point(const struct repository *r, struct restore_target *target, struct error *e)
{
	struct change_point point;

	if (target->kind != TARGET_POINT)
		return 0;
	if (point_read(r, target->name, &point, e) == -1)
		return -1;
	target->position = point.position;
	memcpy(target->stream, point.stream, sizeof(target->stream));
	return 0;
}

static bool
target_is_led_to(const struct restore_target *target, const struct backup *b)
{
	switch (target->kind) {
	case TARGET_LATEST:
		return true;
	case TARGET_BACKUP:
		return strcmp(b->id, target->name) == 0;
	case TARGET_POINT:
		return strcmp(b->stream, target->stream) == 0 && b->position <= target->position;
	case TARGET_POSITION:
		return b->stream[0] != '\0' && b->position <= target->position;
	case TARGET_TIME:
		return b->ended_us <= target->time_us;
	}
	return false;
}

static int
target_none(const struct repository *r, const struct restore_target *target, unsigned damaged, struct error *e)
{
	static const char *const texts[] = { [TARGET_LATEST] = "has no backup",
		[TARGET_BACKUP] = "has no backup of that name",
		[TARGET_POINT] = "has no backup that leads to that restore point",
		[TARGET_POSITION] = "has no backup that leads to that commit or LSN",
		[TARGET_TIME] = "has no backup of before that time" };

	return error_set(e, STATUS_DATA, "repository.missing", "%s %s that can be read%s", r->depot->where,
	    texts[target->kind], damaged == 0 ? "" : "; some are damaged");
}

int
target_find(const struct repository *r, struct restore_target *target, struct error *e)
{
	struct backup_list list;
	unsigned damaged;
	bool found = false;

	if (target_find_point(r, target, e) == -1 || backup_list_read(r, &list, &damaged, e) == -1)
		return -1;
	for (size_t i = list.count; !found && i-- > 0;) {
		const struct backup *b = &list.backups[i];

		if (!target_is_led_to(target, b))
			continue;
		found = true;
		memcpy(target->backup, b->id, sizeof(target->backup));
		(void)snprintf(target->stream, sizeof(target->stream), "%s",
		    target->kind == TARGET_BACKUP && strcmp(b->backend, "postgres") != 0 ? "" : b->stream);
		target->from = b->from;
		target->base = b->position;
		target->base_us = b->ended_us;
	}
	backup_list_free(&list);
	return found ? 0 : target_none(r, target, damaged, e);
}

bool
target_wants(const struct restore_target *target, const struct change_mark *mark)
{
	switch (target->kind) {
	case TARGET_POINT:
	case TARGET_POSITION:
		return mark->position <= target->position;
	case TARGET_TIME:
		return mark->time_us <= target->time_us;
	case TARGET_LATEST:
	case TARGET_BACKUP:
		break;
	}
	return target->kind == TARGET_LATEST;
}
