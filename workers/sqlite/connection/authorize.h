/*
 * What roles may read, where a whole process serves bibd alone.
 */
#ifndef BIBD_SQLITE_AUTHORIZE_H
#define BIBD_SQLITE_AUTHORIZE_H

/* From now on bibd's own tables may be read too, by every session: for a process that serves no client, since its rows
 * are moved. To be called before there is a session. */
void authorize_read_own(void);

#endif
