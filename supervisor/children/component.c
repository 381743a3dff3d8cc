/*
 * Phase 2: programs that bibd runs beside storage and knows nothing of, each under the user that the configuration
 * names. They do not need storage, and storage does not need them.
 */
#include "common/log.h"
#include "supervisor/children/children.h"
#include "supervisor/node/node.h"

static const struct conf_component *
component_p2p(const struct conf *conf)
{
	return &conf->p2p;
}

static const struct conf_component *
component_cluster(const struct conf *conf)
{
	return &conf->cluster;
}

static const struct component_kind {
	const char *name;
	const struct conf_component *(*get)(const struct conf *conf);
} component_kinds[] = {
	{ "p2p", component_p2p },
	{ "cluster", component_cluster },
};

static int
component_add(struct children *children, const struct component_kind *kind, struct error *e)
{
	const struct node *node = children->node;
	const char *user = kind->get(node->conf)->user;
	struct child *child = &children->list[children->n];

	*child = (struct child) { .children = children,
		.node = children->node,
		.component = kind->get,
		.name = kind->name,
		.program_fd = -1,
		.channel = { .watch = { .fd = -1 } } };
	users_self(&child->user);
	if (node->separated && user[0] == '\0')
		return error_set(e, STATUS_CONFIG, "conf.check",
		    "%s: %s.user must name the user that the program runs as", node->conf_path, kind->name);
	if (node->separated && users_find(user, &child->user, e) == -1)
		return error_prefix(e, "%s: %s.user: ", node->conf_path, kind->name);
	if (!node->separated && user[0] != '\0')
		log_notice("%s runs as the user that started bibd and not as %s", kind->name, user);
	children->n++;
	return 0;
}

int
component_add_all(struct children *children, struct error *e)
{
	for (size_t i = 0; i < sizeof(component_kinds) / sizeof(component_kinds[0]); i++)
		if (component_kinds[i].get(children->node->conf)->enabled &&
		    component_add(children, &component_kinds[i], e) == -1)
			return -1;
	return 0;
}

void
component_start_all(struct children *children)
{
	for (size_t i = 0; i < children->n; i++)
		if (children->list[i].component != NULL)
			child_start(&children->list[i]);
}

void
component_note_end(struct children *children)
{
	for (size_t i = 0; i < children->n; i++)
		if (children->list[i].component != NULL && child_has_process(&children->list[i]))
			return;
	lifecycle_take(&children->node->lifecycle, LIFECYCLE_COMPONENTS_DIED);
}

void
component_stop_all(struct children *children)
{
	for (size_t i = 0; i < children->n; i++)
		if (children->list[i].component != NULL)
			child_stop(&children->list[i], 0);
	component_note_end(children);
}

void
component_kill_all(struct children *children)
{
	for (size_t i = 0; i < children->n; i++)
		if (children->list[i].component != NULL)
			child_kill(&children->list[i], "it did not stop in time");
}
