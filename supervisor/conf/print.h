/*
 * A configuration back to YAML.
 */
#ifndef BIBD_SUPERVISOR_CONF_PRINT_H
#define BIBD_SUPERVISOR_CONF_PRINT_H

#include <stdio.h>

#include "common/conf.h"

/* Writes every key with its value as bibd.yaml(5) spells it; secrets are masked. What comes out can be read in again (a
 * mask then stands where a secret was). Returns -1 when the stream failed. */
int conf_print(const struct conf *conf, FILE *out);

/* Writes the value of one key as conf_print does, with what stands between a key's colon and the next key. */
void conf_print_value(const struct conf *conf, const struct conf_key *key, FILE *out);

#endif
