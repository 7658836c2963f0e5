/* SPDX-License-Identifier: MIT */
/*
 * Queries as the event log takes them: a QueryList whose Selects hold ids, providers and record
 * numbers, WEVT_TERMS comparisons each. Never a time: the clock of a new device lies.
 */
#include "wevt_priv.h"

#include "espdiag/base/escape.h"

#include <inttypes.h>

/* One Select being written. */
struct select_writer {
	struct ed_buf *out;
	struct ed_str channel;
	struct wevt_range range;
	const char *providers;
	size_t terms;
	bool open, has_ids;
};

static void add_and(struct select_writer *w)
{
	ed_buf_addz(w->out, w->terms ? " and " : "[System[");
}

static void add_providers(struct select_writer *w)
{
	struct ed_str names = ed_str_from(w->providers);
	const char *before = "Provider[@Name='";
	struct ed_str name;

	if (!names.p)
		return;
	add_and(w);
	while (ed_str_next(&names, ',', &name)) {
		ed_buf_addz(w->out, before);
		ed_buf_escape(w->out, name, ED_ESCAPE_XML_TEXT);
		ed_buf_addc(w->out, '\'');
		before = " or @Name='";
		w->terms++;
	}
	ed_buf_addc(w->out, ']');
}

static void add_range(struct select_writer *w)
{
	if (w->range.from) {
		add_and(w);
		ed_buf_printf(w->out, "EventRecordID &gt;= %" PRIu64, w->range.from);
		w->terms++;
	}
	if (w->range.below) {
		add_and(w);
		ed_buf_printf(w->out, "EventRecordID &lt; %" PRIu64, w->range.below);
		w->terms++;
	}
}

static void open_select(struct select_writer *w)
{
	ed_buf_addz(w->out, "<Select Path=\"");
	ed_buf_escape(w->out, w->channel, ED_ESCAPE_XML_ATTRIBUTE);
	ed_buf_addz(w->out, "\">*");
	w->open = true;
	w->has_ids = false;
	w->terms = 0;
	add_providers(w);
	add_range(w);
}

static void close_select(struct select_writer *w)
{
	if (!w->open)
		return;
	if (w->has_ids)
		ed_buf_addc(w->out, ')');
	ed_buf_addz(w->out, w->terms ? "]]</Select>" : "</Select>");
	w->open = false;
}

static void add_ids(struct select_writer *w, uint32_t from, uint32_t to)
{
	size_t terms = from == to ? 1 : 2;

	if (w->open && w->terms + terms > WEVT_TERMS)
		close_select(w);
	if (!w->open)
		open_select(w);
	if (w->has_ids) {
		ed_buf_addz(w->out, " or ");
	} else {
		add_and(w);
		ed_buf_addc(w->out, '(');
	}
	w->has_ids = true;
	w->terms += terms;
	if (from == to)
		ed_buf_printf(w->out, "EventID=%" PRIu32, from);
	else
		ed_buf_printf(w->out, "(EventID &gt;= %" PRIu32 " and EventID &lt;= %" PRIu32 ")",
			      from, to);
}

static void add_select(struct ed_buf *out, struct ed_str channel, struct wevt_range range,
		       const char *providers, const char *ids)
{
	struct select_writer w = {
		.out = out, .channel = channel, .range = range, .providers = providers
	};
	struct ed_str rest = ed_str_from(ids);
	uint32_t from, to;

	if (!ids)
		open_select(&w);
	while (ids && wevt_ids_next(&rest, &from, &to))
		add_ids(&w, from, to);
	close_select(&w);
}

static void open_query(struct ed_buf *out, struct ed_str channel)
{
	ed_buf_clear(out);
	ed_buf_addz(out, "<QueryList><Query Id=\"0\" Path=\"");
	ed_buf_escape(out, channel, ED_ESCAPE_XML_ATTRIBUTE);
	ed_buf_addz(out, "\">");
}

void wevt_query_channel(struct ed_buf *out, const struct ed_wevt_channel *channel,
			struct wevt_range range, bool everything)
{
	struct ed_str name = ed_str_from(channel->name);

	open_query(out, name);
	for (size_t i = 0; !everything && i < wevt_select_count; i++)
		if (wevt_selects[i].channel == channel)
			add_select(out, name, range, wevt_selects[i].providers,
				   wevt_selects[i].ids);
	if (everything)
		add_select(out, name, range, NULL, NULL);
	ed_buf_addz(out, "</Query></QueryList>");
}

void wevt_query_starts(struct ed_buf *out)
{
	struct wevt_range all = { .from = 0 };

	open_query(out, ED_STR("System"));
	add_select(out, ED_STR("System"), all, "Microsoft-Windows-Kernel-General", "12");
	ed_buf_addz(out, "</Query></QueryList>");
}
