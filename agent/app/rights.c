/* SPDX-License-Identifier: MIT */
/* The line about the rights of a live run. */
#include "rights.h"

#include "shown.h"

#define COLUMNS ((size_t)79)
#define INDENT ((size_t)8)
#define NAME_MOST ((size_t)44)
#define MORE_MOST ((size_t)sizeof(", 100000 more"))

/* What goes behind the rights where something was denied. */
static const char *better(enum ed_rights rights)
{
	switch (rights) {
	case ED_RIGHTS_USER:
		return "; an administrator, best SYSTEM, would also have read";
	case ED_RIGHTS_ADMIN:
		return "; SYSTEM would also have read";
	case ED_RIGHTS_SYSTEM:
		return ", the most there is, and still denied";
	case ED_RIGHTS_UNKNOWN:
		break;
	}
	return "; denied";
}

/* As the verdict's text has it: without the vendor, and of what is long the end. */
static void name_add(struct ed_str name, struct ed_buf *out)
{
	struct ed_str vendor = ED_STR("Microsoft-Windows-");

	if (ed_str_istarts(name, vendor))
		name = ed_str_slice(name, vendor.len, name.len);
	if (name.len > NAME_MOST) {
		size_t from = name.len - (NAME_MOST - 3);

		while (from < name.len && ((unsigned char)name.p[from] & 0xC0) == 0x80)
			from++;
		name = ed_str_slice(name, from, name.len);
		ed_buf_addz(out, "...");
	}
	ed_shown_add(out, name);
}

static bool is_denied(const struct ed_verdict *v, size_t i)
{
	if (v->coverage[i].state != ED_STATE_DENIED)
		return false;
	/* a source may have been denied more than once */
	for (size_t k = 0; k < i; k++)
		if (v->coverage[k].state == ED_STATE_DENIED &&
		    ed_str_eq(v->coverage[k].source, v->coverage[i].source))
			return false;
	return true;
}

/* As many names as the line has room for, and how many there are beside them. */
static void names_add(const struct ed_verdict *v, struct ed_buf *out)
{
	size_t begin = out->len, more = 0, shown = 0;

	ed_buf_printf(out, "%*s", (int)INDENT, "");
	for (size_t i = 0; i < v->coverage_count; i++) {
		size_t before = out->len;

		if (!is_denied(v, i))
			continue;
		if (!more) {
			ed_buf_addz(out, shown ? ", " : "");
			name_add(v->coverage[i].source, out);
		}
		if (more || out->len - begin > COLUMNS - MORE_MOST) {
			out->len = before;
			more++;
		} else {
			shown++;
		}
	}
	if (more)
		ed_buf_printf(out, ", %zu more", more);
	ed_buf_addc(out, '\n');
}

void ed_rights_line(enum ed_rights rights, const struct ed_verdict *verdict, struct ed_buf *out)
{
	bool any = false;

	for (size_t i = 0; i < verdict->coverage_count && !any; i++)
		any = is_denied(verdict, i);
	ed_buf_printf(out, "Rights: %s", ed_rights_word(rights));
	if (!any) {
		ed_buf_addz(out, "; nothing was denied\n");
		return;
	}
	ed_buf_printf(out, "%s:\n", better(rights));
	names_add(verdict, out);
}
