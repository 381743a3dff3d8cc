/*
 * A new identity, and what follows from it. The files of the secrets change in one step (files_replace). The
 * certificates take three steps, so that connections that are made meanwhile find that both sides trust each other:
 * first both sides trust the old authority and the new one, then the new one signs, then the old one is forgotten.
 * After a crash, the next start issues all of them anew.
 */
#include <openssl/x509.h>
#include <string.h>

#include "common/clock.h"
#include "workers/keeper/keeper_certificates.h"

#define ROTATE_PAUSE_MS 5000 /* for the server to read its files, and for logins under way to end */

static int
rotate_write_trust(struct keeper *keeper, struct error *e)
{
	struct files files;
	int result;

	if (files_open_certificates(&files, keeper->certificates_path, e) == -1)
		return -1;
	result = certificates_write_trust(&keeper->certificates, &files, e);
	files_close(&files);
	return result;
}

static void
rotate_tell(struct keeper *keeper)
{
	keeper->reload_due = true;
	keeper_tell_reload(keeper);
	if (channel_is_open(&keeper->peer))
		keeper_send_credentials(keeper, 0);
	keeper_tell_certificates(keeper, 0);
}

/* ---- the third step, the second, the first ---- */

static void
rotate_forget(struct loop_timer *timer)
{
	struct keeper *keeper = timer->arg;
	struct error e;

	X509_free(keeper->certificates.previous);
	keeper->certificates.previous = NULL;
	keeper->rotating = false;
	if (rotate_write_trust(keeper, &e) == -1)
		log_warning("the old authority is trusted until the certificates are renewed: %s", e.text);
	rotate_tell(keeper);
	keeper_certificates_schedule(keeper);
}

static void
rotate_sign(struct loop_timer *timer)
{
	struct keeper *keeper = timer->arg;
	struct error e;

	/* Tried again later, if this fails. */
	loop_timer_set(&keeper->worker->loop, timer, ROTATE_PAUSE_MS, rotate_sign, keeper);
	if (keeper->give_id == 0 && keeper_certificates_begin(keeper, &e) == -1)
		keeper_certificates_fail(keeper, &e);
}

void
keeper_rotate_signed(struct keeper *keeper)
{
	loop_timer_set(&keeper->worker->loop, &keeper->renewal, ROTATE_PAUSE_MS, rotate_forget, keeper);
}

/* The first step: both sides trust the new authority beside the old one. */
static int
rotate_trust(struct keeper *keeper, struct error *e)
{
	struct certificates *certificates = &keeper->certificates;
	struct ca ca;

	if (keeper_open_authority(keeper, &ca, e) == -1)
		return -1;
	if (ca_certify(&ca, keeper->worker->node_id, clock_realtime_us() / 1000000, e) == -1) {
		ca_close(&ca);
		return -1;
	}
	X509_free(certificates->previous);
	certificates->previous = certificates->ca.certificate;
	certificates->ca.certificate = ca.certificate;
	ca.certificate = NULL;
	ca_close(&ca);
	return rotate_write_trust(keeper, e);
}

static void
rotate_certificates(struct keeper *keeper)
{
	struct error e;

	keeper->rotating = true;
	if (rotate_trust(keeper, &e) == -1)
		log_warning("connections may fail while the certificates are issued anew: %s", e.text);
	rotate_tell(keeper);
	loop_timer_set(&keeper->worker->loop, &keeper->renewal, ROTATE_PAUSE_MS, rotate_sign, keeper);
}

/* ---- what bibctl asks ---- */

static int
rotate_identity(struct keeper *keeper, struct error *e)
{
	const struct secrets_request request = { .directory = keeper->directory,
		.node_id = keeper->worker->node_id,
		.outer = &keeper->outer };

	if (keeper->rotating || keeper->give_id != 0)
		return error_set(e, STATUS_UNAVAILABLE, "rotate.busy",
		    "certificates are being issued at this moment: try again in some seconds");
	if (secrets_rotate_identity(&request, &keeper->credentials, e) == -1)
		return -1;
	log_notice("the node has a new identity");
	worker_event(keeper->worker, "identity.rotated",
	    "the node has a new identity, and the secrets are encrypted anew");
	if (keeper->prepared && keeper->worker->conf->database.postgres.tls.auto_generate)
		rotate_certificates(keeper);
	/* The listener changes at once: clients that are connected stay, and new ones need a certificate of the new
	 * authority. */
	keeper_remote_renew(keeper);
	keeper_archive_tell(keeper);
	return 0;
}

void
keeper_take_rotate_request(void *context, struct frame *frame, const struct message_rotate_request *message)
{
	struct keeper *keeper = ((struct worker *)context)->state;
	const struct message_result result = { .status = STATUS_OK, .code = "identity.rotated", .text = "" };
	struct error e;
	int rotated;

	if (!keeper_may_answer(keeper, frame->header.id))
		return;
	if (strcmp(message->what, "credentials") == 0) {
		keeper_rotate_credentials(keeper, frame->header.id);
		return;
	}
	if (strcmp(message->what, "identity") == 0)
		rotated = rotate_identity(keeper, &e);
	else
		rotated = error_set(&e, STATUS_USAGE, "rotate.what",
		    "cannot rotate %.64s: what can be rotated is identity and credentials", message->what);
	if (rotated == -1)
		worker_fail(keeper->worker, frame->header.id, &e);
	else
		(void)channel_send_result(&keeper->worker->channel, frame->header.id, &result, -1);
}
