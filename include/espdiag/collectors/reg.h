/* SPDX-License-Identifier: MIT */
/* Readers of registry text: .reg exports, and the headerless dump inside mdmdiagnosticstool
 * cabinets. */
#ifndef ESPDIAG_COLLECTORS_REG_H
#define ESPDIAG_COLLECTORS_REG_H

#include "espdiag/collectors/input.h"

extern const struct ed_reader
	ed_reader_reg; /* "Windows Registry Editor Version 5.00", "REGEDIT4" */
extern const struct ed_reader
	ed_reader_regdump; /* MdmDiagReport_RegistryDump.reg: no header, no escapes */
extern const struct ed_reader ed_reader_regf; /* registry hives: named in coverage, not read */

#endif
