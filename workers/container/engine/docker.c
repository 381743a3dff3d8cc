/* What is particular to Docker. */
#include "workers/container/engine/engine.h"

static const char *const docker_log_options[] = { "--log-driver", "json-file", "--log-opt", "max-size=10m", "--log-opt",
	"max-file=3", NULL };
static const char *const docker_limitless_marks[] = { "memory=false", "cpu=false", NULL };
/* An --internal network would publish nothing. Containers that share the network do not see each other. */
static const char *const docker_network_options[] = { "--driver", "bridge", "--opt",
	"com.docker.network.bridge.enable_ip_masquerade=false", "--opt", "com.docker.network.bridge.enable_icc=false",
	NULL };

const struct engine_kind engine_docker = {
	.name = "docker",
	.program = "docker",
	.package = "docker.io, docker-cli",
	.socket_option = "-H",
	.start_hint = "systemctl start docker",
	.restart_hint = "systemctl restart docker",
	.runtime = CONF_RUNTIME_DOCKER,
	.info_format = "{{.ServerVersion}}\t{{.SecurityOptions}} memory={{.MemoryLimit}} cpu={{.CPUCfsQuota}}",
	.rootless_mark = "name=rootless",
	.limitless_marks = docker_limitless_marks,
	.inspect_format =
	    "{{.Name}}\t{{.Id}}\t{{.State.Status}}\t{{.State.ExitCode}}\t{{.State.OOMKilled}}\t{{.State.Pid}}\t"
	    "{{.State.StartedAt}}\t{{.Image}}\t{{index .Config.Labels \"bibd.node\"}}\t"
	    "{{index .Config.Labels \"bibd.role\"}}\t"
	    "{{index .Config.Labels \"bibd.specification\"}}\t" ENGINE_DATA_FORMAT "\t{{.State.Error}}",
	.events_format =
	    "{{.Action}}\t{{index .Actor.Attributes \"exitCode\"}}\t{{index .Actor.Attributes \"signal\"}}",
	.died_action = "die",
	.removed_action = "destroy",
	.log_options = docker_log_options,
	.auth_directory_option = "--config",
	.network_options = docker_network_options,
};
