/*
 * Keeps the first and the last bytes of a program's output, and joins them.
 */
#include "workers/container/engine/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
capture_init(struct capture *capture, size_t head_max, size_t tail_max)
{
	*capture = (struct capture) { .head_max = head_max, .tail_max = tail_max };
}

void
capture_free(struct capture *capture)
{
	free(capture->head);
	free(capture->tail);
	capture_init(capture, capture->head_max, capture->tail_max);
}

static size_t
capture_add_head(struct capture *capture, const char *data, size_t size)
{
	size_t room = capture->head_max - capture->head_size;

	if (room == 0 || (capture->head == NULL && (capture->head = malloc(capture->head_max)) == NULL))
		return 0;
	if (size > room)
		size = room;
	memcpy(capture->head + capture->head_size, data, size);
	capture->head_size += size;
	return size;
}

static void
capture_add_tail(struct capture *capture, const char *data, size_t size)
{
	size_t keep = capture->tail_max;

	if (size > keep) {
		capture->dropped += size - keep;
		data += size - keep;
		size = keep;
	}
	if (size == 0)
		return;
	if (capture->tail == NULL && (capture->tail = malloc(2 * capture->tail_max)) == NULL) {
		capture->dropped += size;
		return;
	}
	if (capture->tail_size + size > 2 * capture->tail_max) {
		size_t stay = capture->tail_max - size;

		capture->dropped += capture->tail_size - stay;
		memmove(capture->tail, capture->tail + capture->tail_size - stay, stay);
		capture->tail_size = stay;
	}
	memcpy(capture->tail + capture->tail_size, data, size);
	capture->tail_size += size;
}

void
capture_add(struct capture *capture, const char *data, size_t size)
{
	size_t taken = capture_add_head(capture, data, size);

	capture_add_tail(capture, data + taken, size - taken);
}

char *
capture_text(const struct capture *capture, size_t *size)
{
	size_t extra = capture->tail_size > capture->tail_max ? capture->tail_size - capture->tail_max : 0;
	size_t tail_size = capture->tail_size - extra;
	char gap[64] = "";
	size_t gap_size = 0;
	char *text;

	if (capture->dropped + extra > 0) {
		(void)snprintf(gap, sizeof(gap), "%s[%zu bytes left out]\n", capture->head_size > 0 ? "\n" : "",
		    capture->dropped + extra);
		gap_size = strlen(gap);
	}
	if ((text = malloc(capture->head_size + gap_size + tail_size + 1)) == NULL)
		return NULL;
	*size = 0;
	if (capture->head_size > 0)
		memcpy(text, capture->head, capture->head_size);
	memcpy(text + capture->head_size, gap, gap_size);
	if (tail_size > 0)
		memcpy(text + capture->head_size + gap_size, capture->tail + extra, tail_size);
	*size = capture->head_size + gap_size + tail_size;
	text[*size] = '\0';
	return text;
}
