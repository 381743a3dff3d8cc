/*
 * What a program says, kept within a bound: the beginning and the end of it, since an error stands at either.
 */
#ifndef BIBD_CONTAINER_CAPTURE_H
#define BIBD_CONTAINER_CAPTURE_H

#include <stddef.h>

struct capture {
	size_t head_max; /* bytes kept of the beginning */
	size_t tail_max; /* bytes kept of the end */
	char *head;	 /* owned; allocated when the first byte comes */
	size_t head_size;
	char *tail; /* owned; twice tail_max, so that it is moved together only now and then */
	size_t tail_size;
	size_t dropped; /* bytes that were left out between the two */
};

/* Allocates nothing yet. */
void capture_init(struct capture *capture, size_t head_max, size_t tail_max);
void capture_free(struct capture *capture);

/* Takes more bytes. What memory cannot hold is dropped. */
void capture_add(struct capture *capture, const char *data, size_t size);

/* All that was kept, malloc'ed, with a NUL after it; a line in the middle says how much was left out. The caller frees
 * it. NULL only when memory is out. */
char *capture_text(const struct capture *capture, size_t *size);

#endif
