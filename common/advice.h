/*
 * Advice that can be applied as it is printed.
 */
#ifndef BIBD_ADVICE_H
#define BIBD_ADVICE_H

#include <stddef.h>

/* Workers do not know which file the configuration was read from. Where text tells the reader to run `bibctl
 * credentials reset` and the file is not the one that bibctl reads by itself, the option that names it is put in.
 * Nothing happens when there is no room for it in size. */
void advice_name_configuration(char *text, size_t size, const char *conf_path);

#endif
