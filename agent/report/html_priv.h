/* SPDX-License-Identifier: MIT */
/* What the files of the page share: safe text, times, references, the timeline's parts. */
#ifndef ESPDIAG_REPORT_HTML_PRIV_H
#define ESPDIAG_REPORT_HTML_PRIV_H

#include "espdiag/report/report.h"

struct html {
	const struct ed_verdict *v;
	struct ed_buf *out; /* failures stick in it */
};

/* html_style.c, html_script.c: lines that end with NULL, and the hash that the policy names. */
extern const char *const html_style[];
extern const char *const html_script[];
extern const char html_style_hash[];
extern const char html_script_hash[];

/*
 * html_write.c
 * Text for any place but a tag's inside: & < > " ' are escaped, and what cannot be seen or turns
 * the reading direction stands as [U+202E]. Line ends and tabs stay.
 */
void html_text(struct ed_buf *out, struct ed_str s);
void html_textz(struct ed_buf *out, const char *z);
/* html_text with the first letter as a capital: for what the program itself says. */
void html_sentence(struct ed_buf *out, const char *z);
/* "unknown" for ED_UNKNOWN */
void html_number(struct ed_buf *out, int64_t n);
/* "1 attempt", "2 attempts" */
void html_count(struct ed_buf *out, int64_t n, const char *one, const char *many);

/* How a time reads. The letter tells the script. */
enum html_form {
	HTML_FULL = 'f',    /* 2026-09-14 08:15:07 */
	HTML_CLOCK = 'c',   /* 08:15:07 */
	HTML_MINUTES = 'm', /* 08:15 */
	HTML_DAY = 'd',     /* 14 Sep */
};

/* Plain text, UTC. */
void html_clock(struct ed_buf *out, int64_t t, enum html_form form);
/* A <time> that the script can show in local time; "unknown" for ED_TIME_NONE. */
void html_time(struct ed_buf *out, int64_t t, enum html_form form);
/* The attributes that tell the script the same of an SVG text. */
void html_time_data(struct ed_buf *out, int64_t t, enum html_form form);
/* Links to cited items. */
void html_refs(struct ed_buf *out, struct ed_refs refs);
void html_ref(struct ed_buf *out, int64_t ref);

/* html_axis.c: from time to place. All places are tenths of a unit, so that no rounding differs. */
struct axis_part {
	int64_t from, to;
	int64_t x, width;
	bool gap; /* drawn shorter than it is: nothing happened in it */
};

struct axis {
	struct axis_part *parts;
	size_t count;
	size_t gap_count;
	int64_t per_minute; /* tenths that a minute takes outside of gaps; 0 unknown */
};

/* Places everything of the timeline between @x and @x + @width. False when out of memory. */
bool axis_init(struct axis *axis, const struct ed_verdict *v, int64_t x, int64_t width);
void axis_release(struct axis *axis);
/* Never left of an earlier time's place. */
int64_t axis_x(const struct axis *axis, int64_t t);
/* Ticks between labels at least @least tenths apart. */
int64_t axis_step(const struct axis *axis, int64_t least);
/* A place as a number of SVG: "12.5". */
void axis_write(struct ed_buf *out, int64_t tenths);

/* How a kind of mark is told and drawn. */
struct mark_look {
	const char *many; /* plural; the singular is the kind's word */
	const char *tone; /* class: "bad", "good", "move", "soft" */
	const char *path;
	bool hollow, bar;
	int rank; /* in a crowd the highest is drawn */
};

/* html_marks.c */
const struct mark_look *mark_look(enum ed_mark_kind kind);
const char *lane_title(enum ed_lane lane);
/* "2 attempts failed, 1 restart" over @totals, by kind. */
void mark_totals(struct ed_buf *out, const size_t totals[ED_MARK_KIND_COUNT]);

/* html_timeline.c: the section with drawing, legend and table. */
void html_timeline(struct html *h);

/* html_svg.c */
enum svg_size { SVG_WIDE, SVG_NARROW };
void svg_timeline(struct html *h, enum svg_size size);

/* html_tables.c: everything below the proof. */
void html_ruled_out(struct html *h);
void html_coverage(struct html *h);
void html_findings(struct html *h);
void html_apps(struct html *h);
void html_facts(struct html *h);
void html_evidence(struct html *h);

#endif
