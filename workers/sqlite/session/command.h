/*
 * Statements that are not SQLite's to run: a function for each kind, and what their files share. Each runs its portal's
 * statement; one that has to wait is called again.
 */
#ifndef BIBD_SQLITE_COMMAND_H
#define BIBD_SQLITE_COMMAND_H

#include "workers/sqlite/session/session.h"

typedef enum portal_result command_fn(struct session *session, struct portal *portal, struct report *r);

/* DDL; also what was looked at before (CREATE FUNCTION). */
enum portal_result command_define(struct session *session, struct portal *portal, struct report *r);
enum portal_result command_set(struct session *session, struct portal *portal, struct report *r);
enum portal_result command_reset(struct session *session, struct portal *portal, struct report *r);
enum portal_result command_show(struct session *session, struct portal *portal, struct report *r);

/* The portal is done; the same, or failed when result is -1; the same, and the connection at hand learns of settings
 * that have changed. */
enum portal_result command_done(struct portal *portal);
enum portal_result command_result(struct portal *portal, int result);
enum portal_result command_settings_changed(struct session *session, struct portal *portal, int result);

/* Answers one row of texts. */
void command_put_row(struct session *session, struct portal *portal, const char *const *fields, unsigned n);

#endif
