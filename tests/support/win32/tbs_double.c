/* SPDX-License-Identifier: MIT */
/*
 * tbs.dll in miniature. ESPDIAG_DOUBLE_TBS is the path of a raw boot log, "fail 0x80284008" or
 * "hang"; without it there is no TPM.
 */
#include "fault.h"

#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOT_RUNNING 0x80284008u
#define NO_TPM 0x8028400Fu
#define BAD_PARAMETER 0x80284002u
#define NO_LOG 0x80284011u
#define SMALL_BUFFER 0x80284005u

UINT32 WINAPI Tbsi_GetDeviceInfo(UINT32 size, void *info);
UINT32 WINAPI Tbsi_Get_TCG_Log_Ex(UINT32 type, BYTE *out, UINT32 *size);

/* What is to happen: 0, and *path is a file, or a result. */
static UINT32 behave(const char **path)
{
	if (fault_elsewhere(NOT_RUNNING))
		return NOT_RUNNING;
	*path = getenv("ESPDIAG_DOUBLE_TBS");
	if (!*path || !**path)
		return NO_TPM;
	if (strcmp(*path, "hang") == 0)
		Sleep(INFINITE);
	if (strncmp(*path, "fail ", 5) == 0)
		return (UINT32)strtoul(*path + 5, NULL, 16);
	return 0;
}

UINT32 WINAPI Tbsi_GetDeviceInfo(UINT32 size, void *info)
{
	static const UINT32 device[] = { 1, 2, 3, 59 }; /* TPM 2.0 by ACPI, revision 1.59 */
	const char *path;
	UINT32 result = behave(&path);

	if (result)
		return result;
	if (size < sizeof(device))
		return BAD_PARAMETER;
	memcpy(info, device, sizeof(device));
	return 0;
}

UINT32 WINAPI Tbsi_Get_TCG_Log_Ex(UINT32 type, BYTE *out, UINT32 *size)
{
	const char *path;
	UINT32 result = behave(&path);
	FILE *f;
	long len;

	if (result)
		return result;
	if (type != 0 || !size)
		return BAD_PARAMETER;
	f = fopen(path, "rb");
	if (!f)
		return NO_LOG;
	fseek(f, 0, SEEK_END);
	len = ftell(f);
	rewind(f);
	if (!out || *size < (UINT32)len)
		result = out ? SMALL_BUFFER : 0;
	else if (fread(out, 1, (size_t)len, f) != (size_t)len)
		result = NO_LOG;
	*size = (UINT32)len;
	fclose(f);
	return result;
}
