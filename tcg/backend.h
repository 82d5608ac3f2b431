/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host must provide (docs/port-a-host.md). compile.c owns the passes and the code memory and calls these.
 * All under the translation lock but backend_enter.
 */
#ifndef TCG_BACKEND_H
#define TCG_BACKEND_H

#include "tcg/compile.h"

struct jitmem;

struct backend;              /* per tcg_ctx: thunks, features, pinning of the target's slots */

/* Detect the host, emit entry, exit and slow-path thunks at the start of mem. */
struct backend *backend_new(const struct tcg_config *config, struct jitmem *mem);
void backend_free(struct backend *b);

/* Emit ir at rw (writable view, at most max bytes). Returns the bytes used, 0 when it does not fit. Fills
 * out->entry (executable view), nlinks and out->links[0..nlinks-1], an array with room for TCG_MAX_LINKS. */
size_t backend_emit(struct backend *b, struct ir *ir, uint8_t *rw, size_t max, struct tcg_code *out);

/* Emission starts here after backend_new and after a flush (the thunks stay): bytes from the start of mem. */
size_t backend_code_start(const struct backend *b);

void backend_patch_link(struct backend *b, struct tcg_link *link, const void *target);
void backend_kill(struct backend *b, void *entry, uint64_t pc);
/* Enter generated code on env; returns at an exit. */
void backend_enter(struct backend *b, struct tcg_env *env, void *entry);

/* Generated code was left by a longjmp from a helper or a slow path: save the live MXCSR into the right env->mxcsr[] and load
 * env->host_mxcsr. Does nothing when no generated code was active. */
void backend_left_by_jump(struct backend *b, struct tcg_env *env);

#endif
