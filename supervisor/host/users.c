/*
 * Looks a system user up by its name, or the one that bibd runs as.
 */
#include "supervisor/host/users.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

const char *const users_own[] = { "_bibd", "_bibkey", "_bibctr", "_bibmon", "_bibnet", "_bibarc", "_bibpg" };
const size_t users_nown = sizeof(users_own) / sizeof(users_own[0]);

static void
users_take(struct user *user, const char *name, uid_t uid, gid_t gid)
{
	*user = (struct user) { .uid = uid, .gid = gid };
	(void)snprintf(user->name, sizeof(user->name), "%s", name);
}

int
users_find(const char *name, struct user *user, struct error *e)
{
	const struct passwd *pw;

	errno = 0;
	if ((pw = getpwnam(name)) != NULL) {
		users_take(user, name, pw->pw_uid, pw->pw_gid);
		return 0;
	}
	if (name[0] != '_')
		return error_set(e, STATUS_PERMISSION, "users.missing", "there is no user \"%s\" on this host", name);
	return error_set(e, STATUS_PERMISSION, "users.missing",
	    "there is no user %s; make it with: useradd --system --user-group --no-create-home --home-dir / --shell "
	    "/usr/sbin/nologin %s, or all of them with: systemd-sysusers",
	    name, name);
}

void
users_self(struct user *user)
{
	const struct passwd *pw = getpwuid(geteuid());
	char number[24];

	(void)snprintf(number, sizeof(number), "%ld", (long)geteuid());
	users_take(user, pw == NULL ? number : pw->pw_name, geteuid(), getegid());
}
