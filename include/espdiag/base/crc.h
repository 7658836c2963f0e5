/* SPDX-License-Identifier: MIT */
/* CRC-32 (IEEE), as .evtx and zip use it. */
#ifndef ESPDIAG_BASE_CRC_H
#define ESPDIAG_BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* @crc is 0 to begin with, or the result over the bytes before these. */
uint32_t ed_crc32(uint32_t crc, const void *bytes, size_t n);
/* The same without special instructions: for other machines, and to test the one against. */
uint32_t ed_crc32_portable(uint32_t crc, const void *bytes, size_t n);

#endif
