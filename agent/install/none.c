/* SPDX-License-Identifier: MIT */
/* Systems that the program is not installed on. */
#include "espdiag/install/install.h"

const struct ed_install_system *ed_install_system(void)
{
	return NULL;
}
