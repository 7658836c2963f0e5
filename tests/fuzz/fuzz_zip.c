/* SPDX-License-Identifier: MIT */
/* Fuzz target: a zip archive. */
#include "fuzz_pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_walk(ed_pack_walk_zip, (struct ed_str){ (const char *)data, size });
	return 0;
}
