/* SPDX-License-Identifier: MIT */
/* Measured-boot logs. */
#include "espdiag/collectors/tcglog.h"

#include "reader_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_reader(&ed_reader_tcglog, data, size);
	return 0;
}
