/*
 * Files of the operator's that the configuration names, and that a worker is handed, open: keys, certificates,
 * credentials.
 */
#ifndef BIBD_OPERATOR_FILE_H
#define BIBD_OPERATOR_FILE_H

#include <stdbool.h>

enum operator_file_fault {
	OPERATOR_FILE_UNREADABLE, /* errno says why */
	OPERATOR_FILE_SPECIAL,	  /* it is no plain file */
	OPERATOR_FILE_SHARED,	  /* it is a secret, and its group or others may do something with it */
};

struct operator_file {
	enum operator_file_fault fault;
	unsigned mode; /* its permissions, unless it is unreadable */
};

/* Opens the file for reading, without waiting for whatever it may be. secret: nobody but its owner may have a right to
 * it. Returns the descriptor, which the caller closes; -1: `file` says why. */
int operator_file_open(const char *path, bool secret, struct operator_file *file);

#endif
