/* SPDX-License-Identifier: MIT */
/*
 * The clock of the program that loaded the doubles, set while it runs.
 *
 * ESPDIAG_DOUBLE_CLOCK  a file with a number: so many seconds the clock is ahead, or behind. It may
 * be written at any time; without it the clock is right. Clocks that only go forward are as ever.
 */
#ifndef ESPDIAG_DOUBLE_CLOCK_H
#define ESPDIAG_DOUBLE_CLOCK_H

void clock_begin(void);

#endif
