/*
 * Time. Deadlines are in milliseconds of CLOCK_MONOTONIC; what people see is CLOCK_REALTIME. A test replaces the
 * monotonic clock with one of its own.
 */
#ifndef BIBD_CLOCK_H
#define BIBD_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_NEVER INT64_MAX

/* Milliseconds since an arbitrary start; never goes back. */
int64_t clock_now_ms(void);

/* Microseconds since 1970-01-01 UTC. */
int64_t clock_realtime_us(void);

/* Makes clock_now_ms answer what fn returns; NULL restores the kernel's clock. For tests only. */
void clock_set_fake(int64_t (*fn)(void));

/* Writes "2026-11-23T11:41:00.123Z" (RFC 3339, UTC, milliseconds) for a time in microseconds since 1970. The buffer
 * holds at least CLOCK_TEXT_SIZE bytes. Returns buf. */
#define CLOCK_TEXT_SIZE 32
char *clock_text(int64_t realtime_us, char *buf, size_t size);

#endif
