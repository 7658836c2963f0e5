/* SPDX-License-Identifier: MIT */
/*
 * What the program that loaded the doubles writes to the event log. Wine's own goes nowhere.
 *
 * ESPDIAG_DOUBLE_EVENTLOG  a file: a line of source, id and type, then one a string, UTF-8, is
 * added to it for each event.
 */
#ifndef ESPDIAG_DOUBLE_EVENTLOG_H
#define ESPDIAG_DOUBLE_EVENTLOG_H

void eventlog_begin(void);

#endif
