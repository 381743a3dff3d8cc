/*
 * Texts of the key programs: base 64, the strings of a JSON answer, small files, addresses.
 */
#include <ctype.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workers/key/key.h"

#define TEXT_BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

void
key_to_base64(const uint8_t *data, size_t size, char text[KEY_BASE64_MAX])
{
	(void)EVP_EncodeBlock((unsigned char *)text, data, (int)size);
}

int
key_from_base64(const char *text, uint8_t *data, size_t room, size_t *size)
{
	uint8_t decoded[KEY_BASE64_MAX];
	size_t length = strlen(text), padding = 0;
	int n;

	if (length == 0 || length % 4 != 0 || length > sizeof(decoded))
		return -1;
	while (padding < 2 && text[length - 1 - padding] == '=')
		padding++;
	if (strspn(text, TEXT_BASE64) != length - padding)
		return -1;
	n = EVP_DecodeBlock(decoded, (const unsigned char *)text, (int)length);
	if (n < 0 || (size_t)n < padding || (size_t)n - padding > room)
		return -1;
	*size = (size_t)n - padding;
	memcpy(data, decoded, *size);
	explicit_bzero(decoded, sizeof(decoded));
	return 0;
}

/* ---- JSON ---- */

/* The end of the string that begins after the quote at text, which is its closing quote; NULL: it has none. */
static const char *
text_find_end(const char *text)
{
	for (text++; *text != '\0' && *text != '"'; text++)
		if (*text == '\\' && *++text == '\0')
			return NULL;
	return *text == '"' ? text : NULL;
}

static int
text_copy(const char *from, const char *end, char *value, size_t size)
{
	size_t n = 0;

	for (; from < end; from++) {
		if (*from == '\\' && *++from != '/')
			return -1;
		if (n + 1 >= size)
			return -1;
		value[n++] = *from;
	}
	value[n] = '\0';
	return 0;
}

/* Goes from string to string, so that nothing within one is taken for a name. */
int
key_find_text(const char *json, const char *name, char *value, size_t size)
{
	const char *at = json, *end, *next;

	while ((at = strchr(at, '"')) != NULL && (end = text_find_end(at)) != NULL) {
		next = end + 1 + strspn(end + 1, " \t\r\n");
		if (*next == ':' && (size_t)(end - at - 1) == strlen(name) &&
		    strncmp(at + 1, name, strlen(name)) == 0) {
			next += 1 + strspn(next + 1, " \t\r\n");
			end = *next == '"' ? text_find_end(next) : NULL;
			return end == NULL ? -1 : text_copy(next + 1, end, value, size);
		}
		at = end + 1;
	}
	return -1;
}

/* ---- files and addresses ---- */

int
key_read_file(const char *path, char *text, size_t size, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	ssize_t n = -1;
	size_t from;

	if (fd == -1 || fstat(fd, &st) == -1)
		(void)error_set_errno(e, STATUS_PERMISSION, "key.file", "cannot open %s", path);
	else if (!S_ISREG(st.st_mode) || (st.st_mode & S_IRWXO) != 0)
		(void)error_set(e, STATUS_PERMISSION, "key.file",
		    "%s must be a file that others than its owner and its group cannot read", path);
	else if ((n = read(fd, text, size - 1)) == -1)
		(void)error_set_errno(e, STATUS_PERMISSION, "key.file", "cannot read %s", path);
	if (fd != -1)
		(void)close(fd);
	if (n == -1)
		return -1;
	while (n > 0 && isspace((unsigned char)text[n - 1]))
		n--;
	text[n] = '\0';
	from = strspn(text, " \t\r\n");
	memmove(text, text + from, strlen(text + from) + 1);
	return text[0] != '\0' ? 0 : error_set(e, STATUS_PERMISSION, "key.file", "%s is empty", path);
}

static bool
text_is_here(const char *host)
{
	static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);

		if (strncmp(host, names[i], n) == 0 && (host[n] == ':' || host[n] == '/' || host[n] == '\0'))
			return strchr(host, '@') == NULL;
	}
	return false;
}

int
key_check_address(const char *address, struct error *e)
{
	static const char secure[] = "https://", plain[] = "http://";

	if (strncmp(address, secure, sizeof(secure) - 1) == 0 ||
	    (strncmp(address, plain, sizeof(plain) - 1) == 0 && text_is_here(address + sizeof(plain) - 1)))
		return 0;
	return error_set(e, STATUS_CONFIG, "key.address",
	    "the address must begin with https://, or with http:// where it is on this host: \"%.100s\"", address);
}
