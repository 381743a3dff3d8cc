/*
 * Reads the new configuration, asks every worker to prepare, and commits or discards it.
 */
#include "supervisor/reload.h"

#include "common/log.h"
#include "supervisor/children/children.h"
#include "supervisor/conf/parse.h"
#include "supervisor/node/node.h"
#include "supervisor/server/secrets.h"

/* Says in the log, in the events and to the bibctl that asked how the reload went. */
static void
reload_answer(struct reload *reload, uint32_t asked_id, const struct error *e)
{
	static const char done[] = "the configuration was reloaded";
	const struct reload_hooks *hooks = &reload->hooks;

	if (e != NULL) {
		log_error("the configuration was not reloaded: %s", e->text);
		events_add(&reload->node->events, "bibd", e->code, "%s", e->text);
		hooks->answer(hooks->context, asked_id, e->status, e->code, e->text);
		return;
	}
	log_notice("%s", done);
	events_add(&reload->node->events, "bibd", "reload.done", "%s", done);
	hooks->answer(hooks->context, asked_id, STATUS_OK, "reload.done", done);
}

/* Forgets the reload that was under way; returns the id under which control had asked for it. */
static uint32_t
reload_end(struct reload *reload)
{
	uint32_t asked_id = reload->asked_id;

	loop_timer_cancel(&reload->timer);
	reload->conf = NULL;
	reload->asked_id = 0;
	reload->asked = reload->awaited = 0;
	return asked_id;
}

/* Ends what is under way; the workers that were asked forget the new configuration. */
static void
reload_fail(struct reload *reload, const struct error *e)
{
	for (size_t i = 0; i < reload->children->n; i++)
		if ((reload->asked & 1u << i) != 0)
			(void)channel_send_discard(&reload->children->list[i].channel, 0, NULL, -1);
	conf_free(reload->conf);
	reload_answer(reload, reload_end(reload), e);
}

static void
reload_commit(struct reload *reload)
{
	struct node *node = reload->node;
	uint32_t asked_id;

	for (size_t i = 0; i < reload->children->n; i++)
		if ((reload->asked & 1u << i) != 0)
			(void)channel_send_commit(&reload->children->list[i].channel, 0, NULL, -1);
	conf_free(node->conf);
	node->conf = reload->conf;
	asked_id = reload_end(reload);
	node->lifecycle.times.startup = conf_health(node->conf)->startup_timeout;
	node->lifecycle.times.shutdown = node->conf->server.shutdown_timeout;
	node_configure_log(node);
	reload->hooks.committed(reload->hooks.context);
	reload_answer(reload, asked_id, NULL);
}

static void
reload_is_late(struct loop_timer *timer)
{
	struct reload *reload = timer->arg;
	struct error e;

	(void)error_set(&e, STATUS_UNAVAILABLE, "reload.late",
	    "a worker did not say within %d s whether it takes the new configuration; nothing was changed",
	    RELOAD_TIMEOUT_MS / 1000);
	reload_fail(reload, &e);
}

/* Asks every worker that runs, also one that is just starting, since it was started with the old configuration. */
static int
reload_ask(struct reload *reload, struct error *e)
{
	if (++reload->id == 0)
		reload->id = 1;
	for (size_t i = 0; i < reload->children->n; i++) {
		struct child *child = &reload->children->list[i];
		int fd;

		if (child->program == NULL || !child_has_process(child))
			continue;
		if ((fd = conf_send(reload->conf, e)) == -1)
			return -1;
		if (channel_send_prepare(&child->channel, reload->id, NULL, fd) == -1)
			return error_set(e, STATUS_UNAVAILABLE, "reload.worker",
			    "%s cannot be sent the new configuration; nothing was changed", child->name);
		reload->asked |= 1u << i;
	}
	reload->awaited = reload->asked;
	return 0;
}

/* Reads the new configuration; the one in force stays when the new one has an error or needs a restart. */
static struct conf *
reload_read(const struct reload *reload, struct error *e)
{
	struct conf *conf = conf_load(reload->node->conf_path, e);
	const struct conf_key *key;

	if (conf != NULL) {
		node_take_verbosity(reload->node, conf);
		/* keeper holds the password in force. A changed one needs a restart; it is not compared here. */
		secrets_wipe_password(conf);
	}
	if (conf == NULL || (key = conf_needs_restart(reload->node->conf, conf)) == NULL)
		return conf;
	conf_free(conf);
	(void)error_set(e, STATUS_CONFIG, "reload.restart", "%s: a change of %s needs a restart; nothing was changed",
	    reload->node->conf_path, key->path);
	return NULL;
}

void
reload_init(struct reload *reload, struct node *node, struct children *children, const struct reload_hooks *hooks)
{
	*reload = (struct reload) { .node = node, .children = children, .hooks = *hooks };
}

void
reload_begin(struct reload *reload, uint32_t asked_id)
{
	struct error e;

	if (reload->conf != NULL || lifecycle_is_stopping(&reload->node->lifecycle)) {
		(void)error_set(&e, STATUS_UNAVAILABLE, "reload.busy", "%s",
		    reload->conf != NULL ? "a reload is under way already" : "bibd is stopping");
		reload_answer(reload, asked_id, &e);
		return;
	}
	if ((reload->conf = reload_read(reload, &e)) == NULL) {
		reload_answer(reload, asked_id, &e);
		return;
	}
	reload->asked_id = asked_id;
	loop_timer_set(&reload->node->loop, &reload->timer, RELOAD_TIMEOUT_MS, reload_is_late, reload);
	if (reload_ask(reload, &e) == -1)
		reload_fail(reload, &e);
	else if (reload->awaited == 0)
		reload_commit(reload);
}

void
reload_take_prepared(struct reload *reload, const struct child *child, uint32_t id, bool accepted, const char *reason)
{
	unsigned bit = 1u << (child - reload->children->list);
	struct error e;

	if (reload->conf == NULL || id != reload->id || (reload->awaited & bit) == 0)
		return;
	if (!accepted) {
		(void)error_set(&e, STATUS_CONFIG, "reload.refused", "%s: %s refuses it: %s", reload->node->conf_path,
		    child->name, reason);
		reload_fail(reload, &e);
		return;
	}
	reload->awaited &= ~bit;
	if (reload->awaited == 0)
		reload_commit(reload);
}

void
reload_note_change(struct reload *reload, const struct child *child)
{
	struct error e;

	if (reload->conf == NULL || child->program == NULL)
		return;
	(void)error_set(&e, STATUS_UNAVAILABLE, "reload.worker",
	    "%s was restarted meanwhile; nothing was changed: try again", child->name);
	reload_fail(reload, &e);
}

void
reload_forget_asker(struct reload *reload)
{
	reload->asked_id = 0;
}

void
reload_abandon(struct reload *reload)
{
	struct error e;

	if (reload->conf == NULL)
		return;
	(void)error_set(&e, STATUS_UNAVAILABLE, "reload.stopping", "bibd is stopping; nothing was changed");
	reload_fail(reload, &e);
}
