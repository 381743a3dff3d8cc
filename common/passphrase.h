/*
 * What OpenSSL is told when a file in PEM wants a passphrase. A daemon has nobody to ask, so each key is read without
 * one, or not at all.
 */
#ifndef BIBD_PASSPHRASE_H
#define BIBD_PASSPHRASE_H

/* A pem_password_cb that has no passphrase: reading a key that wants one fails. Without it OpenSSL would ask the
 * terminal. Always -1. */
int passphrase_none(char *buf, int size, int writing, void *context);

#endif
