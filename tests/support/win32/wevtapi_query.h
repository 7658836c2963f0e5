/* SPDX-License-Identifier: MIT */
/*
 * Queries as the double of wevtapi.dll understands them: a QueryList of one Query on one channel,
 * Selects of at most 20 comparisons of EventID, EventRecordID, Level and Provider[@Name]. Whatever
 * else Windows may take is refused, so that nothing else is relied on.
 */
#ifndef ESPDIAG_WEVTAPI_QUERY_H
#define ESPDIAG_WEVTAPI_QUERY_H

#include "espdiag/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUERY_TERMS 20
#define QUERY_SELECTS 64
#define QUERY_NODES 64
#define QUERY_TEXT 128

enum query_kind {
	QUERY_AND,
	QUERY_OR,
	QUERY_ID,
	QUERY_RECORD,
	QUERY_LEVEL,
	QUERY_PROVIDER,
};

enum query_operator { QUERY_EQ, QUERY_NE, QUERY_LT, QUERY_LE, QUERY_GT, QUERY_GE };

struct query_node {
	enum query_kind kind;
	enum query_operator op;
	uint64_t number;
	char name[QUERY_TEXT];
	int left, right; /* of AND and OR */
};

struct query_select {
	struct query_node nodes[QUERY_NODES];
	int count;
	int root; /* -1: takes all events */
};

struct query {
	char channel[QUERY_TEXT];
	struct query_select *selects; /* QUERY_SELECTS of the caller's */
	int select_count;
};

/* What a query asks of an event; from its System part. */
struct query_event {
	struct ed_str provider;
	uint64_t id, record, level;
};

/* False: refused, as Windows refuses with 15001. */
bool query_parse(struct query *query, struct ed_str text);
bool query_matches(const struct query *query, const struct query_event *event);
/* Reads an event's System part; false when @line is no event. */
bool query_event_read(struct ed_str line, struct query_event *event);

#endif
