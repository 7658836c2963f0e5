/* SPDX-License-Identifier: MIT */
/* Events for people: one line each. */
#include "events_run.h"
#include "shown.h"

#include <inttypes.h>

#define FIELDS_SHOWN 4
#define VALUE_SHOWN ((size_t)60) /* bytes */

static const char *level_word(uint8_t level)
{
	static const char *const words[] = { "information", "critical",    "error",
					     "warning",     "information", "verbose" };

	return level < ED_COUNT(words) ? words[level] : "other";
}

/* @s in a column of @width bytes, with two blanks behind. */
static void put_column(struct ed_buf *out, struct ed_str s, size_t width)
{
	size_t from = out->len;

	ed_shown_add(out, s);
	for (size_t i = out->len - from; i < width + 2; i++)
		ed_buf_addc(out, ' ');
}

/* On one line, and not longer than people look. */
static void put_value(struct ed_buf *out, struct ed_str s, size_t longest)
{
	size_t len = s.len > longest ? longest : s.len;

	/* not in the middle of a character */
	while (len && len < s.len && ((unsigned char)s.p[len] & 0xC0) == 0x80)
		len--;
	ed_shown_add(out, ed_str_slice(s, 0, len));
	if (len < s.len)
		ed_buf_addz(out, "\xE2\x80\xA6");
}

static void put_fields(struct ed_buf *out, const struct ed_event *event,
		       const struct ed_wanted *wanted)
{
	size_t shown = 0;

	for (size_t i = 0; i < event->field_count; i++) {
		struct ed_str value = event->fields[i].value, name = event->fields[i].name;

		if (!value.len || !ed_wanted_field(wanted, name.len ? name : ED_STR("Data")).p)
			continue;
		if (!wanted->count && shown == FIELDS_SHOWN) {
			ed_buf_addz(out, " \xE2\x80\xA6");
			return;
		}
		if (shown++)
			ed_buf_addc(out, ' ');
		if (name.len) {
			put_value(out, name, VALUE_SHOWN);
			ed_buf_addc(out, '=');
		}
		put_value(out, value, wanted->count ? SIZE_MAX : VALUE_SHOWN);
	}
}

void ed_events_table_head(struct ed_buf *out)
{
	put_column(out, ED_STR("time (UTC)"), 23);
	put_column(out, ED_STR("level"), 11);
	put_column(out, ED_STR("channel"), 36);
	put_column(out, ED_STR("provider/id"), 44);
	put_column(out, ED_STR("record"), 8);
	ed_buf_addz(out, "fields\n");
}

void ed_events_table_row(struct ed_buf *out, const struct ed_event *event,
			 const struct ed_wanted *fields)
{
	const struct ed_event_head *head = &event->head;
	char time[ED_TIME_TEXT] = "-", record[24];
	size_t from, n = 1;

	if (head->time != ED_TIME_NONE) {
		/* four digits of the seven and the Z are more than people read */
		n = ed_time_format_full(head->time, time) - 5;
		time[10] = ' ';
	}
	put_column(out, (struct ed_str){ time, n }, 23);
	put_column(out, ed_str_from(level_word(head->level)), 11);
	put_column(out, head->channel, 36);
	from = out->len;
	ed_shown_add(out, head->provider);
	ed_buf_printf(out, "/%" PRIu32, head->id);
	put_column(out, (struct ed_str){ "", 0 },
		   out->len - from < 44 ? 44 - (out->len - from) : 0);
	n = (size_t)snprintf(record, sizeof(record), "%" PRIu64, head->record);
	put_column(out, (struct ed_str){ record, n }, 8);
	put_fields(out, event, fields);
	while (out->len && out->p[out->len - 1] == ' ')
		out->len--;
	ed_buf_addc(out, '\n');
}
