/*
 * Compresses with zstd and seals a frame under its backup's key, with its place as the nonce; and the way back.
 */
#include "workers/archive/repository/frame_object.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define FRAME_LEVEL 1 /* of zstd: faster than a disk, and most of what there is to gain */
#define FRAME_LABEL "bibd backup"

void
put_u32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

void
put_u64(uint8_t *p, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

uint32_t
get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint64_t
get_u64(const uint8_t *p)
{
	return (uint64_t)get_u32(p) | (uint64_t)get_u32(p + 4) << 32;
}

int
frames_open(struct frame_codec *f, const struct repository *repository, const uint8_t salt[SEAL_SALT_SIZE],
    struct error *e)
{
	*f = (struct frame_codec) { .compress = ZSTD_createCCtx(),
		.decompress = ZSTD_createDCtx(),
		.packed = malloc(FRAME_SIZE_MAX),
		.sealed = malloc(FRAME_SIZE_MAX),
		.plain = malloc(FRAME_PLAIN_MAX) };
	if (f->compress == NULL || f->decompress == NULL || f->packed == NULL || f->sealed == NULL ||
	    f->plain == NULL) {
		frames_close(f);
		return error_set(e, STATUS_OS, "repository.memory", "memory is out");
	}
	if (seal_derive(repository->key, salt, FRAME_LABEL, f->key, e) == 0)
		return 0;
	frames_close(f);
	return -1;
}

void
frames_close(struct frame_codec *f)
{
	ZSTD_freeCCtx(f->compress);
	ZSTD_freeDCtx(f->decompress);
	free(f->packed);
	free(f->sealed);
	free(f->plain);
	explicit_bzero(f, sizeof(*f));
}

static void
frame_nonce(uint8_t nonce[SEAL_NONCE_SIZE], uint32_t object, uint64_t frame)
{
	put_u32(nonce, object);
	put_u64(nonce + 4, frame);
}

int
frames_seal(struct frame_codec *f, uint32_t object, uint64_t frame, const void *plain, size_t plain_size, size_t *size,
    struct error *e)
{
	uint8_t nonce[SEAL_NONCE_SIZE];
	struct seal_box box = { .key = f->key, .nonce = nonce, .associated = f->sealed, .associated_size = 4 };
	size_t n = ZSTD_compressCCtx(f->compress, f->packed, FRAME_SIZE_MAX - 4 - SEAL_TAG_SIZE, plain, plain_size,
	    FRAME_LEVEL);

	if (ZSTD_isError(n))
		return error_set(e, STATUS_OS, "repository.memory", "zstd cannot compress: %s", ZSTD_getErrorName(n));
	frame_nonce(nonce, object, frame);
	put_u32(f->sealed, (uint32_t)(n + SEAL_TAG_SIZE));
	*size = 4 + n + SEAL_TAG_SIZE;
	return seal_close(&box, f->packed, n, f->sealed + 4, e);
}

int
frames_unseal(struct frame_codec *f, uint32_t object, uint64_t frame, const uint8_t *data, size_t size, struct error *e)
{
	uint8_t nonce[SEAL_NONCE_SIZE];
	struct seal_box box = { .key = f->key, .nonce = nonce, .associated = data, .associated_size = 4 };
	size_t n;
	int result;

	f->plain_size = 0;
	if (size < 4 + SEAL_TAG_SIZE || size > FRAME_SIZE_MAX || get_u32(data) != size - 4)
		return 0;
	frame_nonce(nonce, object, frame);
	if ((result = seal_open(&box, data + 4, size - 4, f->packed, e)) != 1)
		return result;
	n = ZSTD_decompressDCtx(f->decompress, f->plain, FRAME_PLAIN_MAX, f->packed, size - 4 - SEAL_TAG_SIZE);
	if (ZSTD_isError(n))
		return 0;
	f->plain_size = n;
	return 1;
}
