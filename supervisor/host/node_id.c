/*
 * Reads node.id, or makes it of random characters.
 */
#include "supervisor/host/node_id.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"

#define NODE_ID_FILE "node.id"
#define NODE_ID_NEW "node.id.new"

static const char node_id_alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

bool
directories_is_node_id(const char *text)
{
	return strlen(text) == NODE_ID_LENGTH && strspn(text, node_id_alphabet) == NODE_ID_LENGTH;
}

static void
node_id_generate(char id[NODE_ID_SIZE])
{
	for (size_t i = 0; i < NODE_ID_LENGTH; i++)
		id[i] = node_id_alphabet[arc4random_uniform(sizeof(node_id_alphabet) - 1)];
	id[NODE_ID_LENGTH] = '\0';
}

/* 1: read, 0: there is none, -1. */
static int
node_id_read(int data_fd, const char *data_dir, char id[NODE_ID_SIZE], struct error *e)
{
	char text[NODE_ID_SIZE + 2] = "";
	int fd = openat(data_fd, NODE_ID_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n;

	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1)
		return error_set_errno(e, STATUS_IO, "directories.io", "cannot open %s/" NODE_ID_FILE, data_dir);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n == -1)
		return error_set_errno(e, STATUS_IO, "directories.io", "cannot read %s/" NODE_ID_FILE, data_dir);
	text[strcspn(text, "\n")] = '\0';
	if (!directories_is_node_id(text))
		return error_set(e, STATUS_DATA, "directories.node_id",
		    "%s/" NODE_ID_FILE " is damaged: it must hold one line of %d characters; restore it from a backup",
		    data_dir, NODE_ID_LENGTH);
	memcpy(id, text, NODE_ID_SIZE);
	return 1;
}

static int
node_id_write(int data_fd, const char *data_dir, const char *id, struct error *e)
{
	char line[NODE_ID_SIZE + 1];
	int fd = file_create(data_fd, NODE_ID_NEW, 0644);

	(void)snprintf(line, sizeof(line), "%s\n", id);
	if (fd == -1)
		return error_set_errno(e, STATUS_CANT_CREATE, "directories.create", "cannot create %s/" NODE_ID_NEW,
		    data_dir);
	if (file_install(fd, data_fd, NODE_ID_NEW, NODE_ID_FILE, line, strlen(line)) == -1)
		return error_set_errno(e, STATUS_IO, "directories.io", "cannot write %s/" NODE_ID_FILE, data_dir);
	return 0;
}

int
node_id_open(int data_fd, const char *data_dir, const char *wanted, char id[NODE_ID_SIZE], struct error *e)
{
	int found = node_id_read(data_fd, data_dir, id, e);

	if (found == -1)
		return -1;
	if (found == 1) {
		if (wanted[0] == '\0' || strcmp(wanted, id) == 0)
			return 0;
		return error_set(e, STATUS_DATA, "directories.node_id",
		    "%s belongs to node %s and not to %s, which node.id asks for: take that node's data_dir, or leave "
		    "node.id out",
		    data_dir, id, wanted);
	}
	if (wanted[0] != '\0')
		memcpy(id, wanted, NODE_ID_SIZE);
	else
		node_id_generate(id);
	return node_id_write(data_fd, data_dir, id, e);
}
