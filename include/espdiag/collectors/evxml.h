/* SPDX-License-Identifier: MIT */
/* Reader of exported event XML: <Events> or concatenated <Event>, UTF-8 or UTF-16. */
#ifndef ESPDIAG_COLLECTORS_EVXML_H
#define ESPDIAG_COLLECTORS_EVXML_H

#include "espdiag/collectors/input.h"

extern const struct ed_reader ed_reader_evxml;
/* MDMDiagReport.xml (root MDMEnterpriseDiagnosticsReport): ED_FACT_MDMREPORT. */
extern const struct ed_reader ed_reader_mdmreport;
/* results.xml of Intune Collect diagnostics (root Collection): ED_FACT_COLLECTED. */
extern const struct ed_reader ed_reader_results;

#endif
