/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logging by topic, as -d chooses: log_text(LOG_IR, "...") and the two that
 * devices use, log_guest_error and log_unimp.  Output goes to stderr or to
 * the file of -D.  A topic that is off costs one predicted branch.
 *
 * The mask of topics is the one global of the program: it is read in places
 * that have no context at hand.  Any thread may log; each call writes its
 * text in one piece.  Options are set before threads start.
 */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* LOG_TOPIC(constant, name in -d, help) */
#define LOG_TOPICS(LOG_TOPIC)                                                  \
    LOG_TOPIC(IN_ASM, "in_asm", "guest instructions that are translated")      \
    LOG_TOPIC(IR, "ir", "IR as the translator made it")                        \
    LOG_TOPIC(OPT, "opt", "IR after the passes")                               \
    LOG_TOPIC(OUT_ASM, "out_asm", "host code that was made")                   \
    LOG_TOPIC(INT, "int", "exceptions and interrupts taken by CPUs")           \
    LOG_TOPIC(EXEC, "exec", "each entry of translated code")                   \
    LOG_TOPIC(CPU, "cpu", "CPU registers at each entry of translated code")    \
    LOG_TOPIC(MMU, "mmu", "page walks, TLB fills and flushes")                 \
    LOG_TOPIC(GUEST_ERRORS, "guest_errors",                                    \
              "what the guest does against a manual")                          \
    LOG_TOPIC(UNIMP, "unimp", "use of what a device does not model")           \
    LOG_TOPIC(CHAIN, "chain", "links between translated blocks")               \
    LOG_TOPIC(CHECK, "check", "details of -accel tcg,check=on")                \
    LOG_TOPIC(STATS, "stats", "counters of translator and TLB, at exit")

enum log_bit {
#define LOG_TOPIC(constant, name, help) LOG_BIT_##constant,
    LOG_TOPICS(LOG_TOPIC)
#undef LOG_TOPIC
        LOG_NBITS
};

enum log_topic {
#define LOG_TOPIC(constant, name, help)                                        \
    LOG_##constant = 1 << LOG_BIT_##constant,
    LOG_TOPICS(LOG_TOPIC)
#undef LOG_TOPIC
};

/* Topics that are on.  Read it through log_enabled. */
extern uint32_t log_mask;

static inline bool log_enabled(uint32_t topics)
{
    return __builtin_expect((log_mask & topics) != 0, 0);
}

/* Turns on the topics of a comma-separated list ("in_asm,int"; "all" and
 * "none" too).  false with an error that names the unknown topic. */
bool log_set_topics(const char *list, GError **err);

/* Sends the log to a file (-D); "%d" in the name becomes the process id.
 * NULL goes back to stderr.  false when the file cannot be opened. */
bool log_set_file(const char *path, GError **err);

/* Prints the table of topics (-d help). */
void log_help(FILE *out);

/* Writes the text when one of the topics is on. */
#define log_text(topics, ...)                                                  \
    do {                                                                       \
        if (log_enabled(topics))                                               \
            log_write(__VA_ARGS__);                                            \
    } while (0)

/* The guest did something that its manual forbids or leaves unpredictable.
 * Give a whole line without the newline. */
#define log_guest_error(...)                                                   \
    do {                                                                       \
        if (log_enabled(LOG_GUEST_ERRORS))                                     \
            log_line("guest error: ", __VA_ARGS__);                            \
    } while (0)

/* The guest used something that we do not model.  As above. */
#define log_unimp(...)                                                         \
    do {                                                                       \
        if (log_enabled(LOG_UNIMP))                                            \
            log_line("not modelled: ", __VA_ARGS__);                           \
    } while (0)

/* Writes text as it is, in one piece, whatever the topics. */
void log_write(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Writes prefix, text and a newline. */
void log_line(const char *prefix, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The stream itself, locked against other threads until log_unlock, for
 * output of several calls. */
FILE *log_lock(void);
void log_unlock(FILE *stream);

/* Writes out what is buffered. */
void log_flush(void);

#endif
