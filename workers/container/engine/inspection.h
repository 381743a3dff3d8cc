/*
 * What an engine says of a container.
 */
#ifndef BIBD_CONTAINER_INSPECTION_H
#define BIBD_CONTAINER_INSPECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/container/engine/engine.h"

struct inspection {
	bool present;
	bool running;  /* also paused, or on its way to or from that */
	bool removing; /* it is about to be gone */
	char name[ENGINE_NAME_MAX];
	char id[ENGINE_ID_MAX];
	int exit_code;
	bool out_of_memory;
	int64_t pid;	    /* of its first process, as this host numbers it; 0: none */
	int64_t started_us; /* since 1970; 0: never */
	char image_id[ENGINE_ID_MAX];
	char node[64]; /* labels; "" where there is none */
	char role[16];
	char hash[80];
	char data[256]; /* the host's directory that is mounted as PostgreSQL's data; "": none is */
	char error[256];
};

/* Reads one line of the engine's inspect_format. False when it is not one. */
bool inspection_parse(const char *line, size_t size, struct inspection *inspection);

/* Finds the container of that name in the output of inspect; *inspection is not present when it is not there. */
void inspection_find(const char *output, const char *name, struct inspection *inspection);

/* Microseconds since 1970 of "2026-11-24T15:19:56.317668069Z"; 0 for what is no such time, or before 1970. */
int64_t inspection_time(const char *text);

#endif
