#include "supervisor/reload.h"


#include "common/log.h"
#include "supervisor/conf/parse.h"
#include "supervisor/requests/remote.h"
#include "supervisor/server/secrets.h"
#include "supervisor/supervisor.h"

/* Says how it went, to the log, to the events, and to whoever asked. */
static void
reload_answer(struct supervisor *s, uint32_t asked_id, const struct error *e)
{
	struct child *control = supervisor_child(s, PROCESS_CONTROL);
	struct message_result result = {
		.status = STATUS_OK, .code = "reload.done", .text = "the configuration was reloaded"
	};

	if (e != NULL) {
		result = (struct message_result) { .status = e->status, .code = e->code, .text = e->text };
		log_error("the configuration was not reloaded: %s", e->text);
	} else
		log_notice("%s", result.text);
	events_add(&s->node.events, "bibd", result.code, "%s", result.text);
	if (asked_id != 0 && control != NULL)
		(void)channel_send_result(&control->channel, asked_id, &result, -1);
}

/* Ends what is under way; the workers that were asked forget the new configuration. */
static void
reload_fail(struct supervisor *s, const struct error *e)
{
	uint32_t asked_id = s->reload.asked_id;

	for (size_t i = 0; i < s->nchildren; i++)
		if ((s->reload.asked & 1u << i) != 0)
			(void)channel_send_discard(&s->children[i].channel, 0, NULL, -1);
	loop_timer_cancel(&s->reload.timer);
	conf_free(s->reload.conf);
	s->reload = (struct reload) { .id = s->reload.id };
	reload_answer(s, asked_id, e);
}

static void
reload_commit(struct supervisor *s)
{
	uint32_t asked_id = s->reload.asked_id;
	const struct conf_health *health;

	for (size_t i = 0; i < s->nchildren; i++)
		if ((s->reload.asked & 1u << i) != 0)
			(void)channel_send_commit(&s->children[i].channel, 0, NULL, -1);
	loop_timer_cancel(&s->reload.timer);
	conf_free(s->node.conf);
	s->node.conf = s->reload.conf;
	s->reload = (struct reload) { .id = s->reload.id };
	health = conf_health(s->node.conf);
	s->node.lifecycle.times.startup = health->startup_timeout;
	s->node.lifecycle.times.shutdown = s->node.conf->server.shutdown_timeout;
	node_configure_log(&s->node);
	heartbeat_start(s);
	certificates_reload(s);
	remote_send_files(s);
	reload_answer(s, asked_id, NULL);
}

static void
reload_is_late(struct loop_timer *timer)
{
	struct supervisor *s = timer->arg;
	struct error e;

	(void)error_set(&e, STATUS_UNAVAILABLE, "reload.late",
	    "a worker did not prepare within %d s; nothing was changed", RELOAD_TIMEOUT_MS / 1000);
	reload_fail(s, &e);
}

/* Asks every worker that runs, also one that is just starting: what it was started with is the old one. */
static int
reload_ask(struct supervisor *s, struct error *e)
{
	if (++s->reload.id == 0)
		s->reload.id = 1;
	for (size_t i = 0; i < s->nchildren; i++) {
		struct child *child = &s->children[i];
		int fd;

		if (child->program == NULL || !child_has_process(child))
			continue;
		if ((fd = conf_send(s->reload.conf, e)) == -1)
			return -1;
		if (channel_send_prepare(&child->channel, s->reload.id, NULL, fd) == -1)
			return error_set(e, STATUS_UNAVAILABLE, "reload.worker",
			    "%s cannot be asked; nothing was changed", child->name);
		s->reload.asked |= 1u << i;
	}
	s->reload.awaited = s->reload.asked;
	return 0;
}

/* Reads the new configuration; what is in force stays when it does not do. */
static struct conf *
reload_read(const struct supervisor *s, struct error *e)
{
	struct conf *conf = conf_load(s->node.conf_path, e);
	const struct conf_key *key;

	if (conf != NULL) {
		node_take_verbosity(&s->node, conf);
		/* keeper has the one that holds; a change takes a restart, and is not looked for. */
		secrets_wipe_password(conf);
	}
	if (conf == NULL || (key = conf_needs_restart(s->node.conf, conf)) == NULL)
		return conf;
	conf_free(conf);
	(void)error_set(e, STATUS_CONFIG, "reload.restart", "%s: a change of %s needs a restart; nothing was changed",
	    s->node.conf_path, key->path);
	return NULL;
}

void
reload_begin(struct supervisor *supervisor, uint32_t asked_id)
{
	struct supervisor *s = supervisor;
	struct error e;

	if (s->reload.conf != NULL || lifecycle_is_stopping(&s->node.lifecycle)) {
		(void)error_set(&e, STATUS_UNAVAILABLE, "reload.busy", "%s",
		    s->reload.conf != NULL ? "a reload is under way already" : "bibd is stopping");
		reload_answer(s, asked_id, &e);
		return;
	}
	if ((s->reload.conf = reload_read(s, &e)) == NULL) {
		reload_answer(s, asked_id, &e);
		return;
	}
	s->reload.asked_id = asked_id;
	loop_timer_set(&s->node.loop, &s->reload.timer, RELOAD_TIMEOUT_MS, reload_is_late, s);
	if (reload_ask(s, &e) == -1)
		reload_fail(s, &e);
	else if (s->reload.awaited == 0)
		reload_commit(s);
}

void
reload_take_prepared(struct child *child, uint32_t id, bool accepted, const char *reason)
{
	struct supervisor *s = child->supervisor;
	unsigned bit = 1u << (child - s->children);
	struct error e;

	if (s->reload.conf == NULL || id != s->reload.id || (s->reload.awaited & bit) == 0)
		return;
	if (!accepted) {
		(void)error_set(
		    &e, STATUS_CONFIG, "reload.refused", "%s: %s refuses it: %s", s->node.conf_path, child->name, reason);
		reload_fail(s, &e);
		return;
	}
	s->reload.awaited &= ~bit;
	if (s->reload.awaited == 0)
		reload_commit(s);
}

void
reload_note_change(struct child *child)
{
	struct supervisor *s = child->supervisor;
	struct error e;

	if (s->reload.conf == NULL || child->program == NULL)
		return;
	(void)error_set(&e, STATUS_UNAVAILABLE, "reload.worker",
	    "%s was restarted meanwhile; nothing was changed: try again", child->name);
	reload_fail(s, &e);
}

void
reload_forget_asker(struct supervisor *supervisor)
{
	supervisor->reload.asked_id = 0;
}

void
reload_abandon(struct supervisor *supervisor)
{
	struct error e;

	if (supervisor->reload.conf == NULL)
		return;
	(void)error_set(&e, STATUS_UNAVAILABLE, "reload.stopping", "bibd is stopping; nothing was changed");
	reload_fail(supervisor, &e);
}
