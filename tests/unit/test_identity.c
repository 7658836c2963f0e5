/* SPDX-License-Identifier: MIT */
/* Join and caller as rows of state, from fakes of what Windows tells. */
#include "identity_priv.h"

#include "espdiag/collectors/state.h"
#include "reader_run.h"

struct fake {
	ed_status status;
	const char *why;
	struct identity_join join;
	struct ed_device device;
	ed_status device_status;
};

static struct ed_recording recording;
static struct ed_error err;

static void setup(void)
{
	ed_recording_init(&recording);
	memset(&err, 0, sizeof(err));
}

static void teardown(void)
{
	ed_recording_release(&recording);
}

static ed_status fake_join(void *context, struct ed_arena *arena, struct identity_join *out,
			   struct ed_error *error)
{
	const struct fake *fake = context;

	if (!ed_arena_alloc(arena, 1))
		return ed_fail(error, ED_NOMEM, "out of memory");
	if (fake->status != ED_OK)
		return ed_fail(error, fake->status, "%s", fake->why);
	*out = fake->join;
	return ED_OK;
}

static ed_status fake_device(void *context, struct ed_arena *arena, struct ed_device *out,
			     struct ed_error *error)
{
	const struct fake *fake = context;

	(void)arena;
	if (fake->device_status != ED_OK)
		return ed_fail(error, fake->device_status, "out of memory");
	*out = fake->device;
	return ED_OK;
}

static ed_status record(struct fake *fake)
{
	const struct identity_api api = { .context = fake,
					  .join = fake_join,
					  .device = fake_device };

	return identity_record(&api, &recording, &err);
}

static struct fake joined(void)
{
	return (struct fake){
		.join = { .joined = true,
			  .type = 1,
			  .device_id = ED_STR("11111111-2222-3333-4444-555555555555"),
			  .tenant_id = ED_STR("22222222-2222-2222-2222-222222222222"),
			  .tenant_name = ED_STR("Contoso"),
			  .idp_domain = ED_STR("login.windows.net"),
			  .user_email = ED_STR("adele.vance@contoso.example"),
			  .enrollment_url = ED_STR("https://enrollment.example.com/"),
			  .compliance_url = ED_STR("https://compliance.example.com/") },
		.device = { .account = ED_STR("defaultuser0"),
			    .rights = ED_RIGHTS_ADMIN,
			    .oobe_account = true },
	};
}

/* The text of the fact; NULL when there is none, "-" when it was asked for and not told. */
static const char *fact_of(const char *path, const char *name, bool *has_number, uint64_t *number)
{
	static char text[200];
	struct ed_str bytes = ed_buf_str(&recording.members[0].bytes);
	struct reader_run run;
	const char *found = NULL;

	ck_assert_int_gt(reader_probe(&ed_reader_state, bytes.p, bytes.len), 0);
	reader_run(&run, &ed_reader_state, "state/identity.json", bytes.p, bytes.len);
	ck_assert_int_eq(run.status, ED_OK);
	for (size_t i = 0; i < run.evidence.fact_count; i++) {
		const struct ed_fact *fact = reader_fact(&run, i);

		if (!ed_str_eq(fact->path, ed_str_from(path)) ||
		    !ed_str_eq(fact->name, ed_str_from(name)))
			continue;
		snprintf(text, sizeof(text), "%.*s", ED_FMT(fact->text));
		found = fact->text.p ? text : "-";
		*has_number = fact->has_number;
		*number = fact->number;
	}
	reader_run_release(&run);
	return found;
}

static void check_fact(const char *path, const char *name, const char *text)
{
	bool has_number;
	uint64_t number;
	const char *found = fact_of(path, name, &has_number, &number);

	if (!text)
		ck_assert_msg(!found, "%s is '%s'", name, found);
	else
		ck_assert_msg(found && !strcmp(found, text), "%s is '%s'", name,
			      found ? found : "missing");
}

START_TEST(device_joined)
{
	struct fake fake = joined();
	bool has_number = false;
	uint64_t number = 0;

	ck_assert_int_eq(record(&fake), ED_OK);
	ck_assert_uint_eq(recording.member_count, 1);
	ck_assert_uint_eq(recording.gap_count, 0);
	ck_assert_str_eq(recording.members[0].name.p, "state/identity.json");
	ck_assert_int_eq(recording.members[0].form, ED_FORM_STATE);
	check_fact("identity/join", "Joined", "true");
	check_fact("identity/join", "JoinType", "device");
	check_fact("identity/join", "DeviceId", "11111111-2222-3333-4444-555555555555");
	check_fact("identity/join", "TenantId", "22222222-2222-2222-2222-222222222222");
	check_fact("identity/join", "TenantDisplayName", "Contoso");
	check_fact("identity/join", "IdpDomain", "login.windows.net");
	check_fact("identity/join", "UserEmail", "adele.vance@contoso.example");
	check_fact("identity/join", "MdmEnrollmentUrl", "https://enrollment.example.com/");
	check_fact("identity/join", "MdmTermsOfUseUrl", NULL);
	check_fact("identity/join", "MdmComplianceUrl", "https://compliance.example.com/");
	check_fact("identity/caller", "Rights", "administrator");
	check_fact("identity/caller", "Account", "defaultuser0");
	check_fact("identity/caller", "OobeAccount", "true");
	check_fact("identity/caller", "Wow64", "false");
	fact_of("identity/join", "JoinTypeNumber", &has_number, &number);
	ck_assert(has_number && number == 1);
}
END_TEST

START_TEST(join_types)
{
	static const char *const words[] = { "unknown", "device", "workplace", "unknown" };
	struct fake fake = joined();

	fake.join.type = (uint32_t)_i;
	ck_assert_int_eq(record(&fake), ED_OK);
	check_fact("identity/join", "JoinType", words[_i]);
}
END_TEST

START_TEST(not_joined)
{
	struct fake fake = { .device = { .rights = ED_RIGHTS_USER } };

	ck_assert_int_eq(record(&fake), ED_OK);
	ck_assert_uint_eq(recording.gap_count, 0);
	check_fact("identity/join", "Joined", "false");
	check_fact("identity/join", "JoinType", NULL);
	check_fact("identity/caller", "Rights", "user");
	check_fact("identity/caller", "Account", NULL);
}
END_TEST

/* What the call returns, and the row it becomes. */
static const struct {
	ed_status status;
	enum ed_state state;
	uint64_t lost;
} lost_cases[] = {
	{ ED_UNSUPPORTED, ED_STATE_ABSENT, 0 },
	{ ED_ACCESS, ED_STATE_DENIED, ED_LOST_UNKNOWN },
	{ ED_IO, ED_STATE_DAMAGED, ED_LOST_UNKNOWN },
};

START_TEST(join_not_known)
{
	struct fake fake = joined();

	fake.status = lost_cases[_i].status;
	fake.why = "cannot ask";
	ck_assert_int_eq(record(&fake), ED_OK);
	check_fact("identity/join", "Joined", "-");
	check_fact("identity/join", "TenantId", NULL);
	check_fact("identity/caller", "Rights", "administrator");
	ck_assert_uint_eq(recording.gap_count, 1);
	ck_assert_str_eq(recording.gaps[0].source.p, "NetGetAadJoinInformation");
	ck_assert_int_eq(recording.gaps[0].state, lost_cases[_i].state);
	ck_assert_uint_eq(recording.gaps[0].lost, lost_cases[_i].lost);
	ck_assert_str_eq(recording.gaps[0].why.p, "cannot ask");
}
END_TEST

START_TEST(no_memory)
{
	struct fake fake = joined();
	ed_status status = ED_NOMEM;

	fake.status = ED_UNSUPPORTED;
	fake.why = "cannot ask";
	for (long n = 0; status != ED_OK; n++) {
		ed_alloc_fail_after(n);
		status = record(&fake);
		ed_alloc_fail_after(-1);
		ck_assert(status == ED_OK || status == ED_NOMEM);
		ck_assert_int_lt(n, 1000);
		ed_recording_release(&recording);
	}
	fake.device_status = ED_NOMEM;
	ck_assert_int_eq(record(&fake), ED_NOMEM);
	ck_assert_uint_eq(recording.member_count, 0);
	fake = joined();
	fake.status = ED_NOMEM;
	fake.why = "out of memory";
	ck_assert_int_eq(record(&fake), ED_NOMEM);
	ck_assert_str_eq(err.text, "out of memory");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("identity");
	TCase *c = tcase_create("identity");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, device_joined);
	tcase_add_loop_test(c, join_types, 0, 4);
	tcase_add_test(c, not_joined);
	tcase_add_loop_test(c, join_not_known, 0, (int)ED_COUNT(lost_cases));
	tcase_add_test(c, no_memory);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
