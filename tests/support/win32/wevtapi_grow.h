/* SPDX-License-Identifier: MIT */
/* Subscriptions of the double: a file that grows signals whoever subscribed to its channel. */
#ifndef ESPDIAG_WEVTAPI_GROW_H
#define ESPDIAG_WEVTAPI_GROW_H

#include "espdiag/base/str.h"

#include <windows.h>

#include <stdbool.h>
#include <stdint.h>

#define GROWING_MOST 64

/*
 * From now on @signal is set when the file of @channel is not as large as before; *@signals counts.
 * Returns a number for grow_end; -1: too many.
 */
int grow_begin(struct ed_str channel, HANDLE signal, volatile LONG *signals);
void grow_end(int number);

/* The record of a bookmark's XML; false when it is none of ours. */
bool bookmark_read(struct ed_str xml, uint64_t *record);

#endif
