/* SPDX-License-Identifier: MIT */
/*
 * What the program gives up, keeps for itself and does not follow on Windows. Wine has no reparse
 * points and keeps of an ACL what a mode can say: so the calls that tell of the one and get the
 * other are caught here, by the pointers that the import library would have.
 */
#include "espdiag/platform/file.h"
#include "espdiag/platform/process.h"
#include "private_priv.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include <windows.h>

#include <sddl.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

#define TAG_CLOUD 0x9000001Au /* a file of OneDrive's: content of its own */

static struct ed_error err;
static struct ed_arena arena;
static char folder[64];
static char path_room[512];

/* The next handles that are asked about are such reparse points; 0: what they are. */
static DWORD pretend_tag;
static int pretend_from; /* so many are told as they are before */
static bool plain_name;  /* what GetFileAttributesW says stays as it is */
static wchar_t made_rights[512];

static FARPROC real(const char *name)
{
	FARPROC found = GetProcAddress(GetModuleHandleW(L"kernel32.dll"), name);

	ck_assert_msg(found != NULL, "%s", name);
	return found;
}

static BOOL WINAPI fake_about(HANDLE handle, BY_HANDLE_FILE_INFORMATION *out)
{
	typedef BOOL(WINAPI * about_fn)(HANDLE, BY_HANDLE_FILE_INFORMATION *);
	about_fn about = (about_fn)(void (*)(void))real("GetFileInformationByHandle");

	if (!about(handle, out))
		return FALSE;
	if (pretend_tag && pretend_from-- <= 0)
		out->dwFileAttributes |= FILE_ATTRIBUTE_REPARSE_POINT;
	return TRUE;
}

static BOOL WINAPI fake_about_ex(HANDLE handle, FILE_INFO_BY_HANDLE_CLASS what, void *out,
				 DWORD size)
{
	FILE_ATTRIBUTE_TAG_INFO *tag = out;

	(void)handle;
	ck_assert_int_eq(what, FileAttributeTagInfo);
	ck_assert_uint_ge(size, sizeof(*tag));
	*tag = (FILE_ATTRIBUTE_TAG_INFO){ FILE_ATTRIBUTE_REPARSE_POINT, pretend_tag };
	return TRUE;
}

static BOOL WINAPI fake_find_next(HANDLE handle, WIN32_FIND_DATAW *out)
{
	typedef BOOL(WINAPI * next_fn)(HANDLE, WIN32_FIND_DATAW *);
	next_fn next = (next_fn)(void (*)(void))real("FindNextFileW");

	if (!next(handle, out))
		return FALSE;
	if (pretend_tag) {
		out->dwFileAttributes |= FILE_ATTRIBUTE_REPARSE_POINT;
		out->dwReserved0 = pretend_tag;
	}
	return TRUE;
}

static DWORD WINAPI fake_attributes(LPCWSTR name)
{
	typedef DWORD(WINAPI * attributes_fn)(LPCWSTR);
	attributes_fn attributes = (attributes_fn)(void (*)(void))real("GetFileAttributesW");
	DWORD found = attributes(name);

	return found == INVALID_FILE_ATTRIBUTES || !pretend_tag || plain_name
		       ? found
		       : found | FILE_ATTRIBUTE_REPARSE_POINT;
}

static BOOL WINAPI fake_folder(LPCWSTR name, SECURITY_ATTRIBUTES *security)
{
	typedef BOOL(WINAPI * folder_fn)(LPCWSTR, SECURITY_ATTRIBUTES *);
	folder_fn make = (folder_fn)(void (*)(void))real("CreateDirectoryW");
	wchar_t *text = NULL;

	ck_assert_ptr_nonnull(security);
	ck_assert(ConvertSecurityDescriptorToStringSecurityDescriptorW(
		security->lpSecurityDescriptor, SDDL_REVISION_1, DACL_SECURITY_INFORMATION, &text,
		NULL));
	swprintf(made_rights, ED_COUNT(made_rights), L"%ls", text);
	LocalFree(text);
	return make(name, security);
}

BOOL(WINAPI *__imp_GetFileInformationByHandle)
(HANDLE, BY_HANDLE_FILE_INFORMATION *) = fake_about;
BOOL(WINAPI *__imp_GetFileInformationByHandleEx)
(HANDLE, FILE_INFO_BY_HANDLE_CLASS, void *, DWORD) = fake_about_ex;
BOOL(WINAPI *__imp_FindNextFileW)(HANDLE, WIN32_FIND_DATAW *) = fake_find_next;
DWORD(WINAPI *__imp_GetFileAttributesW)(LPCWSTR) = fake_attributes;
BOOL(WINAPI *__imp_CreateDirectoryW)(LPCWSTR, SECURITY_ATTRIBUTES *) = fake_folder;

static struct ed_str in_folder(const char *name)
{
	int n = snprintf(path_room, sizeof(path_room), "%s/%s", folder, name);

	return (struct ed_str){ path_room, (size_t)n };
}

static void setup(void)
{
	struct ed_str made;

	pretend_tag = 0;
	pretend_from = 0;
	plain_name = false;
	memset(&err, 0, sizeof(err));
	ed_arena_init(&arena, ED_MIB);
	ck_assert_msg(ed_private_folder_make(&arena, ED_STR("least"), &made, &err) == ED_OK, "%s",
		      err.text);
	snprintf(folder, sizeof(folder), "%.*s", ED_FMT(made));
	ck_assert_int_eq(ed_file_write_whole(in_folder("file"), ED_STR("kept"), &err), ED_OK);
}

static void teardown(void)
{
	pretend_tag = 0;
	ck_assert_int_eq(ed_file_remove(in_folder("file"), &err), ED_OK);
	ed_private_folder_remove(ed_str_from(folder));
	/* gone */
	ck_assert_int_eq(ed_file_write_whole(in_folder("file"), ED_STR(""), &err), ED_ABSENT);
	ed_arena_release(&arena);
}

static void assert_kept(void)
{
	struct ed_file *file;
	char text[8];
	size_t got;

	pretend_tag = 0;
	ck_assert_int_eq(ed_file_open(in_folder("file"), false, &file, &err), ED_OK);
	ck_assert_int_eq(ed_file_read_at(file, 0, text, sizeof(text), &got, &err), ED_OK);
	ed_file_close(file);
	ck_assert_uint_eq(got, 4);
	ck_assert_mem_eq(text, "kept", 4);
}

static const struct {
	DWORD tag;
	bool is_link;
} tags[] = {
	{ IO_REPARSE_TAG_MOUNT_POINT, true }, /* a junction */
	{ IO_REPARSE_TAG_SYMLINK, true },
	{ TAG_CLOUD, false },
};

START_TEST(links_are_not_followed)
{
	struct ed_folder_entry *entries;
	struct ed_path_info info;
	struct ed_file *file = NULL;
	size_t count;

	pretend_tag = tags[_i].tag;
	ck_assert_int_eq(ed_path_stat(in_folder("file"), false, &info, &err), ED_OK);
	ck_assert_int_eq(info.kind, tags[_i].is_link ? ED_PATH_LINK : ED_PATH_FILE);
	ck_assert_int_eq(ed_folder_list(ed_str_from(folder), &arena, &entries, &count, &err),
			 ED_OK);
	ck_assert_uint_eq(count, 1);
	ck_assert_int_eq(entries[0].info.kind, info.kind);
	ck_assert_int_eq(ed_file_open(in_folder("file"), false, &file, &err),
			 tags[_i].is_link ? ED_ARG : ED_OK);
	ed_file_close(file);
}
END_TEST

/* It is one only when it is opened: it took the place of the file that was looked at. */
START_TEST(nor_one_that_comes_in_between)
{
	struct ed_file *file = NULL;

	pretend_tag = tags[_i].tag;
	pretend_from = 1;
	plain_name = true;
	ck_assert_int_eq(ed_file_open(in_folder("file"), false, &file, &err),
			 tags[_i].is_link ? ED_ARG : ED_OK);
	ck_assert_int_lt(pretend_from, 0);
	ed_file_close(file);
}
END_TEST

START_TEST(nothing_is_written_or_removed_through_one)
{
	pretend_tag = tags[_i].tag;
	ck_assert_int_eq(ed_file_append(in_folder("file"), ED_STR("x"), &err), ED_ARG);
	if (tags[_i].is_link)
		ck_assert_int_eq(ed_file_remove(in_folder("file"), &err), ED_ARG);
	assert_kept();
}
END_TEST

/* A new file's name that is taken stays taken, whatever has it. */
START_TEST(nor_is_one_replaced_by_a_new_file)
{
	struct ed_output *output;
	bool taken = false;

	pretend_tag = tags[_i].tag;
	ck_assert_int_eq(ed_output_open_new(in_folder("file"), &output, &err), ED_OK);
	ck_assert_int_eq(ed_output_write(output, ED_STR("new"), &err), ED_OK);
	ck_assert_int_eq(ed_output_close_new(output, &taken, &err), ED_OK);
	ck_assert(taken);
	assert_kept();
}
END_TEST

START_TEST(folders_of_our_own_are_for_nobody_else)
{
	ck_assert_msg(wcscmp(made_rights, L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)") ==
			      0,
		      "%ls", made_rights);
	/* one that is there already is not used, whoever made it */
	ck_assert_int_ne(private_folder_create(ed_str_from(folder), &err), ED_OK);
}
END_TEST

/* How many privileges the process has beside @kept. */
static size_t privileges_beside(const wchar_t *const *kept, size_t count)
{
	union {
		TOKEN_PRIVILEGES list;
		unsigned char bytes[2048];
	} room;
	DWORD size = sizeof(room);
	HANDLE token;
	size_t n = 0;

	ck_assert(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
	ck_assert(GetTokenInformation(token, TokenPrivileges, &room, size, &size));
	CloseHandle(token);
	for (DWORD i = 0; i < room.list.PrivilegeCount; i++) {
		wchar_t name[64];
		DWORD chars = ED_COUNT(name);
		bool found = false;

		ck_assert(LookupPrivilegeNameW(NULL, &room.list.Privileges[i].Luid, name, &chars));
		for (size_t k = 0; k < count; k++)
			found = found || wcscmp(name, kept[k]) == 0;
		n += !found;
	}
	return n;
}

START_TEST(privileges_go)
{
	static const wchar_t *const kept[] = { L"SeChangeNotifyPrivilege",
					       L"SeSystemEnvironmentPrivilege" };
	char *none[] = { NULL };
	struct ed_process process;
	size_t all = privileges_beside(kept, 0);

	ck_assert_uint_gt(privileges_beside(kept, ED_COUNT(kept)), 0);
	ck_assert_int_eq(ed_process_begin(&process, 0, none, &err), ED_OK);
	ed_process_end(&process);
	ck_assert_uint_eq(privileges_beside(kept, ED_COUNT(kept)), 0);
	printf("of %zu privileges %zu are left\n", all, privileges_beside(kept, 0));
	ck_assert_uint_eq(privileges_beside(kept, 0), ED_COUNT(kept));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("least");
	TCase *tc = tcase_create("files"), *token = tcase_create("token");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, links_are_not_followed, 0, ED_COUNT(tags));
	tcase_add_loop_test(tc, nor_one_that_comes_in_between, 0, ED_COUNT(tags));
	tcase_add_loop_test(tc, nothing_is_written_or_removed_through_one, 0, ED_COUNT(tags));
	tcase_add_loop_test(tc, nor_is_one_replaced_by_a_new_file, 0, ED_COUNT(tags));
	tcase_add_test(tc, folders_of_our_own_are_for_nobody_else);
	tcase_add_test(token, privileges_go);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, token);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
