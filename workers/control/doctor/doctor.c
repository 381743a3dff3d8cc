/*
 * The table of the checks and when each applies; runs them in order and prints what each says.
 */
#include "workers/control/doctor/doctor.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/advice.h"

/* ---- what applies ---- */

bool
doctor_has_conf(const struct doctor *doctor)
{
	return doctor->conf != NULL;
}

bool
doctor_is_postgres(const struct doctor *doctor)
{
	return doctor->conf != NULL && doctor->conf->database.backend == CONF_BACKEND_POSTGRES;
}

bool
doctor_is_managed(const struct doctor *doctor)
{
	return doctor_is_postgres(doctor) && doctor->conf->database.postgres.managed;
}

static bool
doctor_is_external(const struct doctor *doctor)
{
	return doctor_is_postgres(doctor) && !doctor->conf->database.postgres.managed;
}

static bool
doctor_is_separated(const struct doctor *doctor)
{
	return doctor->conf != NULL && doctor->separated;
}

static bool
doctor_has_engine(const struct doctor *doctor)
{
	return doctor_is_managed(doctor) && doctor->engine != NULL;
}

static bool
doctor_asks_engine(const struct doctor *doctor)
{
	return doctor_has_engine(doctor) && doctor->engine_answers;
}

static bool
doctor_needs_permissions(const struct doctor *doctor)
{
	return doctor_has_engine(doctor) && doctor->separated;
}

static bool
doctor_publishes_port(const struct doctor *doctor)
{
	return doctor_is_managed(doctor) && !doctor->conf->database.postgres.network.use_unix_socket;
}

static bool
doctor_runs(const struct doctor *doctor)
{
	return doctor->is_running;
}

static bool
doctor_runs_server(const struct doctor *doctor)
{
	return doctor->is_running && doctor->snapshot.has_server;
}

/* In the order in which one thing needs another. */
static const struct doctor_check doctor_checks[] = {
	{ "configuration", NULL, doctor_check_configuration, STATUS_CONFIG },
	{ "password", doctor_is_external, doctor_check_password, STATUS_CONFIG },
	{ "users", doctor_is_separated, doctor_check_users, STATUS_PERMISSION },
	{ "data_dir", doctor_has_conf, doctor_check_data_dir, STATUS_PERMISSION },
	{ "directories", doctor_has_conf, doctor_check_directories, STATUS_PERMISSION },
	{ "listen.path", doctor_has_conf, doctor_check_listen_path, STATUS_PERMISSION },
	{ "disk", doctor_has_conf, doctor_check_disk, STATUS_UNAVAILABLE },
	{ "backup", doctor_has_conf, doctor_check_backup, STATUS_UNAVAILABLE },
	{ "clock", doctor_has_conf, doctor_check_clock, STATUS_UNAVAILABLE },
	{ "sandbox", NULL, doctor_check_sandbox, STATUS_OS },
	{ "credentials", doctor_has_conf, doctor_check_credentials, STATUS_DATA },
	{ "daemon", NULL, doctor_check_daemon, STATUS_UNAVAILABLE },
	{ "processes", doctor_runs, doctor_check_processes, STATUS_UNAVAILABLE },
	{ "server", doctor_runs_server, doctor_check_server, STATUS_UNAVAILABLE },
	{ "sockets", doctor_has_conf, doctor_check_sockets, STATUS_UNAVAILABLE },
	{ "listener", doctor_is_remote, doctor_check_remote, STATUS_PERMISSION },
	{ "engine", doctor_is_managed, doctor_check_engine, STATUS_UNAVAILABLE },
	{ "permissions", doctor_needs_permissions, doctor_check_permissions, STATUS_PERMISSION },
	{ "image", doctor_asks_engine, doctor_check_image, STATUS_UNAVAILABLE },
	{ "container", doctor_asks_engine, doctor_check_container, STATUS_UNAVAILABLE },
	{ "version", doctor_is_managed, doctor_check_version, STATUS_DATA },
	{ "port", doctor_publishes_port, doctor_check_port, STATUS_UNAVAILABLE },
	{ "external", doctor_is_external, doctor_check_external, STATUS_UNAVAILABLE },
};

/* ---- what is found ---- */

void
doctor_advise(struct doctor *doctor, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(doctor->advice, sizeof(doctor->advice), fmt, ap) < 0)
		doctor->advice[0] = '\0';
	va_end(ap);
	advice_name_configuration(doctor->advice, sizeof(doctor->advice), doctor->bibctl->conf_path);
}

void
doctor_say(struct doctor *doctor, enum render_verdict verdict, const char *fmt, ...)
{
	char text[DOCTOR_TEXT_MAX];
	struct render_finding finding = { .check = doctor->check->name,
		.verdict = verdict,
		.text = text,
		.advice = doctor->advice[0] == '\0' ? NULL : doctor->advice };
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	doctor->bibctl->output->finding(&doctor->bibctl->render, &finding);
	doctor->advice[0] = '\0';
	if (verdict == RENDER_FAILED && doctor->status == STATUS_OK)
		doctor->status = doctor->check->status;
}

/* ---- what is known of the node ---- */

/* Finds out as whom bibd runs: a node that exists belongs to that user; of a new one, the user that asks is taken to be
 * it. */
static void
doctor_look_at_node(struct doctor *doctor)
{
	char path[PATH_MAX];
	struct stat st;
	int n, fd = -1;

	doctor->separated = geteuid() == 0;
	if (doctor->conf == NULL)
		return;
	n = snprintf(path, sizeof(path), "%s/node.id", doctor->conf->node.data_dir);
	if (n < 0 || (size_t)n >= sizeof(path))
		return;
	/* Bibd itself made the file; data_dir may have been given away since. */
	if (lstat(path, &st) == 0 || stat(doctor->conf->node.data_dir, &st) == 0)
		doctor->separated = st.st_uid == 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1)
		return;
	n = (int)read(fd, doctor->node_id, sizeof(doctor->node_id) - 1);
	doctor->node_id[n < 0 ? 0 : n] = '\0';
	doctor->node_id[strcspn(doctor->node_id, "\n")] = '\0';
	close(fd);
}

int
bibctl_doctor(struct bibctl *bibctl)
{
	struct doctor *doctor = calloc(1, sizeof(*doctor));
	enum status status;

	if (doctor == NULL)
		return STATUS_OS;
	doctor->bibctl = bibctl;
	for (size_t i = 0; i < sizeof(doctor_checks) / sizeof(doctor_checks[0]); i++) {
		doctor->check = &doctor_checks[i];
		if (doctor->check->applies != NULL && !doctor->check->applies(doctor))
			continue;
		doctor->check->run(doctor);
		/* The first check is the one that finds the configuration. */
		if (i == 0)
			doctor_look_at_node(doctor);
	}
	status = doctor->status;
	snapshot_clear(&doctor->snapshot);
	conf_free(doctor->conf);
	free(doctor);
	return (int)status;
}
