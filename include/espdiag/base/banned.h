/* SPDX-License-Identifier: MIT */
/* Forced into every file by the build: using one of these is a compile error that explains itself.
 */
#ifndef ESPDIAG_BASE_BANNED_H
#define ESPDIAG_BASE_BANNED_H

/* The headers first, so that only our own uses are caught. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ED_BANNED(name, instead) ed_banned_##name##_use_##instead

#undef strcpy
#define strcpy(a, b) ED_BANNED(strcpy, ed_buf)
#undef strcat
#define strcat(a, b) ED_BANNED(strcat, ed_buf)
#undef strncpy
#define strncpy(a, b, n) ED_BANNED(strncpy, memcpy)
#undef strncat
#define strncat(a, b, n) ED_BANNED(strncat, ed_buf)
#undef sprintf
#define sprintf(...) ED_BANNED(sprintf, snprintf)
#undef vsprintf
#define vsprintf(...) ED_BANNED(vsprintf, vsnprintf)
#undef strtok
#define strtok(a, b) ED_BANNED(strtok, ed_str)
#undef gmtime
#define gmtime(t) ED_BANNED(gmtime, ed_time)
#undef localtime
#define localtime(t) ED_BANNED(localtime, ed_time)
#undef ctime
#define ctime(t) ED_BANNED(ctime, ed_time)
#undef asctime
#define asctime(t) ED_BANNED(asctime, ed_time)
#undef atoi
#define atoi(s) ED_BANNED(atoi, ed_number_parse)
#undef gets
#define gets(s) ED_BANNED(gets, fgets)

#endif
