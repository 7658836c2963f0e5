/* SPDX-License-Identifier: MIT */
/* Measured-boot logs. */
#include "tcg_build.h"

#define TCG_LIMIT (16u << 20)
#define SHA1_LEN 20u
#define SHA256_LEN 32u
#define ALG_SHA1 0x0004u
#define ALG_SHA256 0x000bu
#define EV_EFI_VARIABLE_DRIVER_CONFIG 0x80000001u
#define EV_EFI_BOOT_SERVICES_APPLICATION 0x80000003u

static void put_le(struct ed_buf *out, uint64_t value, size_t bytes)
{
	for (; bytes; bytes--, value >>= 8)
		ed_buf_addc(out, (char)(unsigned char)value);
}

static void put_fill(struct ed_buf *out, char c, size_t n)
{
	for (; n; n--)
		ed_buf_addc(out, c);
}

/* The first record has the old form in every log: PCR, type, SHA-1 digest, size, data. */
static void put_old_record(struct ed_buf *out, uint32_t pcr, uint32_t type, char digest,
			   const void *data, size_t len)
{
	put_le(out, pcr, 4);
	put_le(out, type, 4);
	put_fill(out, digest, SHA1_LEN);
	put_le(out, len, 4);
	ed_buf_add(out, data, len);
}

void tcg_build_init(struct tcg_build *b, bool sha1_only)
{
	struct ed_buf spec;

	*b = (struct tcg_build){ .sha1_only = sha1_only };
	ed_buf_init(&b->out, TCG_LIMIT);
	ed_buf_init(&spec, TCG_LIMIT);
	ed_buf_add(&spec, sha1_only ? "Spec ID Event02" : "Spec ID Event03", 16);
	put_le(&spec, 0, 4);         /* client platform */
	put_le(&spec, sha1_only, 1); /* minor, major, errata: 1.21 or 2.00 */
	put_le(&spec, sha1_only ? 1 : 2, 1);
	put_le(&spec, 0, 1);
	put_le(&spec, 2, 1); /* UINTN has 64 bits */
	if (!sha1_only) {
		put_le(&spec, 2, 4);
		put_le(&spec, ALG_SHA1, 2);
		put_le(&spec, SHA1_LEN, 2);
		put_le(&spec, ALG_SHA256, 2);
		put_le(&spec, SHA256_LEN, 2);
	}
	put_le(&spec, 0, 1); /* no vendor data */
	put_old_record(&b->out, 0, TCG_EV_NO_ACTION, 0, spec.p, spec.len);
	ed_buf_release(&spec);
}

void tcg_build_release(struct tcg_build *b)
{
	ed_buf_release(&b->out);
}

void tcg_build_event(struct tcg_build *b, uint32_t pcr, uint32_t type, const void *data, size_t len)
{
	if (b->sha1_only) {
		put_old_record(&b->out, pcr, type, 0x11, data, len);
		return;
	}
	put_le(&b->out, pcr, 4);
	put_le(&b->out, type, 4);
	put_le(&b->out, 2, 4);
	put_le(&b->out, ALG_SHA1, 2);
	put_fill(&b->out, 0x11, SHA1_LEN);
	put_le(&b->out, ALG_SHA256, 2);
	put_fill(&b->out, 0x22, SHA256_LEN);
	put_le(&b->out, len, 4);
	ed_buf_add(&b->out, data, len);
}

struct ed_str tcg_build_finish(struct tcg_build *b)
{
	if (b->out.status != ED_OK)
		return (struct ed_str){ NULL, 0 };
	return ed_buf_str(&b->out);
}

void tcg_build_sipa(struct ed_buf *data, uint32_t type, const void *bytes, size_t len)
{
	put_le(data, type, 4);
	put_le(data, len, 4);
	ed_buf_add(data, bytes, len);
}

void tcg_build_sipa_number(struct ed_buf *data, uint32_t type, uint64_t value, size_t width)
{
	put_le(data, type, 4);
	put_le(data, width, 4);
	put_le(data, value, width);
}

/* A tagged event of one container with the records in @inner, which is then emptied. */
static void put_container(struct tcg_build *b, uint32_t pcr, uint32_t type, struct ed_buf *inner)
{
	struct ed_buf data;

	ed_buf_init(&data, TCG_LIMIT);
	tcg_build_sipa(&data, type, inner->p, inner->len);
	tcg_build_event(b, pcr, TCG_EV_EVENT_TAG, data.p, data.len);
	ed_buf_release(&data);
	ed_buf_clear(inner);
}

void tcg_build_boot(struct ed_buf *out, const struct tcg_boot *boot)
{
	static const unsigned char secure_boot[44] = { 0x61, 0xdf, 0xe4, 0x8b };
	static const unsigned char image[64];
	static const unsigned char separator[4];
	static const unsigned char module[16];
	struct tcg_build b;
	struct ed_buf sipa;

	tcg_build_init(&b, boot->sha1_only);
	ed_buf_init(&sipa, TCG_LIMIT);
	tcg_build_event(&b, 0, TCG_EV_S_CRTM_VERSION, "1\0.\0000", 6);
	tcg_build_event(&b, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, secure_boot, sizeof(secure_boot));
	tcg_build_event(&b, 4, EV_EFI_BOOT_SERVICES_APPLICATION, image, sizeof(image));
	tcg_build_event(&b, 11, TCG_EV_SEPARATOR, separator, sizeof(separator));
	tcg_build_sipa_number(&sipa, TCG_SIPA_BOOT_COUNTER, boot->boot_counter, 8);
	tcg_build_sipa_number(&sipa, TCG_SIPA_TEST_SIGNING, 0, 1);
	tcg_build_sipa_number(&sipa, TCG_SIPA_CODE_INTEGRITY, 1, 1);
	put_container(&b, 12, TCG_SIPA_TRUST_BOUNDARY, &sipa);
	tcg_build_sipa_number(&sipa, TCG_SIPA_EVENT_COUNTER, boot->event_counter, 8);
	if (!boot->no_unlock)
		tcg_build_sipa_number(&sipa, TCG_SIPA_BITLOCKER_UNLOCK, boot->unlock, 4);
	put_container(&b, 12, TCG_SIPA_TRUST_BOUNDARY, &sipa);
	ed_buf_add(&sipa, module, sizeof(module));
	put_container(&b, 13, TCG_SIPA_MODULE_AGGREGATION, &sipa);
	ed_buf_adds(out, tcg_build_finish(&b));
	ed_buf_release(&sipa);
	tcg_build_release(&b);
}
