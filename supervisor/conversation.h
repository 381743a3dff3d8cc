/*
 * What workers say to the supervisor, and its first words to them: the handlers of their channels. Private to the top.
 */
#ifndef BIBD_SUPERVISOR_CONVERSATION_H
#define BIBD_SUPERVISOR_CONVERSATION_H

#include "common/error.h"
#include "common/message.h"

struct child;

/* The handlers of every worker's channel; the context is the struct child. */
extern const struct message_handlers conversation_handlers;

/* The first words to a worker: START and its sockets. The context is the struct supervisor. */
int conversation_begin(void *context, struct child *child, struct error *e);

/* ---- conversation_control.c ---- */

void conversation_take_status_request(void *context, struct frame *frame, const struct message_status_request *message);
void conversation_take_reload_request(void *context, struct frame *frame, const struct message_reload_request *message);
void conversation_take_stop_request(void *context, struct frame *frame, const struct message_stop_request *message);
void conversation_take_paused(void *context, struct frame *frame, const struct message_paused *message);
void conversation_take_pause_request(void *context, struct frame *frame, const struct message_pause_request *message);
void conversation_take_resume_request(void *context, struct frame *frame, const struct message_resume_request *message);
void conversation_take_restart_request(void *context, struct frame *frame,
    const struct message_restart_request *message);
void conversation_take_log_request(void *context, struct frame *frame, const struct message_log_request *message);
void conversation_take_audit_verify(void *context, struct frame *frame, const struct message_audit_verify *message);
void conversation_take_identity_request(void *context, struct frame *frame,
    const struct message_identity_request *message);
void conversation_take_certificates_request(void *context, struct frame *frame,
    const struct message_certificates_request *message);
void conversation_take_operator_certificate_request(void *context, struct frame *frame,
    const struct message_operator_certificate_request *message);
void conversation_take_rotate_request(void *context, struct frame *frame, const struct message_rotate_request *message);
void conversation_take_clients_request(void *context, struct frame *frame,
    const struct message_clients_request *message);
void conversation_take_backup_request(void *context, struct frame *frame, const struct message_backup_request *message);
void conversation_take_backup_report(void *context, struct frame *frame, const struct message_backup_report *message);
void conversation_take_kill_request(void *context, struct frame *frame, const struct message_kill_request *message);
void conversation_take_usage(void *context, struct frame *frame, const struct message_usage *message);
void conversation_take_statistics(void *context, struct frame *frame, const struct message_statistics *message);
void conversation_take_status_backup(void *context, struct frame *frame, const struct message_status_backup *message);
void conversation_take_log(void *context, struct frame *frame, const struct message_log *message);
void conversation_take_prepared(void *context, struct frame *frame, const struct message_prepared *message);
void conversation_take_identity(void *context, struct frame *frame, const struct message_identity *message);
void conversation_take_operator_certificate(void *context, struct frame *frame,
    const struct message_operator_certificate *message);
void conversation_take_clients(void *context, struct frame *frame, const struct message_clients *message);
void conversation_take_certificate(void *context, struct frame *frame, const struct message_certificate *message);
void conversation_take_result(void *context, struct frame *frame, const struct message_result *message);
void conversation_take_audit_verified(void *context, struct frame *frame, const struct message_audit_verified *message);
void conversation_take_audit_event(void *context, struct frame *frame, const struct message_audit_event *message);
void conversation_take_audit_sign(void *context, struct frame *frame, const struct message_audit_sign *message);
void conversation_take_audit_signed(void *context, struct frame *frame, const struct message_audit_signed *message);
void conversation_take_audit_check(void *context, struct frame *frame, const struct message_audit_check *message);
void conversation_take_audit_checked(void *context, struct frame *frame, const struct message_audit_checked *message);

#endif
