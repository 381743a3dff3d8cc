/*
 * The programs for secrets.key_command that bibd has itself: each has one service wrap or unwrap a key, by one request
 * over HTTPS. What they are given and answer is in bibd.yaml(5). No secret is an argument, in the environment, or said.
 */
#ifndef BIBD_KEY_H
#define BIBD_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "common/error.h"

#define KEY_INPUT_MAX 4096
#define KEY_BASE64_MAX (KEY_INPUT_MAX / 3 * 4 + 8)
#define KEY_ANSWER_MAX 32768
#define KEY_BODY_MAX (KEY_BASE64_MAX + 1024)

struct key_call {
	bool wrap; /* else unwrap */
	uint8_t input[KEY_INPUT_MAX];
	size_t size;
	char body[KEY_BODY_MAX]; /* what is sent, JSON */
	struct curl_slist *headers;
	CURL *curl;
	char answer[KEY_ANSWER_MAX + 1];
	size_t got;
	bool overrun;
	uint8_t output[KEY_INPUT_MAX];
	size_t output_size;
};

/* A service: name, its options besides those of all, and how it is asked. */
struct key_option {
	const char *name;
	const char *value; /* the default; NULL: it must be given */
};

struct key_service {
	const char *name, *usage;
	struct key_option *options; /* ended by one without a name */
	/* Makes the request: URL, headers and body. */
	int (*ask)(struct key_call *call, struct error *e);
	/* Takes the answer, of status 200, apart. */
	int (*take)(struct key_call *call, struct error *e);
};

/* The whole program: returns its exit status. 64: wrong arguments; 69: the service did not answer as it must; 74: input
 * or output; 77: it refused, or a file cannot be used; 78: the options are wrong. */
int key_main(const struct key_service *service, int argc, char **argv);

/* The text of a file that nobody but its owner and its group may read, without white space at its ends. */
int key_read_file(const char *path, char *text, size_t size, struct error *e);
/* Encrypted, or to this host. */
int key_check_address(const char *address, struct error *e);
int key_add_header(struct key_call *call, const char *name, const char *value, struct error *e);
/* The member of that name that is a string, wherever it is in a JSON text: without escapes but "\/". -1: there is none,
 * or it does not fit. */
int key_find_text(const char *json, const char *name, char *value, size_t size);
/* -1: it is not base 64, or longer than there is room. */
int key_from_base64(const char *text, uint8_t *data, size_t room, size_t *size);
void key_to_base64(const uint8_t *data, size_t size, char text[KEY_BASE64_MAX]);

#endif
