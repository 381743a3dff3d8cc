/* Rotations: when one begins, and how it goes from step to step (rotation.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "workers/keeper/keeper.h"

#define ROTATION_INTERVAL_KEY "database.postgres.credential_rotation_interval"
#define ROTATION_CHECK_MIN_MS 1000
#define ROTATION_CHECK_MAX_MS 60000
#define ROTATION_RETRY_FIRST_MS 2000
#define ROTATION_RETRY_LAST_MS 60000
/* When sessions still use the old logins after this time, the asker is answered all the same. */
#define ROTATION_ANSWER_MS 5000

static const char *const rotation_step_names[ROTATION_STEPS] = { "", "new passwords are being set",
	"old logins are being retired" };

static void rotation_schedule(struct keeper *keeper);

static void
rotation_point(struct keeper *keeper)
{
	if (keeper->rotation.at_point != NULL)
		keeper->rotation.at_point(keeper->rotation.at_point_context);
}

static int64_t
rotation_boot_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- who is told ---- */

static void
rotation_tell_state(struct keeper *keeper)
{
	const struct credentials *credentials = &keeper->credentials;
	const char side[2] = { credentials->side, '\0' };
	struct message_credentials_state state = { .side = side,
		.rotated_us = credentials->rotated_us,
		.step = rotation_step_names[credentials->step] };

	(void)channel_send_credentials_state(&keeper->worker->channel, 0, &state, -1);
}

static void
rotation_result(struct keeper *keeper, uint32_t id, const struct error *e)
{
	struct message_result result = { .status = (uint32_t)e->status, .code = e->code, .text = e->text };

	(void)channel_send_result(&keeper->worker->channel, id, &result, -1);
}

static void
rotation_answer(struct keeper *keeper, const struct error *e)
{
	struct keeper_rotation *rotation = &keeper->rotation;

	loop_timer_cancel(&rotation->answer);
	for (size_t i = 0; i < rotation->naskers; i++)
		rotation_result(keeper, rotation->askers[i], e);
	rotation->naskers = 0;
}

static void
rotation_answer_switched(struct keeper *keeper)
{
	struct error e;

	(void)error_set(&e, STATUS_OK, "credentials.switched",
	    "the new passwords are in use (logins %c); sessions that still have a connection with the old ones keep "
	    "it for a while: `bibctl events` says when the last has gone",
	    keeper->credentials.side);
	rotation_answer(keeper, &e);
}

static void
rotation_answer_due(struct loop_timer *timer)
{
	rotation_answer_switched(timer->arg);
}

/* The passwords in use stay in use, and the rotation is tried again later. */
static void
rotation_fail(struct keeper *keeper, const struct error *why)
{
	struct keeper_rotation *rotation = &keeper->rotation;
	struct error e;

	rotation->asked_id = 0;
	rotation->retry_ms = rotation->retry_ms == 0 ? ROTATION_RETRY_FIRST_MS : 2 * rotation->retry_ms;
	if (rotation->retry_ms > ROTATION_RETRY_LAST_MS)
		rotation->retry_ms = ROTATION_RETRY_LAST_MS;
	rotation->retry_at = clock_now_ms() + rotation->retry_ms;
	(void)error_set(&e, STATUS_UNAVAILABLE, "credentials.failed",
	    "the passwords could not be changed yet: %s; "
	    "the present ones stay in use, and bibd tries again",
	    why->text);
	log_warning("%s", e.text);
	worker_event(keeper->worker, e.code, "%s", e.text);
	rotation_answer(keeper, &e);
	rotation_schedule(keeper);
}

/* ---- steps ---- */

static int
rotation_write(struct keeper *keeper, const struct credentials *credentials, struct error *e)
{
	struct identity identity;
	struct files files;
	int result;

	if (keeper_open_identity(keeper, &identity, e) == -1)
		return -1;
	if ((result = files_open(&files, keeper->directory, e)) == 0) {
		result = credentials_write(credentials, &files, &identity, keeper->worker->node_id, e);
		files_close(&files);
	}
	identity_close(&identity);
	return result;
}

static int
rotation_take_step(struct credentials *credentials, struct error *e)
{
	switch (credentials->step) {
	case ROTATION_PENDING:
		rotation_switch(credentials, clock_realtime_us());
		return 0;
	case ROTATION_SWITCHED:
		rotation_finish(credentials);
		return 0;
	default:
		return rotation_prepare(credentials, e);
	}
}

/* The next step: on disk first, and only then in force. */
static int
rotation_advance(struct keeper *keeper, struct error *e)
{
	struct credentials *next = malloc(sizeof(*next));
	int result;

	if (next == NULL)
		return error_set_errno(e, STATUS_OS, "keeper.memory", "cannot rotate the credentials");
	*next = keeper->credentials;
	rotation_point(keeper);
	if ((result = rotation_take_step(next, e)) == 0 && (result = rotation_write(keeper, next, e)) == 0)
		keeper->credentials = *next;
	credentials_wipe(next);
	free(next);
	if (result == -1)
		return -1;
	rotation_point(keeper);
	rotation_tell_state(keeper);
	return 0;
}

/* Asks the peer to do what the step on disk calls for. */
static int
rotation_ask(struct keeper *keeper, struct error *e)
{
	const struct conf *conf = keeper->worker->conf;
	struct message_retire_logins retire = { .grace_ms = conf->database.postgres.credential_rotation_grace };
	int fd = keeper_print_credentials(keeper, e);

	if (fd == -1)
		return -1;
	keeper->rotation.asked_id = channel_next_id(&keeper->peer);
	if (keeper->credentials.step == ROTATION_PENDING) {
		(void)channel_send_rotate_logins(&keeper->peer, keeper->rotation.asked_id, NULL, fd);
	} else {
		(void)channel_send_credentials(&keeper->peer, 0, NULL, fd);
		rotation_point(keeper);
		(void)channel_send_retire_logins(&keeper->peer, keeper->rotation.asked_id, &retire, -1);
	}
	rotation_point(keeper);
	return 0;
}

void
keeper_rotation_go_on(struct keeper *keeper)
{
	struct error e;

	if (keeper->state != KEEPER_OPEN || keeper->credentials.step == ROTATION_NONE || !keeper_has_answer(keeper) ||
	    !keeper->worker->conf->database.postgres.managed || !channel_is_open(&keeper->peer) ||
	    keeper->rotation.asked_id != 0)
		return;
	if (rotation_ask(keeper, &e) == -1)
		rotation_fail(keeper, &e);
}

static int
rotation_begin(struct keeper *keeper, const char *why, struct error *e)
{
	log_notice("rotating the database passwords: %s", why);
	if (rotation_advance(keeper, e) == -1)
		return -1;
	keeper->rotation.clock.begun_ms = rotation_boot_ms();
	keeper->rotation.retry_ms = 0;
	keeper_rotation_go_on(keeper);
	return 0;
}

/* ---- the peer ---- */

static bool
rotation_is_answer(struct keeper *keeper, uint32_t id, enum rotation_step step)
{
	return keeper->state == KEEPER_OPEN && keeper->rotation.asked_id != 0 && keeper->rotation.asked_id == id &&
	    keeper->credentials.step == step;
}

/* The answer to the step has come: the next step is written to disk. Returns -1 when it could not be written; it is
 * tried again later. */
static int
rotation_end_step(struct keeper *keeper)
{
	struct error e;

	if (rotation_advance(keeper, &e) == -1) {
		rotation_fail(keeper, &e);
		return -1;
	}
	keeper->rotation.asked_id = 0;
	keeper->rotation.retry_ms = 0;
	return 0;
}

void
keeper_take_logins_rotated(void *context, struct frame *frame, const struct message_logins_rotated *message)
{
	struct keeper *keeper = context;

	(void)message;
	if (!rotation_is_answer(keeper, frame->header.id, ROTATION_PENDING) || rotation_end_step(keeper) == -1)
		return;
	loop_timer_set(&keeper->worker->loop, &keeper->rotation.answer, ROTATION_ANSWER_MS, rotation_answer_due,
	    keeper);
	keeper_rotation_go_on(keeper);
}

void
keeper_take_logins_retired(void *context, struct frame *frame, const struct message_logins_retired *message)
{
	struct keeper *keeper = context;
	struct error e;

	if (!rotation_is_answer(keeper, frame->header.id, ROTATION_SWITCHED) || rotation_end_step(keeper) == -1)
		return;
	(void)error_set(&e, STATUS_OK, "credentials.rotated",
	    "database passwords rotated: new connections log in as "
	    "bibd_*_%c; bibd_*_%c can log in no more%s%s",
	    keeper->credentials.side, rotation_other_side(keeper->credentials.side),
	    message->who[0] == '\0' ? "" : "; ended because they still used them: ", message->who);
	log_notice("%s", e.text);
	worker_event(keeper->worker, e.code, "%s", e.text);
	rotation_answer(keeper, &e);
}

void
keeper_take_peer_failed(void *context, struct frame *frame, const struct message_failed *message)
{
	struct keeper *keeper = context;
	struct error e;

	if (keeper->rotation.asked_id == 0 || frame->header.id != keeper->rotation.asked_id)
		return;
	(void)error_set(&e, STATUS_UNAVAILABLE, "credentials.failed", "%s", message->text);
	rotation_fail(keeper, &e);
}

void
keeper_rotation_lose_peer(struct keeper *keeper)
{
	keeper->rotation.asked_id = 0;
	keeper->rotation.retry_at = 0;
}

/* ---- when ---- */

static void
rotation_check_due(struct keeper *keeper)
{
	const int64_t interval = keeper->worker->conf->database.postgres.credential_rotation_interval;
	char text[CLOCK_TEXT_SIZE], why[96];
	char *set = conf_get_text(keeper->worker->conf, conf_key_find(ROTATION_INTERVAL_KEY));
	bool is_future, due;
	struct error e;

	(void)snprintf(why, sizeof(why), "credential_rotation_interval (%s) has passed", set == NULL ? "" : set);
	free(set);
	due = rotation_is_due(&keeper->rotation.clock, keeper->credentials.rotated_us, interval, clock_realtime_us(),
	    rotation_boot_ms(), &is_future);
	if (is_future)
		log_warning("the credentials were made on %s, which is in the future: they count as new from now on",
		    clock_text(keeper->credentials.rotated_us, text, sizeof(text)));
	if (due && channel_is_open(&keeper->peer) && rotation_begin(keeper, why, &e) == -1)
		rotation_fail(keeper, &e);
}

static void
rotation_check(struct loop_timer *timer)
{
	struct keeper *keeper = timer->arg;

	if (clock_now_ms() >= keeper->rotation.retry_at) {
		if (keeper->credentials.step == ROTATION_NONE)
			rotation_check_due(keeper);
		else
			keeper_rotation_go_on(keeper);
	}
	rotation_schedule(keeper);
}

static void
rotation_schedule(struct keeper *keeper)
{
	int64_t ms = keeper->worker->conf->database.postgres.credential_rotation_interval / 20;

	if (ms == 0 || ms > ROTATION_CHECK_MAX_MS)
		ms = ROTATION_CHECK_MAX_MS;
	if (ms < ROTATION_CHECK_MIN_MS || keeper->credentials.step != ROTATION_NONE)
		ms = ROTATION_CHECK_MIN_MS;
	loop_timer_set(&keeper->worker->loop, &keeper->rotation.check, ms, rotation_check, keeper);
}

void
keeper_rotation_open(struct keeper *keeper)
{
	if (!keeper->worker->conf->database.postgres.managed || keeper->credentials.side == 0)
		return;
	if (keeper->credentials.step != ROTATION_NONE)
		log_notice("a rotation of the credentials was interrupted (%s), and goes on",
		    rotation_step_names[keeper->credentials.step]);
	rotation_tell_state(keeper);
	rotation_schedule(keeper);
}

void
keeper_rotation_close(struct keeper *keeper)
{
	loop_timer_cancel(&keeper->rotation.check);
	loop_timer_cancel(&keeper->rotation.answer);
	keeper->rotation.asked_id = 0;
	keeper->rotation.naskers = 0;
}

/* ---- on demand ---- */

static int
rotation_may_begin(const struct keeper *keeper, struct error *e)
{
	const struct conf *conf = keeper->worker->conf;

	if (conf->database.backend != CONF_BACKEND_POSTGRES)
		return error_set(e, STATUS_USAGE, "credentials.none",
		    "this node has no PostgreSQL server, and so no credentials");
	if (!conf->database.postgres.managed)
		return error_set(e, STATUS_USAGE, "credentials.external",
		    "the server is not bibd's own: change the password of "
		    "%.64s there, and database.postgres.advanced.password with it",
		    conf->database.postgres.advanced.user);
	if (!channel_is_open(&keeper->peer))
		return error_set(e, STATUS_UNAVAILABLE, "credentials.starting", "bibd-postgres is not up: try again");
	if (keeper->rotation.naskers == KEEPER_ASKERS_MAX)
		return error_set(e, STATUS_UNAVAILABLE, "credentials.busy",
		    "too many requests are under way: try again");
	return 0;
}

void
keeper_rotate_credentials(struct keeper *keeper, uint32_t id)
{
	struct keeper_rotation *rotation = &keeper->rotation;
	struct error e;

	if (rotation_may_begin(keeper, &e) == -1) {
		rotation_result(keeper, id, &e);
		return;
	}
	rotation->askers[rotation->naskers++] = id;
	/* A rotation that is under way counts as the one that was asked for. */
	if (keeper->credentials.step == ROTATION_SWITCHED && rotation->answer.loop == NULL)
		rotation_answer_switched(keeper);
	else if (keeper->credentials.step == ROTATION_NONE && rotation_begin(keeper, "bibctl asks for it", &e) == -1)
		rotation_answer(keeper, &e);
}
