/*
 * The program bibd-key-aws: AWS KMS holds the key.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/archive/repository/depot.h"
#include "workers/key/key.h"

#define AWS_TEXT "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:._-"

enum { AWS_KEY, AWS_REGION, AWS_CREDENTIALS, AWS_ENDPOINT, AWS_CA, AWS_OPTIONS };

static struct key_option aws_options[AWS_OPTIONS + 1] = {
	[AWS_KEY] = { "key", NULL },
	[AWS_REGION] = { "region", NULL },
	[AWS_CREDENTIALS] = { "credentials-file", NULL },
	[AWS_ENDPOINT] = { "endpoint", "" },
	[AWS_CA] = { "ca-file", "" },
};

static const char *
aws_option(int option)
{
	return aws_options[option].value;
}

static bool
aws_is_name(const char *text, const char *without)
{
	return text[0] != '\0' && text[strspn(text, AWS_TEXT)] == '\0' && strpbrk(text, without) == NULL;
}

/* libcurl signs all headers, and the body. */
static int
aws_sign(struct key_call *call, struct error *e)
{
	struct depot_credentials credentials;
	char text[16384], scope[160];
	int result;

	if (key_read_file(aws_option(AWS_CREDENTIALS), text, sizeof(text), e) == -1)
		return -1;
	result = depot_credentials_parse(text, strlen(text), &credentials, e);
	explicit_bzero(text, sizeof(text));
	if (result == -1)
		return error_set(e, STATUS_PERMISSION, "key.credentials",
		    "%s needs lines aws_access_key_id = ... and aws_secret_access_key = ..., or the same as JSON",
		    aws_option(AWS_CREDENTIALS));
	(void)snprintf(scope, sizeof(scope), "aws:amz:%s:kms", aws_option(AWS_REGION));
	if ((credentials.token[0] != '\0' &&
		key_add_header(call, "X-Amz-Security-Token", credentials.token, e) == -1) ||
	    curl_easy_setopt(call->curl, CURLOPT_AWS_SIGV4, scope) != CURLE_OK ||
	    curl_easy_setopt(call->curl, CURLOPT_USERNAME, credentials.id) != CURLE_OK ||
	    curl_easy_setopt(call->curl, CURLOPT_PASSWORD, credentials.secret) != CURLE_OK)
		result = error_set(e, STATUS_OS, "key.credentials", "the request cannot be signed");
	explicit_bzero(&credentials, sizeof(credentials));
	return result;
}

static int
aws_ask(struct key_call *call, struct error *e)
{
	char url[1024], text[KEY_BASE64_MAX];
	const char *endpoint = aws_option(AWS_ENDPOINT);

	if (!aws_is_name(aws_option(AWS_KEY), "") || !aws_is_name(aws_option(AWS_REGION), "/:._") ||
	    strlen(aws_option(AWS_REGION)) > 64)
		return error_set(e, STATUS_CONFIG, "key.option",
		    "--key is the id, the alias or the ARN of a key, and --region is as eu-central-1");
	if (endpoint[0] != '\0')
		(void)snprintf(url, sizeof(url), "%s%s", endpoint, endpoint[strlen(endpoint) - 1] == '/' ? "" : "/");
	else
		(void)snprintf(url, sizeof(url), "https://kms.%s.amazonaws.com/", aws_option(AWS_REGION));
	if (key_check_address(url, e) == -1 ||
	    key_add_header(call, "X-Amz-Target", call->wrap ? "TrentService.Encrypt" : "TrentService.Decrypt", e) ==
		-1 ||
	    key_add_header(call, "Content-Type", "application/x-amz-json-1.1", e) == -1 || aws_sign(call, e) == -1)
		return -1;
	(void)curl_easy_setopt(call->curl, CURLOPT_URL, url);
	if (aws_option(AWS_CA)[0] != '\0')
		(void)curl_easy_setopt(call->curl, CURLOPT_CAINFO, aws_option(AWS_CA));
	key_to_base64(call->input, call->size, text);
	(void)snprintf(call->body, sizeof(call->body), "{\"KeyId\":\"%.300s\",\"%s\":\"%s\"}", aws_option(AWS_KEY),
	    call->wrap ? "Plaintext" : "CiphertextBlob", text);
	explicit_bzero(text, sizeof(text));
	return 0;
}

static int
aws_take(struct key_call *call, struct error *e)
{
	char text[KEY_BASE64_MAX];
	int result = key_find_text(call->answer, call->wrap ? "CiphertextBlob" : "Plaintext", text, sizeof(text));

	if (result == 0)
		result = key_from_base64(text, call->output, sizeof(call->output), &call->output_size);
	explicit_bzero(text, sizeof(text));
	return result == 0 ? 0
			   : error_set(e, STATUS_UNAVAILABLE, "key.answer", "the answer has not the form of a KMS's");
}

int
main(int argc, char **argv)
{
	static const struct key_service service = {
		.name = "KMS",
		.usage = "bibd-key-aws --key KEY --region REGION --credentials-file FILE [--endpoint URL] "
			 "[--ca-file FILE]",
		.options = aws_options,
		.ask = aws_ask,
		.take = aws_take,
	};

	return key_main(&service, argc, argv);
}
