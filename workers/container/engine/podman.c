/*
 * What is particular to Podman, which is reached through its API socket only: run locally it would need to make
 * namespaces, which the sandbox does not let it.
 */
#include "workers/container/engine/engine.h"

static const char *const podman_log_options[] = { "--log-driver", "k8s-file", "--log-opt", "max-size=10m", NULL };
/* On control groups of version 1, a rootless Podman has none of its own. */
static const char *const podman_limitless_marks[] = { "rootless=true cgroups=v1", NULL };
static const char *const podman_wait_options[] = { "--interval", "50ms", NULL };
static const char *const podman_network_options[] = { "--driver", "bridge", "--disable-dns", "--opt", "isolate=true",
	NULL };

const struct engine_kind engine_podman = {
	.name = "podman",
	.program = "podman",
	.package = "podman",
	.socket_option = "--url",
	.start_hint = "systemctl start podman.socket",
	.restart_hint = "systemctl restart podman.service",
	.runtime = CONF_RUNTIME_PODMAN,
	.info_format = "{{.Version.Version}}\trootless={{.Host.Security.Rootless}} cgroups={{.Host.CgroupsVersion}}",
	.rootless_mark = "rootless=true",
	.limitless_marks = podman_limitless_marks,
	.inspect_format =
	    "{{.Name}}\t{{.Id}}\t{{.State.Status}}\t{{.State.ExitCode}}\t{{.State.OOMKilled}}\t{{.State.Pid}}\t"
	    "{{.State.StartedAt.UTC.Format \"2006-01-02T15:04:05.999999999Z07:00\"}}\t{{.Image}}\t"
	    "{{index .Config.Labels \"bibd.node\"}}\t{{index .Config.Labels \"bibd.role\"}}\t"
	    "{{index .Config.Labels \"bibd.specification\"}}\t" ENGINE_DATA_FORMAT "\t{{.State.Error}}",
	.events_format = "{{.Status}}\t\t",
	.died_action = "died",
	.removed_action = "remove",
	.log_options = podman_log_options,
	.registry = "docker.io",
	.wait_options = podman_wait_options,
	.auth_file_option = "--authfile",
	.network_options = podman_network_options,
};
