/* SPDX-License-Identifier: MIT */
/* The version of the program. The only place that names it; CMake reads this line. */
#ifndef ESPDIAG_VERSION_H
#define ESPDIAG_VERSION_H

#define ED_VERSION "0.1.0"

#endif
