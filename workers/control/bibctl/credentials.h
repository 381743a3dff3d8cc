/*
 * The way back after lost or damaged credentials. Private to bibctl.
 */
#ifndef BIBD_CONTROL_CREDENTIALS_H
#define BIBD_CONTROL_CREDENTIALS_H

#include "workers/control/bibctl/bibctl.h"

struct credentials_request {
	const char *data_dir;
	bool identity;	      /* a new identity too */
	bool managed;	      /* the node has a database that must learn of new credentials */
	bool has_credentials; /* a node on SQLite has an identity alone */
};

/* Sets <data_dir>/secrets/credentials aside under another name, and identity.pem when that is asked for or it cannot be
 * a key; nothing is removed. Then, for a managed node, makes <data_dir>/secrets.reset, which asks the next start for
 * new ones; others make what is missing without being asked. Holds bibd's lock meanwhile. report: what was done, in
 * words. Errors: credentials.running (69), credentials.none (65), credentials.permission, credentials.open,
 * credentials.lock (77), credentials.rename, credentials.sync (74), credentials.flag (73). */
int credentials_reset(const struct credentials_request *request, char *report, size_t size, struct error *e);

#endif
