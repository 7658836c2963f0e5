/* SPDX-License-Identifier: MIT */
/* Members of JSON that every report writes alike. */
#include "put_priv.h"

#include <stdio.h>

void put_number(struct ed_json_writer *w, const char *name, int64_t value)
{
	if (value == ED_UNKNOWN)
		ed_json_put_null(w, name);
	else
		ed_json_put_int(w, name, value);
}

void put_tri(struct ed_json_writer *w, const char *name, enum ed_tri value)
{
	if (value == ED_TRI_UNKNOWN)
		ed_json_put_null(w, name);
	else
		ed_json_put_bool(w, name, value == ED_TRI_YES);
}

void put_list(struct ed_json_writer *w, const char *name, struct ed_str_list list)
{
	ed_json_begin_array(w, name);
	for (size_t i = 0; i < list.count; i++)
		ed_json_put_str(w, NULL, list.items[i]);
	ed_json_end_array(w);
}

void put_ref(struct ed_json_writer *w, const char *name, uint32_t ref)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "e%u", (unsigned)ref + 1);

	ed_json_put_str(w, name, (struct ed_str){ text, (size_t)n });
}

void put_refs(struct ed_json_writer *w, const char *name, struct ed_refs refs)
{
	ed_json_begin_array(w, name);
	for (size_t i = 0; i < refs.count; i++)
		put_ref(w, NULL, refs.items[i]);
	ed_json_end_array(w);
}
