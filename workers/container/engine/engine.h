/*
 * Container engines: what differs between them is a table (docker.c, podman.c), and how one of them is found.
 */
#ifndef BIBD_CONTAINER_ENGINE_H
#define BIBD_CONTAINER_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/conf.h"
#include "workers/container/engine/arguments.h"
#include "workers/container/engine/job.h"

#define ENGINE_SOCKET_MAX 108 /* sun_path */
#define ENGINE_VERSION_MAX 32
#define ENGINE_ANSWER_MS 10000 /* many times what a working engine needs to answer a question */
#define ENGINE_WORK_MS 120000  /* likewise to make, start or remove a container */
#define ENGINE_LATER_MS 3000
#define ENGINE_CANDIDATES_MAX 8
#define ENGINE_NAME_MAX 128		       /* of a container */
#define ENGINE_ID_MAX 80		       /* of a container or an image: "sha256:" and 64 digits */
#define ENGINE_DATA "/var/lib/postgresql/data" /* where a container has the database directory */
#define ENGINE_DATA_FORMAT "{{range .Mounts}}{{if eq .Destination \"" ENGINE_DATA "\"}}{{.Source}}{{end}}{{end}}"

/* One engine's differences. Formats are Go templates; fields are separated by tabs. */
struct engine_kind {
	const char *name;	   /* as the configuration spells it */
	const char *program;	   /* its command line program */
	const char *package;	   /* what to install when the program is missing */
	const char *socket_option; /* the option that names the socket, as a URL */
	const char *start_hint;	   /* what to run when it is not running */
	const char *restart_hint;
	enum conf_runtime runtime;
	const char *info_format;   /* version, and a text with the marks below in it */
	const char *rootless_mark; /* it runs as an ordinary user */
	const char *const
	    *limitless_marks; /* any of them in that text: limits of memory and processors have no effect */
	/* name, id, status, exit code, out of memory, pid, started at, image id, node label, role label, specification
	 * label, the source of the mount on ENGINE_DATA, error */
	const char *inspect_format;
	const char *events_format; /* action, exit code, signal; empty where the engine does not say */
	const char *died_action;   /* the action that tells of a container's end */
	const char *removed_action;
	const char *const *log_options;	    /* of run: bounded logs */
	const char *const *wait_options;    /* of wait */
	const char *registry;		    /* put before an image's name that has none; NULL: the engine does that */
	const char *auth_directory_option;  /* of the program: the directory of config.json; NULL: it has none */
	const char *auth_file_option;	    /* of pull: that file; NULL likewise */
	const char *const *network_options; /* of network create: nothing outside is reached from inside */
};

extern const struct engine_kind engine_docker;
extern const struct engine_kind engine_podman;

/* An engine that was found. */
struct engine {
	const struct engine_kind *kind; /* NULL: none yet */
	char socket[ENGINE_SOCKET_MAX];
	char version[ENGINE_VERSION_MAX];
	bool rootless;
	bool unlimited; /* it does not apply limits of memory and processors */
};

/* Begins an argument vector: the program, and the socket that it is to use. */
void engine_begin(const struct engine *engine, struct arguments *arguments);

/* The same as an operator types it, who may have another engine at the usual socket. */
#define ENGINE_COMMAND_MAX (ENGINE_SOCKET_MAX + 32)
void engine_command(const struct engine *engine, char buf[ENGINE_COMMAND_MAX]);

/* Where to look. The strings are copied by engine_find. */
struct engine_search {
	enum conf_runtime runtime;
	const char *docker_socket;
	const char *podman_sockets; /* one a line */
	bool kubernetes;	    /* this host is in a Kubernetes cluster */
};

/* Called when an engine takes connections and is being asked for `info`, for which Podman needs a third of a second.
 * Other questions can be asked meanwhile. The engine's version is not known yet, and rootless is a guess by the owner
 * of the socket, which is right when it says no. Returns whether `info` may wait for ENGINE_LATER_MS, since the engine
 * is known from before and there is no time to lose. Called again when that engine fails and another is asked. */
typedef bool engine_asked_fn(void *context, const struct engine *engine);
/* engine: what was found, or NULL and e says why not. */
typedef void engine_found_fn(void *context, const struct engine *engine, const struct error *e);

struct engine_candidate {
	const struct engine_kind *kind;
	char socket[ENGINE_SOCKET_MAX];
};

/* How far a candidate came; the further, the more its failure says. */
enum engine_failure {
	ENGINE_SOCKET_MISSING,
	ENGINE_PROGRAM_MISSING,
	ENGINE_REFUSED,
	ENGINE_PERMISSION,
	ENGINE_COMPLAINED,
	ENGINE_HANGS,
	ENGINE_FAILURES
};

/* A search under way. */
struct engine_finder {
	struct jobs *jobs;
	bool searching;
	struct job *job;
	struct loop_timer later;
	engine_asked_fn *asked;
	engine_found_fn *found;
	void *context;
	enum conf_runtime runtime;
	bool kubernetes;
	struct engine_candidate candidates[ENGINE_CANDIDATES_MAX];
	size_t ncandidates, next;
	bool installed; /* the program of one engine is installed: that engine may still be started */
	enum engine_failure worst;
	struct error best;	    /* of the candidate that came furthest */
	char tried[ERROR_TEXT_MAX]; /* "docker (/var/run/docker.sock): no such socket; ..." */
};

/* Asks the candidates in their order, docker first; a runtime that is named is never replaced by another. Errors, given
 * to the callback: container.kubernetes (78, a fixed line), container.runtime (nothing was found),
 * container.runtime_not_installed (no engine's program is installed either, so waiting is of no use), and for a named
 * runtime container.runtime_missing, container.runtime_permission (77), container.runtime_down,
 * container.runtime_hangs. The callback may come before this returns. */
void engine_find(struct engine_finder *finder, struct jobs *jobs, const struct engine_search *search,
    engine_asked_fn *asked, engine_found_fn *found, void *context);

/* Whether a search is under way, and whether it has others to ask yet. */
bool engine_is_searched(const struct engine_finder *finder);
bool engine_may_be_another(const struct engine_finder *finder);

/* Asks now what was to be asked later. */
void engine_find_hurry(struct engine_finder *finder);

/* Ends a search without a callback. */
void engine_find_cancel(struct engine_finder *finder);

/* Whether the socket takes a connection, without waiting. On a failure says which, and tells people in e. */
bool engine_reach(const struct engine_kind *kind, const char *socket_path, enum engine_failure *failure,
    struct error *e);

#endif
