/* Checks the node's directories and files: their owners, who may use them, what is missing. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "workers/control/doctor/doctor.h"

/* ---- users and directories ---- */

bool
doctor_find_user(const struct doctor *doctor, const char *name, struct doctor_user *user)
{
	const struct passwd *pw;
	struct stat st;

	if (doctor->separated) {
		if ((pw = getpwnam(name)) == NULL)
			return false;
		*user = (struct doctor_user) { name, pw->pw_uid, pw->pw_gid, pw->pw_gid };
		return true;
	}
	*user = (struct doctor_user) { name, geteuid(), getegid(), getegid() };
	if (stat(doctor->conf->node.data_dir, &st) == 0)
		*user = (struct doctor_user) { name, st.st_uid, st.st_gid, st.st_gid };
	return true;
}

static bool
files_may_search(const struct stat *st, const struct doctor_user *user)
{
	if (user->uid == 0)
		return true;
	if (st->st_uid == user->uid)
		return (st->st_mode & S_IXUSR) != 0;
	if (st->st_gid == user->gid || st->st_gid == user->extra)
		return (st->st_mode & S_IXGRP) != 0;
	return (st->st_mode & S_IXOTH) != 0;
}

bool
doctor_may_reach(const char *path, const struct doctor_user *user, char *where, size_t size)
{
	struct stat st;

	for (const char *slash = path; slash != NULL && *slash != '\0'; slash = strchr(slash + 1, '/')) {
		int n = snprintf(where, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);

		if (n < 0 || (size_t)n >= size || stat(where, &st) == -1)
			break;
		if (S_ISDIR(st.st_mode) && !files_may_search(&st, user))
			return false;
	}
	where[0] = '\0';
	return true;
}

/* ---- data_dir ---- */

static bool
files_check_reach(struct doctor *doctor, const char *path, const char *name)
{
	struct doctor_user user;
	char where[PATH_MAX];

	if (!doctor_find_user(doctor, name, &user) || doctor_may_reach(path, &user, where, sizeof(where)))
		return true;
	doctor_advise(doctor, "chmod o+x %s, or take another directory", where);
	doctor_say(doctor, RENDER_FAILED, "the user %s cannot reach %s: %s may not be searched", name, path, where);
	return false;
}

/* data_dir and database.postgres.data_dir: bibd's own, and for nobody else to write. Returns false when it is not
 * so. */
static bool
files_check_top(struct doctor *doctor, const char *path, const struct stat *st)
{
	if (doctor->separated && st->st_uid != 0) {
		doctor_advise(doctor, "give it back with: chown 0 %s", path);
		doctor_say(doctor, RENDER_FAILED, "%s belongs to uid %ld and bibd runs as root", path,
		    (long)st->st_uid);
		return false;
	}
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		doctor_advise(doctor, "chmod go-w %s", path);
		doctor_say(doctor, RENDER_FAILED, "%s can be written by others (mode %04o)", path,
		    (unsigned)st->st_mode & 07777);
		return false;
	}
	return true;
}

void
doctor_check_data_dir(struct doctor *doctor)
{
	static const char *const users[] = { "_bibd", "_bibkey", "_bibctr", "_bibpg" };
	const char *path = doctor->conf->node.data_dir;
	size_t nusers = doctor_is_managed(doctor) ? 4 : doctor_is_postgres(doctor) ? 2 : 1;
	char inside[PATH_MAX];
	bool reached = true;
	struct stat st;

	if (stat(path, &st) == -1 && errno == ENOENT) {
		doctor_say(doctor, RENDER_OK, "%s is not there yet: the first start makes it", path);
		return;
	}
	if (stat(path, &st) == -1 || !S_ISDIR(st.st_mode)) {
		doctor_advise(doctor, "make it a directory, or name another in node.data_dir");
		doctor_say(doctor, RENDER_FAILED, "%s cannot be used: %s", path,
		    strerror(S_ISDIR(st.st_mode) ? errno : ENOTDIR));
		return;
	}
	if (!files_check_top(doctor, path, &st))
		return;
	(void)snprintf(inside, sizeof(inside), "%s/.", path);
	for (size_t i = 0; doctor->separated && reached && i < nusers; i++)
		reached = files_check_reach(doctor, inside, users[i]);
	if (reached)
		doctor_say(doctor, RENDER_OK, "%s belongs to uid %ld%s", path, (long)st.st_uid,
		    doctor->separated ? ", and the processes reach it" : ": processes have no users of their own");
}

/* ---- what is in it ---- */

static bool
files_is_sqlite(const struct doctor *doctor)
{
	return !doctor_is_postgres(doctor) && doctor->conf->database.sqlite.path[0] == '\0';
}

static bool
files_has_certificates(const struct doctor *doctor)
{
	return doctor_is_managed(doctor) && conf_has_tls(doctor->conf) &&
	    doctor->conf->database.postgres.tls.auto_generate;
}

/* Where a directory is. */
enum files_place { FILES_IN_DATA_DIR, FILES_IN_POSTGRES, FILES_OF_CERTIFICATES };

/* Directories that belong to one process; mode: the most that it may allow. */
static const struct files_directory {
	const char *name;
	enum files_place place;
	const char *user;
	const char *group; /* whose group it belongs to; NULL: the user's own */
	mode_t mode;
	bool for_group; /* of no use unless that group may do what the mode says */
	bool (*needed)(const struct doctor *doctor);
} files_directories[] = {
	{ "sqlite", FILES_IN_DATA_DIR, "_bibd", NULL, 0700, false, files_is_sqlite },
	{ "secrets", FILES_IN_DATA_DIR, "_bibkey", NULL, 0700, false, doctor_has_conf },
	{ "container", FILES_IN_DATA_DIR, "_bibctr", NULL, 0700, false, doctor_is_managed },
	{ "run", FILES_IN_POSTGRES, "_bibpg", "_bibd", 0750, true, doctor_is_managed },
	{ "etc", FILES_IN_POSTGRES, "_bibctr", NULL, 0755, false, doctor_is_managed },
	{ "data", FILES_IN_POSTGRES, "_bibpg", "_bibd", 0750, false, doctor_is_managed },
	{ "certs", FILES_OF_CERTIFICATES, "_bibkey", NULL, 0755, false, files_has_certificates },
};

static int
files_directory_path(const struct doctor *doctor, size_t i, char *buf, size_t size)
{
	int n;

	if (files_directories[i].place == FILES_OF_CERTIFICATES)
		return conf_certificates_path(doctor->conf, buf, size);
	if (files_directories[i].place == FILES_IN_POSTGRES)
		return conf_postgres_path(doctor->conf, files_directories[i].name, buf, size);
	n = snprintf(buf, size, "%s/%s", doctor->conf->node.data_dir, files_directories[i].name);
	return n < 0 || (size_t)n >= size ? -1 : 0;
}

/* Returns false when it belongs to another. Where processes have no users of their own, the group decides nothing. */
static bool
files_check_owner(struct doctor *doctor, const struct files_directory *directory, const char *path,
    const struct stat *st)
{
	struct doctor_user user, group;
	bool in_group;

	if (!doctor_find_user(doctor, directory->user, &user) ||
	    !doctor_find_user(doctor, directory->group == NULL ? directory->user : directory->group, &group))
		return true;
	in_group = !doctor->separated || !directory->for_group || st->st_gid == group.gid;
	if (st->st_uid == user.uid && in_group)
		return true;
	doctor_advise(doctor, "if it is this node's, give it back with: chown -R %ld:%ld %s", (long)user.uid,
	    (long)group.gid, path);
	if (st->st_uid != user.uid)
		doctor_say(doctor, RENDER_FAILED, "%s belongs to uid %ld and not to %s (uid %ld)", path,
		    (long)st->st_uid, user.name, (long)user.uid);
	else
		doctor_say(doctor, RENDER_FAILED, "%s belongs to group %ld and not to that of %s (gid %ld)", path,
		    (long)st->st_gid, group.name, (long)group.gid);
	return false;
}

/* Returns false when something is wrong with it. */
static bool
files_check_directory(struct doctor *doctor, size_t i)
{
	const struct files_directory *directory = &files_directories[i];
	char path[PATH_MAX];
	struct stat st;

	if (files_directory_path(doctor, i, path, sizeof(path)) == -1 || lstat(path, &st) == -1)
		return true;
	if (!S_ISDIR(st.st_mode)) {
		doctor_advise(doctor, "move it away");
		doctor_say(doctor, RENDER_FAILED, "%s is not a directory", path);
		return false;
	}
	if (!files_check_owner(doctor, directory, path, &st))
		return false;
	if ((st.st_mode & 0777 & ~directory->mode) != 0) {
		doctor_advise(doctor, "chmod %04o %s", (unsigned)directory->mode, path);
		doctor_say(doctor, RENDER_FAILED, "%s is open to others (mode %04o)", path,
		    (unsigned)st.st_mode & 07777);
		return false;
	}
	if (directory->for_group && (st.st_mode & directory->mode) != directory->mode) {
		doctor_advise(doctor, "chmod %04o %s", (unsigned)directory->mode, path);
		doctor_say(doctor, RENDER_FAILED, "%s keeps its group out (mode %04o)", path,
		    (unsigned)st.st_mode & 07777);
		return false;
	}
	return true;
}

/* SQLite makes its log beside the file: the directory that database.sqlite.path names is the operator's, but must let
 * it. Returns false when it does not. */
static bool
files_check_elsewhere(struct doctor *doctor, const char *given, const struct doctor_user *user)
{
	const char *slash = strrchr(given, '/');
	char path[PATH_MAX], inside[PATH_MAX];
	struct stat st;
	mode_t want;

	(void)snprintf(path, sizeof(path), "%.*s", slash == NULL || slash == given ? 1 : (int)(slash - given), given);
	(void)snprintf(inside, sizeof(inside), "%.*s/.", (int)sizeof(inside) - 3, path);
	if (stat(path, &st) == -1 || user->uid == 0)
		return true;
	if (doctor->separated && !files_check_reach(doctor, inside, user->name))
		return false;
	want = st.st_uid == user->uid ? 0300 : st.st_gid == user->gid ? 0030 : 0003;
	if ((st.st_mode & want) == want)
		return true;
	if (st.st_uid == user->uid)
		doctor_advise(doctor, "allow it with: chmod u+rwx %s", path);
	else
		doctor_advise(doctor, "change its owner with: chown %ld:%ld %s", (long)user->uid, (long)user->gid,
		    path);
	doctor_say(doctor, RENDER_FAILED, "%s may not write to %s (uid %ld, mode %04o)", user->name, path,
	    (long)st.st_uid, (unsigned)st.st_mode & 07777);
	return false;
}

/* The rows are in the database file and its log, wherever database.sqlite.path puts them: nobody else may read those.
 * Returns false when somebody may. */
static bool
files_check_database(struct doctor *doctor)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	const char *given = doctor->conf->database.sqlite.path;
	struct doctor_user user;
	char path[PATH_MAX];
	struct stat st;

	if (!doctor_find_user(doctor, "_bibd", &user))
		return true;
	if (given[0] != '\0' && !files_check_elsewhere(doctor, given, &user))
		return false;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (given[0] != '\0')
			(void)snprintf(path, sizeof(path), "%s%s", given, suffixes[i]);
		else
			(void)snprintf(path, sizeof(path), "%s/sqlite/cache.db%s", doctor->conf->node.data_dir,
			    suffixes[i]);
		if (lstat(path, &st) == -1 || !S_ISREG(st.st_mode))
			continue;
		if (st.st_uid != user.uid) {
			doctor_advise(doctor, "if it is this node's, give it back with: chown %ld:%ld %s",
			    (long)user.uid, (long)user.gid, path);
			doctor_say(doctor, RENDER_FAILED, "%s belongs to uid %ld and not to %s (uid %ld)", path,
			    (long)st.st_uid, user.name, (long)user.uid);
			return false;
		}
		if ((st.st_mode & 0600) != 0600) {
			doctor_advise(doctor, "chmod 0600 %s", path);
			doctor_say(doctor, RENDER_FAILED, "%s may not be written by %s (mode %04o)", path, user.name,
			    (unsigned)st.st_mode & 07777);
			return false;
		}
		if ((st.st_mode & 077) == 0)
			continue;
		doctor_advise(doctor, "chmod 0600 %s", path);
		doctor_say(doctor, RENDER_FAILED, "%s is open to others (mode %04o)", path,
		    (unsigned)st.st_mode & 07777);
		return false;
	}
	return true;
}

void
doctor_check_directories(struct doctor *doctor)
{
	char path[PATH_MAX];
	bool good = true;
	struct stat st;

	if (doctor_is_managed(doctor) && conf_postgres_path(doctor->conf, "", path, sizeof(path)) == 0 &&
	    stat(path, &st) == 0) {
		path[strlen(path) - 1] = '\0';
		good = files_check_top(doctor, path, &st);
	}
	for (size_t i = 0; i < sizeof(files_directories) / sizeof(files_directories[0]); i++)
		if (files_directories[i].needed(doctor))
			good &= files_check_directory(doctor, i);
	if (doctor_has_conf(doctor) && !doctor_is_postgres(doctor))
		good &= files_check_database(doctor);
	if (good)
		doctor_say(doctor, RENDER_OK,
		    "what is there belongs to the processes that use it, and is open to nobody else");
}

/* ---- listen.path ---- */

void
doctor_check_listen_path(struct doctor *doctor)
{
	/* Clients may be any users: a uid that owns nothing stands for them. */
	const struct doctor_user anybody = { "clients", (uid_t)-2, (gid_t)-2, (gid_t)-2 };
	const char *path = doctor->conf->listen.path;
	char inside[PATH_MAX], where[PATH_MAX];
	struct stat st;

	if (stat(path, &st) == -1 && errno == ENOENT) {
		doctor_say(doctor, RENDER_OK, "%s is not there yet: the start makes it", path);
		return;
	}
	if (stat(path, &st) == -1 || !S_ISDIR(st.st_mode)) {
		doctor_advise(doctor, "make it a directory, or name another in listen.path");
		doctor_say(doctor, RENDER_FAILED, "%s cannot be used: %s", path,
		    strerror(S_ISDIR(st.st_mode) ? errno : ENOTDIR));
		return;
	}
	if ((st.st_mode & S_IWOTH) != 0 && (st.st_mode & S_ISVTX) == 0) {
		doctor_advise(doctor, "chmod o-w %s", path);
		doctor_say(doctor, RENDER_FAILED, "everyone may put sockets of their own into %s (mode %04o)", path,
		    (unsigned)st.st_mode & 07777);
		return;
	}
	(void)snprintf(inside, sizeof(inside), "%s/.", path);
	if (!doctor_may_reach(inside, &anybody, where, sizeof(where))) {
		doctor_advise(doctor, "if other users are to connect: chmod o+x %s", where);
		doctor_say(doctor, RENDER_WARNING, "clients of other users cannot reach %s: %s may not be searched",
		    path, where);
		return;
	}
	doctor_say(doctor, RENDER_OK, "%s can be reached by clients", path);
}
