/* SPDX-License-Identifier: MIT */
/* The registry in memory behind the walk's interface. */
#include "registry_fake.h"

#include <stdio.h>
#include <string.h>

/* Keys of many_keys: empty. */
static const struct fake_key made_up = { .path = "?" };
static const struct fake_value made_up_number = { .type = 4, .data = { "\1\0\0\0", 4 } };

static struct fake_registry *from_context(void *context)
{
	return context;
}

static void add_wide(struct ed_buf *out, const char *ascii, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ed_buf_addc(out, ascii[i]);
		ed_buf_addc(out, '\0');
	}
}

static uint32_t result(const struct ed_buf *out)
{
	return out->status == ED_OK      ? 0
	       : out->status == ED_NOMEM ? ED_REGISTRY_NO_MEMORY
					 : ED_REGISTRY_MORE_DATA;
}

static void full_path(const struct fake_key *parent, struct ed_str name, char *out, size_t cap)
{
	size_t n = 0;

	if (parent)
		n = (size_t)snprintf(out, cap, "%s\\", parent->path);
	for (size_t i = 0; i + 1 < name.len && n + 1 < cap; i += 2)
		out[n++] = name.p[i];
	out[n] = '\0';
}

static uint32_t fake_open(void *context, void *parent, struct ed_str name, bool as_link, void **key)
{
	struct fake_registry *fake = from_context(context);
	const struct fake_key *above = parent;
	char path[300];
	const struct fake_key *found = NULL;

	if (!as_link)
		fake->followed++;
	full_path(above, name, path, sizeof(path));
	for (size_t i = 0; i < fake->count; i++)
		if (!strcmp(fake->keys[i].path, path))
			found = &fake->keys[i];
	if (!found && above && above->many_keys)
		found = &made_up;
	if (!found && above && above->loops)
		found = above;
	if (!found)
		return ED_REGISTRY_NOT_FOUND;
	if (found->open_code)
		return found->open_code;
	fake->open_now++;
	/* read only, whatever the interface's type says */
	memcpy(key, &found, sizeof(found));
	return 0;
}

static void fake_close(void *context, void *key)
{
	(void)key;
	from_context(context)->open_now--;
}

static uint32_t fake_subkey(void *context, void *key, uint32_t i, struct ed_buf *name)
{
	struct fake_registry *fake = from_context(context);
	const struct fake_key *above = key;
	size_t n = strlen(above->path);
	char text[16];

	for (size_t k = 0; k < fake->count; k++) {
		const char *path = fake->keys[k].path;

		if (strncmp(path, above->path, n) != 0 || path[n] != '\\' ||
		    strchr(path + n + 1, '\\') || i--)
			continue;
		add_wide(name, path + n + 1, strlen(path + n + 1));
		return result(name);
	}
	if (i >= above->many_keys && !(above->loops && i == 0))
		return above->enum_code ? above->enum_code : ED_REGISTRY_NO_MORE;
	snprintf(text, sizeof(text), "K%06u", (unsigned)i);
	add_wide(name, text, strlen(text));
	return result(name);
}

/* The @i-th value; NULL past the end. */
static const struct fake_value *value_at(const struct fake_registry *fake,
					 const struct fake_key *key, uint32_t i)
{
	if (i < key->value_count)
		return &key->values[i];
	if (i - key->value_count >= key->many_values)
		return NULL;
	return fake->many_is ? fake->many_is : &made_up_number;
}

static void add_value_name(const struct fake_value *value, uint32_t i, struct ed_buf *name)
{
	char text[16];

	if (value->name16.p) {
		ed_buf_adds(name, value->name16);
	} else if (value->name) {
		add_wide(name, value->name, strlen(value->name));
	} else {
		snprintf(text, sizeof(text), "V%06u", (unsigned)i);
		add_wide(name, text, strlen(text));
	}
}

static uint32_t fake_value(void *context, void *key, uint32_t i, struct ed_buf *name,
			   uint32_t *type, uint32_t *size)
{
	const struct fake_key *k = key;
	const struct fake_value *value = value_at(from_context(context), k, i);

	if (!value)
		return k->enum_code ? k->enum_code : ED_REGISTRY_NO_MORE;
	add_value_name(value, i, name);
	*type = value->type;
	*size = (uint32_t)value->data.len;
	return result(name);
}

static uint32_t fake_data(void *context, void *key, struct ed_str name, uint32_t *type,
			  struct ed_buf *data)
{
	struct fake_registry *fake = from_context(context);
	const struct fake_value *value = NULL;
	struct ed_buf exact;
	bool same = false;
	uint32_t first = 0;

	fake->data_calls++;
	/* those made up are many: straight to the right one */
	if (((const struct fake_key *)key)->many_values && name.len == 14)
		for (size_t i = 2; i < name.len; i += 2)
			first = first * 10 + (uint32_t)(name.p[i] - '0');
	ed_buf_init(&exact, 1024);
	for (uint32_t i = first;
	     !same && exact.status != ED_NOMEM && (value = value_at(fake, key, i)) != NULL; i++) {
		ed_buf_clear(&exact);
		add_value_name(value, i, &exact);
		same = exact.status == ED_OK && ed_str_ieq(ed_buf_str(&exact), name);
	}
	if (exact.status == ED_NOMEM) {
		ed_buf_release(&exact);
		return ED_REGISTRY_NO_MEMORY;
	}
	ed_buf_release(&exact);
	if (!value)
		return ED_REGISTRY_NOT_FOUND;
	if (value->data_code)
		return value->data_code;
	*type = value->type;
	ed_buf_adds(data, value->data);
	return result(data);
}

static uint32_t fake_written(void *context, void *key, int64_t *time)
{
	const struct fake_key *k = key;

	(void)context;
	*time = k->time;
	return k->written_code;
}

static uint64_t fake_now(void *context)
{
	struct fake_registry *fake = from_context(context);

	fake->now += fake->tick_ms;
	return fake->now;
}

static bool fake_stopped(const struct ed_live *live)
{
	struct fake_registry *fake = from_context(live->context);

	return fake->stop_after && fake->looks++ >= fake->stop_after;
}

void fake_registry_api(struct fake_registry *fake, struct ed_registry_api *api,
		       struct ed_live *live)
{
	*api = (struct ed_registry_api){
		.context = fake,
		.open = fake_open,
		.close = fake_close,
		.subkey = fake_subkey,
		.value = fake_value,
		.data = fake_data,
		.written = fake_written,
		.now_ms = fake_now,
	};
	*live = (struct ed_live){ .context = fake, .stopped = fake_stopped };
}
