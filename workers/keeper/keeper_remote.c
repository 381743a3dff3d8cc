/*
 * Certificates for remote applications: the listener's own, which keeper gives to bibd-remote on a channel of their own
 * whenever it has changed, and those of the applications, when bibctl asks for them. They have an authority of their
 * own, derived from the identity as the other one is: a certificate that lets a client in at the listener is worth
 * nothing at the PostgreSQL server, and the other way round. The authority's certificate is made anew with the
 * listener's; its key and name stay, so that applications that trust an earlier one still trust it.
 */
#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/keeper/crypto.h"
#include "workers/keeper/keeper_certificates.h"

#define REMOTE_LABEL "bibd authority for remote applications"
#define REMOTE_NAME "remote applications "
#define REMOTE_DAYS_MAX 3650
#define REMOTE_DAY_S 86400
#define REMOTE_LOOK_MAX_MS 3600000
#define REMOTE_LOOK_MIN_MS 1000
#define REMOTE_DNS_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"
#define REMOTE_LOGIN_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

static int64_t
remote_now_s(void)
{
	return clock_realtime_us() / 1000000;
}

static int64_t
remote_life_ms(const struct keeper *keeper)
{
	return keeper->worker->conf->listen.tcp.certificate_lifetime;
}

static bool
remote_is_wanted(const struct keeper *keeper)
{
	return keeper->worker->conf->listen.tcp.addresses != NULL;
}

static int
remote_open_authority(struct keeper *keeper, struct ca *ca, struct error *e)
{
	char name[CA_NAME_SIZE];
	struct identity identity;
	int derived;

	if (keeper_open_identity(keeper, &identity, e) == -1)
		return -1;
	derived = ca_derive_for(ca, &identity, REMOTE_LABEL, e);
	identity_close(&identity);
	if (derived == -1)
		return -1;
	(void)snprintf(name, sizeof(name), REMOTE_NAME "%s", keeper->worker->node_id);
	if (ca_certify(ca, name, remote_now_s(), e) == 0)
		return 0;
	ca_close(ca);
	return -1;
}

/* ---- the listener's ---- */

static void
remote_put_name(FILE *out, const char *name)
{
	unsigned char address[sizeof(struct in6_addr)];
	bool is_address = inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;

	(void)fprintf(out, "%s%s:%s", ftell(out) > 0 ? "," : "", is_address ? "IP" : "DNS", name);
}

/* The names by which applications may reach the node: listen.tcp.names, the addresses that are one host's, the host's
 * name. malloc'ed. */
static char *
remote_names(const struct conf *conf)
{
	char *const *words = conf->listen.tcp.names, host[128] = "", *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	for (; words != NULL && *words != NULL; words++)
		remote_put_name(out, *words);
	for (words = conf->listen.tcp.addresses; words != NULL && *words != NULL; words++)
		if (strcmp(*words, "0.0.0.0") != 0 && strcmp(*words, "::") != 0)
			remote_put_name(out, *words);
	if (gethostname(host, sizeof(host) - 1) == 0 && host[0] != '\0' &&
	    strspn(host, REMOTE_DNS_CHARACTERS) == strlen(host) && strcmp(host, "localhost") != 0)
		remote_put_name(out, host);
	remote_put_name(out, "localhost");
	remote_put_name(out, "127.0.0.1");
	remote_put_name(out, "::1");
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static int
remote_issue(struct keeper *keeper, struct error *e)
{
	char *names = remote_names(keeper->worker->conf);
	const struct leaf_request request = { .name = "bibd listener",
		.alternatives = names,
		.now_s = remote_now_s(),
		.life_s = remote_life_ms(keeper) / 1000 };
	struct ca ca = { .key = NULL };
	struct leaf leaf = { .key = NULL };
	int fd = -1;

	if (names == NULL)
		(void)error_set_errno(e, STATUS_OS, "keeper.memory", "cannot make the listener's certificate");
	else if (remote_open_authority(keeper, &ca, e) == 0 && ca_issue(&ca, &request, &leaf, e) == 0)
		fd = keeper_seal_leaf(&ca, &leaf, e);
	free(names);
	if (fd != -1) {
		X509_free(keeper->remote_certificate);
		keeper->remote_certificate = leaf.certificate;
		leaf.certificate = NULL;
		X509_free(keeper->remote_authority);
		keeper->remote_authority = ca.certificate;
		ca.certificate = NULL;
		keeper->remote_issued_s = request.now_s;
	}
	leaf_close(&leaf);
	ca_close(&ca);
	return fd;
}

static void remote_look(struct loop_timer *timer);

static void
remote_schedule(struct keeper *keeper)
{
	int64_t ms = remote_life_ms(keeper) / 10;

	if (ms > REMOTE_LOOK_MAX_MS)
		ms = REMOTE_LOOK_MAX_MS;
	if (ms < REMOTE_LOOK_MIN_MS)
		ms = REMOTE_LOOK_MIN_MS;
	loop_timer_set(&keeper->worker->loop, &keeper->remote_renewal, ms, remote_look, keeper);
}

/* Looks whether the certificate is due by the host's clock, which may have jumped since. */
static void
remote_look(struct loop_timer *timer)
{
	struct keeper *keeper = timer->arg;
	int64_t now_s = remote_now_s(), due_s = keeper->remote_issued_s + remote_life_ms(keeper) / 1000 * 2 / 3;

	if (keeper->remote_certificate == NULL || now_s >= due_s || now_s < ca_not_before_s(keeper->remote_certificate))
		keeper_remote_renew(keeper);
	else
		remote_schedule(keeper);
}

void
keeper_remote_renew(struct keeper *keeper)
{
	char until[CLOCK_TEXT_SIZE];
	struct error e;
	int fd;

	if (!remote_is_wanted(keeper) || keeper->state != KEEPER_OPEN || !channel_is_open(&keeper->remote))
		return;
	remote_schedule(keeper);
	if ((fd = remote_issue(keeper, &e)) == -1) {
		log_warning("the listener's certificate cannot be made: %s", e.text);
		worker_event(keeper->worker, "certificates.failed", "the listener's certificate cannot be made: %s",
		    e.text);
		return;
	}
	(void)channel_send_remote_certificate(&keeper->remote, 0, NULL, fd);
	(void)clock_text(ca_not_after_s(keeper->remote_certificate) * 1000000, until, sizeof(until));
	worker_event(keeper->worker, "certificates.listener", "a certificate for the TCP listener, valid until %s",
	    until);
	keeper_remote_tell(keeper, 0);
}

void
keeper_remote_tell(struct keeper *keeper, uint32_t id)
{
	if (keeper->remote_certificate == NULL)
		return;
	keeper_tell_certificate(keeper, id, "listener-ca", keeper->remote_authority, NULL);
	keeper_tell_certificate(keeper, id, "listener", keeper->remote_certificate, NULL);
}

static void
remote_closed(struct channel *channel, const struct error *why)
{
	if (strcmp(why->code, "channel.closed") != 0)
		log_warning("the channel to %s is closed: %s", process_name(channel->peer), why->text);
}

void
keeper_remote_connect(struct keeper *keeper, int fd)
{
	/* bibd-remote sends keeper no message. */
	static const struct message_handlers handlers = { 0 };
	struct error e;

	channel_close(&keeper->remote);
	if (channel_open(&keeper->remote, &keeper->worker->loop, fd, PROCESS_KEEPER, PROCESS_REMOTE, &handlers, keeper,
		remote_closed, &e) == -1)
		log_error("%s", e.text);
	keeper_remote_renew(keeper);
}

void
keeper_remote_close(struct keeper *keeper)
{
	loop_timer_cancel(&keeper->remote_renewal);
	channel_close(&keeper->remote);
	X509_free(keeper->remote_certificate);
	X509_free(keeper->remote_authority);
	keeper->remote_certificate = keeper->remote_authority = NULL;
}

void
keeper_commit(struct worker *worker)
{
	/* The new certificate has the names of the new configuration. */
	keeper_remote_renew(worker->state);
}

/* ---- an application's ---- */

int
keeper_remote_issue_client(struct keeper *keeper, const char *login, uint32_t days, struct error *e)
{
	const struct leaf_request request = { .name = login,
		.now_s = remote_now_s(),
		.life_s = (int64_t)days * REMOTE_DAY_S };
	struct ca ca = { .key = NULL };
	struct leaf leaf = { .key = NULL };
	int fd = -1;

	if (!remote_is_wanted(keeper))
		return error_set(e, STATUS_USAGE, "certificates.none",
		    "this node does not listen for remote applications: listen.tcp.addresses is empty");
	if (login[0] == '.' || login[0] == '-' || strlen(login) >= CA_NAME_SIZE ||
	    strspn(login, REMOTE_LOGIN_CHARACTERS) != strlen(login))
		return error_set(e, STATUS_USAGE, "certificates.login",
		    "a login's name is 1 to %d letters, digits, '_', '.' and '-', the first a letter, a digit or '_'",
		    CA_NAME_SIZE - 1);
	if (days < 1 || days > REMOTE_DAYS_MAX)
		return error_set(e, STATUS_USAGE, "certificates.days",
		    "a login's certificate is valid for 1 to %d days", REMOTE_DAYS_MAX);
	if (remote_open_authority(keeper, &ca, e) == -1)
		return -1;
	if (ca_issue(&ca, &request, &leaf, e) == 0)
		fd = keeper_seal_leaf(&ca, &leaf, e);
	leaf_close(&leaf);
	ca_close(&ca);
	return fd;
}
