/* bibctl doctor: the listener for remote applications. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "workers/control/doctor/doctor.h"

/* Checks a file that listen.tcp names. Returns false when something is wrong with it, which it says. */
static bool
remote_check_file(struct doctor *doctor, const char *key, const char *path, bool is_secret)
{
	struct stat st;

	if (path[0] == '\0')
		return true;
	if (stat(path, &st) == -1) {
		if (errno == EACCES)
			return true;
		if (strcmp(key, "listen.tcp.logins") == 0)
			doctor_advise(doctor, "make it with: bibctl login add NAME");
		doctor_say(doctor, RENDER_FAILED, "%s: cannot find %s: %s", key, path, strerror(errno));
		return false;
	}
	if (!is_secret || (st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
		return true;
	doctor_advise(doctor, "chmod 0600 %s", path);
	doctor_say(doctor, RENDER_FAILED, "%s: %s can be read by others than its owner (mode %04o)", key, path,
	    (unsigned)st.st_mode & 07777);
	return false;
}

bool
doctor_is_remote(const struct doctor *doctor)
{
	return doctor->conf != NULL && doctor->conf->listen.tcp.addresses != NULL;
}

void
doctor_check_remote(struct doctor *doctor)
{
	const struct conf *conf = doctor->conf;
	bool good = remote_check_file(doctor, "listen.tcp.certificate", conf->listen.tcp.certificate, false);

	good &= remote_check_file(doctor, "listen.tcp.key", conf->listen.tcp.key, true);
	good &= remote_check_file(doctor, "listen.tcp.logins", conf->listen.tcp.logins, true);
	if (!good)
		return;
	if (!doctor->is_running)
		doctor_say(doctor, RENDER_OK, "remote applications will be let in over TCP%s",
		    conf->listen.tcp.logins[0] == '\0' ? ", by certificate" : ", by certificate or password");
	else if (!doctor->snapshot.has_node || doctor->snapshot.node.tcp[0] == '\0') {
		doctor_advise(doctor, "restart bibd: listen.tcp.addresses is read at its start");
		doctor_say(doctor, RENDER_WARNING, "the bibd that runs does not listen for remote applications");
	} else
		doctor_say(doctor, RENDER_OK, "remote applications are let in on %s%s", doctor->snapshot.node.tcp,
		    conf->listen.tcp.logins[0] == '\0' ? ", by certificate" : ", by certificate or password");
}
