/* SPDX-License-Identifier: MIT */
/* Reader of TCG measured-boot logs (Windows\Logs\MeasuredBoot): the SIPA records Windows measured.
 */
#ifndef ESPDIAG_COLLECTORS_TCGLOG_H
#define ESPDIAG_COLLECTORS_TCGLOG_H

#include "espdiag/collectors/input.h"

extern const struct ed_reader ed_reader_tcglog;

#endif
