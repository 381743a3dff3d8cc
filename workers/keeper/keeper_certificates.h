/*
 * What the keeper does about certificates and the identity, once the secrets are open. Private to this room, and beside
 * keeper.h.
 */
#ifndef BIBD_KEEPER_CERTIFICATES_WORKER_H
#define BIBD_KEEPER_CERTIFICATES_WORKER_H

#include "workers/keeper/keeper.h"

/* ---- keeper_certificates.c ---- */

/* From the supervisor (context: the worker). */
void keeper_take_prepare_certificates(void *context, struct frame *frame,
    const struct message_prepare_certificates *message);
void keeper_take_file_given(void *context, struct frame *frame, const struct message_file_given *message);
/* Ends the issue that is under way; says why to the supervisor if it asked, else in the log. */
void keeper_certificates_fail(struct keeper *keeper, const struct error *e);
/* Sets the timer for the next look at their age. */
void keeper_certificates_schedule(struct keeper *keeper);
void keeper_certificates_close(struct keeper *keeper);
/* The certificates in force have changed: tells the supervisor and bibd-postgres. */
void keeper_certificates_in_force(struct keeper *keeper);

/* ---- keeper_operator.c ---- */

/* CERTIFICATE_FILE (context: the worker), and PREPARE_CERTIFICATES when they are the operator's own. */
void keeper_take_certificate_file(void *context, struct frame *frame, const struct message_certificate_file *message);
void keeper_operator_prepare(struct keeper *keeper, uint32_t id);
/* Says once a day that a certificate ends soon. */
void keeper_warn_of_expiry(struct keeper *keeper);

/* Begins to issue them anew; it is done when the supervisor has answered. Errors: those of certificates_issue and
 * certificates_stage, certificates.give. */
int keeper_certificates_begin(struct keeper *keeper, struct error *e);

/* ---- keeper_identity.c ---- */

/* The new authority has signed: the old one is forgotten in a moment. */
void keeper_rotate_signed(struct keeper *keeper);
void keeper_take_rotate_request(void *context, struct frame *frame, const struct message_rotate_request *message);

/* ---- keeper_requests.c ---- */

/* Whether the secrets are open, so that the request can be answered; if not, it is answered with the reason. */
bool keeper_may_answer(struct keeper *keeper, uint32_t id);

/* CERTIFICATE for each under this id; 0: unasked, and only those whose end is worth watching. */
void keeper_tell_certificates(struct keeper *keeper, uint32_t id);

/* What bibctl asks (context: the worker). */
void keeper_take_identity_request(void *context, struct frame *frame, const struct message_identity_request *message);
void keeper_take_certificates_request(void *context, struct frame *frame,
    const struct message_certificates_request *message);
void keeper_take_operator_certificate_request(void *context, struct frame *frame,
    const struct message_operator_certificate_request *message);

#endif
