/* SPDX-License-Identifier: MIT */
/* The records that Windows measures into tagged events: { type, size, data }, nested. */
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "tcglog_priv.h"

#define SIPA_AGGREGATION UINT32_C(0x40000000) /* the data is records again */
#define SIPA_HEADER 8

enum sipa_kind {
	SIPA_NUMBER, /* little-endian, 1, 2, 4 or 8 bytes */
	SIPA_TEXT,   /* UTF-16LE */
	SIPA_BINARY,
};

/* What a boot tells about itself. Records about single loaded modules and keys are not rows. */
static const struct sipa_row {
	uint32_t id;
	const char *name;
	enum sipa_kind kind;
	uint32_t size; /* of the data when there is only one right size, else 0 */
} sipa_rows[] = {
	/* clang-format off */
	{ 0x00020002, "BootCounter",                   SIPA_NUMBER, 8 },
	{ 0x00020003, "TransferControl",               SIPA_NUMBER, 0 },
	{ 0x00020004, "ApplicationReturn",             SIPA_NUMBER, 0 },
	{ 0x00020005, "BitlockerUnlock",               SIPA_NUMBER, 4 },
	{ 0x00020006, "EventCounter",                  SIPA_NUMBER, 8 },
	{ 0x00020007, "CounterId",                     SIPA_NUMBER, 0 },
	{ 0x00020008, "MorBitNotCancelable",           SIPA_NUMBER, 0 },
	{ 0x00020009, "ApplicationSvn",                SIPA_NUMBER, 0 },
	{ 0x0002000A, "SvnChainStatus",                SIPA_NUMBER, 0 },
	{ 0x0002000B, "MorBitApiStatus",               SIPA_NUMBER, 0 },
	{ 0x0002000C, "IdkGenerationStatus",           SIPA_NUMBER, 0 },
	{ 0x00030001, "FirmwareFailure",               SIPA_BINARY, 0 },
	{ 0x00030003, "InternalFailure",               SIPA_BINARY, 0 },
	{ 0x00030005, "HypervisorFailure",             SIPA_BINARY, 0 },
	{ 0x00040001, "BootDebugging",                 SIPA_NUMBER, 0 },
	{ 0x00040002, "BootRevocationList",            SIPA_BINARY, 0 },
	{ 0x00050001, "OsKernelDebug",                 SIPA_NUMBER, 0 },
	{ 0x00050002, "CodeIntegrity",                 SIPA_NUMBER, 0 },
	{ 0x00050003, "TestSigning",                   SIPA_NUMBER, 0 },
	{ 0x00050004, "DataExecutionPrevention",       SIPA_NUMBER, 0 },
	{ 0x00050005, "SafeMode",                      SIPA_NUMBER, 0 },
	{ 0x00050006, "WinPE",                         SIPA_NUMBER, 0 },
	{ 0x00050007, "PhysicalAddressExtension",      SIPA_NUMBER, 0 },
	{ 0x00050008, "OsDevice",                      SIPA_NUMBER, 0 },
	{ 0x00050009, "SystemRoot",                    SIPA_TEXT,   0 },
	{ 0x0005000A, "HypervisorLaunchType",          SIPA_NUMBER, 0 },
	{ 0x0005000B, "HypervisorPath",                SIPA_TEXT,   0 },
	{ 0x0005000C, "HypervisorIommuPolicy",         SIPA_NUMBER, 0 },
	{ 0x0005000D, "HypervisorDebug",               SIPA_NUMBER, 0 },
	{ 0x0005000E, "DriverLoadPolicy",              SIPA_NUMBER, 0 },
	{ 0x00050010, "HypervisorMmioNxPolicy",        SIPA_NUMBER, 0 },
	{ 0x00050011, "HypervisorMsrFilterPolicy",     SIPA_NUMBER, 0 },
	{ 0x00050012, "VsmLaunchType",                 SIPA_NUMBER, 0 },
	{ 0x00050013, "OsRevocationList",              SIPA_BINARY, 0 },
	{ 0x00050021, "FlightSigning",                 SIPA_NUMBER, 0 },
	{ 0x00050022, "PagefileEncryptionEnabled",     SIPA_NUMBER, 0 },
	{ 0x00050024, "HibernationDisabled",           SIPA_NUMBER, 0 },
	{ 0x00050025, "DumpsDisabled",                 SIPA_NUMBER, 0 },
	{ 0x00050026, "DumpEncryptionEnabled",         SIPA_NUMBER, 0 },
	{ 0x00050028, "LsaIsoConfig",                  SIPA_NUMBER, 0 },
	{ 0x000A0001, "VbsVsmRequired",                SIPA_NUMBER, 0 },
	{ 0x000A0002, "VbsSecureBootRequired",         SIPA_NUMBER, 0 },
	{ 0x000A0003, "VbsIommuRequired",              SIPA_NUMBER, 0 },
	{ 0x000A0004, "VbsMmioNxRequired",             SIPA_NUMBER, 0 },
	{ 0x000A0005, "VbsMsrFilteringRequired",       SIPA_NUMBER, 0 },
	{ 0x000A0006, "VbsMandatoryEnforcement",       SIPA_NUMBER, 0 },
	{ 0x000A0007, "VbsHvciPolicy",                 SIPA_BINARY, 0 },
	{ 0x000A0008, "VbsMicrosoftBootChainRequired", SIPA_NUMBER, 0 },
	/* clang-format on */
};

static const struct sipa_row *sipa_find(uint32_t id)
{
	for (size_t i = 0; i < ED_COUNT(sipa_rows); i++)
		if (sipa_rows[i].id == id)
			return &sipa_rows[i];
	return NULL;
}

static bool sipa_number(const unsigned char *p, size_t n, uint64_t *out)
{
	if (n != 1 && n != 2 && n != 4 && n != 8)
		return false;
	*out = n == 1 ? p[0] : n == 2 ? ed_le16(p) : n == 4 ? ed_le32(p) : ed_le64(p);
	return true;
}

static void add_hex(struct ed_buf *out, const unsigned char *p, size_t n)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < n; i++) {
		ed_buf_addc(out, digits[p[i] >> 4]);
		ed_buf_addc(out, digits[p[i] & 15]);
	}
}

static void add_text(struct ed_buf *out, const unsigned char *p, size_t n)
{
	char piece[ED_UTF8_MAX(512)];

	while (n >= 2 && !p[n - 2] && !p[n - 1] && n % 2 == 0)
		n -= 2;
	while (n) {
		size_t part = n > 512 ? 512 : n;

		/* do not cut between the halves of a pair */
		if (part < n && (p[part - 1] & 0xFC) == 0xD8)
			part -= 2;
		ed_buf_add(out, piece, ed_utf8_from_utf16le(p, part, piece, NULL));
		p += part;
		n -= part;
	}
}

static ed_status deliver(struct tcg_walk *w, const struct sipa_row *row, const unsigned char *p,
			 size_t n)
{
	struct ed_fact fact = {
		.kind = ED_FACT_BOOTLOG,
		.path = ED_STR(""),
		.name = ed_str_from(row->name),
		.time = ED_TIME_NONE,
	};
	/* a number of a width that none has is kept as it is */
	bool number = row->kind == SIPA_NUMBER && sipa_number(p, n, &fact.number);

	ed_buf_clear(&w->text);
	fact.has_number = number;
	if (number)
		ed_buf_printf(&w->text, "%llu", (unsigned long long)fact.number);
	else if (row->kind == SIPA_TEXT)
		add_text(&w->text, p, n);
	else
		add_hex(&w->text, p, n);
	if (w->text.status == ED_NOMEM)
		return ed_fail(w->err, ED_NOMEM, "out of memory while reading a measured-boot log");
	if (w->text.status != ED_OK) {
		tcg_lose(w, 1, "event %llu: %s of %zu bytes is too long",
			 (unsigned long long)w->events, row->name, n);
		return ED_OK;
	}
	fact.text = ed_buf_str(&w->text);
	return w->sink->ops->fact(w->sink, &fact, w->err);
}

static ed_status read_record(struct tcg_walk *w, uint32_t id, const unsigned char *p, size_t n)
{
	const struct sipa_row *row = sipa_find(id);

	w->records++;
	if (!row) {
		w->unknown++;
		return ED_OK;
	}
	if (row->size && row->size != n) {
		tcg_lose(w, 1, "event %llu: %s of %zu bytes instead of %u",
			 (unsigned long long)w->events, row->name, n, (unsigned)row->size);
		return ED_OK;
	}
	return w->sink ? deliver(w, row, p, n) : ED_OK;
}

static bool only_zeros(struct ed_cursor c)
{
	for (size_t i = 0; i < c.left; i++)
		if (c.p[i])
			return false;
	return true;
}

static ed_status read_level(struct tcg_walk *w, struct ed_cursor c, bool ours, int depth)
{
	while (c.left >= SIPA_HEADER) {
		uint32_t id = ed_cursor_u32(&c);
		uint32_t size = ed_cursor_u32(&c);
		const unsigned char *p = ed_cursor_take(&c, size);
		struct ed_cursor inner = { .p = p, .left = size };

		if (!p) {
			/* firmware tags events as well, in a form of its own */
			if (ours)
				tcg_lose(w, 1, "event %llu: record %08x ends behind its container",
					 (unsigned long long)w->events, (unsigned)id);
			return ED_OK;
		}
		if (w->records >= ED_LIMIT_TCG_RECORDS) {
			w->cut = true;
			tcg_lose(w, ED_LOST_UNKNOWN,
				 "more records than are read "
				 "(ED_LIMIT_TCG_RECORDS)");
			return ED_OK;
		}
		if (!(id & SIPA_AGGREGATION))
			ED_TRY(read_record(w, id, p, size));
		else if (depth < ED_LIMIT_TCG_DEPTH)
			ED_TRY(read_level(w, inner, ours, depth + 1));
		else if (ours)
			tcg_lose(w, 1, "event %llu: containers nested deeper than %d",
				 (unsigned long long)w->events, ED_LIMIT_TCG_DEPTH);
	}
	if (c.left && ours && !only_zeros(c))
		tcg_lose(w, 1, "event %llu: %zu bytes behind the last record",
			 (unsigned long long)w->events, c.left);
	return ED_OK;
}

ed_status tcg_read_records(struct tcg_walk *w, struct ed_cursor data, bool measured_by_windows)
{
	return read_level(w, data, measured_by_windows, 1);
}
