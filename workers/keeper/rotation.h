/*
 * A rotation of the passwords at a managed server. Each role has two logins, a and b, one of which is in use: the other
 * gets a new password, is tried, and is taken into use; the first is then closed. bibd_system, which has one login,
 * gets its new password last.
 *
 * How far that is stands in the file of the credentials, written before the step that it is for. Whichever process was
 * killed in between, each start finds one of these steps and goes on from there; to repeat a step that was done
 * already, wholly or half, does no harm:
 *
 *	found              what the server may know           what is done
 *	------------------ ---------------------------------- ---------------------------------------------------------
 *	ROTATION_NONE      the passwords in use; logins of    nothing. A rotation that did not come as far as the file
 *	                   the other side cannot log in       is rolled back by this: nobody has heard of its passwords
 *	ROTATION_PENDING   the passwords in use; of the       bibd-postgres gets both, and is asked to apply all the
 *	                   pending ones any, all or none      pending ones (ROTATE). bibd_system logs in with either of
 *	                                                      its two passwords. When they are applied and tried:
 *	                                                      ROTATION_SWITCHED. When that fails, the node goes on with
 *	                                                      those in use, and it is tried again
 *	ROTATION_SWITCHED  all the new ones, which are in     connections are made with the new logins alone; those of
 *	                   use; logins of the other side may  before are given up (RETIRE_LOGINS), then their logins are
 *	                   still be open                      closed. When that is done: ROTATION_NONE
 */
#ifndef BIBD_KEEPER_ROTATION_H
#define BIBD_KEEPER_ROTATION_H

#include <stdbool.h>
#include <stdint.h>

#include "workers/keeper/credentials.h"

/* ---- the credentials from step to step, in memory; the caller writes them ---- */

/* Makes the pending ones: ROTATION_NONE to ROTATION_PENDING. Nothing is changed on an error. Errors: as
 * credentials_complete. */
int rotation_prepare(struct credentials *credentials, struct error *e);

/* Takes the pending ones into use: ROTATION_PENDING to ROTATION_SWITCHED. */
void rotation_switch(struct credentials *credentials, int64_t now_us);

/* Forgets the passwords of the logins that are not in use: ROTATION_SWITCHED to ROTATION_NONE. */
void rotation_finish(struct credentials *credentials);

/* 'b' for 'a', and 'a' for 'b'. */
char rotation_other_side(char side);

/* ---- when ---- */

/* What this run of the keeper has seen; times of CLOCK_BOOTTIME in ms, 0: not yet. */
struct rotation_clock {
	int64_t begun_ms;  /* when the last rotation of this run began */
	int64_t future_ms; /* since when the time in the file has been in the future */
};

/* Whether one is due, interval_ms (0: never) after rotated_us. The wall clock decides, which counts while the host is
 * down, but it may be wrong: within one run there is an interval of CLOCK_BOOTTIME between two rotations, and a time in
 * the future counts as the present one from when it is first seen (*is_future is then set, once). */
bool rotation_is_due(struct rotation_clock *clock, int64_t rotated_us, int64_t interval_ms, int64_t now_us,
    int64_t boot_ms, bool *is_future);

#endif
