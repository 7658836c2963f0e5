/* SPDX-License-Identifier: MIT */
/* CMTrace logs and dsregcmd output. Each input goes through every reader of the folder. */
#include "espdiag/collectors/textlog.h"

#include "reader_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_reader(&ed_reader_cmtrace, data, size);
	fuzz_reader(&ed_reader_dsreg, data, size);
	return 0;
}
