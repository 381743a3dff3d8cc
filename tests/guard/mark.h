/*
 * Where callgrind(1) is to begin a new count: --dump-before=guard_mark. The counts come in the order of the calls; the
 * first is of what was done before any of them.
 */
#ifndef BIBD_TESTS_GUARD_MARK_H
#define BIBD_TESTS_GUARD_MARK_H

#include <stdio.h>

/* What is counted from here on: its name and how many there will be of it; NULL: nothing of interest. */
__attribute__((noinline)) static void
guard_mark(const char *name, unsigned n)
{
	printf("%s %u\n", name == NULL ? "-" : name, n);
}

#endif
