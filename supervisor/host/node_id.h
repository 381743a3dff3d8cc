/*
 * The identity of a node: a file that is made once.
 */
#ifndef BIBD_SUPERVISOR_NODE_ID_H
#define BIBD_SUPERVISOR_NODE_ID_H

#include "supervisor/host/directories.h"

/* Reads node.id in the directory, or makes it: of wanted where that is not "", else at random. Errors:
 * directories.node_id (65: the file is damaged, or wanted is another), directories.io. */
int node_id_open(int data_fd, const char *data_dir, const char *wanted, char id[NODE_ID_SIZE], struct error *e);

#endif
