/*
 * Removes backups that no rule keeps: manifests first, then what no manifest names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/archive/repository/changes.h"
#include "workers/archive/repository/manifest.h"

static struct backup *
prune_find(const struct backup_list *list, const char *id)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->backups[i].id, id) == 0)
			return &list->backups[i];
	return NULL;
}

/* Keeps it and what it builds on. */
static void
prune_keep(const struct backup_list *list, bool *keep, const struct backup *b)
{
	for (; b != NULL; b = b->parent[0] == '\0' ? NULL : prune_find(list, b->parent))
		keep[b - list->backups] = true;
}

/* The newest full ones; all that is young enough, and what that builds on; and all on a full one that is kept. */
static void
prune_choose(const struct backup_list *list, const struct prune_rule *rule, bool *keep)
{
	unsigned full = rule->full == 0 ? 1 : rule->full;

	for (size_t i = list->count; i-- > 0;) {
		const struct backup *b = &list->backups[i];

		if (b->ended_us >= rule->before_us)
			prune_keep(list, keep, b);
		if (b->parent[0] != '\0' || full == 0)
			continue;
		full--;
		keep[i] = true;
	}
	/* The oldest come first: a parent is decided before what builds on it. */
	for (size_t i = 0; i < list->count; i++) {
		const struct backup *parent = prune_find(list, list->backups[i].parent);

		if (parent != NULL && keep[parent - list->backups])
			keep[i] = true;
	}
}

/* ---- folders that no manifest names ---- */

struct prune_walk {
	const struct repository *repository;
	char folder[DEPOT_NAME_MAX];
	char (*names)[DEPOT_NAME_MAX];
	size_t count;
};

/* Gathered first: a folder that is walked through is not changed. */
static int
prune_gather(void *arg, const char *name, struct error *e)
{
	struct prune_walk *walk = arg;
	char(*grown)[DEPOT_NAME_MAX] = reallocarray(walk->names, walk->count + 1, sizeof(*grown));

	if (grown == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot list %s", walk->folder);
	walk->names = grown;
	(void)snprintf(walk->names[walk->count++], DEPOT_NAME_MAX, "%.60s/%.60s", walk->folder, name);
	return 0;
}

static int
prune_folder(const struct repository *r, const char *folder, struct error *e)
{
	struct depot *depot = r->depot;
	struct prune_walk walk = { .repository = r };
	int result;

	(void)snprintf(walk.folder, sizeof(walk.folder), "%s", folder);
	result = depot->calls->list(depot, folder, prune_gather, &walk, e);
	for (size_t i = 0; result == 0 && i < walk.count; i++)
		result = depot->calls->remove(depot, walk.names[i], e);
	free(walk.names);
	return result == 0 ? depot->calls->remove(depot, folder, e) : -1;
}

/* A manifest that is damaged still names its folder: it may be mended from a copy. */
static int
prune_orphans(const struct repository *r, struct error *e)
{
	struct depot *depot = r->depot;
	struct prune_walk data = { .folder = DATA_FOLDER }, manifests = { .folder = MANIFEST_FOLDER };
	int result = depot->calls->list(depot, DATA_FOLDER, prune_gather, &data, e);

	if (result == 0)
		result = depot->calls->list(depot, MANIFEST_FOLDER, prune_gather, &manifests, e);
	for (size_t i = 0; result == 0 && i < data.count; i++) {
		bool named = false;

		for (size_t k = 0; k < manifests.count && !named; k++)
			named = strcmp(strchr(manifests.names[k], '/'), strchr(data.names[i], '/')) == 0;
		if (!named)
			result = prune_folder(r, data.names[i], e);
	}
	free(data.names);
	free(manifests.names);
	return result;
}

/* ---- changes ---- */

/* Those are kept that lead on from a backup that is kept. A stream that no such backup is of is kept while it may be
 * the one that the next backup stands in. */
static int
prune_streams(struct repository *r, const struct backup_list *list, const bool *keep, struct error *e)
{
	char(*ids)[REPOSITORY_BACKUP_SIZE];
	const char *newest = "";
	size_t count;
	int result = streams_list(r, &ids, &count, e);

	for (size_t i = 0; i < list->count; i++)
		if (keep[i] && strcmp(list->backups[i].stream, newest) > 0)
			newest = list->backups[i].stream;
	for (size_t s = 0; result == 0 && s < count; s++) {
		uint64_t beyond = strcmp(ids[s], newest) < 0 ? UINT64_MAX : 0;
		bool found = false;

		for (size_t i = 0; i < list->count; i++)
			if (keep[i] && strcmp(list->backups[i].stream, ids[s]) == 0 &&
			    (!found || list->backups[i].from < beyond)) {
				beyond = list->backups[i].from;
				found = true;
			}
		if (beyond > 0)
			result = stream_prune(r, ids[s], beyond, e);
	}
	free(ids);
	return result;
}

int
repository_prune(struct repository *r, const struct prune_rule *rule, unsigned *removed, struct error *e)
{
	struct backup_list list;
	char name[DEPOT_NAME_MAX];
	unsigned damaged;
	bool *keep;
	int result = 0;

	*removed = 0;
	if (backup_list_read(r, &list, &damaged, e) == -1)
		return -1;
	if ((keep = calloc(list.count + 1, sizeof(*keep))) == NULL) {
		backup_list_free(&list);
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot prune");
	}
	prune_choose(&list, rule, keep);
	/* The newest first: what is left at any moment has all that it builds on. */
	for (size_t i = list.count; result == 0 && i-- > 0;) {
		if (keep[i])
			continue;
		(void)snprintf(name, sizeof(name), MANIFEST_FOLDER "/%s", list.backups[i].id);
		if ((result = r->depot->calls->remove(r->depot, name, e)) == 0)
			++*removed;
	}
	if (result == 0)
		result = prune_streams(r, &list, keep, e);
	free(keep);
	backup_list_free(&list);
	return result == 0 ? prune_orphans(r, e) : -1;
}
