/* SPDX-License-Identifier: MIT */
/* The same story on another device: other GUIDs, other record numbers, other processes. */
#include "scenario_priv.h"

#include "espdiag/base/crc.h"

enum { GUID_LEN = 36, RECORD_SHIFT_MAX = 50000 };

static uint32_t hash(uint64_t seed, uint32_t salt, const void *bytes, size_t len)
{
	uint32_t crc = ed_crc32(0, &seed, sizeof(seed));

	crc = ed_crc32(crc, &salt, sizeof(salt));
	return ed_crc32(crc, bytes, len);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
}

static bool is_hex(char c)
{
	c = lower(c);
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* True when a GUID begins at @p. */
static bool guid_at(const char *p)
{
	for (size_t i = 0; i < GUID_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? p[i] != '-' : !is_hex(p[i]))
			return false;
	}
	return !is_hex(p[GUID_LEN]);
}

/* Applications have the same id everywhere. */
static bool guid_is_known(const char *p)
{
	for (size_t i = 0; i < row_app_count; i++) {
		if (ed_str_ieq((struct ed_str){ p, GUID_LEN }, ed_str_from(row_apps[i].value)))
			return true;
	}
	return false;
}

/* Equal GUIDs become equal GUIDs, whatever their case; capitals stay capitals. */
static void change_guid(char *p, uint64_t seed)
{
	static const char digits[2][17] = { "0123456789abcdef", "0123456789ABCDEF" };
	char key[GUID_LEN];
	size_t n = 0;
	bool upper = false;

	for (size_t i = 0; i < GUID_LEN; i++) {
		upper |= p[i] != lower(p[i]);
		key[i] = lower(p[i]);
	}
	for (size_t i = 0; i < GUID_LEN; i++) {
		if (p[i] == '-')
			continue;
		p[i] = digits[upper]
			     [hash(seed, (uint32_t)(n / 4), key, GUID_LEN) >> 4 * (n % 4) & 15u];
		n++;
	}
}

static ed_status change_text(struct story *t, const char **text)
{
	struct ed_str copy;
	char *p;

	if (!*text || strlen(*text) < GUID_LEN)
		return ED_OK;
	copy = ed_arena_str(t->s->arena, ed_str_from(*text));
	p = ed_arena_alloc(t->s->arena, copy.len + 1);
	if (!copy.p || !p)
		return ed_fail(t->err, ED_NOMEM, "the story is too long");
	memcpy(p, copy.p, copy.len + 1);
	for (size_t i = 0; i + GUID_LEN <= copy.len; i++) {
		if ((i == 0 || !is_hex(p[i - 1])) && guid_at(p + i) && !guid_is_known(p + i)) {
			change_guid(p + i, t->options->permute);
			i += GUID_LEN - 1;
		}
	}
	*text = p;
	return ED_OK;
}

static ed_status change_event(struct story *t, struct build_event *event)
{
	struct build_field *fields;
	uint32_t ids =
		hash(t->options->permute, event->id, event->provider, strlen(event->provider));

	event->process = 4 + ids % 8000 * 4;
	event->thread = 8 + (ids >> 16) % 8000 * 4;
	if (!event->field_count)
		return ED_OK;
	fields = ed_arena_calloc(t->s->arena, event->field_count, sizeof(*fields));
	if (!fields)
		return ed_fail(t->err, ED_NOMEM, "the story is too long");
	memcpy(fields, event->fields, event->field_count * sizeof(*fields));
	for (size_t i = 0; i < event->field_count; i++)
		ED_TRY(change_text(t, &fields[i].text));
	event->fields = fields;
	return ED_OK;
}

ed_status story_permute(struct story *t)
{
	struct scenario *s = t->s;

	for (size_t i = 0; i < s->event_count; i++)
		ED_TRY(change_event(t, &s->events[i].event));
	for (size_t i = 0; i < s->value_count; i++) {
		ED_TRY(change_text(t, &s->values[i].key));
		ED_TRY(change_text(t, &s->values[i].name));
		ED_TRY(change_text(t, &s->values[i].text));
	}
	for (size_t i = 0; i < s->text_count; i++) {
		ED_TRY(change_text(t, &s->texts[i].name));
		ED_TRY(change_text(t, &s->texts[i].text));
	}
	return ED_OK;
}

uint64_t story_record_shift(const struct story *t, size_t channel_i)
{
	if (!t->options->permute)
		return 0;
	return hash(t->options->permute, (uint32_t)channel_i, "record", 6) % RECORD_SHIFT_MAX;
}
