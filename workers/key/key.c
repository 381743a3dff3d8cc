/*
 * What the key programs share: their arguments, the one request, input and output.
 */
#include "workers/key/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/file.h"

/* All of it is over before bibd's deadline, so that what is wrong can still be said. */
#define KEY_CONNECT_MS 4000L
#define KEY_REQUEST_MS 8000L

int
key_add_header(struct key_call *call, const char *name, const char *value, struct error *e)
{
	char line[8192];
	struct curl_slist *grown = NULL;

	/* A line's end in it would be another header. */
	if (value[strcspn(value, "\r\n")] == '\0' &&
	    snprintf(line, sizeof(line), "%s: %s", name, value) < (int)sizeof(line))
		grown = curl_slist_append(call->headers, line);
	explicit_bzero(line, sizeof(line));
	if (grown == NULL)
		return error_set(e, STATUS_CONFIG, "key.header", "what is to be sent as %s has no form for that", name);
	call->headers = grown;
	return 0;
}

static size_t
key_take_body(char *data, size_t size, size_t count, void *arg)
{
	struct key_call *call = arg;
	size_t n = size * count, room = KEY_ANSWER_MAX - call->got;

	call->overrun = call->overrun || n > room;
	memcpy(call->answer + call->got, data, n < room ? n : room);
	call->got += n < room ? n : room;
	return call->overrun ? 0 : n;
}

/* What the service says is wrong, as far as it is printed and short. */
static int
key_refused(const struct key_service *service, struct key_call *call, long status, struct error *e)
{
	for (size_t i = 0; i < call->got; i++)
		if ((unsigned char)call->answer[i] < ' ' || (unsigned char)call->answer[i] > '~')
			call->answer[i] = ' ';
	return error_set(e, status >= 400 && status < 500 && status != 429 ? STATUS_PERMISSION : STATUS_UNAVAILABLE,
	    "key.refused", "%s answered %ld: %.300s", service->name, status, call->answer);
}

static int
key_perform(const struct key_service *service, struct key_call *call, struct error *e)
{
	char why[CURL_ERROR_SIZE] = "";
	CURLcode code;
	long status = 0;

	(void)curl_easy_setopt(call->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(call->curl, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(call->curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(call->curl, CURLOPT_CONNECTTIMEOUT_MS, KEY_CONNECT_MS);
	(void)curl_easy_setopt(call->curl, CURLOPT_TIMEOUT_MS, KEY_REQUEST_MS);
	(void)curl_easy_setopt(call->curl, CURLOPT_USERAGENT, "bibd");
	(void)curl_easy_setopt(call->curl, CURLOPT_HTTPHEADER, call->headers);
	(void)curl_easy_setopt(call->curl, CURLOPT_POSTFIELDS, call->body);
	(void)curl_easy_setopt(call->curl, CURLOPT_ERRORBUFFER, why);
	(void)curl_easy_setopt(call->curl, CURLOPT_WRITEFUNCTION, key_take_body);
	(void)curl_easy_setopt(call->curl, CURLOPT_WRITEDATA, call);
	code = curl_easy_perform(call->curl);
	(void)curl_easy_getinfo(call->curl, CURLINFO_RESPONSE_CODE, &status);
	call->answer[call->got] = '\0';
	if (call->overrun)
		return error_set(e, STATUS_UNAVAILABLE, "key.answer", "the answer of %s is too long", service->name);
	if (code != CURLE_OK)
		return error_set(e, STATUS_UNAVAILABLE, "key.service", "%s does not answer: %s", service->name,
		    why[0] != '\0' ? why : curl_easy_strerror(code));
	return status == 200 ? 0 : key_refused(service, call, status, e);
}

/* ---- arguments ---- */

static const char *
key_usage(const struct key_service *service, struct error *e)
{
	(void)error_set(e, STATUS_USAGE, "key.usage", "usage: %s wrap|unwrap", service->usage);
	return NULL;
}

/* The word that is asked for, which bibd puts last. */
static const char *
key_read_arguments(const struct key_service *service, int argc, char **argv, struct error *e)
{
	struct key_option *option;
	int i;

	for (i = 1; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		for (option = service->options; option->name != NULL; option++)
			if (strcmp(option->name, argv[i] + 2) == 0)
				break;
		if (option->name == NULL)
			return key_usage(service, e);
		option->value = argv[i + 1];
	}
	if (i != argc - 1 || (strcmp(argv[i], "wrap") != 0 && strcmp(argv[i], "unwrap") != 0))
		return key_usage(service, e);
	for (option = service->options; option->name != NULL; option++)
		if (option->value == NULL) {
			(void)error_set(e, STATUS_CONFIG, "key.option", "--%s is missing; usage: %s wrap|unwrap",
			    option->name, service->usage);
			return NULL;
		}
	return argv[i];
}

static int
key_read_input(struct key_call *call, struct error *e)
{
	uint8_t more;
	ssize_t n = 0;

	while (call->size < sizeof(call->input) &&
	    (n = read(STDIN_FILENO, call->input + call->size, sizeof(call->input) - call->size)) > 0)
		call->size += (size_t)n;
	if (n == -1)
		return error_set_errno(e, STATUS_IO, "key.input", "cannot read the key");
	if (call->size == 0 || (call->size == sizeof(call->input) && read(STDIN_FILENO, &more, 1) != 0))
		return error_set(e, STATUS_IO, "key.input", "what is to be wrapped or unwrapped has 1 to %d bytes",
		    KEY_INPUT_MAX);
	return 0;
}

static int
key_run(const struct key_service *service, struct key_call *call, struct error *e)
{
	if (key_read_input(call, e) == -1)
		return -1;
	if ((call->curl = curl_easy_init()) == NULL)
		return error_set(e, STATUS_OS, "key.memory", "cannot start libcurl");
	if (service->ask(call, e) == -1 || key_perform(service, call, e) == -1 || service->take(call, e) == -1)
		return -1;
	return file_write_all(STDOUT_FILENO, call->output, call->output_size) == 0
	    ? 0
	    : error_set_errno(e, STATUS_IO, "key.output", "cannot write the answer");
}

int
key_main(const struct key_service *service, int argc, char **argv)
{
	struct key_call *call = calloc(1, sizeof(*call));
	struct error e = { .status = STATUS_OS };
	const char *what;
	int result = -1;

	/* Neither a core file nor another process of the user has the key. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (call == NULL)
		(void)error_set_errno(&e, STATUS_OS, "key.memory", "cannot start");
	else if ((what = key_read_arguments(service, argc, argv, &e)) != NULL) {
		call->wrap = strcmp(what, "wrap") == 0;
		result = key_run(service, call, &e);
	}
	if (call != NULL) {
		curl_slist_free_all(call->headers);
		curl_easy_cleanup(call->curl);
		explicit_bzero(call, sizeof(*call));
		free(call);
	}
	if (result == -1)
		(void)fprintf(stderr, "%.*s: %s\n", (int)strcspn(service->usage, " "), service->usage, e.text);
	return result == -1 ? (int)e.status : STATUS_OK;
}
