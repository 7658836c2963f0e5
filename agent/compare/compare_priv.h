/* SPDX-License-Identifier: MIT */
/* What the files of the comparison share. */
#ifndef ESPDIAG_COMPARE_COMPARE_PRIV_H
#define ESPDIAG_COMPARE_COMPARE_PRIV_H

#include "espdiag/base/buf.h"
#include "espdiag/compare/compare.h"

/* The rows, in the order in which they are told. */
enum row {
	ROW_OUTCOME,
	ROW_PAGE,
	ROW_APP,
	ROW_ATTEMPTS,
	ROW_DENIALS,
	ROW_PROTECTION,
	ROW_KEY_BACKUP,
	ROW_CIPHER,
	ROW_START,
	ROW_MEASURED,
	ROW_CERTIFICATE,
	ROW_REQUIRED,
	ROW_COUNT,
};

struct comparing {
	const struct ed_verdict *before, *after;
	struct ed_arena *arena;
	struct ed_buf text; /* scratch; failures stick in it */
	bool dated;         /* more than one day is talked about */
	struct ed_compared_row rows[ROW_COUNT];
	int ranks[2][ROW_COUNT]; /* before and after: the higher the better; RANK_UNKNOWN */
};

#define RANK_UNKNOWN (-1)
#define RANK_BAD 0
#define RANK_GOOD 1

/* "08:42:52", with its date when that is needed. */
void compare_time(struct comparing *c, int64_t t);
/* Empties the scratch; a failure stays. */
void compare_begin(struct comparing *c);
/* What the scratch holds, for good; { NULL, 0 } and a sticking failure when out of memory. */
struct ed_str compare_keep(struct comparing *c);

/* rows.c: fills rows and ranks. */
void compare_rows(struct comparing *c);
/* Whether the row is good now and was not before. */
bool compare_row_came(const struct comparing *c, enum row row);
/* What came since, for people, as far as it is known when: clauses with commas. False: nothing. */
bool compare_since(struct comparing *c);

/* How advice is told, and what must have become good if it worked; advice.c */
struct advice_row {
	const char *id;
	const char *noun; /* "The restart" */
	enum row key;     /* ROW_COUNT: nothing of its own */
	/* Whether it was done between the two; sets @at and appends to @c->text how it is known. */
	enum ed_tri (*taken)(struct comparing *c, int64_t *at);
};

/* NULL: nobody can see whether that was done. */
const struct advice_row *compare_advice(const char *id);

#endif
