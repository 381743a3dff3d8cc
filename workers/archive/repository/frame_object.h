/*
 * Frames: what a pack consists of, each compressed, sealed at its place, and opened there and nowhere else.
 */
#ifndef BIBD_ARCHIVE_FRAME_OBJECT_H
#define BIBD_ARCHIVE_FRAME_OBJECT_H

#include "workers/archive/repository/repository.h"

#define FRAME_PLAIN_MAX (1 << 20)
#define FRAME_SIZE_MAX (FRAME_PLAIN_MAX + 8192) /* sealed, with its size before it */
#define FRAME_MANIFEST UINT32_MAX		/* as the number of the object */

/* Buffers and contexts for one backup's frames; zeroed before the first use. */
struct frame_codec {
	uint8_t key[SEAL_KEY_SIZE]; /* of the backup */
	struct ZSTD_CCtx_s *compress;
	struct ZSTD_DCtx_s *decompress;
	uint8_t *packed, *sealed, *plain; /* plain: what was opened last */
	size_t plain_size;
};

/* The key of the backup with that salt, and buffers. */
int frames_open(struct frame_codec *frames, const struct repository *repository, const uint8_t salt[SEAL_SALT_SIZE],
    struct error *e);
void frames_close(struct frame_codec *frames);

/* frames->sealed is then *size bytes, to be written. */
int frames_seal(struct frame_codec *frames, uint32_t object, uint64_t frame, const void *plain, size_t plain_size,
    size_t *size, struct error *e);
/* data: size bytes as they were written. 1, 0 when it is not what was sealed at this place, -1. */
int frames_unseal(struct frame_codec *frames, uint32_t object, uint64_t frame, const uint8_t *data, size_t size,
    struct error *e);

/* ---- numbers in little-endian order ---- */
void put_u32(uint8_t *p, uint32_t value);
void put_u64(uint8_t *p, uint64_t value);
uint32_t get_u32(const uint8_t *p);
uint64_t get_u64(const uint8_t *p);

#endif
