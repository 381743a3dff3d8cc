/* When certificates are made: as the supervisor asks at the start, and from then on in time before they end. */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/keeper/keeper_certificates.h"

#define CERTIFICATES_CHECK_MIN_MS 1000
#define CERTIFICATES_CHECK_MAX_MS 60000

static int64_t
keeper_now_s(void)
{
	return clock_realtime_us() / 1000000;
}

static int64_t
keeper_life_ms(const struct keeper *keeper)
{
	return keeper->worker->conf->database.postgres.tls.certificate_lifetime;
}

/* ---- in time ---- */

static void
keeper_certificates_check(struct loop_timer *timer)
{
	struct keeper *keeper = timer->arg;
	int64_t tenth = keeper_life_ms(keeper) / 10;
	int64_t pause = tenth < CERTIFICATES_CHECK_MAX_MS ? tenth : CERTIFICATES_CHECK_MAX_MS;
	struct error e;

	/* The wall clock may jump, so the monotonic clock says how soon the next certificates may be made. */
	if (keeper->worker->conf->database.postgres.tls.auto_generate && keeper->give_id == 0 &&
	    certificates_are_due(&keeper->certificates, keeper_now_s()) &&
	    clock_now_ms() - keeper->renewed_at >= pause) {
		keeper->renewed_at = clock_now_ms();
		if (keeper_certificates_begin(keeper, &e) == -1)
			keeper_certificates_fail(keeper, &e);
	}
	keeper_warn_of_expiry(keeper);
	keeper_certificates_schedule(keeper);
}

void
keeper_certificates_schedule(struct keeper *keeper)
{
	int64_t ms = keeper_life_ms(keeper) / 20;

	if (ms < CERTIFICATES_CHECK_MIN_MS)
		ms = CERTIFICATES_CHECK_MIN_MS;
	if (ms > CERTIFICATES_CHECK_MAX_MS)
		ms = CERTIFICATES_CHECK_MAX_MS;
	loop_timer_set(&keeper->worker->loop, &keeper->renewal, ms, keeper_certificates_check, keeper);
}

/* ---- making them ---- */

static void
keeper_certificates_end(struct keeper *keeper)
{
	files_close(&keeper->certificate_files);
	certificates_close(&keeper->pending);
	keeper->give_id = 0;
}

void
keeper_certificates_fail(struct keeper *keeper, const struct error *e)
{
	keeper_certificates_end(keeper);
	if (keeper->prepare_id == 0) {
		log_warning("the certificates cannot be renewed: %s", e->text);
		worker_event(keeper->worker, "certificates.failed", "the certificates cannot be renewed: %s", e->text);
		return;
	}
	keeper->state = KEEPER_FAILED;
	keeper->failure = *e;
	worker_fail(keeper->worker, keeper->prepare_id, e);
	keeper->prepare_id = 0;
	keeper_answer_waiting(keeper);
}

static int
keeper_certificates_issue(struct keeper *keeper, struct error *e)
{
	const struct worker *worker = keeper->worker;
	const struct certificates_request request = { .node_id = worker->node_id,
		.address = worker->conf->database.postgres.network.bind_address,
		.now_s = keeper_now_s(),
		.life_s = keeper_life_ms(keeper) / 1000 };
	struct identity identity;
	int result;

	if (keeper_open_identity(keeper, &identity, e) == -1)
		return -1;
	result = certificates_issue(&keeper->pending, &request, &identity, &keeper->credentials,
	    &keeper->certificate_files, e);
	identity_close(&identity);
	return result;
}

/* The server's key must belong to PostgreSQL's user, and only the supervisor can give it away; the rest is done when
 * that has happened. */
int
keeper_certificates_begin(struct keeper *keeper, struct error *e)
{
	const struct message_give_file give = { .name = FILES_SERVER_KEY };
	int fd;

	keeper_certificates_end(keeper);
	if (files_open_certificates(&keeper->certificate_files, keeper->certificates_path, e) == -1 ||
	    keeper_certificates_issue(keeper, e) == -1 ||
	    certificates_stage(&keeper->pending, &keeper->certificates, &keeper->certificate_files, &fd, e) == -1)
		return -1;
	keeper->give_id = channel_next_id(&keeper->worker->channel);
	if (channel_send_give_file(&keeper->worker->channel, keeper->give_id, &give, fd) == -1)
		return error_set(e, STATUS_OS, "certificates.give", "cannot hand %s to the supervisor",
		    FILES_SERVER_KEY);
	return 0;
}

static void
keeper_certificates_announce(struct keeper *keeper)
{
	char until[CLOCK_TEXT_SIZE];

	(void)clock_text(ca_not_after_s(keeper->certificates.server.certificate) * 1000000, until, sizeof(until));
	worker_event(keeper->worker, keeper->prepared ? "certificates.renewed" : "certificates.issued",
	    "certificates for the server and %zu logins, valid until %s", keeper->certificates.nclients, until);
	keeper->reload_due = true;
	keeper_tell_reload(keeper);
	if (keeper->prepared && channel_is_open(&keeper->peer))
		keeper_send_credentials(keeper, 0);
}

void
keeper_certificates_in_force(struct keeper *keeper)
{
	keeper->renewed_at = clock_now_ms();
	keeper_certificates_announce(keeper);
	keeper->prepared = true;
	keeper_tell_certificates(keeper, 0);
	keeper_warn_of_expiry(keeper);
	if (keeper->rotating)
		keeper_rotate_signed(keeper);
	else
		keeper_certificates_schedule(keeper);
	keeper_answer_waiting(keeper);
}

void
keeper_take_file_given(void *context, struct frame *frame, const struct message_file_given *message)
{
	struct keeper *keeper = ((struct worker *)context)->state;
	struct error e;

	if (keeper->give_id == 0 || frame->header.id != keeper->give_id)
		return;
	if (!message->done) {
		(void)error_set(&e, STATUS_PERMISSION, "certificates.give",
		    "%s/%s cannot be given to PostgreSQL's user: %s", keeper->certificates_path, FILES_SERVER_KEY,
		    message->reason);
		keeper_certificates_fail(keeper, &e);
		return;
	}
	if (certificates_commit(&keeper->certificate_files, &e) == -1) {
		keeper_certificates_fail(keeper, &e);
		return;
	}
	/* The old authority stays trusted until it is forgotten. */
	certificates_trust_also(&keeper->pending, &keeper->certificates);
	certificates_close(&keeper->certificates);
	keeper->certificates = keeper->pending;
	keeper->pending = (struct certificates) { .nclients = 0 };
	keeper_certificates_end(keeper);
	keeper_certificates_in_force(keeper);
	if (keeper->prepare_id != 0)
		(void)channel_send_certificates_prepared(&keeper->worker->channel, keeper->prepare_id, NULL, -1);
	keeper->prepare_id = 0;
}

void
keeper_take_prepare_certificates(void *context, struct frame *frame, const struct message_prepare_certificates *message)
{
	struct keeper *keeper = ((struct worker *)context)->state;
	struct error e;

	(void)message;
	if (keeper->state == KEEPER_OPEN && !keeper->worker->conf->database.postgres.tls.auto_generate) {
		keeper_operator_prepare(keeper, frame->header.id);
		return;
	}
	keeper->prepare_id = frame->header.id;
	if (keeper->state != KEEPER_OPEN)
		(void)error_set(&e, STATUS_BUG, "certificates.closed",
		    "certificates were asked for before the secrets were open");
	else if (keeper_certificates_begin(keeper, &e) == 0)
		return;
	keeper_certificates_fail(keeper, &e);
}

void
keeper_certificates_close(struct keeper *keeper)
{
	loop_timer_cancel(&keeper->renewal);
	keeper_certificates_end(keeper);
	certificates_close(&keeper->certificates);
	operator_close(&keeper->operator_files);
	keeper->prepared = keeper->rotating = false;
}
