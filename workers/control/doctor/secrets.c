/* Checks the files of the secrets: the identity, the credentials, and the key that encrypts both. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "workers/control/doctor/doctor.h"

#define SECRETS_ENCRYPTED "BIBDIDEN" /* an identity that is encrypted under the key of secrets.key_file */
#define SECRETS_UNTOUCHED "; the database is untouched"

/* The files of the secrets: how each can begin, and what makes a new one. */
static const struct secrets_file {
	const char *name;
	const char *begins[2];
	const char *way_back;
} secrets_files[] = {
	{ "identity.pem", { "-----BEGIN ", SECRETS_ENCRYPTED },
	    "restore it from a backup, or, as root, run: bibctl credentials reset --identity" SECRETS_UNTOUCHED },
	{ "credentials", { "BIBDCRED", NULL },
	    "restore it from a backup, or, as root, run: bibctl credentials reset" SECRETS_UNTOUCHED },
};

enum secrets_state { SECRETS_MISSING, SECRETS_GOOD, SECRETS_UNSEEN, SECRETS_BAD };

/* Whether the file begins so. A file that we may not read is taken to be good: without knowing more, no advice that
 * destroys it is given. */
static bool
secrets_begins_with(const char *path, const char *begins)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[16] = "";
	bool result = fd == -1;

	if (fd != -1) {
		result = read(fd, text, strlen(begins)) == (ssize_t)strlen(begins) && strcmp(text, begins) == 0;
		close(fd);
	}
	return result;
}

static bool
secrets_begins_well(const char *path, const struct secrets_file *secret)
{
	return secrets_begins_with(path, secret->begins[0]) ||
	    (secret->begins[1] != NULL && secrets_begins_with(path, secret->begins[1]));
}

/* Says what is wrong with it, if it is there and is not as it must be. */
static enum secrets_state
secrets_check_secret(struct doctor *doctor, const struct secrets_file *secret, const struct doctor_user *user)
{
	char path[PATH_MAX];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/secrets/%s", doctor->conf->node.data_dir, secret->name);
	if (lstat(path, &st) == -1 && errno == EACCES) {
		doctor_advise(doctor, "run doctor as root");
		doctor_say(doctor, RENDER_WARNING, "cannot look at %s", path);
		return SECRETS_UNSEEN;
	}
	if (lstat(path, &st) == -1)
		return SECRETS_MISSING;
	if (!S_ISREG(st.st_mode) || st.st_size == 0) {
		doctor_advise(doctor, "%s", secret->way_back);
		doctor_say(doctor, RENDER_FAILED, "%s is damaged: it is %s", path,
		    S_ISREG(st.st_mode) ? "empty" : "not a plain file");
		return SECRETS_BAD;
	}
	if (st.st_uid != user->uid || (st.st_mode & 077) != 0) {
		doctor_advise(doctor, "chown %ld %s && chmod 0600 %s", (long)user->uid, path, path);
		doctor_say(doctor, RENDER_FAILED, "%s is not a file of %s's alone (uid %ld, mode %04o)", path,
		    user->name, (long)st.st_uid, (unsigned)st.st_mode & 07777);
		return SECRETS_BAD;
	}
	if (secrets_begins_well(path, secret))
		return SECRETS_GOOD;
	doctor_advise(doctor, "%s", secret->way_back);
	doctor_say(doctor, RENDER_FAILED, "%s is damaged: it does not begin as it must", path);
	return SECRETS_BAD;
}

/* An encrypted identity is of use only with the key, which this host may lack for now: nothing is reset for that. */
static bool
secrets_check_key(struct doctor *doctor)
{
	const char *key = doctor->conf->secrets.key_file;
	char path[PATH_MAX];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/secrets/identity.pem", doctor->conf->node.data_dir);
	if (key[0] == '\0' && access(path, R_OK) == 0 && secrets_begins_with(path, SECRETS_ENCRYPTED)) {
		doctor_advise(doctor, "let secrets.key_file name the key that it was encrypted with");
		doctor_say(doctor, RENDER_FAILED,
		    "%s is encrypted under a key that is held outside, and secrets.key_file is empty", path);
		return false;
	}
	if (key[0] == '\0' || (stat(key, &st) == -1 && errno == EACCES))
		return true;
	if (stat(key, &st) == -1) {
		doctor_advise(doctor, "put it back: without it the secrets of this node cannot be read");
		doctor_say(doctor, RENDER_FAILED, "secrets.key_file (%s) cannot be used: %s", key, strerror(errno));
		return false;
	}
	if (S_ISREG(st.st_mode) && (st.st_mode & 077) == 0)
		return true;
	doctor_advise(doctor, "chmod 0600 %s", key);
	doctor_say(doctor, RENDER_FAILED, "secrets.key_file (%s) can be read by others (mode %04o)", key,
	    (unsigned)st.st_mode & 07777);
	return false;
}

/* Says what is missing; returns true when nothing that must be there is missing. */
static bool
secrets_check_missing(struct doctor *doctor, const enum secrets_state *states, size_t count)
{
	char path[PATH_MAX];

	if (!doctor_is_managed(doctor) || conf_postgres_path(doctor->conf, "data", path, sizeof(path)) == -1 ||
	    access(path, F_OK) == -1)
		return true;
	for (size_t i = 0; i < count; i++)
		if (states[i] == SECRETS_MISSING) {
			doctor_advise(doctor, "%s", secrets_files[i].way_back);
			doctor_say(doctor, RENDER_FAILED, "%s/secrets/%s is missing, and the node has a database",
			    doctor->conf->node.data_dir, secrets_files[i].name);
			return false;
		}
	return true;
}

void
doctor_check_credentials(struct doctor *doctor)
{
	const size_t count = doctor_is_postgres(doctor) ? 2 : 1;
	const char *data_dir = doctor->conf->node.data_dir;
	enum secrets_state states[2];
	struct doctor_user user;
	char path[PATH_MAX];

	if (!doctor_find_user(doctor, "_bibkey", &user))
		return;
	for (size_t i = 0; i < count; i++)
		if ((states[i] = secrets_check_secret(doctor, &secrets_files[i], &user)) > SECRETS_GOOD)
			return;
	if (!secrets_check_key(doctor))
		return;
	(void)snprintf(path, sizeof(path), "%s/secrets.reset", data_dir);
	if (access(path, F_OK) == 0)
		doctor_say(doctor, RENDER_OK, "the next start makes new ones, as `bibctl credentials reset` asked");
	else if (states[0] == SECRETS_GOOD && (count == 1 || states[1] == SECRETS_GOOD))
		doctor_say(doctor, RENDER_OK, "they are in %s/secrets, and nobody else's to read", data_dir);
	else if (secrets_check_missing(doctor, states, count))
		doctor_say(doctor, RENDER_OK, "there are none yet: the first start makes them");
}
