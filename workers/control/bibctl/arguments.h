/*
 * The command line as it was read, and what is made of it. Shared by bibctl.c and values.c.
 */
#ifndef BIBD_BIBCTL_ARGUMENTS_H
#define BIBD_BIBCTL_ARGUMENTS_H

#include "workers/control/bibctl/bibctl.h"

/* The command line as it was read, before any of it is judged. */
struct bibctl_arguments {
	const char *socket; /* NULL: the default */
	const char *command, *word, *name;
	const char *file, *lines, *output, *days, *since, *only, *timeout, *hold, *interval, *at, *into, *from, *key,
	    *to;
	bool full, in_place, files, json, follow, verbose, identity, no_color, help, version;
	bool given[BIBCTL_OPTION_COUNT];
	const char *wrong; /* what is wrong with it, or NULL */
	const char *what;  /* the word that is wrong, or NULL */
	struct error path; /* what is wrong with the socket's path */
};

/* Notes what is wrong, and the word that is (or NULL), unless something was wrong before. */
void bibctl_set_wrong(struct bibctl_arguments *arguments, const char *wrong, const char *what);

/* Judges what stands behind each option, and takes it, or its default. command: NULL, where there is none of that
 * name. */
void bibctl_read_values(struct bibctl *bibctl, struct bibctl_arguments *arguments,
    const struct bibctl_command *command);

#endif
