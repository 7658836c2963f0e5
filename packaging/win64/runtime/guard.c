/* SPDX-License-Identifier: MIT */
/*
 * What clang's hardening wants of a C library and this mingw-w64 has not: the stack's guard,
 * checked copies, and the load configuration that tells Windows of the guard and of the functions
 * that may be called through pointers (CFG).
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	FAIL_STACK_COOKIE = 2, /* FAST_FAIL_ codes of winnt.h */
	FAIL_RANGE_CHECK = 8,
	INSTRUMENTED = 0x100, /* IMAGE_GUARD_CF_ flags of winnt.h */
	TABLE_PRESENT = 0x400,
	SEARCH_SYSTEM32 = 0x800, /* LOAD_LIBRARY_ */
};

/* IMAGE_LOAD_CONFIG_DIRECTORY64 to the end of what CFG needs; mingw-w64 10 knows it without that.
 */
struct load_config {
	uint32_t size;
	uint32_t unused_before[18];
	uint16_t csd_version;
	uint16_t dependent_load_flags;
	uint64_t edit_list;
	const uintptr_t *security_cookie;
	uint64_t handlers[2];
	const void *check_call;
	const void *dispatch_call;
	const void *functions;
	const void *function_count;
	uint32_t guard_flags;
};

/* Windows takes this value for one that nobody set yet, and puts a random one in its place. */
uintptr_t __stack_chk_guard = 0x2B992DDFA232;

_Noreturn static void fail(uintptr_t code)
{
#ifdef __aarch64__
	__asm__ __volatile__("mov x0, %0\n\tbrk #0xf003" : : "r"(code) : "x0");
#else
	__asm__ __volatile__("int $0x29" : : "c"(code));
#endif
	__builtin_unreachable();
}

_Noreturn void __stack_chk_fail(void)
{
	fail(FAIL_STACK_COOKIE);
}

void *__memcpy_chk(void *to, const void *from, size_t count, size_t room)
{
	if (count > room)
		fail(FAIL_RANGE_CHECK);
	return memcpy(to, from, count);
}

char *__strcat_chk(char *to, const char *from, size_t room)
{
	size_t used = strlen(to);

	if (used >= room || strlen(from) >= room - used)
		fail(FAIL_RANGE_CHECK);
	return strcat(to, from);
}

/* Windows has its own check in place of this one before the program starts. */
static void allow_call(void)
{
}
void (*const __guard_check_icall_fptr)(void) = allow_call;

#ifdef __x86_64__
/* There the twin's compiler lets the check make the call as well. */
__attribute__((naked)) static void make_call(void)
{
	__asm__("jmp *%rax");
}
void (*const __guard_dispatch_icall_fptr)(void) = make_call;
#define DISPATCH &__guard_dispatch_icall_fptr
#else
#define DISPATCH NULL
#endif

/* From the linker: the table, and a symbol whose address is the count. */
extern const char __guard_fids_table[], __guard_fids_count[];

const struct load_config _load_config_used = {
	.size = offsetof(struct load_config, guard_flags) + sizeof(uint32_t),
	.dependent_load_flags = SEARCH_SYSTEM32,
	.security_cookie = &__stack_chk_guard,
	.check_call = &__guard_check_icall_fptr,
	.dispatch_call = DISPATCH,
	.functions = __guard_fids_table,
	.function_count = __guard_fids_count,
	.guard_flags = INSTRUMENTED | TABLE_PRESENT,
};

_Static_assert(offsetof(struct load_config, security_cookie) == 88 &&
		       offsetof(struct load_config, guard_flags) == 144,
	       "as Windows reads it");
