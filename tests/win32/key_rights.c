/* SPDX-License-Identifier: MIT */
/* Takes every right from a key below HKEY_LOCAL_MACHINE and holds that until its input ends. */
#include <windows.h>

#include <stdio.h>

static BOOL set_rights(HKEY key, ACL *list)
{
	SECURITY_DESCRIPTOR descriptor;

	return InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION) &&
	       SetSecurityDescriptorDacl(&descriptor, TRUE, list, FALSE) &&
	       RegSetKeySecurity(key, DACL_SECURITY_INFORMATION, &descriptor) == ERROR_SUCCESS;
}

int main(int argc, char **argv)
{
	HKEY key;
	ACL nobody;

	if (argc != 2 ||
	    RegOpenKeyExA(HKEY_LOCAL_MACHINE, argv[1], 0, KEY_ALL_ACCESS | KEY_WOW64_64KEY, &key) !=
		    ERROR_SUCCESS ||
	    !InitializeAcl(&nobody, sizeof(nobody), ACL_REVISION) || !set_rights(key, &nobody)) {
		fputs("usage: key_rights KEY, which must be there\n", stderr);
		return 1;
	}
	puts("denied");
	fflush(stdout);
	while (getchar() != EOF)
		;
	/* no list at all lets everybody in */
	return set_rights(key, NULL) ? 0 : 1;
}
