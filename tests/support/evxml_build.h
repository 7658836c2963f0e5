/* SPDX-License-Identifier: MIT */
/*
 * Builds event XML as Windows renders and exports it: one line an event, attributes in '. A line
 * end inside a value stays CR LF, as Windows leaves it; XML makes a bare LF of it.
 */
#ifndef ESPDIAG_TESTS_EVXML_BUILD_H
#define ESPDIAG_TESTS_EVXML_BUILD_H

#include "build_event.h"

/* One <Event> element, appended. False when a value is not of its type. */
bool evxml_build_event(struct ed_buf *out, const struct build_event *event);

/* The head and the end of an export, around any number of events. */
void evxml_build_begin(struct ed_buf *out);
void evxml_build_end(struct ed_buf *out);

#endif
