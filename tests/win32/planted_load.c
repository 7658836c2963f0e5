/* SPDX-License-Identifier: MIT */
/* planted_load DLL...: loads each as a careless program does, so that a planted one is seen. */
#include <windows.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		LoadLibraryA(argv[i]);
	return 0;
}
