/* SPDX-License-Identifier: MIT */
/*
 * The timeline as SVG: a lane a source of marks, the links of the chain as numbers joined by a
 * line. Marks that would touch become one with a count; nothing is left out. Lengths are in tenths
 * of a unit.
 */
#include "html_priv.h"

/* Marks nearer than this merge, until the crowd is as wide as its count needs. */
#define CROWD_NEAR 100
#define CROWD_WIDE 300
/* More bars than this in a lane are drawn as moments. */
#define BARS_MOST 40
#define GUIDES_MOST 12
/* Times beyond this get no ticks of their own. */
#define TICK_TIMES (INT64_MAX / 2)
#define BADGE 85

struct canvas {
	struct html *h;
	struct axis axis;
	enum svg_size size;
	int64_t width, height;
	int64_t left, right; /* of the plot */
	int64_t top;         /* of the first lane */
	int64_t lane_height;
	int64_t bottom; /* of the last lane */
};

struct crowd {
	const struct ed_mark *first, *last;
	int64_t x, x_end;
	size_t count;
	size_t totals[ED_MARK_KIND_COUNT];
};

static struct ed_buf *out_of(const struct canvas *c)
{
	return c->h->out;
}

static void put_xy(struct ed_buf *out, int64_t x, int64_t y)
{
	axis_write(out, x);
	ed_buf_addc(out, ' ');
	axis_write(out, y);
}

static void put_number(struct ed_buf *out, const char *name, int64_t tenths)
{
	ed_buf_printf(out, " %s=\"", name);
	axis_write(out, tenths);
	ed_buf_addc(out, '"');
}

static void put_line(struct ed_buf *out, const char *class, int64_t x1, int64_t y1, int64_t x2,
		     int64_t y2)
{
	ed_buf_printf(out, "<path class=\"%s\" d=\"M", class);
	put_xy(out, x1, y1);
	ed_buf_addc(out, 'L');
	put_xy(out, x2, y2);
	ed_buf_addz(out, "\"/>\n");
}

/* Begins a text; the caller writes it and closes it. */
static void text_begin(struct ed_buf *out, const char *class, int64_t x, int64_t y)
{
	ed_buf_printf(out, "<text class=\"%s\"", class);
	put_number(out, "x", x);
	put_number(out, "y", y);
}

static int64_t lane_y(const struct canvas *c, enum ed_lane lane)
{
	return c->top + c->lane_height * (int64_t)lane;
}

/* Where the marks of a lane are centred. */
static int64_t mark_y(const struct canvas *c, enum ed_lane lane)
{
	return lane_y(c, lane) + c->lane_height - (c->size == SVG_NARROW ? 180 : 190);
}

static int64_t badge_y(const struct canvas *c, enum ed_lane lane)
{
	if (lane == ED_LANE_COUNT)
		return c->top - 20;
	return mark_y(c, lane) - (c->size == SVG_NARROW ? 180 : 160);
}

static int64_t at_most(int64_t v, int64_t low, int64_t high)
{
	return v < low ? low : v > high ? high : v;
}

static void put_span_text(struct ed_buf *out, const struct ed_mark *m)
{
	ed_buf_addz(out, ": ");
	html_clock(out, m->at, HTML_FULL);
	if (m->open) {
		ed_buf_addz(out, " and still so");
	} else if (m->until != ED_TIME_NONE && m->until != m->at) {
		ed_buf_addz(out, " to ");
		html_clock(out, m->until, HTML_CLOCK);
	}
	ed_buf_addz(out, " UTC");
}

static void put_mark_title(struct ed_buf *out, const struct ed_mark *m)
{
	ed_buf_addz(out, "<title>");
	ed_buf_addz(out, ed_mark_kind_word(m->kind));
	if (m->label.len) {
		ed_buf_addz(out, ", ");
		html_text(out, m->label);
	}
	if (m->at != ED_TIME_NONE)
		put_span_text(out, m);
	ed_buf_addz(out, "</title>");
}

static void put_crowd_title(struct ed_buf *out, const struct crowd *crowd)
{
	ed_buf_addz(out, "<title>");
	mark_totals(out, crowd->totals);
	if (crowd->first->at != ED_TIME_NONE && crowd->last->at != ED_TIME_NONE) {
		ed_buf_addz(out, ": ");
		html_clock(out, crowd->first->at, HTML_FULL);
		ed_buf_addz(out, " to ");
		html_clock(out, crowd->last->at, HTML_FULL);
		ed_buf_addz(out, " UTC");
	}
	ed_buf_addz(out, "</title>");
}

static void put_mark_begin(struct ed_buf *out, const struct ed_mark *m, const char *tone,
			   size_t count)
{
	if (count == 1 && m->ref != ED_UNKNOWN)
		ed_buf_printf(out, "<a href=\"#e%lld\">", (long long)m->ref + 1);
	ed_buf_printf(out, "<g class=\"mark %s\" data-lane=\"%s\" data-n=\"%zu\"", tone,
		      ed_lane_word(m->lane), count);
	if (m->at != ED_TIME_NONE) {
		char iso[ED_TIME_TEXT];

		ed_time_format(m->at, iso);
		ed_buf_printf(out, " data-at=\"%s\"", iso);
	}
}

static void put_mark_end(struct ed_buf *out, const struct ed_mark *m, size_t count)
{
	ed_buf_addz(out, "</g>");
	ed_buf_addz(out, count == 1 && m->ref != ED_UNKNOWN ? "</a>\n" : "\n");
}

static void put_bar(const struct canvas *c, const struct ed_mark *m)
{
	const struct mark_look *look = mark_look(m->kind);
	struct ed_buf *out = out_of(c);
	int64_t x = axis_x(&c->axis, m->from), width = axis_x(&c->axis, m->to) - x;
	int64_t y = mark_y(c, m->lane);
	bool thin = m->kind == ED_MARK_ENCRYPTING;
	struct ed_str label = m->label.len ? m->label : ed_str_from(ed_mark_kind_word(m->kind));

	put_mark_begin(out, m, look->tone, 1);
	put_number(out, "data-x", x);
	ed_buf_addz(out, ">");
	put_mark_title(out, m);
	ed_buf_printf(out, "<rect class=\"bar%s\"", thin ? " thin" : look->hollow ? " hollow" : "");
	put_number(out, "x", x);
	put_number(out, "y", thin ? y + 80 : y - 60);
	put_number(out, "width", width > 30 ? width : 30);
	ed_buf_printf(out, " height=\"%d\" rx=\"1.5\"/>", thin ? 4 : 13);
	if (!thin && (int64_t)label.len * 66 + 80 < width) {
		text_begin(out, look->hollow ? "in dark" : "in", x + 60, y + 42);
		ed_buf_addc(out, '>');
		html_text(out, label);
		ed_buf_addz(out, "</text>");
	}
	put_mark_end(out, m, 1);
}

static enum ed_mark_kind crowd_kind(const struct crowd *crowd)
{
	enum ed_mark_kind best = crowd->first->kind;

	for (size_t i = 0; i < ED_MARK_KIND_COUNT; i++)
		if (crowd->totals[i] &&
		    mark_look((enum ed_mark_kind)i)->rank > mark_look(best)->rank)
			best = (enum ed_mark_kind)i;
	return best;
}

/* One mark, or several as one with their number. */
static void put_crowd(const struct canvas *c, const struct crowd *crowd)
{
	const struct mark_look *look;
	struct ed_buf *out = out_of(c);
	int64_t x = crowd->x + (crowd->x_end - crowd->x) / 2;
	int64_t y, tail;

	if (!crowd->count)
		return;
	look = mark_look(crowd_kind(crowd));
	y = mark_y(c, crowd->first->lane);
	tail = axis_x(&c->axis, crowd->first->to);
	put_mark_begin(out, crowd->first, look->tone, crowd->count);
	put_number(out, "data-x", x);
	ed_buf_addz(out, ">");
	if (crowd->count == 1)
		put_mark_title(out, crowd->first);
	else
		put_crowd_title(out, crowd);
	if (crowd->count == 1 && tail > x + 50 && !look->bar)
		put_line(out, "tail", x, y, tail, y);
	if (crowd->count > 1 && crowd->x_end > crowd->x)
		put_line(out, "range", crowd->x, y + 75, crowd->x_end, y + 75);
	ed_buf_addz(out, "<path class=\"hit\" d=\"M-7-7H7V7H-7Z\" transform=\"translate(");
	put_xy(out, x, y);
	ed_buf_printf(out, ")\"/><path class=\"%s\" d=\"%s\" transform=\"translate(",
		      look->hollow ? "shape hollow" : "shape", look->path);
	put_xy(out, x, y);
	ed_buf_addz(out, ")\"/>");
	if (crowd->count > 1) {
		text_begin(out, "n", x, y + 165);
		ed_buf_printf(out, ">\xC3\x97%zu</text>", crowd->count);
	}
	put_mark_end(out, crowd->first, crowd->count);
}

static void crowd_add(struct crowd *crowd, const struct ed_mark *m, int64_t x)
{
	if (!crowd->count) {
		crowd->first = m;
		crowd->x = x;
	}
	crowd->last = m;
	crowd->x_end = x;
	crowd->count++;
	crowd->totals[m->kind]++;
}

static bool crowd_takes(const struct crowd *crowd, int64_t x)
{
	return crowd->count && x - crowd->x_end < CROWD_NEAR && x - crowd->x < CROWD_WIDE;
}

static void put_lane_marks(const struct canvas *c, enum ed_lane lane)
{
	const struct ed_timeline *t = &c->h->v->timeline;
	struct crowd crowd = { 0 };
	size_t bars = 0;

	for (size_t i = 0; i < t->count; i++)
		bars += t->marks[i].lane == lane && mark_look(t->marks[i].kind)->bar;
	for (size_t i = 0; i < t->count; i++) {
		const struct ed_mark *m = &t->marks[i];

		if (m->lane == lane && m->from != ED_TIME_NONE && mark_look(m->kind)->bar &&
		    bars <= BARS_MOST)
			put_bar(c, m);
	}
	for (size_t i = 0; i < t->count; i++) {
		const struct ed_mark *m = &t->marks[i];
		int64_t x;

		if (m->lane != lane || m->from == ED_TIME_NONE ||
		    (mark_look(m->kind)->bar && bars <= BARS_MOST))
			continue;
		x = axis_x(&c->axis, m->from);
		if (!crowd_takes(&crowd, x)) {
			put_crowd(c, &crowd);
			crowd = (struct crowd){ 0 };
		}
		crowd_add(&crowd, m, x);
	}
	put_crowd(c, &crowd);
}

static void put_lanes(const struct canvas *c)
{
	const struct ed_timeline *t = &c->h->v->timeline;
	struct ed_buf *out = out_of(c);

	for (int i = 0; i < ED_LANE_COUNT; i++) {
		enum ed_lane lane = (enum ed_lane)i;
		int64_t y = lane_y(c, lane);
		bool any = false;

		for (size_t j = 0; j < t->count; j++)
			any |= t->marks[j].lane == lane;
		put_line(out, "rule", c->size == SVG_NARROW ? c->left : 0, y + c->lane_height,
			 c->right, y + c->lane_height);
		text_begin(out, any ? "lane" : "lane none", c->size == SVG_NARROW ? c->left : 0,
			   c->size == SVG_NARROW ? y + 150 : mark_y(c, lane) + 42);
		ed_buf_printf(out, ">%s%s</text>\n", lane_title(lane),
			      any || c->size == SVG_WIDE ? "" : ": nothing in the evidence");
		if (!any && c->size == SVG_WIDE) {
			text_begin(out, "lane none", c->left + 180, mark_y(c, lane) + 42);
			ed_buf_addz(out, ">nothing in the evidence</text>\n");
		}
	}
}

/* The labels of ticks at the ends stay inside; where there are lane titles beside, they may lie
 * there. */
static int64_t label_x(const struct canvas *c, int64_t x)
{
	return at_most(x, c->size == SVG_NARROW ? c->left + 190 : c->left, c->right - 190);
}

/* One label of the axis, with the day above it where that is new. */
static void put_tick(const struct canvas *c, int64_t t, int64_t x, int64_t *last, int64_t *day,
		     int64_t step)
{
	const int64_t one_day = 1440 * ED_TICKS_PER_MINUTE;
	struct ed_buf *out = out_of(c);
	enum html_form form = step < ED_TICKS_PER_MINUTE ? HTML_CLOCK
			      : step < one_day           ? HTML_MINUTES
							 : HTML_DAY;

	put_line(out, "tick", x, c->top - 50, x, c->bottom);
	if (*last && x - *last < (form == HTML_CLOCK ? 640 : 460))
		return;
	text_begin(out, "axis", label_x(c, x), c->top - 90);
	html_time_data(out, t, form);
	ed_buf_addc(out, '>');
	html_clock(out, t, form);
	ed_buf_addz(out, "</text>\n");
	if (form != HTML_DAY && (!*last || t / one_day != *day)) {
		text_begin(out, "axis day", label_x(c, x), c->top - 220);
		html_time_data(out, t, HTML_DAY);
		ed_buf_addc(out, '>');
		html_clock(out, t, HTML_DAY);
		ed_buf_addz(out, "</text>\n");
	}
	*last = x;
	*day = t / one_day;
}

static void put_duration(struct ed_buf *out, const struct axis_part *part)
{
	int64_t minutes = part->to / ED_TICKS_PER_MINUTE - part->from / ED_TICKS_PER_MINUTE;

	if (minutes >= 2 * 1440)
		ed_buf_printf(out, "%lld d", (long long)(minutes / 1440));
	else
		ed_buf_printf(out, "%lld h", (long long)((minutes + 30) / 60));
}

static void put_gap(const struct canvas *c, const struct axis_part *part)
{
	struct ed_buf *out = out_of(c);
	int64_t middle = part->x + part->width / 2;

	if (part->width < 40)
		return;
	ed_buf_addz(out, "<rect class=\"gap\"");
	put_number(out, "x", part->x + part->width / 8);
	put_number(out, "y", c->top - 50);
	put_number(out, "width", part->width * 3 / 4);
	put_number(out, "height", c->bottom - c->top + 50);
	ed_buf_addz(out, "/>\n");
	if (part->width < 280)
		return;
	text_begin(out, "axis gap-length", middle, c->bottom + 130);
	ed_buf_addc(out, '>');
	put_duration(out, part);
	ed_buf_addz(out, "</text>\n");
}

static void put_axis(const struct canvas *c)
{
	int64_t step = axis_step(&c->axis, c->size == SVG_NARROW ? 560 : 680);
	int64_t last = 0, day = 0;

	for (size_t i = 0; i < c->axis.count; i++) {
		const struct axis_part *part = &c->axis.parts[i];
		int64_t t = part->from;
		bool any = false;

		if (part->gap) {
			put_gap(c, part);
			continue;
		}
		/* no times but the ends of the type are so far out */
		if (t > -TICK_TIMES && part->to < TICK_TIMES) {
			t += (step - t % step) % step;
			for (; t <= part->to; t += step) {
				put_tick(c, t, axis_x(&c->axis, t), &last, &day, step);
				any = true;
			}
		}
		if (!any)
			put_tick(c, part->from, part->x, &last, &day, step);
	}
}

/* A line through all lanes with words at its foot or head. */
static void put_limit(const struct canvas *c, int64_t t, int64_t logged, const char *class,
		      const char *words, int64_t y)
{
	struct ed_buf *out = out_of(c);
	int64_t x = axis_x(&c->axis, t);
	int64_t room = (int64_t)(strlen(words) + 9) * 33;

	put_line(out, class, x, c->top - 50, x, c->bottom + 20);
	text_begin(out, class, at_most(x, c->left + room, c->right - room), y);
	ed_buf_printf(out, ">%s <tspan", words);
	html_time_data(out, logged, HTML_CLOCK);
	ed_buf_addc(out, '>');
	html_clock(out, logged, HTML_CLOCK);
	ed_buf_addz(out, "</tspan></text>\n");
}

static void put_limits(const struct canvas *c)
{
	const struct ed_verdict *v = c->h->v;
	char words[64] = "page's limit";

	if (v->evaluated_at != ED_TIME_NONE)
		put_limit(c, v->evaluated_at, v->evaluated_at, "now", "as of", c->bottom + 290);
	if (v->esp.deadline_at == ED_TIME_NONE || v->timeline.deadline == ED_TIME_NONE)
		return;
	if (v->esp.timeout_minutes != ED_UNKNOWN)
		snprintf(words, sizeof(words),
			 "page's limit, %lld min:", (long long)v->esp.timeout_minutes);
	put_limit(c, v->timeline.deadline, v->esp.deadline_at, "limit", words, c->bottom + 430);
}

/* Real starts divide everything: what was before one, what after it. */
static void put_guides(const struct canvas *c)
{
	const struct ed_timeline *t = &c->h->v->timeline;
	size_t restarts = 0;

	for (size_t i = 0; i < t->count; i++)
		restarts += t->marks[i].kind == ED_MARK_RESTART;
	for (size_t i = 0; i < t->count && restarts <= GUIDES_MOST; i++) {
		if (t->marks[i].kind == ED_MARK_RESTART) {
			int64_t x = axis_x(&c->axis, t->marks[i].from);

			put_line(out_of(c), "guide", x, c->top, x, c->bottom);
		}
	}
}

/* Numbers of links in one lane that would lie on each other stand side by side. */
static int64_t badge_x(const struct canvas *c, size_t link)
{
	const struct ed_moment *chain = c->h->v->timeline.chain;
	int64_t x = axis_x(&c->axis, chain[link].from);

	for (size_t i = 0; i < link; i++) {
		int64_t other;

		if (chain[i].from == ED_TIME_NONE || chain[i].lane != chain[link].lane)
			continue;
		other = axis_x(&c->axis, chain[i].from);
		if (x - other < 2 * BADGE && other - x < 2 * BADGE)
			x = other + 2 * BADGE;
	}
	return at_most(x, c->left - BADGE, c->right);
}

static void put_chain(const struct canvas *c)
{
	const struct ed_verdict *v = c->h->v;
	const struct ed_moment *chain = v->timeline.chain;
	struct ed_buf *out = out_of(c);
	bool any = false;

	for (size_t i = 0; i < v->chain_count; i++) {
		if (chain[i].from == ED_TIME_NONE)
			continue;
		ed_buf_addz(out, any ? "L" : "<path class=\"chain\" d=\"M");
		put_xy(out, badge_x(c, i), badge_y(c, chain[i].lane));
		any = true;
	}
	if (any)
		ed_buf_addz(out, "\"/>\n");
	for (size_t i = 0; i < v->chain_count; i++) {
		int64_t x, y;

		if (chain[i].from == ED_TIME_NONE)
			continue;
		x = badge_x(c, i);
		y = badge_y(c, chain[i].lane);
		ed_buf_printf(out, "<a href=\"#c%zu\" class=\"badge\"><title>Proof %zu: ", i + 1,
			      i + 1);
		html_text(out, v->chain[i].claim);
		ed_buf_addz(out, "</title><circle");
		put_number(out, "cx", x);
		put_number(out, "cy", y);
		put_number(out, "r", BADGE);
		ed_buf_addz(out, "/>");
		text_begin(out, "digit", x, y + 38);
		ed_buf_printf(out, ">%zu</text></a>\n", i + 1);
	}
}

static void put_head(const struct canvas *c)
{
	const struct ed_timeline *t = &c->h->v->timeline;
	const char *size = c->size == SVG_NARROW ? "narrow" : "wide";
	size_t totals[ED_MARK_KIND_COUNT] = { 0 };
	struct ed_buf *out = out_of(c);

	for (size_t i = 0; i < t->count; i++)
		totals[t->marks[i].kind]++;
	ed_buf_printf(out, "<svg class=\"timeline %s\" role=\"group\" viewBox=\"0 0 ", size);
	put_xy(out, c->width, c->height);
	ed_buf_printf(out, "\" aria-labelledby=\"title-%s\" aria-describedby=\"desc-%s\">\n", size,
		      size);
	ed_buf_printf(out, "<title id=\"title-%s\">Timeline of the deployment</title>\n", size);
	ed_buf_printf(out, "<desc id=\"desc-%s\">Seven lanes over time. In them: ", size);
	mark_totals(out, totals);
	ed_buf_addz(out, ". The table below holds the same.</desc>\n");
}

void svg_timeline(struct html *h, enum svg_size size)
{
	bool narrow = size == SVG_NARROW;
	struct canvas c = {
		.h = h,
		.size = size,
		.width = narrow ? 3580 : 11040,
		.left = narrow ? 10 : 1230,
		.right = narrow ? 3570 : 10980,
		.top = 360,
		.lane_height = narrow ? 680 : 480,
	};

	c.bottom = c.top + c.lane_height * ED_LANE_COUNT;
	c.height = c.bottom + 480;
	if (!axis_init(&c.axis, h->v, c.left + 100, c.right - c.left - 200)) {
		h->out->status = ED_NOMEM;
		return;
	}
	put_head(&c);
	put_axis(&c);
	put_lanes(&c);
	put_guides(&c);
	put_limits(&c);
	for (int i = 0; i < ED_LANE_COUNT; i++)
		put_lane_marks(&c, (enum ed_lane)i);
	if (h->v->timeline.chain)
		put_chain(&c);
	ed_buf_addz(h->out, "</svg>\n");
	axis_release(&c.axis);
}
