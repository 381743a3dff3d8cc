/* Checks the host: the configuration, users, room on the disks, the clock. */
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/control/doctor/doctor.h"
#include "workers/control/host/printed_conf.h"

#define HOST_DISK_WARNING_PERCENT 10
#define HOST_DISK_FAILED_PERCENT 2
#define HOST_DISK_FAILED_BYTES (UINT64_C(256) << 20)
#define HOST_FIRST_SANE_US INT64_C(1735689600000000) /* 2025-01-01: bibd is no older */
#define HOST_JUMP_US INT64_C(60000000)

/* ---- configuration ---- */

void
doctor_check_configuration(struct doctor *doctor)
{
	const char *path = doctor->bibctl->conf_path;
	char warning[DOCTOR_TEXT_MAX / 2];
	struct error e;

	if ((doctor->conf = printed_conf_load(path, warning, sizeof(warning), &e)) == NULL) {
		if (access(path, F_OK) == -1 && errno == ENOENT)
			doctor_advise(doctor, "write it (bibd.yaml(5)), or name it with -f");
		else
			doctor_advise(doctor, "mend it; `bibd -n -f %s` checks it again", path);
		doctor_say(doctor, RENDER_FAILED, "%s", e.text);
		return;
	}
	if (warning[0] != '\0') {
		doctor_advise(doctor, "bibd.yaml(5) says what the key means");
		doctor_say(doctor, RENDER_WARNING, "%s: %s", path, warning);
	}
	doctor_say(doctor, RENDER_OK, "%s is valid: mode %s on %s", path, conf_mode_names[doctor->conf->node.mode],
	    conf_backend_names[doctor->conf->database.backend]);
}

void
doctor_check_password(struct doctor *doctor)
{
	const char *path = doctor->bibctl->conf_path;
	struct stat st;

	if (doctor->conf->database.postgres.advanced.password[0] == '\0' || stat(path, &st) == -1)
		doctor_say(doctor, RENDER_OK, "%s holds none", path);
	else if ((st.st_mode & S_IROTH) != 0) {
		doctor_advise(doctor, "chmod o-r %s", path);
		doctor_say(doctor, RENDER_WARNING, "%s holds a password and can be read by everyone (mode %04o)", path,
		    (unsigned)st.st_mode & 07777);
	} else
		doctor_say(doctor, RENDER_OK, "%s holds one and cannot be read by everyone", path);
}

/* ---- users ---- */

static bool
doctor_makes_backups(const struct doctor *doctor)
{
	return doctor->conf != NULL && doctor->conf->backup.repository[0] != '\0';
}

static const struct {
	const char *name;
	bool (*needed)(const struct doctor *doctor);
} host_users[] = {
	{ "_bibd", doctor_has_conf },
	{ "_bibmon", doctor_has_conf },
	{ "_bibkey", doctor_has_conf },
	{ "_bibnet", doctor_is_remote },
	{ "_bibarc", doctor_makes_backups },
	{ "_bibctr", doctor_is_managed },
	{ "_bibpg", doctor_is_managed },
};

void
doctor_check_users(struct doctor *doctor)
{
	const char *group = doctor->conf->listen.group;
	unsigned count = 0, missing = 0;

	for (size_t i = 0; i < sizeof(host_users) / sizeof(host_users[0]); i++) {
		if (!host_users[i].needed(doctor))
			continue;
		count++;
		if (getpwnam(host_users[i].name) != NULL)
			continue;
		missing++;
		doctor_advise(doctor,
		    "make it with: useradd --system --user-group --no-create-home --home-dir / --shell "
		    "/usr/sbin/nologin %s, "
		    "or all of them with: systemd-sysusers",
		    host_users[i].name);
		doctor_say(doctor, RENDER_FAILED, "there is no user %s", host_users[i].name);
	}
	if (group[0] != '\0' && getgrnam(group) == NULL) {
		doctor_advise(doctor, "make it with: groupadd --system %s", group);
		doctor_say(doctor, RENDER_WARNING, "there is no group %s (listen.group): only root may use bibctl",
		    group);
	}
	if (missing == 0)
		doctor_say(doctor, RENDER_OK, "all %u users that the processes run as are there", count);
}

/* ---- backups ---- */

/* Looks at where backups go. Whether they are made and whole is the daemon's to say, with the processes. */
void
doctor_check_backup(struct doctor *doctor)
{
	const struct conf *conf = doctor->conf;

	if (conf->backup.repository[0] != '\0')
		doctor_say(doctor, RENDER_OK, "backups go to %s", conf->backup.repository);
	else if (conf->database.backend == CONF_BACKEND_SQLITE && conf->node.mode == CONF_MODE_PROXY)
		doctor_say(doctor, RENDER_OK, "a cache needs no backup");
	else if (conf->database.backend == CONF_BACKEND_SQLITE || conf->database.postgres.managed) {
		doctor_advise(doctor,
		    "let backup.repository name a directory on another disk, restart bibd, and run: "
		    "bibctl backup key");
		doctor_say(doctor, RENDER_WARNING, "this node is not backed up: backup.repository is empty");
	} else
		doctor_say(doctor, RENDER_OK,
		    "bibd makes no backups of a PostgreSQL that it does not manage: that is for its own tools");
}

/* ---- room ---- */

/* The path, or the nearest parent of it that is there. */
static int
host_statvfs(const char *path, struct statvfs *fs)
{
	char nearest[PATH_MAX];
	char *slash;

	if (snprintf(nearest, sizeof(nearest), "%s", path) >= (int)sizeof(nearest))
		return -1;
	while (statvfs(nearest, fs) == -1) {
		if (errno != ENOENT || (slash = strrchr(nearest, '/')) == NULL || slash == nearest)
			return -1;
		*slash = '\0';
	}
	return 0;
}

static void
host_check_disk_at(struct doctor *doctor, const char *path)
{
	struct statvfs fs;
	enum render_verdict verdict = RENDER_OK;
	char text[RENDER_UNIT_SIZE];
	uint64_t free_bytes;
	double percent;

	if (host_statvfs(path, &fs) == -1 || fs.f_blocks == 0) {
		doctor_say(doctor, RENDER_WARNING, "cannot tell how much room there is at %s: %s", path,
		    strerror(errno));
		return;
	}
	free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	percent = 100.0 * (double)fs.f_bavail / (double)fs.f_blocks;
	if (percent < HOST_DISK_WARNING_PERCENT)
		verdict = RENDER_WARNING;
	if (percent < HOST_DISK_FAILED_PERCENT || free_bytes < HOST_DISK_FAILED_BYTES)
		verdict = RENDER_FAILED;
	if (verdict != RENDER_OK)
		doctor_advise(doctor, "make room: a store that cannot write stops");
	doctor_say(doctor, verdict, "%s (%.0f %%) free at %s", render_size(free_bytes, text, sizeof(text)), percent,
	    path);
	/* A file system without a fixed number of inodes says 0. */
	if (fs.f_files != 0 && (double)fs.f_favail * 100.0 / (double)fs.f_files < HOST_DISK_FAILED_PERCENT) {
		doctor_advise(doctor, "remove files that nobody needs");
		doctor_say(doctor, RENDER_WARNING, "nearly no inode is free at %s", path);
	}
}

void
doctor_check_disk(struct doctor *doctor)
{
	const char *elsewhere = doctor->conf->database.postgres.data_dir;

	host_check_disk_at(doctor, doctor->conf->node.data_dir);
	if (doctor_is_managed(doctor) && elsewhere[0] != '\0')
		host_check_disk_at(doctor, elsewhere);
	if (!doctor_is_postgres(doctor) && doctor->conf->database.sqlite.path[0] == '/')
		host_check_disk_at(doctor, doctor->conf->database.sqlite.path);
}

/* ---- time ---- */

void
doctor_check_clock(struct doctor *doctor)
{
	static const char *const names[] = { "node.id", "lock", "sqlite/cache.db", "secrets", "postgres/data" };
	int64_t now = clock_realtime_us(), newest = 0;
	char text[CLOCK_TEXT_SIZE], when[CLOCK_TEXT_SIZE], path[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (snprintf(path, sizeof(path), "%s/%s", doctor->conf->node.data_dir, names[i]) < (int)sizeof(path) &&
		    stat(path, &st) == 0 && (int64_t)st.st_mtime * 1000000 > newest)
			newest = (int64_t)st.st_mtime * 1000000;
	(void)clock_text(now, text, sizeof(text));
	if (now < HOST_FIRST_SANE_US) {
		doctor_advise(doctor, "set the clock, and have it kept: timedatectl set-ntp true");
		doctor_say(doctor, RENDER_FAILED, "it is %s by this host's clock", text);
	} else if (newest > now + HOST_JUMP_US) {
		doctor_advise(doctor, "see that the clock is right (timedatectl): certificates and backups go by it");
		doctor_say(doctor, RENDER_WARNING, "it is %s by this host's clock, and files of the node are of %s",
		    text, clock_text(newest, when, sizeof(when)));
	} else
		doctor_say(doctor, RENDER_OK, "it is %s", text);
}
