/*
 * A directory of secrets in a temporary directory.
 */
#ifndef BIBD_TESTS_KEEPER_SCENE_H
#define BIBD_TESTS_KEEPER_SCENE_H

#include <check.h>

#include "workers/keeper/keeper.h"

#define SCENE_NODE "abcdefghijklmnopqrstuvwxyz"

/* File scope: Check's fixtures and tests take no arguments. */
extern char scene_data_dir[64];
extern char scene_directory[80]; /* its secrets */

/* Check's fixtures. */
void scene_set_up(void);
void scene_tear_down(void);

/* The directory, opened; files_close it. */
struct files scene_files(void);

/* A file of it: read whole (the size is returned; buf has room for FILES_SIZE_MAX), written in place with this mode,
 * and whether it exists. */
size_t scene_read_file(const char *name, uint8_t *buf);
void scene_write_file(const char *name, const void *data, size_t size, mode_t mode);
bool scene_has_file(const char *name);

/* An error of this status and code, with these words in its text, and in one line that ends with the way back when the
 * status is 65. */
void scene_assert_error(const struct error *e, enum status status, const char *code, const char *words);

#endif
