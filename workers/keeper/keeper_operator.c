/*
 * Certificates of the operator's own, as the supervisor hands them over; and the warning before any certificate
 * expires.
 */
#include <inttypes.h>
#include <string.h>

#include "common/clock.h"
#include "workers/keeper/keeper_certificates.h"

#define OPERATOR_DAY_S 86400
#define OPERATOR_WARN_S (14 * OPERATOR_DAY_S)
#define OPERATOR_WARN_AGAIN_MS ((int64_t)OPERATOR_DAY_S * 1000)

void
keeper_take_certificate_file(void *context, struct frame *frame, const struct message_certificate_file *message)
{
	struct keeper *keeper = ((struct worker *)context)->state;
	struct error e;

	if (operator_take(&keeper->operator_files, keeper->certificates_path, message->name, frame->fd, &e) == -1 &&
	    !keeper->operator_failed) {
		keeper->operator_failed = true;
		keeper->operator_failure = e;
	}
}

static int
operator_take_over(struct keeper *keeper, struct error *e)
{
	const struct conf *conf = keeper->worker->conf;
	const struct certificates_request request = { .node_id = keeper->worker->node_id,
		.address = conf->database.postgres.network.bind_address,
		.now_s = clock_realtime_us() / 1000000,
		.life_s = conf->database.postgres.tls.certificate_lifetime / 1000 };
	struct certificates certificates = { 0 };
	int result = -1;

	if (keeper->operator_failed)
		*e = keeper->operator_failure;
	else
		result = operator_check(&keeper->operator_files, keeper->certificates_path, &request,
		    &keeper->credentials, &certificates, e);
	operator_close(&keeper->operator_files);
	keeper->operator_failed = false;
	if (result == 0) {
		certificates_close(&keeper->certificates);
		keeper->certificates = certificates;
	}
	return result;
}

void
keeper_operator_prepare(struct keeper *keeper, uint32_t id)
{
	struct error e;

	if (operator_take_over(keeper, &e) == 0) {
		keeper->warned_at = 0;
		keeper_certificates_in_force(keeper);
		(void)channel_send_certificates_prepared(&keeper->worker->channel, id, NULL, -1);
		return;
	}
	/* The certificates in force stay in use, if there are any. */
	if (!keeper->prepared) {
		keeper->state = KEEPER_FAILED;
		keeper->failure = e;
		keeper_answer_waiting(keeper);
	}
	worker_fail(keeper->worker, id, &e);
}

/* ---- in time ---- */

/* The certificate that ends first, and its name. */
static const struct x509_st *
operator_first_to_end(const struct certificates *certificates, const char **name)
{
	const struct x509_st *first = certificates->ca.certificate;

	*name = FILES_CA;
	if (ca_not_after_s(certificates->server.certificate) < ca_not_after_s(first)) {
		first = certificates->server.certificate;
		*name = FILES_SERVER_CERTIFICATE;
	}
	for (size_t i = 0; i < certificates->nclients; i++)
		if (ca_not_after_s(certificates->clients[i].certificate) < ca_not_after_s(first)) {
			first = certificates->clients[i].certificate;
			*name = certificates->clients[i].name;
		}
	return first;
}

void
keeper_warn_of_expiry(struct keeper *keeper)
{
	const struct certificates *certificates = &keeper->certificates;
	int64_t limit_s = OPERATOR_WARN_S, left_s;
	const char *name;
	char until[CLOCK_TEXT_SIZE];

	/* Certificates that are renewed by themselves are warned of only when their renewal is overdue. */
	if (keeper->worker->conf->database.postgres.tls.auto_generate && certificates->life_s / 4 < limit_s)
		limit_s = certificates->life_s / 4;
	if (!keeper->prepared ||
	    (keeper->warned_at != 0 && clock_now_ms() - keeper->warned_at < OPERATOR_WARN_AGAIN_MS))
		return;
	left_s = ca_not_after_s(operator_first_to_end(certificates, &name)) - clock_realtime_us() / 1000000;
	if (left_s >= limit_s)
		return;
	keeper->warned_at = clock_now_ms();
	(void)clock_text(ca_not_after_s(operator_first_to_end(certificates, &name)) * 1000000, until, sizeof(until));
	log_warning("the certificate %s is valid until %s, %" PRId64
		    " days from now: put a new one in %s, then bibctl reload",
	    name, until, left_s < 0 ? 0 : left_s / OPERATOR_DAY_S, keeper->certificates_path);
	worker_event(keeper->worker, "certificates.expiring", "the certificate %s is valid until %s", name, until);
}
