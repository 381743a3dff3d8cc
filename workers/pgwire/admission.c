/*
 * Counts clients by uid or address from the accept to the end, and refuses those beyond a limit.
 */
#include "workers/pgwire/admission.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct admission_user {
	LIST_ENTRY(admission_user) entry;
	char share[PGWIRE_WHO_SIZE];
	bool is_remote;
	unsigned nconnections; /* in any state: the last one frees this */
	unsigned nstarting;
	unsigned nserved;
};

int
admission_open(struct admission *admission, struct error *e)
{
	*admission = (struct admission) { .nstarting = 0 };
	LIST_INIT(&admission->users);
	if ((errno = pthread_mutex_init(&admission->lock, NULL)) != 0)
		return error_set_errno(e, STATUS_OS, "admission.open", "cannot count clients");
	return 0;
}

void
admission_close(struct admission *admission)
{
	struct admission_user *user;

	while ((user = LIST_FIRST(&admission->users)) != NULL) {
		LIST_REMOVE(user, entry);
		free(user);
	}
	pthread_mutex_destroy(&admission->lock);
}

/* The key of the configuration that limits one peer's part, and what it says (0: nothing). */
static const char *
admission_limit_key(bool is_remote)
{
	return is_remote ? "listen.tcp.max_clients_per_address" : "server.max_clients_per_uid";
}

static int64_t
admission_limit_value(const struct conf *conf, bool is_remote)
{
	return is_remote ? conf->listen.tcp.max_clients_per_address : conf->server.max_clients_per_uid;
}

unsigned
admission_user_limit(const struct conf *conf, bool is_remote)
{
	if (admission_limit_value(conf, is_remote) > 0)
		return (unsigned)admission_limit_value(conf, is_remote);
	return (unsigned)((conf->server.max_clients * 9 + 9) / 10);
}

static unsigned
admission_starting_limit(const struct conf *conf)
{
	unsigned limit = (unsigned)conf->server.max_starting / ADMISSION_STARTING_SHARE;

	return limit > 0 ? limit : 1;
}

/* Called with the lock held, as the functions below. NULL: out of memory. */
static struct admission_user *
admission_find(struct admission *admission, const struct pgwire_peer *peer)
{
	struct admission_user *user;
	char share[PGWIRE_WHO_SIZE];

	(void)pgwire_peer_share(peer, share);
	LIST_FOREACH(user, &admission->users, entry)
	if (strcmp(user->share, share) == 0)
		return user;
	if ((user = calloc(1, sizeof(*user))) == NULL)
		return NULL;
	memcpy(user->share, share, sizeof(user->share));
	user->is_remote = pgwire_peer_is_remote(peer);
	LIST_INSERT_HEAD(&admission->users, user, entry);
	return user;
}

static void
admission_release(struct admission_user *user)
{
	if (user->nconnections > 0)
		return;
	LIST_REMOVE(user, entry);
	free(user);
}

static int
admission_check_starting(const struct admission *admission, const struct admission_user *user, const struct conf *conf,
    struct report *r)
{
	if (user->nstarting >= admission_starting_limit(conf))
		return report_set(r, SQLSTATE_TOO_MANY_CONNECTIONS,
		    "sorry, too many connections of %s that have not sent their startup packet: %u is one user's part "
		    "of server.max_starting (%" PRId64 ")",
		    user->share, admission_starting_limit(conf), conf->server.max_starting);
	if (admission->nstarting >= (unsigned)conf->server.max_starting)
		return report_set(r, SQLSTATE_TOO_MANY_CONNECTIONS,
		    "sorry, too many connections that have not sent their startup packet: "
		    "server.max_starting is %" PRId64,
		    conf->server.max_starting);
	return 0;
}

static int
admission_check_served(const struct admission *admission, const struct admission_user *user, const struct conf *conf,
    enum role role, struct report *r)
{
	unsigned reserve = role == ROLE_ADMIN ? ADMISSION_ADMIN_RESERVE : 0;

	if (admission->nserved >= (unsigned)conf->server.max_clients + reserve)
		return report_set(r, SQLSTATE_TOO_MANY_CONNECTIONS,
		    "sorry, too many clients already: server.max_clients is %" PRId64, conf->server.max_clients);
	if (user->nserved < admission_user_limit(conf, user->is_remote) + reserve)
		return 0;
	if (admission_limit_value(conf, user->is_remote) > 0)
		return report_set(r, SQLSTATE_TOO_MANY_CONNECTIONS,
		    "sorry, too many clients of %s already: %s is %" PRId64, user->share,
		    admission_limit_key(user->is_remote), admission_limit_value(conf, user->is_remote));
	return report_set(r, SQLSTATE_TOO_MANY_CONNECTIONS,
	    "sorry, too many clients of %s already: %u is one user's part of server.max_clients (%" PRId64 "), see %s",
	    user->share, admission_user_limit(conf, user->is_remote), conf->server.max_clients,
	    admission_limit_key(user->is_remote));
}

int
admission_enter(struct admission *admission, const struct conf *conf, const struct pgwire_peer *peer, int socket_fd,
    struct admission_place *place, struct report *r)
{
	bool starting = !pgwire_startup_has_arrived(socket_fd);
	struct admission_user *user;
	int result = 0;

	pthread_mutex_lock(&admission->lock);
	if ((user = admission_find(admission, peer)) == NULL) {
		pthread_mutex_unlock(&admission->lock);
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	}
	if (starting)
		result = admission_check_starting(admission, user, conf, r);
	if (result == 0) {
		user->nconnections++;
		user->nstarting += starting;
		admission->nstarting += starting;
		*place =
		    (struct admission_place) { .user = user, .state = starting ? ADMISSION_STARTING : ADMISSION_SENT };
	} else
		admission_release(user);
	pthread_mutex_unlock(&admission->lock);
	return result;
}

/* Takes the connection out of whichever count it is in. */
static void
admission_uncount(struct admission *admission, struct admission_place *place)
{
	struct admission_user *user = place->user;

	if (user != NULL && place->state == ADMISSION_STARTING) {
		user->nstarting--;
		admission->nstarting--;
	} else if (user != NULL && place->state == ADMISSION_SERVED) {
		user->nserved--;
		admission->nserved--;
	}
	place->state = ADMISSION_SENT;
}

int
admission_serve(struct admission *admission, const struct conf *conf, enum role role, struct admission_place *place,
    struct report *r)
{
	int result;

	pthread_mutex_lock(&admission->lock);
	admission_uncount(admission, place);
	if ((result = admission_check_served(admission, place->user, conf, role, r)) == 0) {
		place->user->nserved++;
		admission->nserved++;
		place->state = ADMISSION_SERVED;
	}
	pthread_mutex_unlock(&admission->lock);
	return result;
}

void
admission_leave(struct admission *admission, struct admission_place *place)
{
	if (place->state == ADMISSION_NONE)
		return;
	pthread_mutex_lock(&admission->lock);
	admission_uncount(admission, place);
	place->user->nconnections--;
	admission_release(place->user);
	pthread_mutex_unlock(&admission->lock);
	*place = (struct admission_place) { .user = NULL };
}
