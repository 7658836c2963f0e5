/* SPDX-License-Identifier: MIT */
/* The tables of what is read, the walk over it, and the text it becomes. */
#ifndef ED_REGISTRY_PRIV_H
#define ED_REGISTRY_PRIV_H

#include "espdiag/collectors/live.h"
#include "registry_api.h"

/* Registry value types by their number. */
enum registry_type {
	REGISTRY_SZ = 1,
	REGISTRY_EXPAND_SZ = 2,
	REGISTRY_BINARY = 3,
	REGISTRY_DWORD = 4,
	REGISTRY_QWORD = 11,
};

enum registry_flag {
	REGISTRY_WANTED = 1,  /* that it is absent is worth a row */
	REGISTRY_NUMBERS = 2, /* only REG_DWORD and REG_QWORD: nothing that could be a key */
	REGISTRY_KEYS = 4,    /* names of keys only */
};

struct registry_root {
	const char *key;    /* below HKEY_LOCAL_MACHINE */
	const char *values; /* names joined by '|'; "" all */
	unsigned depth;     /* levels of keys below it that are read */
	unsigned flags;
};

struct registry_member {
	const char *name; /* registry/<name>.reg */
	const struct registry_root *roots;
	size_t count;
};

/* X-macro of roots.def: REGISTRY_ID_TRACKING and so on name the members. */
enum registry_id {
#define REGISTRY_MEMBER(id, name, source, late) REGISTRY_ID_##id,
#include "roots.def"
#undef REGISTRY_MEMBER
	REGISTRY_ID_COUNT
};

struct registry_member registry_member_at(enum registry_id id);
/* Rows of all members together. */
size_t registry_root_count(void);

/* Whether the name of a value says that it could be a secret. */
bool registry_is_secret(struct ed_str name, uint32_t type);

/*
 * Records the member and its gaps. Denied, missing and cut parts are gaps, never a failure.
 * ED_NOMEM, or what the recording returned.
 */
ed_status registry_record(const struct ed_registry_api *api, const struct registry_member *member,
			  const struct ed_live *live, struct ed_recording *out,
			  struct ed_error *err);

/*
 * The text, as collectors/reg reads it. @path: a full key with its root. @time: ED_TIME_NONE:
 * unknown. Names are UTF-8.
 */
void registry_text_begin(struct ed_buf *out);
void registry_text_key(struct ed_buf *out, struct ed_str path, int64_t time);
void registry_text_value(struct ed_buf *out, struct ed_str name, uint32_t type, struct ed_str data);
/* More than registry_text_value would append. */
size_t registry_text_room(struct ed_str name, size_t data_len);
/* A name as UTF-8 on one line, appended. */
void registry_text_name(struct ed_buf *out, struct ed_str utf16);

#endif
