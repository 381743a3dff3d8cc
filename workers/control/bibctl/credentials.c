/*
 * `bibctl credentials reset`: the way back after a lost or damaged credential file. What is there is set aside, never
 * removed, and a flag asks the next start of bibd for new ones; the database is not touched.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/control/bibctl/credentials.h"
#include "workers/control/host/printed_conf.h"

#define CREDENTIALS_LOCK "lock"
#define CREDENTIALS_SECRETS "secrets"
#define CREDENTIALS_FILE "credentials"
#define CREDENTIALS_IDENTITY "identity.pem"
#define CREDENTIALS_RESET "secrets.reset"
#define CREDENTIALS_LOCK_TRIES 8
#define CREDENTIALS_SAME_SECOND 100
/* A private Ed25519 key as PKCS #8 in PEM (RFC 8410): the line between the two marks begins so, whatever the key is. */
#define CREDENTIALS_KEY "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI"
#define CREDENTIALS_KEY_END "\n-----END PRIVATE KEY-----\n"
#define CREDENTIALS_KEY_SIZE 119
/* One that is encrypted under a key held outside begins so; whether it can be decrypted is keeper's to tell. */
#define CREDENTIALS_SEAL "BIBDIDEN"

/* What is open during a reset; -1: not open. */
struct credentials_reset {
	const char *data_dir;
	int data_fd, lock_fd, secrets_fd;
	struct stat owner; /* of data_dir */
	char when[24];	   /* UTC, for the names */
	char *report;
	size_t size;
};

static void
credentials_report(struct credentials_reset *reset, const char *what, const char *name)
{
	size_t used = strlen(reset->report);

	(void)snprintf(reset->report + used, reset->size - used, "%s %s/" CREDENTIALS_SECRETS "/%s; ", what,
	    reset->data_dir, name);
}

/* ---- the lock ---- */

static long
credentials_lock_owner(int fd)
{
	char text[24] = "";

	return pread(fd, text, sizeof(text) - 1, 0) > 0 ? strtol(text, NULL, 10) : 0;
}

/* bibd's own lock, taken by its rules: 1 held; 0 its file was removed meanwhile, so again; -1. */
static int
credentials_try_lock(struct credentials_reset *reset, struct error *e)
{
	struct stat held, there;

	reset->lock_fd = openat(reset->data_fd, CREDENTIALS_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (reset->lock_fd == -1)
		return error_set_errno(e, STATUS_PERMISSION, "credentials.lock", "cannot open %s/" CREDENTIALS_LOCK,
		    reset->data_dir);
	if (flock(reset->lock_fd, LOCK_EX | LOCK_NB) == -1)
		return error_set(e, STATUS_UNAVAILABLE, "credentials.running",
		    "bibd (pid %ld) runs on %s: stop it first, with bibctl stop or systemctl stop bibd",
		    credentials_lock_owner(reset->lock_fd), reset->data_dir);
	if (fstat(reset->lock_fd, &held) == 0 &&
	    fstatat(reset->data_fd, CREDENTIALS_LOCK, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    held.st_ino == there.st_ino && held.st_dev == there.st_dev)
		return 1;
	close(reset->lock_fd);
	reset->lock_fd = -1;
	return 0;
}

static int
credentials_lock(struct credentials_reset *reset, struct error *e)
{
	for (int tries = 0; tries < CREDENTIALS_LOCK_TRIES; tries++) {
		int result = credentials_try_lock(reset, e);

		if (result != 0)
			return result == 1 ? 0 : -1;
	}
	return error_set(e, STATUS_UNAVAILABLE, "credentials.running", "bibd processes come and go on %s",
	    reset->data_dir);
}

/* ---- setting aside ---- */

/* Renames the file to a name that is free. A link is renamed itself, not what it points to. */
static int
credentials_set_aside(struct credentials_reset *reset, const char *name, struct error *e)
{
	char aside[NAME_MAX];
	int result = -1, length = snprintf(aside, sizeof(aside), "%s.damaged-%s", name, reset->when);

	/* Another reset in the same second took the name: -2, and so on. */
	for (int n = 2;
	     (result = renameat2(reset->secrets_fd, name, reset->secrets_fd, aside, RENAME_NOREPLACE)) == -1 &&
	     errno == EEXIST && n < CREDENTIALS_SAME_SECOND;
	     n++)
		(void)snprintf(aside + length, sizeof(aside) - (size_t)length, "-%d", n);
	if (result == 0) {
		credentials_report(reset, "set aside as", aside);
		return 0;
	}
	if (errno == ENOENT) {
		credentials_report(reset, "there was no", name);
		return 0;
	}
	return error_set_errno(e, STATUS_IO, "credentials.rename", "cannot set %s/" CREDENTIALS_SECRETS "/%s aside",
	    reset->data_dir, name);
}

/* Whether there is an identity that cannot be used: not a file of the directory's owner alone, or without a key. bibd
 * would refuse to start with it for ever. */
static bool
credentials_identity_is_damaged(const struct credentials_reset *reset)
{
	int fd = openat(reset->secrets_fd, CREDENTIALS_IDENTITY, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	const size_t begin = strlen(CREDENTIALS_KEY), end = strlen(CREDENTIALS_KEY_END),
		     seal = strlen(CREDENTIALS_SEAL);
	char text[CREDENTIALS_KEY_SIZE + 1];
	struct stat st, directory;
	bool damaged = true;
	ssize_t n;

	if (fd == -1)
		return errno != ENOENT;
	if (fstat(fd, &st) == 0 && fstat(reset->secrets_fd, &directory) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == directory.st_uid && (st.st_mode & 077) == 0 && (n = read(fd, text, sizeof(text))) > 0)
		damaged = !(n > (ssize_t)seal && memcmp(text, CREDENTIALS_SEAL, seal) == 0) &&
		    (n != CREDENTIALS_KEY_SIZE || memcmp(text, CREDENTIALS_KEY, begin) != 0 ||
			memcmp(text + CREDENTIALS_KEY_SIZE - end, CREDENTIALS_KEY_END, end) != 0);
	explicit_bzero(text, sizeof(text));
	close(fd);
	return damaged;
}

static int
credentials_set_all_aside(struct credentials_reset *reset, const struct credentials_request *request, struct error *e)
{
	reset->secrets_fd =
	    openat(reset->data_fd, CREDENTIALS_SECRETS, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (reset->secrets_fd == -1 && errno == ENOENT)
		return error_set(e, STATUS_DATA, "credentials.none",
		    "there is no %s/" CREDENTIALS_SECRETS ": this node has no credentials to reset", reset->data_dir);
	if (reset->secrets_fd == -1)
		return error_set_errno(e, STATUS_PERMISSION, "credentials.open", "cannot open %s/" CREDENTIALS_SECRETS,
		    reset->data_dir);
	if ((request->has_credentials ||
		faccessat(reset->secrets_fd, CREDENTIALS_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0) &&
	    credentials_set_aside(reset, CREDENTIALS_FILE, e) == -1)
		return -1;
	if ((request->identity || credentials_identity_is_damaged(reset)) &&
	    credentials_set_aside(reset, CREDENTIALS_IDENTITY, e) == -1)
		return -1;
	if (fsync(reset->secrets_fd) == -1)
		return error_set_errno(e, STATUS_IO, "credentials.sync", "cannot write %s/" CREDENTIALS_SECRETS,
		    reset->data_dir);
	return 0;
}

/* The flag belongs to data_dir's owner, so that a bibd that does not run as root can remove it. */
static int
credentials_raise_flag(const struct credentials_reset *reset, struct error *e)
{
	int fd = openat(reset->data_fd, CREDENTIALS_RESET, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int result = 0;

	if (fd == -1 || fchmod(fd, 0600) == -1 ||
	    (geteuid() == 0 && fchown(fd, reset->owner.st_uid, reset->owner.st_gid) == -1) || fsync(fd) == -1 ||
	    fsync(reset->data_fd) == -1)
		result = error_set_errno(e, STATUS_CANT_CREATE, "credentials.flag",
		    "cannot create %s/" CREDENTIALS_RESET, reset->data_dir);
	if (fd != -1)
		close(fd);
	return result;
}

static int
credentials_open(struct credentials_reset *reset, struct error *e)
{
	reset->data_fd = open(reset->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (reset->data_fd == -1 || fstat(reset->data_fd, &reset->owner) == -1)
		return error_set_errno(e, errno == ENOENT ? STATUS_DATA : STATUS_PERMISSION, "credentials.open",
		    "cannot open node.data_dir: %s", reset->data_dir);
	if (geteuid() != 0 && geteuid() != reset->owner.st_uid)
		return error_set(e, STATUS_PERMISSION, "credentials.permission",
		    "only root and the owner of %s may do that", reset->data_dir);
	return credentials_lock(reset, e);
}

int
credentials_reset(const struct credentials_request *request, char *report, size_t size, struct error *e)
{
	struct credentials_reset reset = { .data_dir = request->data_dir,
		.data_fd = -1,
		.lock_fd = -1,
		.secrets_fd = -1,
		.report = report,
		.size = size };
	time_t now = (time_t)(clock_realtime_us() / 1000000);
	struct tm tm;
	int result = -1;

	report[0] = '\0';
	if (gmtime_r(&now, &tm) == NULL || strftime(reset.when, sizeof(reset.when), "%Y%m%dT%H%M%SZ", &tm) == 0)
		return error_set(e, STATUS_OS, "credentials.time", "cannot tell what time it is");
	if (credentials_open(&reset, e) == 0) {
		if (credentials_set_all_aside(&reset, request, e) == 0)
			result = request->managed ? credentials_raise_flag(&reset, e) : 0;
		/* Removed while it is held: a process that waits for it sees that the name has gone. */
		(void)unlinkat(reset.data_fd, CREDENTIALS_LOCK, 0);
	}
	if (reset.secrets_fd != -1)
		close(reset.secrets_fd);
	if (reset.lock_fd != -1)
		close(reset.lock_fd);
	if (reset.data_fd != -1)
		close(reset.data_fd);
	return result;
}

/* ---- the command ---- */

static int
credentials_run(const struct bibctl *bibctl, const struct conf *conf, struct error *e)
{
	const bool is_postgres = conf->database.backend == CONF_BACKEND_POSTGRES;
	const struct credentials_request request = { .data_dir = conf->node.data_dir,
		.identity = bibctl->identity,
		.managed = is_postgres && conf->database.postgres.managed,
		.has_credentials = is_postgres };
	char report[ERROR_TEXT_MAX] = "";

	if (!is_postgres && !bibctl->identity)
		return error_set(e, STATUS_USAGE, "credentials.none",
		    "a node on SQLite has no credentials, only an identity: for a new one add --identity");
	if (credentials_reset(&request, report, sizeof(report), e) == -1)
		return -1;
	(void)error_set(e, STATUS_OK, "credentials.reset", "%s%s", report,
	    !is_postgres ? "start bibd, which makes a new identity; the database stays as it is"
		: request.managed
		? "start bibd, which makes new ones and sets them in the database, whose data stay as they are"
		: "start bibd, which takes the password from the configuration anew");
	return 0;
}

int
bibctl_credentials_reset(struct bibctl *bibctl)
{
	char warning[ERROR_TEXT_MAX];
	struct error e = { .code = "credentials.reset" };
	struct conf *conf = printed_conf_load(bibctl->conf_path, warning, sizeof(warning), &e);
	struct message_result result;

	if (conf != NULL)
		(void)credentials_run(bibctl, conf, &e);
	conf_free(conf);
	result = (struct message_result) { .status = (uint32_t)e.status, .code = e.code, .text = e.text };
	bibctl->output->result(&bibctl->render, &result);
	return (int)e.status;
}
