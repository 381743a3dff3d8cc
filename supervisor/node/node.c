/*
 * Begins a stop, configures the log, and writes the state of the node to it.
 */
#include "supervisor/node/node.h"

#include "common/clock.h"
#include "common/log.h"

void
node_stop(struct node *node, enum status status, const char *why)
{
	bool again = lifecycle_is_stopping(&node->lifecycle);

	if (node->exit_status == STATUS_OK)
		node->exit_status = status;
	if (status == STATUS_OK)
		log_notice(again ? "stopping in a hurry: %s" : "stopping: %s", why);
	else
		log_error("stopping: %s", why);
	if (!again)
		events_add(&node->events, "bibd", "node.stopping", "%s", why);
	lifecycle_take(&node->lifecycle, LIFECYCLE_STOP);
}

bool
node_has_server(const struct node *node)
{
	return node->conf->database.backend == CONF_BACKEND_POSTGRES && node->conf->database.postgres.managed;
}

void
node_take_verbosity(const struct node *node, struct conf *conf)
{
	if (node->verbose)
		conf->log.level = LOG_LEVEL_DEBUG;
}

void
node_configure_log(const struct node *node)
{
	log_configure(node->conf->log.level, node->conf->log.format);
}

void
node_log_state(const struct node *node)
{
	char since[CLOCK_TEXT_SIZE];

	log_notice("node %s: %s, mode %s, backend %s, started %s, %s", node->directories.node_id,
	    lifecycle_state_name(node->lifecycle.state), conf_mode_names[node->conf->node.mode],
	    conf_backend_names[node->conf->database.backend], clock_text(node->started_us, since, sizeof(since)),
	    node->ready_since_us != 0 ? "ready" : "not ready");
}
