/*
 * What the writer and the reader of objects of changes share.
 */
#ifndef BIBD_ARCHIVE_CHANGE_OBJECT_H
#define BIBD_ARCHIVE_CHANGE_OBJECT_H

#include "workers/archive/repository/changes.h"
#include "workers/archive/repository/frame_object.h"

#define CHANGE_MAGIC "bibdchg1"
#define CHANGE_HEAD (sizeof(CHANGE_MAGIC) - 1 + SEAL_SALT_SIZE)
#define CHANGE_LABEL "bibd changes"
#define CHANGE_TEXT_MAX 1024
#define CHANGE_MARK_SIZE 20
#define CHANGE_MARKS_FRAME (FRAME_PLAIN_MAX / CHANGE_MARK_SIZE * CHANGE_MARK_SIZE)
#define CHANGE_GROUP 4096	  /* objects in a folder */
#define FRAME_CHANGES 4294967294U /* as the number of the object */

/* For the hashes of whole objects. */
struct seal_hasher *change_hasher_make(const struct repository *repository, struct error *e);

#endif
