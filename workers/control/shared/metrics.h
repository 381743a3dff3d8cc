/*
 * A status in the text format that Prometheus reads (version 0.0.4). Private to this room: for bibctl and bibd-control.
 */
#ifndef BIBD_CONTROL_METRICS_H
#define BIBD_CONTROL_METRICS_H

#include <stdint.h>
#include <stdio.h>

#include "workers/control/shared/snapshot.h"

/* Writes every metric that the snapshot has a value for. now_us: microseconds since 1970, what an uptime refers to. */
void metrics_write(FILE *file, const struct snapshot *snapshot, int64_t now_us);

#endif
