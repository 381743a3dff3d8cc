/*
 * The way back after lost or damaged credentials. Private to bibctl.
 */
#ifndef BIBD_CONTROL_CREDENTIALS_H
#define BIBD_CONTROL_CREDENTIALS_H

#include "workers/control/bibctl.h"

/* Sets <data_dir>/secrets/credentials aside under another name, and identity.pem when that is asked for or it cannot be
 * a key; nothing is removed. Then makes <data_dir>/secrets.reset, which asks the next start for new ones. Holds bibd's
 * lock meanwhile. report: what was done, in words. Errors: credentials.running (69), credentials.none (65),
 * credentials.permission, credentials.open, credentials.lock (77), credentials.rename, credentials.sync (74),
 * credentials.flag (73). */
int credentials_reset(const char *data_dir, bool identity, char *report, size_t size, struct error *e);

#endif
