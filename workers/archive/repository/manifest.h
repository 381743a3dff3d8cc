/*
 * Manifests, as the other files of this room write them.
 */
#ifndef BIBD_ARCHIVE_MANIFEST_H
#define BIBD_ARCHIVE_MANIFEST_H

#include "workers/archive/repository/frame_object.h"

#define MANIFEST_FOLDER "backups"
#define DATA_FOLDER "data"

/* "data/ID/p00000007" */
void pack_name(char name[DEPOT_NAME_MAX], const char *backup, uint32_t pack);

/* Signs and publishes it. Errors: as of the depot; repository.exists. */
int manifest_publish(const struct repository *repository, struct frame_codec *frames, const struct backup *backup,
    struct error *e);

/* Whether the signature that follows the object is one of the repository's signers'. */
bool repository_has_signed(const struct repository *repository, const uint8_t *object, size_t size);

/* An object of a backup is not what was written. Returns -1. */
int backup_damaged(const struct repository *repository, const char *object, struct error *e);

#endif
