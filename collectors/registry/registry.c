/* SPDX-License-Identifier: MIT */
/* Walks the keys of one member, within its budgets, and records them as text. */
#include "registry_priv.h"

#include "espdiag/base/arena.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"
#include "espdiag/base/utf.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOT_KEY "HKEY_LOCAL_MACHINE\\"
#define SOURCE_BYTES ((size_t)1000) /* of a key's path in a coverage row */
#define DENIED_ROWS 16              /* keys that get a row of their own */
#define SCRATCH_BYTES (8 * ED_LIMIT_REGISTRY_BYTES)
#define NAME_BYTES (40 * ED_KIB) /* of one name: Windows allows 32 */

/* A subkey or a value, before they are in order. */
struct item {
	struct ed_str name;  /* UTF-8 */
	struct ed_str exact; /* UTF-16LE, as the registry wants it again */
	uint32_t type, size;
};

struct items {
	struct item *items;
	size_t count, cap;
	bool more; /* than the budget allows */
};

/* What one root lacked; becomes rows at its end. */
struct lacks {
	uint64_t secrets, large, denied, failed, deep;
	uint32_t failed_code;
};

struct walk {
	const struct ed_registry_api *api;
	const struct ed_live *live;
	struct ed_recording *out;
	size_t member_i;
	struct ed_error *err;
	struct ed_arena arena;
	struct ed_buf path, name, data;
	const struct registry_root *root;
	uint64_t deadline;
	size_t keys, values, bytes; /* read so far */
	struct lacks lacks;
	const char *cut; /* why nothing more is read; NULL */
	enum ed_state cut_state;
};

static ed_status no_memory(struct walk *w)
{
	return ed_fail(w->err, ED_NOMEM, "out of memory while reading the registry");
}

static struct ed_buf *text(const struct walk *w)
{
	return &w->out->members[w->member_i].bytes;
}

static void cut(struct walk *w, enum ed_state state, const char *why)
{
	if (!w->cut) {
		w->cut = why;
		w->cut_state = state;
	}
}

/* Whether there is time and room for another key, value or name. */
static bool may_go_on(struct walk *w)
{
	if (w->live->stopped(w->live))
		cut(w, ED_STATE_TIMED_OUT, "stopped before its end");
	else if (w->api->now_ms(w->api->context) >= w->deadline)
		cut(w, ED_STATE_TIMED_OUT, "not done within its time (ED_LIMIT_REGISTRY_MS)");
	else if (w->bytes > ED_LIMIT_REGISTRY_BYTES)
		cut(w, ED_STATE_TRUNCATED, "more data than is kept (ED_LIMIT_REGISTRY_BYTES)");
	return !w->cut;
}

static ed_status add_gap(struct walk *w, struct ed_str key, enum ed_state state, uint64_t lost,
			 const char *why)
{
	if (key.len > SOURCE_BYTES) {
		key.len = SOURCE_BYTES;
		while (key.len && ((unsigned char)key.p[key.len] & 0xC0) == 0x80)
			key.len--;
	}
	return ed_recording_gap(w->out, key, false, state, lost, ed_str_from(why), w->err);
}

/* A key that could not be opened. One that has gone in the meantime is no news. */
static ed_status key_lost(struct walk *w, uint32_t code)
{
	if (code == ED_REGISTRY_NOT_FOUND || code == ED_REGISTRY_NO_PATH ||
	    code == ED_REGISTRY_KEY_DELETED)
		return ED_OK;
	if (code == ED_REGISTRY_NO_MEMORY)
		return no_memory(w);
	if (code != ED_REGISTRY_DENIED) {
		w->lacks.failed++;
		w->lacks.failed_code = code;
		return ED_OK;
	}
	if (w->lacks.denied++ >= DENIED_ROWS)
		return ED_OK;
	return add_gap(w, ed_buf_str(&w->path), ED_STATE_DENIED, ED_LOST_UNKNOWN, "access denied");
}

static void value_lost(struct walk *w, uint32_t code)
{
	if (code == ED_REGISTRY_NOT_FOUND || code == ED_REGISTRY_KEY_DELETED)
		return;
	if (code == ED_REGISTRY_MORE_DATA) {
		w->lacks.large++;
		return;
	}
	w->lacks.failed++;
	w->lacks.failed_code = code;
}

static int compare_items(const void *left, const void *right)
{
	const struct item *x = left, *y = right;
	int d = ed_str_icmp(x->name, y->name);

	if (!d)
		d = ed_str_cmp(x->name, y->name);
	return d ? d : ed_str_cmp(x->exact, y->exact);
}

/* Adds the name in w->name; false when out of memory. */
static bool add_item(struct walk *w, struct items *list, uint32_t type, uint32_t size)
{
	struct item *item;
	size_t from = w->data.len;

	if (list->count == list->cap) {
		size_t more = list->cap ? list->cap * 2 : 16;
		struct item *grown = ed_arena_calloc(&w->arena, more, sizeof(*grown));

		if (!grown)
			return false;
		if (list->count)
			memcpy(grown, list->items, list->count * sizeof(*grown));
		list->items = grown;
		list->cap = more;
	}
	item = &list->items[list->count];
	item->exact = ed_arena_str(&w->arena, ed_buf_str(&w->name));
	registry_text_name(&w->data, ed_buf_str(&w->name));
	if (w->data.status != ED_OK)
		return false;
	item->name = ed_arena_str(&w->arena, ed_str_slice(ed_buf_str(&w->data), from, SIZE_MAX));
	item->type = type;
	item->size = size;
	ed_buf_clear(&w->data);
	if (!item->exact.p || !item->name.p)
		return false;
	w->bytes += item->exact.len;
	list->count++;
	return true;
}

static void sort_items(struct items *list)
{
	size_t kept = 0;

	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_items);
	/* what is written to meanwhile may be told twice */
	for (size_t i = 0; i < list->count; i++)
		if (!kept || compare_items(&list->items[kept - 1], &list->items[i]) != 0)
			list->items[kept++] = list->items[i];
	list->count = kept;
}

/* All subkeys, or with @values all values, that the budgets allow, in order. */
static ed_status list_items(struct walk *w, void *key, bool values, struct items *list)
{
	const struct ed_registry_api *api = w->api;
	size_t most =
		values ? ED_LIMIT_REGISTRY_VALUES - w->values : ED_LIMIT_REGISTRY_KEYS - w->keys;

	for (uint32_t i = 0; may_go_on(w); i++) {
		uint32_t type = 0, size = 0, code;

		ed_buf_clear(&w->name);
		code = values ? api->value(api->context, key, i, &w->name, &type, &size)
			      : api->subkey(api->context, key, i, &w->name);
		if (code == ED_REGISTRY_NO_MORE || code == ED_REGISTRY_KEY_DELETED)
			break;
		if (code == ED_REGISTRY_NO_MEMORY || w->name.status == ED_NOMEM)
			return no_memory(w);
		if (code || w->name.status != ED_OK) {
			w->lacks.failed++;
			w->lacks.failed_code = code ? code : ED_REGISTRY_MORE_DATA;
			break;
		}
		if (list->count >= most) {
			list->more = true;
			break;
		}
		if (!add_item(w, list, type, size))
			return no_memory(w);
	}
	sort_items(list);
	return ED_OK;
}

/* The names of the row instead of those there are. */
static ed_status wanted_items(struct walk *w, struct items *list)
{
	struct ed_str rest = ed_str_from(w->root->values), name;

	while (ed_str_next(&rest, '|', &name)) {
		ed_buf_clear(&w->name);
		for (size_t i = 0; i < name.len; i++) {
			ed_buf_addc(&w->name, name.p[i]);
			ed_buf_addc(&w->name, '\0');
		}
		if (w->name.status != ED_OK || !add_item(w, list, REGISTRY_DWORD, 0))
			return no_memory(w);
	}
	return ED_OK;
}

static bool is_number(uint32_t type)
{
	return type == REGISTRY_DWORD || type == REGISTRY_QWORD;
}

static ed_status record_value(struct walk *w, void *key, const struct item *item)
{
	const struct ed_registry_api *api = w->api;
	struct ed_buf *out = text(w);
	uint32_t type = item->type, code;

	w->values++;
	if (registry_is_secret(item->name, type)) {
		w->lacks.secrets++;
		return ED_OK;
	}
	if (w->root->flags & REGISTRY_NUMBERS && !is_number(type))
		return ED_OK;
	if (item->size > ED_LIMIT_REGISTRY_VALUE) {
		w->lacks.large++;
		return ED_OK;
	}
	ed_buf_clear(&w->data);
	code = api->data(api->context, key, item->exact, &type, &w->data);
	if (code == ED_REGISTRY_NO_MEMORY || w->data.status == ED_NOMEM)
		return no_memory(w);
	if (code || w->data.status != ED_OK) {
		value_lost(w, code ? code : ED_REGISTRY_MORE_DATA);
		return ED_OK;
	}
	/* it may have become something else since it was listed */
	if (registry_is_secret(item->name, type) ||
	    (w->root->flags & REGISTRY_NUMBERS && !is_number(type)))
		return ED_OK;
	w->bytes += w->data.len;
	if (registry_text_room(item->name, w->data.len) > out->limit - out->len) {
		cut(w, ED_STATE_TRUNCATED, "more text than is kept (ED_LIMIT_RECORDED)");
		return ED_OK;
	}
	registry_text_value(out, item->name, type, ed_buf_str(&w->data));
	return out->status == ED_OK ? ED_OK : no_memory(w);
}

static ed_status record_values(struct walk *w, void *key)
{
	struct items list = { .items = NULL };
	ed_status status;

	if (w->root->flags & REGISTRY_KEYS)
		return ED_OK;
	status = *w->root->values ? wanted_items(w, &list) : list_items(w, key, true, &list);
	for (size_t i = 0; status == ED_OK && i < list.count && may_go_on(w); i++)
		status = record_value(w, key, &list.items[i]);
	if (list.more)
		cut(w, ED_STATE_TRUNCATED, "more values than are kept (ED_LIMIT_REGISTRY_VALUES)");
	ed_buf_clear(&w->data);
	return status;
}

static ed_status record_key(struct walk *w, void *key, unsigned depth);

static ed_status record_subkey(struct walk *w, void *key, const struct item *item, unsigned depth)
{
	size_t len = w->path.len;
	void *child = NULL;
	uint32_t code;
	ed_status status;

	ed_buf_addc(&w->path, '\\');
	ed_buf_adds(&w->path, item->name);
	if (w->path.status != ED_OK)
		return no_memory(w);
	/* a link in the tree would lead out of it */
	code = w->api->open(w->api->context, key, item->exact, true, &child);
	w->keys++;
	if (code) {
		status = key_lost(w, code);
	} else {
		status = record_key(w, child, depth);
		w->api->close(w->api->context, child);
	}
	w->path.len = len;
	w->path.p[len] = '\0';
	return status;
}

static ed_status record_subkeys(struct walk *w, void *key, unsigned depth)
{
	struct items list = { .items = NULL };

	if (depth >= w->root->depth) {
		if (depth < ED_LIMIT_REGISTRY_DEPTH)
			return ED_OK;
		ed_buf_clear(&w->name);
		w->lacks.deep += w->api->subkey(w->api->context, key, 0, &w->name) == 0;
		return ED_OK;
	}
	ED_TRY(list_items(w, key, false, &list));
	for (size_t i = 0; i < list.count && may_go_on(w); i++) {
		if (w->keys >= ED_LIMIT_REGISTRY_KEYS) {
			list.more = true;
			break;
		}
		ED_TRY(record_subkey(w, key, &list.items[i], depth + 1));
	}
	if (list.more)
		cut(w, ED_STATE_TRUNCATED, "more keys than are kept (ED_LIMIT_REGISTRY_KEYS)");
	return ED_OK;
}

/* @depth: of @key below its root. */
static ed_status record_key(struct walk *w, void *key, unsigned depth)
{
	struct ed_buf *out = text(w);
	int64_t time = ED_TIME_NONE;

	if (!may_go_on(w))
		return ED_OK;
	if (w->path.len + 64 > out->limit - out->len) {
		cut(w, ED_STATE_TRUNCATED, "more text than is kept (ED_LIMIT_RECORDED)");
		return ED_OK;
	}
	if (w->api->written(w->api->context, key, &time) || time <= 0)
		time = ED_TIME_NONE;
	registry_text_key(out, ed_buf_str(&w->path), time);
	if (out->status != ED_OK)
		return no_memory(w);
	ED_TRY(record_values(w, key));
	return record_subkeys(w, key, depth);
}

/* Everything that the root lacked, as rows under its own name. */
static ed_status record_lacks(struct walk *w, struct ed_str source)
{
	const struct lacks *l = &w->lacks;
	char why[120];

	if (l->denied > DENIED_ROWS) {
		snprintf(why, sizeof(why), "%llu more keys below it: access denied",
			 (unsigned long long)(l->denied - DENIED_ROWS));
		ED_TRY(add_gap(w, source, ED_STATE_DENIED, ED_LOST_UNKNOWN, why));
	}
	if (l->failed) {
		snprintf(why, sizeof(why), "keys or values could not be read: Windows error %lu",
			 (unsigned long)l->failed_code);
		ED_TRY(add_gap(w, source, ED_STATE_DAMAGED, l->failed, why));
	}
	if (l->large)
		ED_TRY(add_gap(w, source, ED_STATE_TRUNCATED, l->large,
			       "values too large to be kept (ED_LIMIT_REGISTRY_VALUE)"));
	if (l->deep)
		ED_TRY(add_gap(w, source, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN,
			       "keys too far below it (ED_LIMIT_REGISTRY_DEPTH)"));
	if (l->secrets)
		ED_TRY(add_gap(w, source, ED_STATE_READ, l->secrets,
			       "not read: could be a secret"));
	if (w->cut)
		ED_TRY(add_gap(w, source, w->cut_state, ED_LOST_UNKNOWN, w->cut));
	return ED_OK;
}

static ed_status open_root(struct walk *w, void **key)
{
	struct ed_str source = ed_buf_str(&w->path);
	uint32_t code;

	ed_buf_clear(&w->name);
	for (const char *c = w->root->key; *c; c++) {
		ed_buf_addc(&w->name, *c);
		ed_buf_addc(&w->name, '\0');
	}
	if (w->name.status != ED_OK)
		return no_memory(w);
	/* CurrentControlSet is a link of Windows itself */
	code = w->api->open(w->api->context, NULL, ed_buf_str(&w->name), false, key);
	if (!code)
		return ED_OK;
	*key = NULL;
	if (code != ED_REGISTRY_NOT_FOUND && code != ED_REGISTRY_NO_PATH)
		return key_lost(w, code);
	return w->root->flags & REGISTRY_WANTED
		       ? add_gap(w, source, ED_STATE_ABSENT, 0, "not there")
		       : ED_OK;
}

static ed_status record_root(struct walk *w, const struct registry_root *root)
{
	void *key = NULL;
	ed_status status;

	w->root = root;
	w->lacks = (struct lacks){ .secrets = 0 };
	ed_buf_clear(&w->path);
	ed_buf_addz(&w->path, ROOT_KEY);
	ed_buf_addz(&w->path, root->key);
	if (w->path.status != ED_OK)
		return no_memory(w);
	status = open_root(w, &key);
	w->keys++;
	if (key) {
		status = record_key(w, key, 0);
		w->api->close(w->api->context, key);
	}
	return status == ED_OK ? record_lacks(w, ed_buf_str(&w->path)) : status;
}

static ed_status record_member(struct walk *w, const struct registry_member *member)
{
	size_t empty;

	registry_text_begin(text(w));
	if (text(w)->status != ED_OK)
		return no_memory(w);
	empty = text(w)->len;
	for (size_t i = 0; i < member->count && !w->cut; i++)
		ED_TRY(record_root(w, &member->roots[i]));
	if (text(w)->len == empty)
		ed_recording_drop(w->out);
	return ED_OK;
}

ed_status registry_record(const struct ed_registry_api *api, const struct registry_member *member,
			  const struct ed_live *live, struct ed_recording *out,
			  struct ed_error *err)
{
	struct walk w = {
		.api = api,
		.live = live,
		.out = out,
		.member_i = out->member_count,
		.err = err,
		.deadline = api->now_ms(api->context) + ED_LIMIT_REGISTRY_MS,
	};
	struct ed_buf *bytes;
	char name[64], source[200];
	ed_status status;

	snprintf(name, sizeof(name), "registry/%s.reg", member->name);
	snprintf(source, sizeof(source), ROOT_KEY "%s", member->roots[0].key);
	ED_TRY(ed_recording_add(out, ED_FORM_REG, ed_str_from(name), ed_str_from(source), &bytes,
				err));
	ed_arena_init(&w.arena, SCRATCH_BYTES);
	ed_buf_init(&w.path, ED_MIB);
	ed_buf_init(&w.name, NAME_BYTES);
	ed_buf_init(&w.data, ED_LIMIT_REGISTRY_VALUE);
	status = record_member(&w, member);
	ed_buf_release(&w.data);
	ed_buf_release(&w.name);
	ed_buf_release(&w.path);
	ed_arena_release(&w.arena);
	return status;
}
