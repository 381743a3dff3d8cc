/*
 * Statements that are not SQLite's to run: a function for each kind, and what their files share. Each runs its portal's
 * statement; one that has to wait is called again.
 */
#ifndef BIBD_SQLITE_COMMAND_H
#define BIBD_SQLITE_COMMAND_H

#include "workers/sqlite/session/session.h"

typedef enum portal_result command_fn(struct session *session, struct portal *portal, struct report *r);

/* Runs DDL, also that of CREATE FUNCTION after its body was looked at. */
enum portal_result command_define(struct session *session, struct portal *portal, struct report *r);
/* VACUUM, CHECKPOINT and what else maintains the file. */
enum portal_result command_maintain(struct session *session, struct portal *portal, struct report *r);
/* EXPLAIN, in all its formats. */
enum portal_result command_explain(struct session *session, struct portal *portal, struct report *r);
enum portal_result command_set(struct session *session, struct portal *portal, struct report *r);
enum portal_result command_reset(struct session *session, struct portal *portal, struct report *r);
enum portal_result command_show(struct session *session, struct portal *portal, struct report *r);

/* End a portal: as done; as done, or as failed when `result` is -1; and the same where settings may have changed, of
 * which the connection then learns. */
enum portal_result command_done(struct portal *portal);
enum portal_result command_result(struct portal *portal, int result);
enum portal_result command_settings_changed(struct session *session, struct portal *portal, int result);

/* Puts out one row of texts. */
void command_put_row(struct session *session, struct portal *portal, const char *const *fields, unsigned n);

#endif
