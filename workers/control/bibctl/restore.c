/*
 * `bibctl restore`: opens the repository, by the recovery key, the node's identity or the key command, and chooses the
 * backup.
 */
#include "workers/control/bibctl/restore.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/passphrase.h"
#include "workers/archive/repository/outer.h"
#include "workers/control/host/printed_conf.h"

#define RESTORE_WRAP "bibd archive key" /* bibd-repository(5) */

/* ---- the keys ---- */

/* Makes the key out of the node's identity. An identity that is encrypted under a key held outside gives none here. */
static int
restore_read_identity(const char *data_dir, uint8_t wrap[SEAL_KEY_SIZE], struct error *e)
{
	uint8_t seed[SEAL_KEY_SIZE];
	size_t size = sizeof(seed);
	EVP_PKEY *key = NULL;
	char *path = NULL;
	FILE *file;
	int result = -1;

	if (asprintf(&path, "%s/secrets/identity.pem", data_dir) == -1)
		return error_set_errno(e, STATUS_OS, "restore.io", "cannot read the identity");
	if ((file = fopen(path, "re")) != NULL) {
		key = PEM_read_PrivateKey(file, NULL, passphrase_none, NULL);
		(void)fclose(file);
	}
	if (key != NULL && EVP_PKEY_get_raw_private_key(key, seed, &size) == 1)
		result = seal_derive(seed, NULL, RESTORE_WRAP, wrap, e);
	else
		(void)error_set(e, STATUS_PERMISSION, "restore.key",
		    "the identity in %s cannot be read: give the recovery key, with --key FILE, or let "
		    "secrets.key_command be the program that has wrapped the repository's key",
		    path);
	EVP_PKEY_free(key);
	explicit_bzero(seed, sizeof(seed));
	free(path);
	return result;
}

static int
restore_open_with_file(struct restore *restore, const char *path, struct error *e)
{
	char text[256] = "";
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	size_t n;
	int result;

	if (file == NULL)
		return error_set_errno(e, STATUS_PERMISSION, "restore.key", "cannot open %s", path);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	if (file != stdin)
		(void)fclose(file);
	result = repository_open_with_key(&restore->repository, &restore->depot, text, e);
	explicit_bzero(text, sizeof(text));
	return result;
}

static int
restore_open_with_identity(struct restore *restore, struct error *e)
{
	uint8_t wrap[SEAL_KEY_SIZE];
	int result;

	if (restore_read_identity(restore->conf->node.data_dir, wrap, e) == -1)
		return -1;
	result = repository_open_for_reading(&restore->repository, &restore->depot, wrap, e);
	explicit_bzero(wrap, sizeof(wrap));
	return result;
}

/* On a bare machine there is no identity, or already that of another node. */
static int
restore_open_with_command(struct restore *restore, struct error *e)
{
	struct outer_command command = { NULL, restore->conf->secrets.key_command };
	const struct repository_outer outer = { outer_command_call, &command };

	return repository_open_with_command(&restore->repository, &restore->depot, &outer, e);
}

static int
restore_open(struct restore *restore, struct error *e)
{
	const struct bibctl *bibctl = restore->bibctl;
	const char *from = bibctl->from;

	if (from == NULL)
		from = restore->conf->backup.repository;
	if (from[0] == '\0')
		return error_set(e, STATUS_CONFIG, "restore.from",
		    "backup.repository is empty: say where the repository is, with --from");
	if (restore_open_depot(restore, from, e) == -1)
		return -1;
	if (bibctl->key != NULL)
		return restore_open_with_file(restore, bibctl->key, e);
	if (restore_open_with_identity(restore, e) == 0)
		return 0;
	if ((strcmp(e->code, "restore.key") != 0 && strcmp(e->code, "repository.foreign") != 0) ||
	    restore->conf->secrets.key_command == NULL || restore->conf->secrets.key_command[0] == NULL)
		return -1;
	return restore_open_with_command(restore, e);
}

/* ---- where to ---- */

/* Reads a time as bibctl_read_time() does, and with fractions of a second too. */
static int
restore_read_time(const char *text, int64_t now_us, int64_t *us)
{
	char whole[64];
	const char *dot = strchr(text, '.'), *p;
	int64_t unit = 100000, part = 0;

	if (dot == NULL)
		return bibctl_read_time(text, now_us, us);
	for (p = dot + 1; *p >= '0' && *p <= '9'; p++, unit /= 10)
		part += (*p - '0') * unit;
	if (p == dot + 1 ||
	    snprintf(whole, sizeof(whole), "%.*s%s", (int)(dot - text), text, p) >= (int)sizeof(whole) ||
	    bibctl_read_time(whole, now_us, us) == -1)
		return -1;
	*us += part;
	return 0;
}

/* Reads a position in the write-ahead log as PostgreSQL writes it: "0/1A2B3C4". */
static bool
restore_read_lsn(const char *text, uint64_t *position)
{
	uint32_t high, low;
	int end = 0;

	if (sscanf(text, "%8" SCNx32 "/%8" SCNx32 "%n", &high, &low, &end) != 2 || text[end] != '\0' ||
	    strspn(text, "0123456789ABCDEFabcdef/") != strlen(text))
		return false;
	*position = (uint64_t)high << 32 | low;
	return true;
}

static int
restore_read_target(struct restore *restore, struct error *e)
{
	static const char digits[] = "0123456789";
	const char *to = restore->bibctl->to;
	struct restore_target *target = &restore->target;

	if (to == NULL || strcmp(to, "latest") == 0)
		target->kind = TARGET_LATEST;
	else if (to[strspn(to, digits)] == '\0' && strlen(to) < 20) {
		target->kind = TARGET_POSITION;
		target->position = strtoull(to, NULL, 10);
	} else if (restore_read_lsn(to, &target->position))
		target->kind = TARGET_POSITION;
	else if (restore_read_time(to, restore->bibctl->render.now_us, &target->time_us) == 0)
		target->kind = TARGET_TIME;
	else if (strlen(to) < sizeof(target->name)) {
		target->kind = point_is_name(to) ? TARGET_POINT : TARGET_BACKUP;
		(void)snprintf(target->name, sizeof(target->name), "%s", to);
	} else
		return error_set(e, STATUS_USAGE, "restore.to",
		    "--to wants a time, a commit's number, an LSN, a restore point, "
		    "a backup, or latest");
	return target_find(&restore->repository, target, e);
}

/* Finds out whether the backup is of SQLite or of PostgreSQL, which is restored in another way. */
static int
restore_find_kind(struct restore *restore, struct error *e)
{
	struct backup backup;

	if (backup_read(&restore->repository, restore->target.backup, &backup, e) == -1)
		return -1;
	restore->postgres = strcmp(backup.backend, "postgres") == 0;
	backup_free(&backup);
	return 0;
}

void
restore_describe(const struct restore *restore, char *text, size_t size)
{
	const struct restore_target *target = &restore->target;
	char when[CLOCK_TEXT_SIZE];

	if (target->reached.position == 0 || (target->reached.time_us == 0 && target->reached.position == target->base))
		(void)snprintf(text, size, "backup %s (%.1f MB)", target->backup, (double)restore->bytes / 1e6);
	else if (restore->postgres)
		(void)snprintf(text, size,
		    "backup %s (%.1f MB) with the write-ahead log up to %" PRIX32 "/%" PRIX32 "%s%s", target->backup,
		    (double)restore->bytes / 1e6, (uint32_t)(target->reached.position >> 32),
		    (uint32_t)target->reached.position,
		    target->reached.time_us == 0 ? "" : ", whose last commit is of ",
		    target->reached.time_us == 0 ? "" : clock_text(target->reached.time_us, when, sizeof(when)));
	else
		(void)snprintf(text, size, "the state of commit %" PRIu64 ", of %s, (%.1f MB)",
		    target->reached.position, clock_text(target->reached.time_us, when, sizeof(when)),
		    (double)restore->bytes / 1e6);
}

static int
restore_run(struct restore *restore, struct error *e)
{
	const struct bibctl *bibctl = restore->bibctl;
	char warning[ERROR_TEXT_MAX];

	/* On a bare machine there is no configuration yet; where S3 is and who may use it, stands in one. */
	if (bibctl->in_place || bibctl->from == NULL || bibctl->key == NULL || depot_is_s3(bibctl->from)) {
		restore->conf = printed_conf_load(bibctl->conf_path, warning, sizeof(warning), e);
		if (restore->conf == NULL)
			return -1;
	}
	if (restore_open(restore, e) == -1 || restore_read_target(restore, e) == -1 ||
	    restore_find_kind(restore, e) == -1)
		return -1;
	if (bibctl->files && !restore->postgres)
		return error_set(e, STATUS_USAGE, "restore.files", "--files is for a backup of PostgreSQL");
	return bibctl->in_place ? restore_in_place(restore, e) : restore_into(restore, bibctl->into, e);
}

int
bibctl_restore(struct bibctl *bibctl)
{
	struct restore restore = { .bibctl = bibctl };
	struct message_result result = { .status = STATUS_OK, .code = "restore.done", .text = restore.text };
	struct error e;

	if (restore_run(&restore, &e) == -1)
		result = (struct message_result) { .status = e.status, .code = e.code, .text = e.text };
	bibctl->output->result(&bibctl->render, &result);
	repository_close(&restore.repository);
	depot_close(&restore.depot);
	conf_free(restore.conf);
	return (int)result.status;
}
