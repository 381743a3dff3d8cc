/*
 * The program bibd-key-vault: Vault's Transit engine holds the key.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/key/key.h"

#define VAULT_TEXT "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=:._-"

enum { VAULT_ADDRESS, VAULT_KEY, VAULT_TOKEN, VAULT_MOUNT, VAULT_NAMESPACE, VAULT_CA, VAULT_OPTIONS };

static struct key_option vault_options[VAULT_OPTIONS + 1] = {
	[VAULT_ADDRESS] = { "address", NULL },
	[VAULT_KEY] = { "key", NULL },
	[VAULT_TOKEN] = { "token-file", NULL },
	[VAULT_MOUNT] = { "mount", "transit" },
	[VAULT_NAMESPACE] = { "namespace", "" },
	[VAULT_CA] = { "ca-file", "" },
};

static const char *
vault_option(int option)
{
	return vault_options[option].value;
}

/* What becomes a part of the URL. */
static bool
vault_is_name(const char *text)
{
	return text[0] != '\0' && text[strspn(text, VAULT_TEXT)] == '\0' && strstr(text, "..") == NULL &&
	    strpbrk(text, "+=:") == NULL;
}

static int
vault_make_body(struct key_call *call, struct error *e)
{
	char text[KEY_BASE64_MAX];

	if (call->wrap)
		key_to_base64(call->input, call->size, text);
	else {
		memcpy(text, call->input, call->size);
		text[call->size] = '\0';
		if (strlen(text) != call->size || text[strspn(text, VAULT_TEXT)] != '\0')
			return error_set(e, STATUS_PERMISSION, "key.input", "this was not wrapped by Vault");
	}
	(void)snprintf(call->body, sizeof(call->body), "{\"%s\":\"%s\"}", call->wrap ? "plaintext" : "ciphertext",
	    text);
	explicit_bzero(text, sizeof(text));
	return 0;
}

static int
vault_ask(struct key_call *call, struct error *e)
{
	char token[4096], url[2048];
	const char *address = vault_option(VAULT_ADDRESS);
	int result;

	if (key_check_address(address, e) == -1)
		return -1;
	if (!vault_is_name(vault_option(VAULT_KEY)) || !vault_is_name(vault_option(VAULT_MOUNT)) ||
	    snprintf(url, sizeof(url), "%s%sv1/%s/%s/%s", address, address[strlen(address) - 1] == '/' ? "" : "/",
		vault_option(VAULT_MOUNT), call->wrap ? "encrypt" : "decrypt",
		vault_option(VAULT_KEY)) >= (int)sizeof(url))
		return error_set(e, STATUS_CONFIG, "key.option", "--key and --mount are names in Vault");
	if (key_read_file(vault_option(VAULT_TOKEN), token, sizeof(token), e) == -1)
		return -1;
	result = key_add_header(call, "X-Vault-Token", token, e);
	explicit_bzero(token, sizeof(token));
	if (result == -1 || key_add_header(call, "X-Vault-Request", "true", e) == -1 ||
	    key_add_header(call, "Content-Type", "application/json", e) == -1 ||
	    (vault_option(VAULT_NAMESPACE)[0] != '\0' &&
		key_add_header(call, "X-Vault-Namespace", vault_option(VAULT_NAMESPACE), e) == -1))
		return -1;
	(void)curl_easy_setopt(call->curl, CURLOPT_URL, url);
	if (vault_option(VAULT_CA)[0] != '\0')
		(void)curl_easy_setopt(call->curl, CURLOPT_CAINFO, vault_option(VAULT_CA));
	return vault_make_body(call, e);
}

static int
vault_take(struct key_call *call, struct error *e)
{
	char text[KEY_BASE64_MAX];
	int result = key_find_text(call->answer, call->wrap ? "ciphertext" : "plaintext", text, sizeof(text));

	if (result == 0 && call->wrap) {
		call->output_size = strlen(text);
		result = call->output_size <= sizeof(call->output) && strncmp(text, "vault:", 6) == 0 ? 0 : -1;
		if (result == 0)
			memcpy(call->output, text, call->output_size);
	} else if (result == 0)
		result = key_from_base64(text, call->output, sizeof(call->output), &call->output_size);
	explicit_bzero(text, sizeof(text));
	return result == 0 ? 0
			   : error_set(e, STATUS_UNAVAILABLE, "key.answer", "the answer has not the form of Vault's");
}

int
main(int argc, char **argv)
{
	static const struct key_service service = {
		.name = "Vault",
		.usage = "bibd-key-vault --address https://HOST:PORT --key NAME --token-file FILE [--mount PATH] "
			 "[--namespace NAME] [--ca-file FILE]",
		.options = vault_options,
		.ask = vault_ask,
		.take = vault_take,
	};

	return key_main(&service, argc, argv);
}
