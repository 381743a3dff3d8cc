/*
 * One frame is one packet on a SOCK_SEQPACKET socket: this header, then at most 16 KiB of payload, and at most one file
 * descriptor beside it. Integers are in host order: both ends are one build on one host.
 */
#ifndef BIBD_FRAME_H
#define BIBD_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define FRAME_PAYLOAD_MAX 16384

struct frame_header {
	uint16_t type;	 /* enum message_type */
	uint16_t length; /* bytes of payload */
	uint32_t id;	 /* chosen by the asker; a reply bears the same. 0: no reply is awaited */
};

struct frame {
	struct frame_header header;
	int fd; /* -1: none. Owned by the frame: frame_close, or frame_take_fd */
	uint8_t payload[FRAME_PAYLOAD_MAX];
};

/* Closes the descriptor that is still in the frame. */
void frame_close(struct frame *frame);

/* Takes the descriptor out of the frame: the caller owns it. -1 if there is none. */
int frame_take_fd(struct frame *frame);

/* Sends one frame without waiting. Returns 0 when it went out, 1 when the socket is full (nothing was sent), -1 on an
 * error (frame.send). The frame's descriptor stays the caller's. */
int frame_send(int socket_fd, const struct frame *frame, struct error *e);

/* Reads one frame without waiting. Returns 1 with a frame, 0 when there is none yet, -1 at the end of the stream
 * (channel.closed) or for a packet that is truncated, has a length other than its header says, or brings more than
 * one descriptor (frame.malformed). */
int frame_receive(int socket_fd, struct frame *frame, struct error *e);

/* A cursor for encoders. The first put that does not fit sets failed; later ones do nothing. */
struct frame_writer {
	struct frame *frame;
	bool failed;
};
void frame_put_boolean(struct frame_writer *w, bool value);
void frame_put_u32(struct frame_writer *w, uint32_t value);
void frame_put_u64(struct frame_writer *w, uint64_t value);
void frame_put_i64(struct frame_writer *w, int64_t value);
void frame_put_text(struct frame_writer *w, const char *value); /* NULL is sent as "" */

/* A cursor for decoders: the first get beyond the end, or a malformed value, sets failed. A text points into the frame
 * and lives as long as it. */
struct frame_reader {
	const struct frame *frame;
	size_t offset;
	bool failed;
};
void frame_get_boolean(struct frame_reader *r, bool *value);
void frame_get_u32(struct frame_reader *r, uint32_t *value);
void frame_get_u64(struct frame_reader *r, uint64_t *value);
void frame_get_i64(struct frame_reader *r, int64_t *value);
void frame_get_text(struct frame_reader *r, const char **value);

#endif
