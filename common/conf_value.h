/*
 * Private to conf.c and conf_value.c: the member of struct conf that a key of the table stands for.
 */
#ifndef BIBD_CONF_VALUE_H
#define BIBD_CONF_VALUE_H

#include "common/conf.h"

/* Where the key's value is in the configuration; what it points to is of the key's type. */
void *conf_field(struct conf *conf, const struct conf_key *key);
const void *conf_const_field(const struct conf *conf, const struct conf_key *key);
/* Frees a text that is the key's value, or NULL; a secret is wiped first. */
void conf_free_text(char *text, const struct conf_key *key);

#endif
