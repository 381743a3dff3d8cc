/*
 * The program bibd-keeper. Its start: the common order of workers (worker.h); then it waits for OPEN_SECRETS. It reads
 * and writes <data_dir>/secrets, the certificates where the server is on TCP, and nothing else.
 */
#include <limits.h>
#include <string.h>

#include "workers/keeper/keeper_certificates.h"

static size_t
main_paths(struct worker *worker, struct sandbox_path *paths, size_t max)
{
	char certificates[PATH_MAX];
	size_t n = 0;

	(void)max;
	/* The directories' names are kept for the worker's life. */
	paths[n++] = (struct sandbox_path) { .path = keeper_directory(worker->conf), .writable = true };
	if (conf_has_tls(worker->conf) && conf_certificates_path(worker->conf, certificates, sizeof(certificates)) == 0)
		paths[n++] = (struct sandbox_path) { .path = strdup(certificates), .writable = true };
	/* OpenSSL's randomness where getrandom(2) cannot serve. */
	paths[n++] = (struct sandbox_path) { .path = "/dev/urandom" };
	return n;
}

int
main(int argc, char **argv)
{
	static const struct worker_program program = {
		.process = PROCESS_KEEPER,
		.profile = SANDBOX_STORAGE,
		.paths = main_paths,
		.start = keeper_start,
		.commit = keeper_commit,
		.stop = keeper_stop,
		.handlers = {
			.keep_password = keeper_take_password,
			.take_key = keeper_take_key,
			.open_secrets = keeper_take_open,
			.peer = keeper_take_peer,
			.audit_sign = keeper_take_audit_sign,
			.audit_check = keeper_take_audit_check,
			.prepare_certificates = keeper_take_prepare_certificates,
			.file_given = keeper_take_file_given,
			.certificate_file = keeper_take_certificate_file,
			.identity_request = keeper_take_identity_request,
			.certificates_request = keeper_take_certificates_request,
			.operator_certificate_request = keeper_take_operator_certificate_request,
			.rotate_request = keeper_take_rotate_request,
		},
	};

	return worker_main(&program, argc, argv);
}
