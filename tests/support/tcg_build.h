/* SPDX-License-Identifier: MIT */
/* Builds measured-boot logs: the events that firmware and Windows measured, as TCG records. */
#ifndef ESPDIAG_TESTS_TCG_BUILD_H
#define ESPDIAG_TESTS_TCG_BUILD_H

#include <stdbool.h>

#include "espdiag/base/buf.h"

#define TCG_EV_NO_ACTION 3u
#define TCG_EV_SEPARATOR 4u
#define TCG_EV_EVENT_TAG 6u
#define TCG_EV_S_CRTM_VERSION 8u

#define TCG_SIPA_TRUST_BOUNDARY 0x40010001u
#define TCG_SIPA_ELAM_AGGREGATION 0x40010002u
#define TCG_SIPA_MODULE_AGGREGATION 0x40010003u
#define TCG_SIPA_BOOT_COUNTER 0x00020002u
#define TCG_SIPA_BITLOCKER_UNLOCK 0x00020005u
#define TCG_SIPA_EVENT_COUNTER 0x00020006u
#define TCG_SIPA_BOOT_DEBUGGING 0x00040001u
#define TCG_SIPA_CODE_INTEGRITY 0x00050002u
#define TCG_SIPA_TEST_SIGNING 0x00050003u

struct tcg_build {
	struct ed_buf out;
	bool sha1_only; /* records of the old form, one SHA-1 digest each */
};

/* Writes the header event ("Spec ID Event03", or "Spec ID Event02" when @sha1_only). */
void tcg_build_init(struct tcg_build *b, bool sha1_only);
void tcg_build_release(struct tcg_build *b);
void tcg_build_event(struct tcg_build *b, uint32_t pcr, uint32_t type, const void *data,
		     size_t len);
/* The log so far, owned by @b; .p NULL after a failure. */
struct ed_str tcg_build_finish(struct tcg_build *b);

/* One SIPA record, appended to the data of a tagged event or of a container. */
void tcg_build_sipa(struct ed_buf *data, uint32_t type, const void *bytes, size_t len);
void tcg_build_sipa_number(struct ed_buf *data, uint32_t type, uint64_t value, size_t width);

struct tcg_boot {
	uint64_t boot_counter;
	uint64_t event_counter;
	uint32_t unlock; /* FVEB_UNLOCK_FLAG */
	bool no_unlock;  /* without the record at all */
	bool sha1_only;
};

/* The log of a whole start, as short as one can be; appended. */
void tcg_build_boot(struct ed_buf *out, const struct tcg_boot *boot);

#endif
