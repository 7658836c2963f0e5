/* SPDX-License-Identifier: MIT */
/* Does what packaging/win64/runtime/guard.c must end: tests/package/twin. */
#include <stdint.h>
#include <string.h>

extern uintptr_t __stack_chk_guard;

enum {
	ROOM = 16,
	UNSET = 7,  /* exit: Windows put no value of its own in the guard's place */
	MISSED = 8, /* exit: nothing ended the program */
};
static const uintptr_t NOBODYS_GUARD = 0x2B992DDFA232;

static void over_the_stack(size_t count)
{
	char local[ROOM];
	volatile char *at = local;

	for (size_t i = 0; i < count; i++)
		at[i] = 'x';
}

static size_t copied(const char *from, size_t count)
{
	char local[ROOM];

	memcpy(local, from, count);
	return strnlen(local, sizeof(local));
}

static size_t appended(const char *text)
{
	char local[ROOM] = "12345678";

	strcat(local, text);
	return strlen(local);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "fits") == 0) {
		over_the_stack(ROOM);
		return copied("abc", 4) == 3 && appended("1234567") == 15 ? 0 : MISSED;
	}
	if (strcmp(what, "guard") == 0)
		return __stack_chk_guard == NOBODYS_GUARD ? UNSET : 0;
	if (strcmp(what, "stack") == 0)
		over_the_stack(4 * ROOM);
	if (strcmp(what, "copy") == 0 && copied("0123456789abcdef0123", ROOM + (size_t)argc) > ROOM)
		return UNSET;
	if (strcmp(what, "append") == 0 && appended(argv[argc - 1]) > ROOM)
		return UNSET;
	return MISSED;
}
