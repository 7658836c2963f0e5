/* SPDX-License-Identifier: MIT */
/* A WMI of tables. */
#include "test_wmi_fake.h"

#include "espdiag/model/evidence.h"

#include <stdio.h>
#include <string.h>

static const struct fake_answer *find(const struct fake_wmi *fake, const char *key)
{
	for (size_t i = 0; i < fake->count; i++)
		if (strcmp(fake->answers[i].key, key) == 0)
			return &fake->answers[i];
	return NULL;
}

static size_t values_of(const struct fake_answer *answer)
{
	size_t n = 0;

	while (n < FAKE_VALUES && answer->values[n].name.p)
		n++;
	return n;
}

static uint32_t fake_connect(void *context, const struct ed_live *live, const char *name_space,
			     struct ed_wmi **out)
{
	struct fake_wmi *fake = context;
	const struct fake_answer *answer = find(fake, name_space);

	(void)live;
	fake->connects++;
	snprintf(fake->last_namespace, sizeof(fake->last_namespace), "%s", name_space);
	if (!answer)
		return ED_WMI_INVALID_NAMESPACE;
	if (ed_wmi_failed(answer->result))
		return answer->result;
	*out = (struct ed_wmi *)(void *)fake;
	return ED_WMI_OK;
}

static uint32_t fake_query(struct ed_wmi *wmi, const char *wql, struct ed_arena *arena,
			   struct ed_wmi_rows *out)
{
	struct fake_wmi *fake = (struct fake_wmi *)(void *)wmi;
	struct ed_wmi_row *rows = ed_arena_calloc(arena, fake->count, sizeof(*rows));
	const char *from = strstr(wql, "FROM ");
	bool known = false;
	size_t count = 0;

	fake->queries++;
	snprintf(fake->last_query, sizeof(fake->last_query), "%s", wql);
	if (!rows)
		return ED_WMI_E_OUTOFMEMORY;
	for (size_t i = 0; from && i < fake->count; i++) {
		const struct fake_answer *answer = &fake->answers[i];

		if (strcmp(answer->key, from) != 0)
			continue;
		known = true;
		if (ed_wmi_failed(answer->result))
			return answer->result;
		if (!answer->no_row)
			rows[count++] = (struct ed_wmi_row){ answer->values, values_of(answer) };
	}
	if (!known)
		return ED_WMI_INVALID_CLASS;
	*out = (struct ed_wmi_rows){ .items = rows, .count = count };
	return ED_WMI_OK;
}

static uint32_t fake_call(struct ed_wmi *wmi, const struct ed_wmi_call *call,
			  struct ed_arena *arena, struct ed_wmi_row *out)
{
	struct fake_wmi *fake = (struct fake_wmi *)(void *)wmi;
	const struct fake_answer *answer = NULL;
	char key[256];

	(void)arena;
	fake->calls++;
	snprintf(fake->last_path, sizeof(fake->last_path), "%.*s", ED_FMT(call->path));
	if (call->in_count && call->in[0].text.p) {
		snprintf(key, sizeof(key), "%s %.*s", call->method, ED_FMT(call->in[0].text));
		answer = find(fake, key);
	}
	if (!answer)
		answer = find(fake, call->method);
	if (!answer)
		return ED_WMI_INVALID_METHOD;
	if (ed_wmi_failed(answer->result))
		return answer->result;
	*out = (struct ed_wmi_row){ answer->values, values_of(answer) };
	return ED_WMI_OK;
}

static void fake_close(struct ed_wmi *wmi)
{
	((struct fake_wmi *)(void *)wmi)->closes++;
}

struct ed_wmi_api fake_api(struct fake_wmi *fake)
{
	return (struct ed_wmi_api){ fake, fake_connect, fake_query, fake_call, fake_close };
}

static bool fake_stopped(const struct ed_live *live)
{
	return ((const struct fake_wmi *)live->context)->stopped;
}

struct ed_live fake_live(struct fake_wmi *fake)
{
	return (struct ed_live){ .context = fake, .stopped = fake_stopped };
}

const char *recorded(const struct ed_recording *r, const char *name)
{
	for (size_t i = 0; i < r->member_count; i++)
		if (ed_str_eq(ed_buf_str(&r->members[i].name), ed_str_from(name)))
			return r->members[i].bytes.p;
	return "";
}

const char *gap_of(const struct ed_recording *r, const char *source)
{
	static char text[256];

	for (size_t i = 0; i < r->gap_count; i++)
		if (ed_str_eq(ed_buf_str(&r->gaps[i].source), ed_str_from(source))) {
			snprintf(text, sizeof(text), "%s: %s", ed_state_word(r->gaps[i].state),
				 r->gaps[i].why.p);
			return text;
		}
	return "";
}

/* Without white space outside of text, so that the writer's layout does not matter. */
static void squeeze(const char *json, char *out, size_t cap)
{
	bool quoted = false;
	size_t n = 0;

	for (; *json && n + 1 < cap; json++) {
		if (*json == '"' && (!n || out[n - 1] != '\\'))
			quoted = !quoted;
		if (quoted || !strchr(" \t\r\n", *json))
			out[n++] = *json;
	}
	out[n] = '\0';
}

bool has_row(const char *json, const char *path, const char *name, const char *value)
{
	char flat[32768], row[512];

	squeeze(json, flat, sizeof(flat));
	snprintf(row, sizeof(row), "{\"path\":\"%s\",\"name\":\"%s\",\"value\":%s}", path, name,
		 value);
	return strstr(flat, row) != NULL;
}
