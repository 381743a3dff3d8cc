/*
 * The file of an identity that is encrypted under a key held outside. Between identity.c and identity_file.c.
 */
#ifndef BIBD_KEEPER_IDENTITY_FILE_H
#define BIBD_KEEPER_IDENTITY_FILE_H

#include "workers/keeper/identity.h"

bool identity_file_is_encrypted(const uint8_t *file, size_t size);

/* *pem is malloc'ed. Errors: secrets.damaged, secrets.key, secrets.openssl. */
int identity_file_decrypt(const struct files *files, const struct identity_outer *outer, const uint8_t *file,
    size_t size, uint8_t **pem, size_t *pem_size, struct error *e);

/* *file is malloc'ed. Errors: secrets.openssl. */
int identity_file_encrypt(const struct identity_outer *outer, const uint8_t *pem, size_t pem_size, uint8_t **file,
    size_t *size, struct error *e);

#endif
