/* The container engine: whether there is one that answers, who may use it, and what it has of ours. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/control/host/dial.h"
#include "workers/control/doctor/doctor.h"
#include "workers/control/host/program.h"

#define ENGINE_ANSWER_MS 10000
#define ENGINE_CONNECT_MS 2000
#define ENGINE_DOCKER_SOCKET "/var/run/docker.sock"
#define ENGINE_PODMAN_SOCKET "/run/podman/podman.sock"
#define ENGINE_SCHEME "unix://"

static const struct doctor_engine engine_docker = { "docker", "docker.io", "-H", "systemctl start docker",
	"{{.ServerVersion}} memory={{.MemoryLimit}} cpu={{.CPUCfsQuota}}" };
static const struct doctor_engine engine_podman = { "podman", "podman", "--url", "systemctl start podman.socket",
	"{{.Version.Version}} rootless={{.Host.Security.Rootless}} cgroups={{.Host.CgroupsVersion}}" };

/* What `info` says where limits of memory and processors have no effect. */
static const char *const engine_limitless_marks[] = { "memory=false", "cpu=false", "rootless=true cgroups=v1" };

/* ---- finding one ---- */

/* An engine where it may be found. */
struct doctor_engine_candidate {
	const struct doctor_engine *engine;
	char socket[PATH_MAX];
};

#define ENGINE_CANDIDATES_MAX 4

static void
engine_add(struct doctor_engine_candidate *candidates, size_t *n, const struct doctor_engine *engine,
    const char *socket)
{
	candidates[*n].engine = engine;
	(void)snprintf(candidates[*n].socket, sizeof(candidates[*n].socket), "%s", socket);
	(*n)++;
}

/* The sockets where bibd looks for an engine, in its order. */
static size_t
engine_candidates(const struct doctor *doctor, struct doctor_engine_candidate candidates[ENGINE_CANDIDATES_MAX])
{
	enum conf_runtime runtime = doctor->conf->database.postgres.container_runtime;
	const char *configured = doctor->conf->database.postgres.socket_path, *variable = getenv("DOCKER_HOST");
	const char *docker = ENGINE_DOCKER_SOCKET;
	char rootless[64];
	size_t n = 0;

	if (variable != NULL && strncmp(variable, ENGINE_SCHEME, strlen(ENGINE_SCHEME)) == 0)
		docker = variable + strlen(ENGINE_SCHEME);
	if (runtime == CONF_RUNTIME_DETECT || runtime == CONF_RUNTIME_DOCKER)
		engine_add(candidates, &n, &engine_docker, configured[0] != '\0' ? configured : docker);
	if (runtime != CONF_RUNTIME_DETECT && runtime != CONF_RUNTIME_PODMAN)
		return n;
	if (configured[0] != '\0') {
		engine_add(candidates, &n, &engine_podman, configured);
		return n;
	}
	if (geteuid() != 0) {
		(void)snprintf(rootless, sizeof(rootless), "/run/user/%lu/podman/podman.sock",
		    (unsigned long)geteuid());
		engine_add(candidates, &n, &engine_podman, rootless);
	}
	engine_add(candidates, &n, &engine_podman, ENGINE_PODMAN_SOCKET);
	return n;
}

/* Runs the engine's program on the socket; words ends with NULL. */
static int
engine_run(const struct doctor *doctor, const char *const words[], struct program_output *output, struct error *e)
{
	const char *argv[16] = { doctor->engine_program, doctor->engine->socket_option };
	char url[PATH_MAX + sizeof(ENGINE_SCHEME)];
	size_t n = 2;

	(void)snprintf(url, sizeof(url), ENGINE_SCHEME "%s", doctor->engine_socket);
	argv[n++] = url;
	for (size_t i = 0; words[i] != NULL && n < sizeof(argv) / sizeof(argv[0]) - 1; i++)
		argv[n++] = words[i];
	argv[n] = NULL;
	return program_run(argv, ENGINE_ANSWER_MS, output, e);
}

/* What keeps the engine from answering, and what to do about it. The version is in the output when it answers. */
static bool
engine_ask(struct doctor *doctor, struct program_output *output, char *why, size_t size)
{
	const struct doctor_engine *engine = doctor->engine;
	const char *const words[] = { "info", "--format", engine->version_format, NULL };
	const char *socket = doctor->engine_socket;
	int fd = dial_unix(socket, ENGINE_CONNECT_MS);
	struct error e;

	if (fd != -1)
		close(fd);
	if (fd == -1 && errno == EACCES)
		(void)snprintf(why, size, "%.128s may not be used by us: run doctor as root", socket);
	else if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		(void)snprintf(why, size, "there is no %.128s: install %s, or start it with: %s", socket,
		    engine->package, engine->start_hint);
	else if (fd == -1)
		(void)snprintf(why, size, "nobody listens at %.128s (%s): start it with: %s", socket, strerror(errno),
		    engine->start_hint);
	else if (!program_find(engine->name, doctor->engine_program, sizeof(doctor->engine_program)))
		(void)snprintf(why, size, "the program %s is missing: install %s", engine->name, engine->package);
	else if (engine_run(doctor, words, output, &e) == -1)
		(void)snprintf(why, size, "it hangs: %.300s", e.text);
	else if (output->status != 0)
		(void)snprintf(why, size, "`%s info` says: %.300s", engine->name, program_complaint(output));
	else
		return true;
	return false;
}

static bool
engine_is_unlimited(const char *info)
{
	for (size_t i = 0; i < sizeof(engine_limitless_marks) / sizeof(engine_limitless_marks[0]); i++)
		if (strstr(info, engine_limitless_marks[i]) != NULL)
			return true;
	return false;
}

static void
engine_say_answering(struct doctor *doctor, struct program_output *output)
{
	const bool unlimited = engine_is_unlimited(output->output);

	output->output[strcspn(output->output, " \t\n")] = '\0';
	doctor->engine_answers = true;
	doctor_say(doctor, RENDER_OK, "%s %s answers at %s", doctor->engine->name, output->output,
	    doctor->engine_socket);
	/* Where the daemon runs, it says so itself. */
	if (!unlimited || doctor->is_running)
		return;
	doctor_advise(doctor, DOCTOR_LIMITS_ADVICE);
	doctor_say(doctor, RENDER_WARNING,
	    "database.postgres.memory_mb and cpu_cores have no effect: %s applies no limits", doctor->engine->name);
}

/* Only root and the container worker may ask an engine: others are told what bibd knows of it. */
static bool
engine_is_others(const struct doctor *doctor)
{
	return doctor->separated && geteuid() != 0;
}

static void
engine_say_others(struct doctor *doctor)
{
	const struct message_status_server *server = &doctor->snapshot.server;

	doctor->engine = NULL;
	if (doctor->is_running && doctor->snapshot.has_server && snapshot_server_is_running(&doctor->snapshot)) {
		doctor_say(doctor, RENDER_OK,
		    "bibd runs the server on %s %s; to ask the engine itself, run doctor as root", server->engine,
		    server->engine_version);
		return;
	}
	doctor_advise(doctor, "run doctor as root");
	doctor_say(doctor, RENDER_WARNING, "cannot tell whether there is an engine: its socket is not for this user");
}

/* bibd takes the first engine that answers. When none does, there is a line for each that was tried. */
static void
engine_find(struct doctor *doctor, struct program_output *output)
{
	struct doctor_engine_candidate candidates[ENGINE_CANDIDATES_MAX];
	size_t n = engine_candidates(doctor, candidates);
	char why[ENGINE_CANDIDATES_MAX][DOCTOR_TEXT_MAX / 2];
	ssize_t there = -1;

	for (size_t i = 0; i < n; i++) {
		doctor->engine = candidates[i].engine;
		(void)snprintf(doctor->engine_socket, sizeof(doctor->engine_socket), "%s", candidates[i].socket);
		if (engine_ask(doctor, output, why[i], sizeof(why[i]))) {
			engine_say_answering(doctor, output);
			return;
		}
		if (there == -1 && access(candidates[i].socket, F_OK) == 0)
			there = (ssize_t)i;
	}
	if (engine_is_others(doctor)) {
		engine_say_others(doctor);
		return;
	}
	for (size_t i = 0; i < n; i++)
		doctor_say(doctor, RENDER_FAILED, "%s: %s", candidates[i].engine->name, why[i]);
	doctor->engine = there == -1 ? NULL : candidates[there].engine;
	if (there != -1)
		(void)snprintf(doctor->engine_socket, sizeof(doctor->engine_socket), "%s", candidates[there].socket);
}

void
doctor_check_engine(struct doctor *doctor)
{
	struct program_output *output = malloc(sizeof(*output));

	if (output == NULL)
		return;
	if (doctor->conf->database.postgres.container_runtime == CONF_RUNTIME_KUBERNETES)
		doctor_say(doctor, RENDER_FAILED,
		    "kubernetes runtime is not yet implemented; please use 'docker' or 'podman'");
	else
		engine_find(doctor, output);
	free(output);
}

/* ---- who may use it ---- */

void
doctor_check_permissions(struct doctor *doctor)
{
	const char *socket = doctor->engine_socket, *name = doctor->engine->name;
	char where[PATH_MAX], behind[PATH_MAX];
	struct doctor_user user;
	struct stat st;
	bool may;

	if (!doctor_find_user(doctor, "_bibctr", &user) || stat(socket, &st) == -1) {
		doctor_advise(doctor, "mend first what the lines above say");
		doctor_say(doctor, RENDER_WARNING, "cannot tell whether _bibctr may use %s", socket);
		return;
	}
	/* bibd gives its container worker the group that owns the socket, but never root's. */
	user.extra = st.st_gid != 0 ? st.st_gid : user.gid;
	may = st.st_uid == user.uid   ? (st.st_mode & S_IWUSR) != 0
	    : st.st_gid == user.extra ? (st.st_mode & S_IWGRP) != 0
				      : (st.st_mode & S_IWOTH) != 0;
	if (!doctor_may_reach(socket, &user, where, sizeof(where)) ||
	    (realpath(socket, behind) != NULL && !doctor_may_reach(behind, &user, where, sizeof(where)))) {
		doctor_advise(doctor,
		    "put the lines [Socket], SocketGroup=_bibctr and ExecStartPost=/bin/chmod 0711 %s into "
		    "/etc/systemd/system/%s.socket.d/bibd.conf, and run: systemctl daemon-reload; systemctl restart "
		    "%s.socket",
		    where, name, name);
		doctor_say(doctor, RENDER_FAILED, "_bibctr cannot reach %s: %s may not be searched", socket, where);
	} else if (!may) {
		if (st.st_gid != user.extra)
			doctor_advise(doctor, "chgrp _bibctr %s && chmod g+rw %s, and have %s make it so at each start",
			    socket, socket, name);
		else
			doctor_advise(doctor, "chmod g+rw %s, and have %s make it so at each start", socket, name);
		doctor_say(doctor, RENDER_FAILED, "_bibctr may not use %s (mode %04o, group %ld)", socket,
		    (unsigned)st.st_mode & 07777, (long)st.st_gid);
	} else
		doctor_say(doctor, RENDER_OK, "_bibctr may use %s", socket);
}

/* ---- what it has of ours ---- */

static const char *
engine_complaint(struct program_output *output, int result, const struct error *e)
{
	return result == -1 ? e->text : program_complaint(output);
}

void
doctor_check_image(struct doctor *doctor)
{
	const char *image = doctor->conf->database.postgres.image, *name = doctor->engine->name;
	const char *const words[] = { "image", "inspect", "--format", "{{.Id}}", image, NULL };
	struct program_output *output = malloc(sizeof(*output));
	struct error e;

	if (output == NULL)
		return;
	if (engine_run(doctor, words, output, &e) == -1)
		doctor_say(doctor, RENDER_FAILED, "%s does not say whether it has %s: %s", name, image, e.text);
	else if (output->status == 0)
		doctor_say(doctor, RENDER_OK, "%s is there", image);
	else {
		doctor_advise(doctor,
		    "bibd fetches it when it starts; without a registry, load it with: %s %s unix://%s load -i FILE",
		    name, doctor->engine->socket_option, doctor->engine_socket);
		doctor_say(doctor, RENDER_WARNING, "%s is not there (%s says: %.200s)", image, name,
		    program_complaint(output));
	}
	free(output);
}

/* status, exit code and the label that says whose it is. */
static void
engine_judge_container(struct doctor *doctor, const char *container, char *text)
{
	const char *status = strsep(&text, "\t"), *code = strsep(&text, "\t"), *node = strsep(&text, "\t\n");
	const char *name = doctor->engine->name;

	if (node == NULL || strcmp(node, doctor->node_id) != 0) {
		doctor_advise(doctor, "rename it with: %s %s unix://%s rename %s %s-other", name,
		    doctor->engine->socket_option, doctor->engine_socket, container, container);
		doctor_say(doctor, RENDER_FAILED, "a container %s is there that this node did not make", container);
	} else if (strcmp(status, "running") == 0)
		doctor_say(doctor, doctor->is_running ? RENDER_OK : RENDER_WARNING, "%s runs%s", container,
		    doctor->is_running ? "" : " without bibd, which takes it over when it starts");
	else {
		doctor_advise(doctor, "`%s logs %s` says why; bibd makes it anew when it starts", name, container);
		doctor_say(doctor, RENDER_WARNING, "%s is %s (exit status %s)", container, status, code);
	}
}

void
doctor_check_container(struct doctor *doctor)
{
	static const char format[] = "{{.State.Status}}\t{{.State.ExitCode}}\t{{index .Config.Labels \"bibd.node\"}}";
	struct program_output *output = malloc(sizeof(*output));
	char container[DOCTOR_NODE_ID_MAX + 16];
	const char *const words[] = { "container", "inspect", "--format", format, container, NULL };
	struct error e;
	int result;

	if (output == NULL)
		return;
	(void)snprintf(container, sizeof(container), "bibd-postgres-%s", doctor->node_id);
	if (doctor->node_id[0] == '\0') {
		doctor_say(doctor, RENDER_OK, "there is none yet: the first start makes it");
		free(output);
		return;
	}
	result = engine_run(doctor, words, output, &e);
	if (result == 0 && output->status == 0)
		engine_judge_container(doctor, container, output->output);
	else if (result == 0 && !snapshot_server_is_running(&doctor->snapshot) &&
	    strcasestr(output->errors, "no such") != NULL)
		doctor_say(doctor, RENDER_OK, "there is no %s while no server runs", container);
	else
		doctor_say(doctor, RENDER_FAILED, "%s says of %s: %.200s", doctor->engine->name, container,
		    engine_complaint(output, result, &e));
	free(output);
}
