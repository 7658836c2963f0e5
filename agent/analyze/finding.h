/* SPDX-License-Identifier: MIT */
/*
 * Private to analyze: what a finding is. A row says who owns it and what to do, its test looks at
 * episodes and either proves the finding link by link, or says why it does not hold, or can't tell.
 */
#ifndef ESPDIAG_ANALYZE_FINDING_H
#define ESPDIAG_ANALYZE_FINDING_H

#include "analysis.h"

enum {
	CASE_LINKS = 8,
	CASE_MISSING = 6,
	CASE_REFS = 8,
	ROW_ACTIONS = 14,
};

/* What a test found out. Starts all zero with holds = ED_TRI_UNKNOWN. */
struct finding_case {
	enum ed_tri holds;
	struct ed_link links[CASE_LINKS]; /* causal order, first cause first */
	size_t link_count;
	struct ed_str because; /* one or two plain sentences */
	struct ed_str missing[CASE_MISSING];
	size_t missing_count;
	struct ed_str why_not; /* when it does not hold and that is worth saying */
	struct ed_refs why_not_refs;
	bool only_info;           /* worth a line, never the primary, and nothing to do about it */
	bool goes_on;             /* something still tries again: blocked where else it failed */
	bool no_restart;          /* a restart now cannot change the outcome: drop that action */
	const char *first_action; /* put before the row's actions; NULL none */
};

/* In the order of necessity: who is not enrolled gets no token, without one there is no download …
 */
enum family { FAMILY_ENROLLMENT, FAMILY_COMPLIANCE, FAMILY_STORE, FAMILY_IDENTITY, FAMILY_PAGE };

/* Explained by whatever cause there is: a symptom is primary only when nothing else holds. */
#define ANY_CAUSE "*"

struct finding_row {
	const char *id;
	enum family family;
	enum ed_severity severity;
	enum ed_owner owner;
	enum ed_outcome outcome; /* while it is the primary */
	const char *title;
	const char *advice; /* last sentence of the summary */
	void (*test)(struct analysis *a, struct finding_case *c);
	bool only_alone;          /* holds only when no row before it in the family does */
	const char *explained_by; /* the finding that makes this one its consequence; NULL none */
	const char *const actions[ROW_ACTIONS]; /* ids, best first, NULL-terminated */
};

/* All rows, a table a family; within one earlier rows go first as primary. */
extern const struct finding_row finding_rows_enrollment[];
extern const size_t finding_rows_enrollment_count;
extern const struct finding_row finding_rows_compliance[];
extern const size_t finding_rows_compliance_count;
extern const struct finding_row finding_rows_store[];
extern const size_t finding_rows_store_count;
extern const struct finding_row finding_rows_identity[];
extern const size_t finding_rows_identity_count;
extern const struct finding_row finding_rows_page[];
extern const size_t finding_rows_page_count;

/* The tables in the order of necessity. */
struct finding_table {
	enum family family;
	const struct finding_row *rows;
	const size_t *count;
};
extern const struct finding_table finding_tables[];
extern const size_t finding_table_count;

/* Helpers for tests, in finding.c */
/* What a code means, as a sentence; a plain word that nobody knows it when it is in no table. */
const char *code_meaning(uint32_t code);
struct ed_link *add_link(struct finding_case *c, struct ed_str claim, int64_t at, bool inferred);
void link_cite(struct analysis *a, struct ed_link *link, uint32_t ref);
void link_mark(struct analysis *a, struct ed_link *link,
	       const struct mark *m); /* NULL is harmless */
void add_missing(struct finding_case *c, struct ed_str what);
/* The finding does not hold, and this is why; @m (may be NULL) is the evidence. */
void rule_out(struct analysis *a, struct finding_case *c, struct ed_str because,
	      const struct mark *m);
/* The same with a fact as evidence. */
void rule_out_fact(struct analysis *a, struct finding_case *c, struct ed_str because,
		   const struct ed_stored_fact *f);
/*
 * Ruled out because @channel, read undamaged since the first start in the evidence, has no such
 * event. Leaves the case open where the channel does not cover that.
 */
void rule_out_absent(struct analysis *a, struct finding_case *c, struct ed_str because,
		     const char *channel);
enum ed_certainty case_certainty(const struct finding_case *c);

/* An action as a row of actions.c. */
struct action_row {
	const char *id;
	enum ed_owner owner;
	const char *title;
	const char *const steps[8];
	const char *cost;
	const char *source;
};

/* The row for all findings; NULL when there is no such action. */
const struct action_row *action_row_find(const char *id);
/* The row for @finding, else the one for all. */
const struct action_row *action_row_for(const char *id, const char *finding);

/* Steps of the row, with what only this device can say put before them. In advice.c. */
struct ed_str_list action_steps(struct analysis *a, const struct action_row *row,
				const char *finding);

/* The events say that protection was on before the last start, and what that start measured says
 * no. In compliance_links.c. */
bool boot_log_contradicts(const struct analysis *a);

/* When what is waited for should have happened; ED_TIME_NONE when nothing is. In compliance.c. */
int64_t compliance_wait_until(const struct analysis *a);

/* Nothing of @m's channel is lacking since @m: that no later event ended it is no guess. */
bool none_later(struct analysis *a, struct finding_case *c, const struct mark *m);

#endif
