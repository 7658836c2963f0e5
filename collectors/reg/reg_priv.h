/* SPDX-License-Identifier: MIT */
/* What the two dialects of registry text share: the walk over lines, keys and values. */
#ifndef ED_REG_PRIV_H
#define ED_REG_PRIV_H

#include "espdiag/base/buf.h"
#include "espdiag/collectors/input.h"

enum reg_place {
	REG_OUTSIDE, /* before the first key, or under a key line that could not be read */
	REG_KEY,
	REG_DELETED, /* under [-KEY]: the values say nothing about the machine */
};

struct reg_walk;

/* How names and strings are written. */
struct reg_dialect {
	/* Cuts the name off @line, which begins with a quote: into @name; @rest begins at '='. */
	bool (*name)(struct reg_walk *w, struct ed_str line, struct ed_str *rest);
	/*
	 * Reads the string that @line begins with (at its quote) into @value, taking further lines
	 * when it goes on there. NULL, or why not; then no further line was taken.
	 */
	const char *(*string)(struct reg_walk *w, struct ed_str line);
};

struct reg_walk {
	const struct reg_dialect *dialect;
	struct ed_sink *sink;
	struct ed_error *err;
	bool ansi;          /* text in hex() is Windows-1252, not UTF-16LE */
	struct ed_str rest; /* not read yet */
	size_t line;        /* number of the line that was taken last */
	enum reg_place place;
	bool key_has_values;
	struct ed_buf key, name, value, bytes;
	uint64_t lost; /* lines and values that could not be read */
	size_t lost_line;
	const char *lost_why; /* of the first of them */
	bool cut;             /* the text ends inside a value */
};

/*
 * Walks all of @text, which has @line lines before it. Damage becomes one gap at the end. ED_NOMEM,
 * or what the sink returned.
 */
ed_status reg_walk_text(const struct reg_dialect *dialect, bool ansi, struct ed_str text,
			size_t line, struct ed_sink *sink, struct ed_error *err);

/* The next line without its end; false at the end of the text. */
bool reg_take_line(struct reg_walk *w, struct ed_str *line);
/* Looks at the line that reg_take_line would give. */
bool reg_peek_line(const struct reg_walk *w, struct ed_str *line);
bool reg_is_key_line(struct ed_str line);
/* Only blanks, or blanks and a comment. */
bool reg_is_blank(struct ed_str s);
struct ed_str reg_skip_blanks(struct ed_str s);

/*
 * The data behind "hex(type):", over as many lines as it goes on, into @value, and a number where
 * the type is one. NULL, or why not.
 */
const char *reg_take_hex(struct reg_walk *w, struct ed_str text, bool *has_number,
			 uint64_t *number);
/* Takes the lines that go on behind @line, whose own data is not wanted. */
void reg_skip_continued(struct reg_walk *w, struct ed_str line);
/* @digits: 1 to @most hex digits and nothing else but blanks and a comment. */
bool reg_hex_number(struct ed_str digits, size_t most, uint64_t *out);

extern const struct reg_dialect reg_dialect_file; /* with escapes, as regedit writes */
extern const struct reg_dialect reg_dialect_dump; /* without, as mdmdiagnosticstool does */

#endif
