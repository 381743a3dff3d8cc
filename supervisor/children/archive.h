/*
 * What bibd-archive may not open itself: the file with the credentials of S3.
 */
#ifndef BIBD_SUPERVISOR_ARCHIVE_H
#define BIBD_SUPERVISOR_ARCHIVE_H

struct child;

/* Answers S3_CREDENTIALS_REQUEST of that process: with the file that backup.s3.credentials_file names, or the one that
 * the service manager has for bibd, or with why there is none. Opened each time, since it may change. */
void archive_send_credentials(struct child *archive);

#endif
