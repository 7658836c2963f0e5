/* SPDX-License-Identifier: MIT */
/* The only door to the JSON library: reading documents from evidence, and writing ours. */
#ifndef ESPDIAG_JSON_JSON_H
#define ESPDIAG_JSON_JSON_H

#include "espdiag/base/buf.h"
#include "espdiag/base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* A JSON value, borrowed from its document. NULL is "not there" and legal everywhere. */
struct ed_json;

enum ed_json_type {
	ED_JSON_ABSENT,
	ED_JSON_NULL,
	ED_JSON_BOOL,
	ED_JSON_NUMBER,
	ED_JSON_STRING,
	ED_JSON_ARRAY,
	ED_JSON_OBJECT,
};

/*
 * Parses @text (at most ED_LIMIT_JSON bytes, ED_LIMIT_JSON_DEPTH deep). ED_FORMAT, ED_LIMIT,
 * ED_NOMEM. *root is freed with ed_json_free.
 */
ed_status ed_json_parse(struct ed_str text, struct ed_json **root, struct ed_error *err);
/* NULL is harmless. */
void ed_json_free(struct ed_json *root);

enum ed_json_type ed_json_type(const struct ed_json *value);
/* Member of an object by exact name; NULL when there is none. */
const struct ed_json *ed_json_get(const struct ed_json *object, const char *name);
/* Elements of an array or members of an object; 0 for anything else. */
size_t ed_json_count(const struct ed_json *value);
/* The @i-th element or member, in the document's order; @name (may be NULL) gets a member's name.
 */
const struct ed_json *ed_json_at(const struct ed_json *value, size_t i, struct ed_str *name);
/* { NULL, 0 } unless a string. */
struct ed_str ed_json_string(const struct ed_json *value);
/* @other unless a whole number. */
int64_t ed_json_integer(const struct ed_json *value, int64_t other);
/* @other unless a boolean. */
bool ed_json_bool(const struct ed_json *value, bool other);

/*
 * A writer of one document: keeps commas and indentation, escapes text. Member names go before
 * values; in arrays @name is NULL. Failures stick in @out.
 */
struct ed_json_writer {
	struct ed_buf *out;
	int indent;   /* spaces a level; 0 = all on one line */
	int depth;    /* open objects and arrays */
	uint64_t has; /* bit per depth: something was written there */
};

void ed_json_writer_init(struct ed_json_writer *w, struct ed_buf *out, int indent);
void ed_json_begin_object(struct ed_json_writer *w, const char *name);
void ed_json_end_object(struct ed_json_writer *w);
void ed_json_begin_array(struct ed_json_writer *w, const char *name);
void ed_json_end_array(struct ed_json_writer *w);
/* { NULL, 0 } writes null. */
void ed_json_put_str(struct ed_json_writer *w, const char *name, struct ed_str value);
void ed_json_put_int(struct ed_json_writer *w, const char *name, int64_t value);
void ed_json_put_bool(struct ed_json_writer *w, const char *name, bool value);
void ed_json_put_null(struct ed_json_writer *w, const char *name);
/* @word ends in NUL; NULL writes null. */
void ed_json_put_word(struct ed_json_writer *w, const char *name, const char *word);
/* @ticks in UTC as text, as ed_time_format writes it; ED_TIME_NONE writes null, as what is past
 * ED_TIME_LAST does. */
void ed_json_put_time(struct ed_json_writer *w, const char *name, int64_t ticks);

#endif
