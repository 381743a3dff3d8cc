/*
 * What a backup consists of: the manifest, printed, signed, read back; and the list of all.
 */
#include "workers/archive/repository/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MANIFEST_MAGIC "bibdman1"
#define MANIFEST_HEAD (sizeof(MANIFEST_MAGIC) - 1 + SEAL_SALT_SIZE)
#define MANIFEST_SIZE_MAX (MANIFEST_HEAD + FRAME_SIZE_MAX + SEAL_SIGNATURE_SIZE)

void
pack_name(char name[DEPOT_NAME_MAX], const char *backup, uint32_t pack)
{
	(void)snprintf(name, DEPOT_NAME_MAX, DATA_FOLDER "/%s/p%08" PRIu32, backup, pack);
}

int
backup_damaged(const struct repository *repository, const char *object, struct error *e)
{
	return error_set(e, STATUS_DATA, "repository.damaged", "%s/%s is damaged: it is not what was written there",
	    repository->depot->where, object);
}

/* ---- writing ---- */

static char *
manifest_print(const struct repository *r, const struct backup *b, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	if (out == NULL)
		return NULL;
	(void)fprintf(out,
	    "bibd manifest 1\nid %s\nrepository %s\nnode %s\nparent %s\nbackend %s\nversion %s\nbegun %" PRId64
	    "\nended %" PRId64 "\nbytes %" PRIu64 "\npages %" PRIu64 "\nstored-pages %" PRIu64 "\nstored-bytes %" PRIu64
	    "\nstream %s\nfrom %" PRIu64 "\nposition %" PRIu64 "\nnote %s\npacks %" PRIu32 "\n",
	    b->id, r->id, r->node, b->parent[0] == '\0' ? "-" : b->parent, b->backend, b->version, b->begun_us,
	    b->ended_us, b->bytes, b->pages, b->stored_pages, b->stored_bytes, b->stream[0] == '\0' ? "-" : b->stream,
	    b->from, b->position, b->note, b->npacks);
	for (uint32_t i = 0; i < b->npacks; i++)
		(void)fprintf(out, "%" PRIu32 " %" PRIu32 " %" PRIu32 "\n", b->packs[i].frames, b->packs[i].map_offset,
		    b->packs[i].bytes);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* The object: magic, salt, one frame, and the signature of all that. */
static int
manifest_seal(const struct repository *r, struct frame_codec *frames, const struct backup *b, uint8_t *object,
    size_t *size, struct error *e)
{
	size_t text_size = 0, sealed;
	char *text = manifest_print(r, b, &text_size);
	int result;

	if (text == NULL || text_size > FRAME_PLAIN_MAX) {
		free(text);
		return error_set(e, STATUS_OS, "repository.memory", "the manifest would have %zu bytes", text_size);
	}
	result = frames_seal(frames, FRAME_MANIFEST, 0, text, text_size, &sealed, e);
	free(text);
	if (result == -1)
		return -1;
	memcpy(object, MANIFEST_MAGIC, sizeof(MANIFEST_MAGIC) - 1);
	memcpy(object + sizeof(MANIFEST_MAGIC) - 1, b->salt, SEAL_SALT_SIZE);
	memcpy(object + MANIFEST_HEAD, frames->sealed, sealed);
	*size = MANIFEST_HEAD + sealed;
	if (seal_sign(r->seed, object, *size, object + *size, e) == -1)
		return -1;
	*size += SEAL_SIGNATURE_SIZE;
	return 0;
}

int
manifest_publish(const struct repository *r, struct frame_codec *frames, const struct backup *b, struct error *e)
{
	char name[DEPOT_NAME_MAX];
	uint8_t *object = malloc(MANIFEST_SIZE_MAX);
	size_t size = 0;
	int result = -1;

	(void)snprintf(name, sizeof(name), MANIFEST_FOLDER "/%s", b->id);
	if (object == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot write a manifest");
	if (manifest_seal(r, frames, b, object, &size, e) == 0)
		result = r->depot->calls->publish(r->depot, name, object, size, false, e);
	free(object);
	return result;
}

/* ---- reading ---- */

/* The lines in their order; each is there once. */
static int
manifest_parse_head(const struct repository *r, struct backup *b, const char *text, int *end)
{
	char repository[REPOSITORY_ID_SIZE] = "", node[REPOSITORY_NODE_SIZE] = "";

	*end = 0;
	if (sscanf(text,
		"bibd manifest 1\nid %31[^\n]\nrepository %32[^\n]\nnode %63[^\n]\nparent %31[^\n]\nbackend %15[^\n]"
		"\nversion %31[^\n]\nbegun %" SCNd64 "\nended %" SCNd64 "\nbytes %" SCNu64 "\npages %" SCNu64
		"\nstored-pages %" SCNu64 "\nstored-bytes %" SCNu64 "\nstream %31[^\n]\nfrom %" SCNu64
		"\nposition %" SCNu64 "\nnote %159[^\n]\npacks %" SCNu32 "%n",
		b->id, repository, node, b->parent, b->backend, b->version, &b->begun_us, &b->ended_us, &b->bytes,
		&b->pages, &b->stored_pages, &b->stored_bytes, b->stream, &b->from, &b->position, b->note, &b->npacks,
		end) != 17 ||
	    *end == 0 || text[*end] != '\n')
		return -1;
	if (strcmp(b->parent, "-") == 0)
		b->parent[0] = '\0';
	if (strcmp(b->stream, "-") == 0)
		b->stream[0] = '\0';
	return strcmp(repository, r->id) == 0 && strcmp(node, r->node) == 0 ? 0 : -1;
}

static int
manifest_parse_packs(struct backup *b, const char *text)
{
	int n;

	/* A line has six bytes at least. */
	if (b->npacks > FRAME_PLAIN_MAX / 6 || (b->packs = calloc((size_t)b->npacks + 1, sizeof(*b->packs))) == NULL)
		return -1;
	for (uint32_t i = 0; i < b->npacks; i++, text += n) {
		struct backup_pack *p = &b->packs[i];

		n = 0;
		if (sscanf(text, "%" SCNu32 " %" SCNu32 " %" SCNu32 "%n", &p->frames, &p->map_offset, &p->bytes, &n) !=
			3 ||
		    text[n] != '\n' || p->frames == 0 || p->map_offset >= p->bytes ||
		    p->bytes - p->map_offset > FRAME_SIZE_MAX)
			return -1;
		n++;
	}
	return *text == '\0' ? 0 : -1;
}

bool
repository_has_signed(const struct repository *r, const uint8_t *object, size_t size)
{
	for (unsigned i = 0; i < r->nsigners; i++)
		if (seal_verify(r->signers[i], object, size, object + size) == 1)
			return true;
	return false;
}

/* 1, 0 when it is damaged, -1. */
static int
manifest_take(const struct repository *r, const uint8_t *object, size_t size, const char *id, struct backup *b,
    struct error *e)
{
	struct frame_codec frames;
	char *text;
	int result, end;

	if (size < MANIFEST_HEAD + SEAL_SIGNATURE_SIZE || size > MANIFEST_SIZE_MAX ||
	    memcmp(object, MANIFEST_MAGIC, sizeof(MANIFEST_MAGIC) - 1) != 0 ||
	    !repository_has_signed(r, object, size - SEAL_SIGNATURE_SIZE))
		return 0;
	memcpy(b->salt, object + sizeof(MANIFEST_MAGIC) - 1, SEAL_SALT_SIZE);
	if (frames_open(&frames, r, b->salt, e) == -1)
		return -1;
	result = frames_unseal(&frames, FRAME_MANIFEST, 0, object + MANIFEST_HEAD,
	    size - MANIFEST_HEAD - SEAL_SIGNATURE_SIZE, e);
	if (result == 1 && (text = strndup((const char *)frames.plain, frames.plain_size)) != NULL) {
		result = manifest_parse_head(r, b, text, &end) == 0 && strcmp(b->id, id) == 0 &&
		    manifest_parse_packs(b, text + end + 1) == 0;
		free(text);
	} else if (result == 1)
		result = error_set_errno(e, STATUS_OS, "repository.memory", "cannot read a manifest");
	frames_close(&frames);
	return result;
}

void
backup_make_id(int64_t begun_us, char id[REPOSITORY_BACKUP_SIZE])
{
	time_t second = (time_t)(begun_us / 1000000);
	struct tm tm;
	size_t n = strftime(id, REPOSITORY_BACKUP_SIZE, "%Y%m%dT%H%M%S", gmtime_r(&second, &tm));

	(void)snprintf(id + n, REPOSITORY_BACKUP_SIZE - n, "-%06d", (int)(begun_us % 1000000));
}

/* Names that bibd gives: they are put into other names. */
static bool
backup_is_name(const char *id)
{
	return strlen(id) < REPOSITORY_BACKUP_SIZE && id[0] != '\0' && id[strspn(id, "0123456789T-")] == '\0';
}

int
backup_read(const struct repository *r, const char *id, struct backup *b, struct error *e)
{
	char name[DEPOT_NAME_MAX];
	uint8_t *object = NULL;
	size_t size = 0;
	int result = -1;

	*b = (struct backup) { .packs = NULL };
	if (!backup_is_name(id))
		return error_set(e, STATUS_DATA, "repository.missing", "%s has no backup \"%.40s\"", r->depot->where,
		    id);
	(void)snprintf(name, sizeof(name), MANIFEST_FOLDER "/%s", id);
	if ((object = malloc(MANIFEST_SIZE_MAX + 1)) == NULL)
		(void)error_set_errno(e, STATUS_OS, "repository.memory", "cannot read a manifest");
	else if (r->depot->calls->read(r->depot, name, 0, object, MANIFEST_SIZE_MAX + 1, &size, e) == 0 &&
	    (result = manifest_take(r, object, size, id, b, e)) == 0)
		result = backup_damaged(r, name, e);
	free(object);
	if (result != 1)
		backup_free(b);
	return result == 1 ? 0 : -1;
}

void
backup_free(struct backup *b)
{
	free(b->packs);
	b->packs = NULL;
}

/* ---- all of them ---- */

struct list_walk {
	const struct repository *repository;
	struct backup_list *list;
	unsigned *damaged;
};

static int
list_add(void *arg, const char *name, struct error *e)
{
	struct list_walk *walk = arg;
	struct backup_list *list = walk->list;
	struct backup b, *grown;

	if (backup_read(walk->repository, name, &b, e) == -1) {
		if (walk->damaged == NULL || e->status != STATUS_DATA)
			return -1;
		++*walk->damaged;
		return 0;
	}
	if ((grown = reallocarray(list->backups, list->count + 1, sizeof(*grown))) == NULL) {
		backup_free(&b);
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot list the backups");
	}
	list->backups = grown;
	list->backups[list->count++] = b;
	return 0;
}

static int
list_compare(const void *a, const void *b)
{
	const struct backup *left = a, *right = b;

	return strcmp(left->id, right->id);
}

int
backup_list_read(const struct repository *r, struct backup_list *list, unsigned *damaged, struct error *e)
{
	struct list_walk walk = { .repository = r, .list = list, .damaged = damaged };

	*list = (struct backup_list) { .count = 0 };
	if (damaged != NULL)
		*damaged = 0;
	if (r->depot->calls->list(r->depot, MANIFEST_FOLDER, list_add, &walk, e) == -1) {
		backup_list_free(list);
		return -1;
	}
	if (list->count > 1)
		qsort(list->backups, list->count, sizeof(*list->backups), list_compare);
	return 0;
}

void
backup_list_free(struct backup_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		backup_free(&list->backups[i]);
	free(list->backups);
	*list = (struct backup_list) { .count = 0 };
}
