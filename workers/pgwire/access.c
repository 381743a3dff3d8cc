/*
 * Asks the kernel who is at the other end of a socket, and finds the access rule and the role for it.
 */
#include "workers/pgwire/pgwire.h"

#include <bsd/string.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAME_BUFFER_SIZE 4096

/* Supplementary groups as the kernel has them; the primary one is put in front. */
static int
peer_get_groups(int socket_fd, gid_t primary, struct pgwire_peer *peer, struct error *e)
{
	socklen_t size = PGWIRE_GROUPS_MAX * sizeof(gid_t);
	gid_t *groups, *fitted;

	if ((groups = malloc(sizeof(gid_t) + size)) == NULL)
		return error_set_errno(e, STATUS_OS, "peer.credentials", "keeping the groups of a client");
	groups[0] = primary;
	if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERGROUPS, groups + 1, &size) != 0) {
		free(groups);
		return error_set_errno(e, STATUS_OS, "peer.credentials",
		    "asking the kernel for the groups of a client");
	}
	peer->ngroups = 1 + (unsigned)(size / sizeof(gid_t));
	peer->groups = groups;
	/* They are kept as long as the client is there. */
	if ((fitted = realloc(groups, peer->ngroups * sizeof(gid_t))) != NULL)
		peer->groups = fitted;
	return 0;
}

int
pgwire_peer_get(int socket_fd, struct pgwire_peer *peer, struct error *e)
{
	struct ucred credentials;
	socklen_t size = sizeof(credentials);

	*peer = (struct pgwire_peer) { 0 };
	if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
		return error_set_errno(e, STATUS_OS, "peer.credentials", "asking the kernel who a client is");
	peer->pid = credentials.pid;
	peer->uid = credentials.uid;
	return peer_get_groups(socket_fd, credentials.gid, peer, e);
}

void
pgwire_peer_set_remote(struct pgwire_peer *peer, const char *login, const char *address)
{
	*peer = (struct pgwire_peer) { .pid = -1, .uid = (uid_t)-1 };
	(void)strlcpy(peer->login, login, sizeof(peer->login));
	(void)strlcpy(peer->name, login, sizeof(peer->name));
	/* Never empty, since a peer with an address is a remote one. */
	(void)strlcpy(peer->address, address[0] == '\0' ? "?" : address, sizeof(peer->address));
}

bool
pgwire_peer_is_remote(const struct pgwire_peer *peer)
{
	return peer->address[0] != '\0';
}

const char *
pgwire_peer_share(const struct pgwire_peer *peer, char buf[PGWIRE_WHO_SIZE])
{
	if (pgwire_peer_is_remote(peer))
		(void)snprintf(buf, PGWIRE_WHO_SIZE, "address %s", peer->address);
	else
		(void)snprintf(buf, PGWIRE_WHO_SIZE, "uid %u", (unsigned)peer->uid);
	return buf;
}

const char *
pgwire_peer_who(const struct pgwire_peer *peer, char buf[PGWIRE_WHO_SIZE])
{
	if (pgwire_peer_is_remote(peer))
		(void)snprintf(buf, PGWIRE_WHO_SIZE, "login \"%s\" from %s", peer->login, peer->address);
	else
		(void)snprintf(buf, PGWIRE_WHO_SIZE, "uid %u pid %d", (unsigned)peer->uid, (int)peer->pid);
	return buf;
}

const char *
pgwire_peer_source(const struct pgwire_peer *peer, const char *program, char buf[PGWIRE_WHO_SIZE])
{
	if (!pgwire_peer_is_remote(peer))
		return program;
	(void)snprintf(buf, PGWIRE_WHO_SIZE, "%s@%s", peer->login, peer->address);
	return buf;
}

void
pgwire_peer_free(struct pgwire_peer *peer)
{
	free(peer->groups);
	*peer = (struct pgwire_peer) { 0 };
}

const char *
pgwire_peer_name(struct pgwire_peer *peer)
{
	char buffer[NAME_BUFFER_SIZE];
	struct passwd entry, *found = NULL;

	if (peer->name[0] != '\0' || pgwire_peer_is_remote(peer))
		return peer->name;
	if (getpwuid_r(peer->uid, &entry, buffer, sizeof(buffer), &found) == 0 && found != NULL)
		(void)strlcpy(peer->name, found->pw_name, sizeof(peer->name));
	else
		(void)snprintf(peer->name, sizeof(peer->name), "%u", (unsigned)peer->uid);
	return peer->name;
}

static bool
rule_fits(const struct conf_access *rule, const struct pgwire_peer *peer)
{
	if (pgwire_peer_is_remote(peer))
		return rule->is_login && peer->login[0] != '\0' && strcmp(rule->name, peer->login) == 0;
	if (rule->is_login || rule->id < 0)
		return false;
	if (!rule->is_group)
		return (uid_t)rule->id == peer->uid;
	for (unsigned i = 0; i < peer->ngroups; i++) {
		if (peer->groups[i] == (gid_t)rule->id)
			return true;
	}
	return false;
}

static const struct conf_access *
rule_find(const struct conf *conf, const struct pgwire_peer *peer)
{
	for (size_t i = 0; i < conf->naccess; i++) {
		if (rule_fits(&conf->access[i], peer))
			return &conf->access[i];
	}
	return NULL;
}

static bool
rule_has_role(const struct conf_access *rule, enum role role)
{
	for (unsigned i = 0; i < rule->nroles; i++) {
		if (rule->roles[i] == role)
			return true;
	}
	return false;
}

static int
refuse_unknown(struct pgwire_peer *peer, struct report *r)
{
	if (pgwire_peer_is_remote(peer)) {
		report_set(r, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION, "no access rule lets login \"%s\" in",
		    peer->login);
		report_hint(r, "Ask the operator for a rule in \"access\" of bibd.yaml that names this login.");
		return -1;
	}
	report_set(r, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION, "no access rule lets %s (uid %u) in",
	    pgwire_peer_name(peer), (unsigned)peer->uid);
	report_hint(r,
	    "Ask the operator for a rule in \"access\" of bibd.yaml that names this user or one of its groups.");
	return -1;
}

static int
refuse_role(const struct conf_access *rule, struct pgwire_peer *peer, const char *wanted, struct report *r)
{
	char roles[128] = "";

	for (unsigned i = 0; i < rule->nroles; i++) {
		if (i > 0)
			(void)strlcat(roles, ", ", sizeof(roles));
		(void)strlcat(roles, role_names[rule->roles[i]], sizeof(roles));
	}
	if (pgwire_peer_is_remote(peer))
		report_set(r, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION, "role \"%s\" is not open to login \"%s\"",
		    wanted, peer->login);
	else
		report_set(r, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION,
		    "role \"%s\" is not open to user \"%s\" (uid %u)", wanted, pgwire_peer_name(peer),
		    (unsigned)peer->uid);
	report_detail(r, "The access rule for %s \"%s\" gives: %s.",
	    rule->is_login	 ? "login"
		: rule->is_group ? "group"
				 : "user",
	    rule->name, roles);
	report_hint(r,
	    "Connect with one of these as the user name, or ask the operator to add the role in \"access\" of"
	    " bibd.yaml.");
	return -1;
}

/* The user that runs the node may have every role; with its own name it gets the most powerful one. */
static int
own_role(struct pgwire_peer *peer, const char *wanted, int named, enum role *role, struct report *r)
{
	if (named >= 0) {
		*role = (enum role)named;
		return 0;
	}
	if (strcmp(wanted, pgwire_peer_name(peer)) == 0) {
		*role = ROLE_ADMIN;
		return 0;
	}
	report_set(r, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION, "role \"%s\" does not exist", wanted);
	report_hint(r, "The roles are %s.", ROLE_LIST);
	return -1;
}

int
pgwire_access_role(const struct conf *conf, bool separated, struct pgwire_peer *peer, const char *wanted,
    enum role *role, struct report *r)
{
	const struct conf_access *rule;
	int named = role_by_name(wanted);

	if (!separated && !pgwire_peer_is_remote(peer) && peer->uid == getuid())
		return own_role(peer, wanted, named, role, r);
	if ((rule = rule_find(conf, peer)) == NULL || rule->nroles == 0)
		return refuse_unknown(peer, r);
	if (named >= 0 && rule_has_role(rule, (enum role)named)) {
		*role = (enum role)named;
		return 0;
	}
	if (strcmp(wanted, pgwire_peer_name(peer)) == 0) {
		*role = rule->roles[0];
		return 0;
	}
	return refuse_role(rule, peer, wanted, r);
}
