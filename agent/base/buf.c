/* SPDX-License-Identifier: MIT */
/* The growing buffer. */
#include "espdiag/base/buf.h"

#include "espdiag/base/alloc.h"

#include <stdarg.h>

void ed_buf_init(struct ed_buf *buf, size_t limit)
{
	*buf = (struct ed_buf){ .limit = limit };
}

void ed_buf_release(struct ed_buf *buf)
{
	ed_free(buf->p);
	*buf = (struct ed_buf){ .limit = buf->limit };
}

void ed_buf_clear(struct ed_buf *buf)
{
	buf->len = 0;
	buf->status = ED_OK;
	if (buf->p)
		buf->p[0] = '\0';
}

bool ed_buf_reserve(struct ed_buf *buf, size_t n)
{
	size_t cap;
	char *p;

	if (buf->status != ED_OK)
		return false;
	if (n > buf->limit - buf->len) {
		buf->status = ED_LIMIT;
		return false;
	}
	if (buf->p && n < buf->cap - buf->len)
		return true;
	cap = buf->cap < 128 ? 256 : buf->cap * 2;
	if (cap < buf->len + n + 1)
		cap = buf->len + n + 1;
	p = ed_realloc(buf->p, cap);
	if (!p) {
		buf->status = ED_NOMEM;
		return false;
	}
	buf->p = p;
	buf->cap = cap;
	buf->p[buf->len] = '\0';
	return true;
}

void ed_buf_add(struct ed_buf *buf, const void *bytes, size_t n)
{
	if (!ed_buf_reserve(buf, n))
		return;
	if (n)
		memcpy(buf->p + buf->len, bytes, n);
	buf->len += n;
	buf->p[buf->len] = '\0';
}

void ed_buf_adds(struct ed_buf *buf, struct ed_str s)
{
	ed_buf_add(buf, s.p, s.len);
}

void ed_buf_addz(struct ed_buf *buf, const char *z)
{
	ed_buf_add(buf, z, strlen(z));
}

void ed_buf_addc(struct ed_buf *buf, char c)
{
	ed_buf_add(buf, &c, 1);
}

void ed_buf_printf(struct ed_buf *buf, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0 || !ed_buf_reserve(buf, (size_t)n))
		return;
	va_start(args, format);
	vsnprintf(buf->p + buf->len, (size_t)n + 1, format, args);
	va_end(args);
	buf->len += (size_t)n;
}

struct ed_str ed_buf_str(const struct ed_buf *buf)
{
	return (struct ed_str){ buf->p ? buf->p : "", buf->len };
}
