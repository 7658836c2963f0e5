/* SPDX-License-Identifier: MIT */
/*
 * Events for measuring: made up, alike in size and mix to what Windows logs, and the same in every
 * run. A stream hands out one event after the other; which one depends on the seed alone.
 */
#ifndef TESTS_BENCH_BENCH_DATA_H
#define TESTS_BENCH_BENCH_DATA_H

#include "build_event.h"

#define BENCH_FIELDS 32 /* of one event */
#define BENCH_TEXT 1024 /* bytes of one value */
#define BENCH_KINDS 512 /* of one stream */
#define BENCH_START "2026-03-02T06:00:00Z"

struct bench_class;

struct bench_field {
	char name[40];
	const struct bench_class *class;
};

/* One kind of event: what Windows has one template for. */
struct bench_kind {
	char provider[64];
	char channel[96];
	char guid[40];
	uint32_t id;
	uint16_t task;
	uint8_t level;
	bool has_user;
	unsigned weight;
	enum build_shape shape;
	struct bench_field fields[BENCH_FIELDS];
	size_t field_count;
};

struct bench_stream {
	uint64_t random;
	struct bench_kind kinds[BENCH_KINDS];
	size_t kind_count;
	size_t active; /* kinds that occur at a time; they drift over the rest */
	unsigned weights;
	unsigned repeat; /* of 1000 events so many are of the kind before: audits come in rows */
	int64_t time;
	uint64_t record;
	/* the event handed out last */
	struct build_event event;
	struct build_field fields[BENCH_FIELDS];
	char text[BENCH_FIELDS][BENCH_TEXT];
	char user[64], activity[40];
	const struct bench_kind *kind;
};

/* As the Security log of a busy device: 31 kinds, a few of them most of the time. */
void bench_stream_security(struct bench_stream *s, uint64_t seed);
/* @providers with @ids kinds each of many shapes, numbered from @first on. */
void bench_stream_mixed(struct bench_stream *s, uint64_t seed, unsigned first, unsigned providers,
			unsigned ids);
/* The next event, valid until the next call. */
const struct build_event *bench_stream_next(struct bench_stream *s);
/* 0 to @below - 1. */
uint32_t bench_random(uint64_t *random, uint32_t below);

#endif
