/*
 * The storage worker and keeper talk through the supervisor about signed heads of the audit trail, and `bibctl audit
 * verify` asks whether the trail is whole.
 */
#ifndef BIBD_SUPERVISOR_AUDIT_TRAIL_H
#define BIBD_SUPERVISOR_AUDIT_TRAIL_H

#include <stdint.h>

#include "common/message.h"

#define AUDIT_TRAIL_VERIFY_MS 110000 /* below what bibctl waits */

struct requests;

void audit_relay_trail_init(struct requests *requests);

/* Between the storage worker and keeper. The descriptor becomes ours. */
void audit_relay_trail_sign(struct requests *requests, uint32_t id, const struct message_audit_sign *message);
void audit_relay_trail_signed(struct requests *requests, uint32_t id, const struct message_audit_signed *message);
void audit_relay_trail_check(struct requests *requests, uint32_t id, int fd);
void audit_relay_trail_checked(struct requests *requests, uint32_t id, const struct message_audit_checked *message);

/* `bibctl audit verify`: control asks, the storage worker answers. */
void audit_relay_trail_verify(struct requests *requests, uint32_t asked_id);
void audit_relay_trail_verified(struct requests *requests, uint32_t id, const struct message_audit_verified *message);

#endif
