/* SPDX-License-Identifier: MIT */
/* Registry text. */
#include "reg_build.h"

#include "build_event.h"

#define REG_LIMIT (64u << 20)
#define REG_LINE 76u /* where regedit continues a line of hex */

void reg_build_init(struct reg_build *b, enum reg_build_form form)
{
	*b = (struct reg_build){ .form = form };
	ed_buf_init(&b->text, REG_LIMIT);
	ed_buf_init(&b->bytes, REG_LIMIT);
	if (form == REG_BUILD_EXPORT)
		ed_buf_addz(&b->text, "Windows Registry Editor Version 5.00\r\n\r\n");
}

void reg_build_release(struct reg_build *b)
{
	ed_buf_release(&b->text);
	ed_buf_release(&b->bytes);
}

void reg_build_key(struct reg_build *b, const char *path)
{
	bool first = b->text.len == 0 || ed_str_ends(ed_buf_str(&b->text), ED_STR("\r\n\r\n"));

	ed_buf_printf(&b->text, "%s[%s]\r\n", first ? "" : "\r\n", path);
}

static void put_text(struct reg_build *b, const char *z)
{
	for (; *z; z++) {
		if (b->form == REG_BUILD_EXPORT && (*z == '\\' || *z == '"'))
			ed_buf_addc(&b->text, '\\');
		ed_buf_addc(&b->text, *z);
	}
}

static void put_name(struct reg_build *b, const char *name)
{
	if (b->form == REG_BUILD_DUMP)
		ed_buf_addc(&b->text, ' ');
	if (!*name) {
		ed_buf_addz(&b->text, "@=");
		return;
	}
	ed_buf_addc(&b->text, '"');
	put_text(b, name);
	ed_buf_addz(&b->text, "\"=");
}

void reg_build_sz(struct reg_build *b, const char *name, const char *text)
{
	put_name(b, name);
	ed_buf_addc(&b->text, '"');
	put_text(b, text);
	ed_buf_addz(&b->text, "\"\r\n");
}

void reg_build_dword(struct reg_build *b, const char *name, uint32_t value)
{
	put_name(b, name);
	ed_buf_printf(&b->text, b->form == REG_BUILD_DUMP ? "DWORD:%08X\r\n" : "dword:%08x\r\n",
		      (unsigned)value);
}

void reg_build_hex(struct reg_build *b, const char *name, unsigned type, const void *bytes,
		   size_t len)
{
	const unsigned char *p = bytes;
	size_t line = b->text.len;

	put_name(b, name);
	if (type == 3)
		ed_buf_addz(&b->text, "hex:");
	else
		ed_buf_printf(&b->text, "hex(%x):", type);
	for (size_t i = 0; i < len; i++) {
		ed_buf_printf(&b->text, "%02x%s", p[i], i + 1 < len ? "," : "");
		if (i + 1 < len && b->text.len - line > REG_LINE) {
			ed_buf_addz(&b->text, "\\\r\n  ");
			line = b->text.len - 2;
		}
	}
	ed_buf_addz(&b->text, "\r\n");
}

struct ed_str reg_build_finish(struct reg_build *b)
{
	ed_buf_clear(&b->bytes);
	ed_buf_add(&b->bytes, "\xff\xfe", 2);
	if (b->text.status != ED_OK || !build_utf16le(&b->bytes, ed_buf_str(&b->text).p) ||
	    b->bytes.status != ED_OK)
		return (struct ed_str){ NULL, 0 };
	return ed_buf_str(&b->bytes);
}
