/* SPDX-License-Identifier: MIT */
/* Registry exports, the headerless dump and hives. Each input goes through every reader of the
 * folder. */
#include "espdiag/collectors/reg.h"

#include "reader_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_reader(&ed_reader_reg, data, size);
	fuzz_reader(&ed_reader_regdump, data, size);
	fuzz_reader(&ed_reader_regf, data, size);
	return 0;
}
