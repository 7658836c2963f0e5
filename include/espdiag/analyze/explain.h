/* SPDX-License-Identifier: MIT */
/*
 * What a code, an event, a finding or an action means, out of the tables that the analysis itself
 * uses. Nothing is guessed: what no row says is unknown.
 */
#ifndef ESPDIAG_ANALYZE_EXPLAIN_H
#define ESPDIAG_ANALYZE_EXPLAIN_H

#include "espdiag/analyze/verdict.h"
#include "espdiag/base/arena.h"

#define ED_EXPLAIN_KIND_LIST(X)                                                                    \
	X(ED_EXPLAIN_CODE, "code")       /* HRESULT, Win32 error or status */                      \
	X(ED_EXPLAIN_AADSTS, "aadsts")   /* error of the sign-in service */                        \
	X(ED_EXPLAIN_EVENT, "event")     /* Provider/ID of an event log */                         \
	X(ED_EXPLAIN_FINDING, "finding") /* what a verdict can find */                             \
	X(ED_EXPLAIN_ACTION, "action")   /* what a verdict can advise */

#define ED_EXPLAIN_ENUM(kind, word) kind,
enum ed_explain_kind { ED_EXPLAIN_KIND_LIST(ED_EXPLAIN_ENUM) };
#undef ED_EXPLAIN_ENUM

const char *ed_explain_kind_word(enum ed_explain_kind v);

/* Texts live in the arena or are static; .p NULL or NULL is "has none". */
struct ed_explanation {
	enum ed_explain_kind kind;
	struct ed_str id;   /* as verdicts write it: "0x80073CF4", "AADSTS53000", "Provider/2008" */
	struct ed_str name; /* "ERROR_INSTALL_OUT_OF_DISK_SPACE" */
	const char *topic;  /* kind of trouble of a code: "disk", "sign-in" */
	const char *severity;  /* of a finding */
	const char *owner;     /* who can do something about it; no event has one */
	struct ed_str channel; /* where the event is written */
	struct ed_str meaning;
	struct ed_str next;         /* the next step; for a finding the advice */
	struct ed_str_list actions; /* ids, of a finding */
	struct ed_str_list steps;   /* of an action */
	struct ed_str cost;         /* of an action */
	struct ed_str source;       /* never missing */
	int64_t number;             /* the code as unsigned; ED_UNKNOWN for findings and actions */
};

/* A number can be several things at once; more than these cannot happen. */
#define ED_EXPLAIN_LIMIT 3

struct ed_explanations {
	struct ed_explanation items[ED_EXPLAIN_LIMIT]; /* the likeliest first */
	size_t count;
};

/*
 * Explains @query: a code in hex (with or without 0x), unsigned or signed decimal, a Win32 error,
 * an AADSTS number, "Provider/ID" (with or without "Microsoft-Windows-"), the id of a finding or an
 * action, or a code's symbolic name. ED_ARG when nothing of the kind is known; the error names the
 * nearest that is. ED_NOMEM.
 */
ed_status ed_explain(struct ed_arena *arena, struct ed_str query, struct ed_explanations *out,
		     struct ed_error *err);

#endif
