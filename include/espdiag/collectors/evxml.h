/* SPDX-License-Identifier: MIT */
/*
 * Readers of XML: exported events, and two reports of Windows. UTF-8 or UTF-16, whatever the
 * declaration says; a document type declaration is refused.
 */
#ifndef ESPDIAG_COLLECTORS_EVXML_H
#define ESPDIAG_COLLECTORS_EVXML_H

#include "espdiag/collectors/input.h"

/*
 * <Events>, one or several, or concatenated <Event>. Each event is parsed on its own: a malformed
 * one costs itself.
 */
extern const struct ed_reader ed_reader_evxml;
/*
 * MDMDiagReport.xml (root MDMEnterpriseDiagnosticsReport or MDMDiagReport): ED_FACT_MDMREPORT.
 * An element without children: path = the elements around it from the root on, joined by '/',
 * name = its own. An attribute: path = up to and with its element, name = its own.
 */
extern const struct ed_reader ed_reader_mdmreport;
/*
 * results.xml of Intune Collect diagnostics (root Collection): ED_FACT_COLLECTED, path = element,
 * name = item, number = HRESULT where it has one. The root's own comes first, with path
 * "Collection" and an empty name. The text of SasUrl, a secret, is never delivered.
 */
extern const struct ed_reader ed_reader_results;

#endif
