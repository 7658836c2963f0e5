/* SPDX-License-Identifier: MIT */
/*
 * Two verdicts of one device: what was, what is, was the advice taken, did it help. Pure; what
 * cannot be told is said to be so.
 */
#ifndef ESPDIAG_COMPARE_COMPARE_H
#define ESPDIAG_COMPARE_COMPARE_H

#include "espdiag/analyze/verdict.h"
#include "espdiag/base/arena.h"

#define ED_CHANGE_LIST(X)                                                                          \
	X(ED_CHANGE_SAME, "same")                                                                  \
	X(ED_CHANGE_BETTER, "better")                                                              \
	X(ED_CHANGE_WORSE, "worse")                                                                \
	X(ED_CHANGE_OTHER, "changed")                                                              \
	X(ED_CHANGE_UNKNOWN, "unknown")
#define ED_FATE_LIST(X)                                                                            \
	X(ED_FATE_GONE, "gone")                                                                    \
	X(ED_FATE_NEW, "new")                                                                      \
	X(ED_FATE_STAYED, "stayed")
#define ED_COMPARED_LIST(X)                                                                        \
	X(ED_COMPARED_CURED, "cured")             /* something stood, and all is well now */       \
	X(ED_COMPARED_IMPROVED, "improved")       /* the cause went, and nothing else stands */    \
	X(ED_COMPARED_OTHER_CAUSE, "other-cause") /* the cause went, another stands now */         \
	X(ED_COMPARED_UNCHANGED, "unchanged")     /* the same cause stands */                      \
	X(ED_COMPARED_WORSE, "worse")             /* nothing stood, and now something does */      \
	X(ED_COMPARED_WELL, "well")               /* nothing stood before, and nothing does */     \
	X(ED_COMPARED_UNCLEAR, "unclear")

#define ED_COMPARE_ENUM(name, word) name,
enum ed_change { ED_CHANGE_LIST(ED_COMPARE_ENUM) };
enum ed_fate { ED_FATE_LIST(ED_COMPARE_ENUM) };
enum ed_compared { ED_COMPARED_LIST(ED_COMPARE_ENUM) };
#undef ED_COMPARE_ENUM

const char *ed_change_word(enum ed_change v);
const char *ed_fate_word(enum ed_fate v);
const char *ed_compared_word(enum ed_compared v);

/* One thing to look at, in both; .p NULL: not known there. */
struct ed_compared_row {
	const char *id, *title;
	struct ed_str before, after;
	enum ed_change change;
	bool proves; /* is what the summary rests on */
};

struct ed_compared_finding {
	const char *id;
	struct ed_str title;
	enum ed_fate fate;
	enum ed_certainty before, after; /* of which it has; after a fate "gone" only before */
};

/* The first action of the earlier verdict. */
struct ed_compared_advice {
	const char *id; /* NULL: it advised nothing */
	struct ed_str title;
	enum ed_tri taken;
	int64_t at;        /* when it was; ED_TIME_NONE */
	struct ed_str how; /* by what it is known, or why it is not */
	enum ed_tri helped;
};

/* A link of one of the two chains. */
struct ed_compared_link {
	bool of_after;
	const struct ed_link *link;
};

struct ed_comparison {
	const struct ed_verdict *before, *after;
	enum ed_compared result;
	enum ed_certainty certainty;
	struct ed_str summary; /* one to three sentences, the answer first */
	const struct ed_compared_row *rows;
	size_t row_count;
	const struct ed_compared_finding *findings; /* gone, new, stayed */
	size_t finding_count;
	struct ed_compared_advice advice;
	const struct ed_compared_link *proof; /* what held before, then what came since */
	size_t proof_count;
};

/*
 * All of @out lives in @arena or points into the two verdicts, which must outlive it. Which device
 * they are of is the caller's business. ED_NOMEM.
 */
ed_status ed_compare(const struct ed_verdict *before, const struct ed_verdict *after,
		     struct ed_arena *arena, struct ed_comparison *out, struct ed_error *err);

#endif
