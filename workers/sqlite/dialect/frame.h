/*
 * Frames of windows: what window.c and framed.c share.
 */
#ifndef BIBD_SQLITE_DIALECT_FRAME_H
#define BIBD_SQLITE_DIALECT_FRAME_H

#include "workers/sqlite/dialect/expression.h"

/* Bits of frameOptions (src: PostgreSQL 15, nodes/parsenodes.h). */
enum frame {
	FRAME_NONDEFAULT = 0x1,
	FRAME_RANGE = 0x2,
	FRAME_ROWS = 0x4,
	FRAME_GROUPS = 0x8,
	FRAME_BETWEEN = 0x10,
	FRAME_START_UNBOUNDED_PRECEDING = 0x20,
	FRAME_END_UNBOUNDED_FOLLOWING = 0x100,
	FRAME_START_CURRENT = 0x200,
	FRAME_END_CURRENT = 0x400,
	FRAME_START_PRECEDING = 0x800,
	FRAME_END_PRECEDING = 0x1000,
	FRAME_START_FOLLOWING = 0x2000,
	FRAME_END_FOLLOWING = 0x4000,
	FRAME_EXCLUDE_CURRENT = 0x8000,
	FRAME_EXCLUDE_GROUP = 0x10000,
	FRAME_EXCLUDE_TIES = 0x20000,
	FRAME_OFFSETS = FRAME_START_PRECEDING | FRAME_END_PRECEDING | FRAME_START_FOLLOWING | FRAME_END_FOLLOWING,
};

/* The definition that OVER names, or has itself. */
const PgQuery__WindowDef *frame_definition(struct translator *t, const PgQuery__WindowDef *window);
/* Whether its frames are bibd_framed()'s. -1: reported. */
int frame_is_framed(struct translator *t, const PgQuery__WindowDef *window, bool *is);
/* 0A000: a RANGE that is ordered by the one type takes no offset of the other. */
int frame_no_offset(struct translator *t, uint32_t key, uint32_t offset, int location);
/* Whether the function, of that pg_proc.prokind, is computed over a frame. */
bool function_is_framed(const char *name, char kind);
/* Makes a call of bibd_framed() of the arguments that stand at `start`. */
int translate_framed_call(struct translator *t, const PgQuery__FuncCall *call, const char *name,
    const struct expression *list, size_t start);

#endif
