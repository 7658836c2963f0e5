/* SPDX-License-Identifier: MIT */
/*
 * Signatures by the machine's store, as they ship: makes a key and a certificate of its own there,
 * signs with it and takes both away again. sign.py has openssl check what it leaves in FOLDER.
 */
#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/sign.h"

#include "certificate.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define CONTENT "{\"schema\":\"espdiag.manifest/1\"}\n"

static const char *folder;

static void file_write(const char *name, struct ed_str bytes)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ck_assert_int_eq(ed_file_write_whole(ed_str_from(path), bytes, NULL), ED_OK);
}

static void sign_to(const char *who, const char *file)
{
	struct ed_error err = { 0 };
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	ck_assert_msg(ed_sign_detached(ed_str_from(who), ED_STR(CONTENT), &out, &err) == ED_OK,
		      "%s", err.text);
	file_write(file, ed_buf_str(&out));
	ed_buf_release(&out);
}

START_TEST(signs_by_thumbprint_and_subject)
{
	char thumbprint[CERTIFICATE_THUMBPRINT];
	PCCERT_CONTEXT cert = certificate_add(thumbprint);

	ck_assert_ptr_nonnull(cert);
	file_write("content", ED_STR(CONTENT));
	file_write("certificate.der",
		   (struct ed_str){ (const char *)cert->pbCertEncoded, cert->cbCertEncoded });
	sign_to(thumbprint, "thumbprint.p7s");
	sign_to("test signer", "subject.p7s");
	certificate_remove(cert);
}
END_TEST

START_TEST(nobody_signs)
{
	static const struct {
		const char *who;
		ed_status status;
	} rows[] = {
		{ "nobody of that name", ED_ABSENT },
		{ "0000000000000000000000000000000000000000", ED_ABSENT },
		{ "", ED_ARG },
	};
	struct ed_error err = { 0 };
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	for (size_t i = 0; i < ED_COUNT(rows); i++) {
		ck_assert_int_eq(
			ed_sign_detached(ed_str_from(rows[i].who), ED_STR(CONTENT), &out, &err),
			rows[i].status);
		ck_assert_uint_eq(out.len, 0);
		ck_assert(err.text[0]);
	}
	ed_buf_release(&out);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("sign");
	TCase *tc = tcase_create("sign");
	SRunner *runner;
	int failed;

	folder = argc > 1 ? argv[1] : ".";
	tcase_add_test(tc, nobody_signs);
	tcase_add_test(tc, signs_by_thumbprint_and_subject);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
