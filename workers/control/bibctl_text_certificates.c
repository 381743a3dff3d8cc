/* What bibctl says to people of identity and certificates. */
#include <inttypes.h>
#include <string.h>

#include "workers/control/bibctl_escape.h"
#include "workers/control/bibctl_text.h"

#define TEXT_DAY_US (86400 * INT64_C(1000000))
#define TEXT_WARN_US (14 * TEXT_DAY_US)

void
text_identity(const struct render *render, const char *fingerprint, const char *public_pem)
{
	text_label(render, "identity");
	text_put(render, TEXT_BOLD, fingerprint);
	(void)fputc('\n', render->out);
	/* Lines of a PEM are lines. */
	for (const char *line = public_pem; *line != '\0';) {
		char piece[128];
		size_t length = strcspn(line, "\n");

		(void)snprintf(piece, sizeof(piece), "%.*s", (int)length, line);
		escape_put_text(render->out, piece);
		(void)fputc('\n', render->out);
		line += length + (line[length] == '\n');
	}
}

/* A certificate that lives for long is worth a word when two weeks are left; one that lives for less, when it is late. */
static enum text_color
text_certificate_color(const struct message_certificate *certificate, int64_t left_us)
{
	int64_t third = (certificate->not_after_us - certificate->not_before_us) / 3;

	if (left_us <= 0)
		return TEXT_BAD;
	return left_us < TEXT_WARN_US && left_us < third * 9 / 10 ? TEXT_PENDING : TEXT_GOOD;
}

void
text_certificates(const struct render *render, const struct snapshot *status)
{
	for (size_t i = 0; i < status->ncertificates; i++) {
		const struct message_certificate *certificate = &status->certificates[i];
		int64_t left_us = certificate->not_after_us - render->now_us;
		char when[TEXT_TIME_MAX], left[RENDER_UNIT_SIZE];
		size_t length = strlen(certificate->name);

		text_put(render, TEXT_BOLD, certificate->name);
		(void)fprintf(render->out, "%*s", length < 16 ? (int)(16 - length) : 1, "");
		if (left_us >= TEXT_DAY_US)
			(void)snprintf(left, sizeof(left), "%" PRId64 " days left", left_us / TEXT_DAY_US);
		else if (left_us > 0)
			(void)snprintf(left, sizeof(left), "%" PRId64 " s left", left_us / 1000000);
		else
			(void)snprintf(left, sizeof(left), "expired");
		text_put(render, text_certificate_color(certificate, left_us), left);
		(void)fprintf(render->out, ", until %s, for ", text_time(certificate->not_after_us, when, sizeof(when)));
		escape_put_text(render->out, certificate->subject);
		(void)fputs(", by ", render->out);
		escape_put_text(render->out, certificate->issuer);
		if (certificate->path[0] != '\0') {
			(void)fputs(", in ", render->out);
			escape_put_text(render->out, certificate->path);
		}
		(void)fputc('\n', render->out);
	}
}
