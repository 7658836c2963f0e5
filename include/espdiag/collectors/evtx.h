/* SPDX-License-Identifier: MIT */
/* Reader of Windows event logs (.evtx): file and chunk headers, BinXml records. */
#ifndef ESPDIAG_COLLECTORS_EVTX_H
#define ESPDIAG_COLLECTORS_EVTX_H

#include "espdiag/collectors/input.h"

extern const struct ed_reader ed_reader_evtx;

#endif
