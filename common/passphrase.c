/*
 * The answer that there is no passphrase.
 */
#include "common/passphrase.h"

int
passphrase_none(char *buf, int size, int writing, void *context)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}
