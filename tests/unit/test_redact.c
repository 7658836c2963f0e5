/* SPDX-License-Identifier: MIT */
/* agent/redact: each form and encoding, what is kept, both passes, limits and memory. */
#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/redact/redact.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char key_one[ED_REDACT_KEY_BYTES] = "a key of bytes for the tests";

static struct ed_redactor *make(enum ed_redact_level level)
{
	struct ed_redactor *r = NULL;

	ck_assert_int_eq(ed_redactor_new(level, key_one, &r, NULL), ED_OK);
	return r;
}

static void learn(struct ed_redactor *r, enum ed_form form, const char *text)
{
	ck_assert_int_eq(ed_redactor_learn(r, form, ed_str_from(text), NULL), ED_OK);
}

/* Redacted text, to be freed. */
static char *redact(struct ed_redactor *r, enum ed_form form, const char *text)
{
	struct ed_buf out;
	char *z;

	ed_buf_init(&out, ED_LIMIT_MEMBER_BYTES);
	ck_assert_int_eq(ed_redact(r, form, ed_str_from(text), &out, NULL, NULL), ED_OK);
	z = malloc(out.len + 1);
	ck_assert_ptr_nonnull(z);
	if (out.len)
		memcpy(z, out.p, out.len);
	z[out.len] = '\0';
	ed_buf_release(&out);
	return z;
}

/* Both passes over one member. */
static char *both(enum ed_redact_level level, enum ed_form form, const char *text)
{
	struct ed_redactor *r = make(level);
	char *out;

	learn(r, form, text);
	out = redact(r, form, text);
	ed_redactor_free(r);
	return out;
}

/* ---- secrets ---- */

#define B64_KEY "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
#define JWT "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwieCI6MX0.c2ln"

static const struct {
	const char *text, *secret; /* @secret must be gone */
} secrets[] = {
	{ "k 111111-222222-333333-444444-555555-666666-111111-222222 e", "333333" },
	{ "k 111111 222222 333333 444444 555555 666666 111111 222222 e", "333333" },
	{ "k 111111222222333333444444555555666666111111222222 e", "333333" },
	{ "k "
	  "123453\342\200\223234564\342\200\223345675\342\200\223456786\342\200\223567897\342\200"
	  "\223111111\342\200\223222222\342\200\223333333",
	  "333333" },
	{ "Authorization: x -----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----",
	  "hunter2" },
	{ "k 111111-222222-333333-444444-555555-666666-111111-222222.2.3", "333333" },
	{ "s111111-222222-333333-444444-555555-666666-111111-222222", "s11" },
	/* a line that ends within a group, four of eight, marks, entities, tags, as mail has them
	 */
	{ "k 123453-234564-345675-456786-567\n897-111111-222222-333333 e", "333333" },
	{ "k 123453-234564-345675-456786 (1 of 2)", "345675" },
	{ "k 123453234564 345675456786 567897111111 222222333333 e", "333333" },
	{ "k 123453.234564.345675.456786.567897.111111.222222.333333 e", "333333" },
	{ "k 123453/234564/345675/456786/567897/111111/222222/333333 e", "333333" },
	{ "k 123453&ndash;234564&ndash;345675&ndash;456786&ndash;567897&ndash;111111&ndash;222222"
	  "&ndash;333333 e",
	  "333333" },
	{ "<td>123453</td><td>234564</td><td>345675</td><td>456786</td><td>567897</td><td>111111"
	  "</td><td>222222</td><td class=\"a\">333333</td>",
	  "333333" },
	{ "123453=2D234564=2D345675=2D456786=2D567897=2D111111=2D222222=2D333333", "333333" },
	{ "123453=E2=80=91234564=E2=80=91345675=E2=80=91456786=E2=80=91567897=E2=80=91111111=E2=80"
	  "=91222222=E2=80=91333333",
	  "333333" },
	{ "hex 70 77 3d 68 75 6e 74 65 72 33 33 33 then", "33 33 33" },
	{ "Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz" },
	{ "with Bearer abcdefghijklmnop1234 sent", "abcdefghijklmnop1234" },
	{ "t=" JWT " end", "eyJzdWIi" },
	{ "0x" JWT " end", "eyJzdWIi" },
	/* base64 of UTF-16 that begins with its mark of order */
	{ "v=//5wAHcAZAA9AGgAdQBuAHQAZQByADMAMwAzADMA;", "aAB1AG4AdABlAHIA" },
	{ "v=//5wAHcAZAA9AGgAdQBuAHQAZQByADMAMwAzADMA;", "AGgAdQBuAHQA" },
	{ "https://x/a?sv=1&sig=abc%2Bdef%3D&se=2", "abc%2Bdef" },
	{ "-----BEGIN RSA PRIVATE KEY-----\nAAAA\nBBBB\n-----END RSA PRIVATE KEY-----\n", "BBBB" },
	{ "key " B64_KEY " end", "AoIBAQC7" },
	{ "setup.exe /p:hunter2 /q", "hunter2" },
	{ "tool --password hunter2", "hunter2" },
	{ "plink -pw hunter2 host", "hunter2" },
	{ "{\\\"password\\\":\\\"hunter2\\\"}", "hunter2" },
	{ "net use Z: \\\\s\\d hunter2 /user:x", "hunter2" },
	{ "ftp://someone:hunter2@host/", "hunter2" },
	{ "refresh_token = 0.AXoAabcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijkl" },
	{ "<AuthToken>abcdefghijklmnopqrstuvwxyz</AuthToken>", "abcdefghijkl" },
	{ "cGFzc3dvcmQ9aHVudGVyMmh1bnRlcg==", "cGFzc3dvcmQ9aHVudGVy" },
	{ "700061007300730077006F00720064003D00680075006E00740065007200320020", "6800750" },
	{ "__50617373776f72643d68756e7465723221", "68756e746572" },
	{ "0X50617373776F72643D68756E74657232", "68756E746572" },
	{ "12345&ZeroWidthSpace;3234564345675456786567897111111222222333333", "333333" },
	{ "password%3Dhunter2", "hunter2" },
	{ "pass&#119;ord=hunter2", "hunter2" },
};

START_TEST(secret_is_gone_at_every_level)
{
	for (int level = ED_REDACT_NONE; level <= ED_REDACT_STRICT; level++) {
		char *out = both((enum ed_redact_level)level, ED_FORM_TEXT, secrets[_i].text);

		ck_assert_msg(!strstr(out, secrets[_i].secret), "%s", out);
		free(out);
	}
}
END_TEST

START_TEST(secret_is_not_printed)
{
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	ck_assert_uint_ge(ed_redact_secrets(ed_str_from(secrets[_i].text), &out), 1);
	ck_assert_msg(!strstr(out.p, secrets[_i].secret), "%s", out.p);
	ed_buf_release(&out);
}
END_TEST

/* ---- what stays ---- */

static const char *const kept[] = {
	"OS build 10.0.22631.1 and 10.0.26100.6584",
	"Microsoft.CompanyPortal_11.2.1002.0_x64__8wekyb3d8bbwe version 1.2.3.4",
	"C:\\Program Files\\Edge\\126.0.25.1\\msedge.exe v1.83.0.10",
	/* versions whose parts are small */
	"Microsoft.StorePurchaseApp_10.0.22.1_x64__8wekyb3d8bbwe",
	"Name_2.1.18.4_neutral_~_8wekyb3d8bbwe",
	"AppxVersion 2.1.18.0 MinVersion=\"10.0.22.1\" <Version>10.29.0.95</Version>",
	"EMS Agent version is: 1.92.102.105, Agent version = 1.92.102.0",
	"{\\\"AppVersion\\\":\\\"10.1.2.3\\\"} {\"version\": \"10.1.2.3\"}",
	"driver 27.20.100.94, BIOS 1.14.2.3, installed build 1.2.3.4 of it",
	"C:\\\\Apps\\\\1.2.3.4\\\\x app-1.2.3.4 setup-1.2.3.4.exe Package~~1.2.3.4 v10.1.2.3",
	"S\303\274r\303\274m: 10.1.2.3, Versionsnummer 10.1.2.3, needs 11.8.79.0",
	"client: 268761a2-03f3-40df-8a8b-c3db24145b6b, redirect URI: x",
	"resource: 45a330b1-b1ec-4cc1-9161-9f03992aa49f",
	"Correlation ID: 3f2504e0-4f89-41d3-9a0c-0305e82c3301 at 2026-09-14T08:15:07.1234567Z",
	"AADSTS53000 0xCAA2000C -2147186428 9WZDNCRFJ3PZ 08:15:07:123",
	"S-1-5-18 S-1-5-32-544 S-1-15-2-1-2-3-4 S-1-5-80-1-2-3-4-5",
	"C:\\Users\\Public\\x C:\\Users\\defaultuser0\\y NT AUTHORITY\\SYSTEM",
	"TokenEndpoint: https://login.microsoftonline.com/common/oauth2/token",
	"token: 0x00000000 password length 8, requirePassword=true",
	"000000-111112-222223-333334",
	"111111-222222-333333 and 2026-09-14 10:02:03 234564, 345675: 456786",
	"{1f2e3d4c-5b6a-7988-a7b6-c5d4e3f21001} 127.0.0.1 255.255.255.0 ::1",
	"CN=Microsoft Intune MDM Device CA, CN=Microsoft Corporation",
	"123456789012345678901234567890123456789012345678",
	/* zeros and round numbers are right by elevens, too */
	"00000000-0000-0000-0000-000000000000 00000000-0000-0000-0000-000000000000",
	"0.000000 0.000000 0.000000 0.000000 0.000000 0.000000 0.000000 00:00:00.0000000",
	"A000000000000000000000000000000000000000000000000F",
	"110000 220000 330000 440000, 110000,121000,132000,143000,154000,165000,176000,187000",
	/* "eyJ" that begins no token */
	"Contoso.KeyJournalManager.InitializeAsync() failed",
	"C:\\Windows\\System32\\KeyJournalProvider.resources.dll",
};

START_TEST(evidence_stays)
{
	char *out = both(ED_REDACT_STANDARD, ED_FORM_TEXT, kept[_i]);
	struct ed_buf buf;

	ck_assert_str_eq(out, kept[_i]);
	free(out);
	ed_buf_init(&buf, ED_MIB);
	ck_assert_uint_eq(ed_redact_secrets(ed_str_from(kept[_i]), &buf), 0);
	ck_assert_uint_eq(buf.len, 0);
	ed_buf_release(&buf);
}
END_TEST

/* ---- identities ---- */

static const struct {
	const char *text, *identity;
} identities[] = {
	{ "mail from alice.doe@contoso.example came", "alice.doe" },
	{ "alice%2Edoe%40contoso.example", "contoso" },
	{ "S-1-12-1-1111111111-2222222222-3333333333-1212121212", "2222222222" },
	{ "S-1-5-21-1111111111-2222222222-3333333333-1001", "2222222222" },
	{ "C:\\Users\\alicedoe\\AppData and then alicedoe again", "alicedoe" },
	{ "{\"p\":\"C:\\\\Users\\\\Alice Doe\\\\x\"}", "Alice" },
	{ "from 192.168.17.4:443", "192.168.17.4" },
	/* addresses that look like versions */
	{ "from 10.0.22.1 came", "22.1" },
	{ "DNS update 10.1.2.3 failed", "1.2.3" },
	{ "update server 81.12.33.7", "33.7" },
	{ "to 81.12.33.7 from", "33.7" },
	{ "TLS version 1.2 from 10.1.2.3", "10.1.2" },
	{ "Internet Protocol version 4: 10.1.2.3", "1.2.3" },
	{ "IPv4=10.1.2.3", "1.2.3" },
	{ "\\\\10.1.2.3\\share", "1.2.3" },
	{ "\\\\\\\\10.1.2.3\\\\share", "1.2.3" },
	{ "http://81.12.33.7/x", "33.7" },
	{ "server/10.1.2.3 host_10.1.2.3_x log.10.1.2.3", "1.2.3" },
	{ "10.1.2.3-10.1.2.99 81.12.33.7-81.12.33.8", ".99" },
	{ "81.12.33.7-81.12.33.8", "33.8" },
	{ "subnet 81.12.33.0 and 10.1.5.0 and", "33.0" },
	{ "route 10.1.5.0 255.255.255.0", "1.5.0" },
	{ "version 1.2.3.4 of 10.4.5.6", "4.5.6" },
	{ "from 2001:db8:17::1f2a to", "1f2a" },
	{ "mac 00-1B-44-11-3A-B7 here", "3A-B7" },
	{ "at fabrikam.onmicrosoft.com and fabrikam-my.sharepoint.com", "fabrikam" },
	{ "SerialNumber : ABCD1234", "ABCD1234" },
	{ "TenantId : 11111111-2222-3333-4444-555555555555", "2222-3333" },
	{ "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/oauth2", "2222" },
	{ "AzureAD\\AliceDoe signed in; ALICEDOE left", "ALICEDOE" },
	{ "SSID: Corner Office", "Corner" },
	{ "subject CN=Alice Roe Device, O=x", "Roe" },
};

START_TEST(identity_is_gone)
{
	char *out = both(ED_REDACT_STANDARD, ED_FORM_TEXT, identities[_i].text);

	ck_assert_msg(!strstr(out, identities[_i].identity), "%s", out);
	free(out);
	out = both(ED_REDACT_NONE, ED_FORM_TEXT, identities[_i].text);
	ck_assert_str_eq(out, identities[_i].text);
	free(out);
}
END_TEST

/* A name longer than any is cut, but never within a character: the text stays text. */
START_TEST(long_name_is_cut_between_characters)
{
	char text[300], *out;
	size_t n = (size_t)snprintf(text, sizeof(text), "C:\\Users\\%.*s", _i, "abc");

	for (int i = 0; i < 40; i++, n += 3)
		memcpy(text + n, "\xE2\x82\xAC", 3);
	text[n] = '\0';
	out = both(ED_REDACT_STANDARD, ED_FORM_TEXT, text);
	ck_assert_str_ne(out, text);
	ck_assert_msg(ed_utf8_valid(ed_str_from(out)), "%s", out);
	free(out);
}
END_TEST

/* A log is redacted in blocks; a key of which a block shows only the first lines goes as a whole.
 */
START_TEST(a_key_goes_over_the_end_of_a_block)
{
	static const char *const dashes[] = { "-----", "&#45;&#45;&#45;&#45;&#45;",
					      "%2D%2D%2D%2D%2D", "\\x2d\\x2d\\x2d\\x2d\\x2d" };
	size_t n = 0, size = 16000;
	char *text = malloc(size), *out;

	while (n < 3300)
		n += (size_t)snprintf(text + n, size - n, "2026-09-14 10:02:03 a line\n");
	n += (size_t)snprintf(text + n, size - n, "%sBEGIN PRIVATE KEY%s\n", dashes[_i],
			      dashes[_i]);
	for (int i = 0; i < 60; i++)
		n += (size_t)snprintf(text + n, size - n, "Hunter2Ab%dCd/EfGh+IjKlMnOp\n", i + 10);
	n += (size_t)snprintf(text + n, size - n, "%sEND PRIVATE KEY%s\nafter it\n", dashes[_i],
			      dashes[_i]);
	ck_assert_uint_lt(n, size);
	for (int level = ED_REDACT_NONE; level <= ED_REDACT_STANDARD; level++) {
		out = both((enum ed_redact_level)level, ED_FORM_TEXT, text);
		ck_assert_ptr_null(strstr(out, "Hunter2"));
		ck_assert_ptr_nonnull(strstr(out, "a line\n[secret]\nafter it\n"));
		free(out);
	}
	free(text);
}
END_TEST

START_TEST(same_value_same_pseudonym)
{
	struct ed_redactor *r = make(ED_REDACT_STANDARD), *other = NULL;
	unsigned char key[ED_REDACT_KEY_BYTES] = { 7 };
	char *a, *b, *c;

	learn(r, ED_FORM_TEXT, "UPN: alice@contoso.example");
	a = redact(r, ED_FORM_TEXT, "alice@contoso.example");
	b = redact(r, ED_FORM_TEXT, "ALICE@contoso.example");
	ck_assert_str_eq(a, b);
	ck_assert_ptr_nonnull(strstr(a, "@"));
	/* what has been redacted passes once more as it is */
	free(b);
	b = redact(r, ED_FORM_TEXT, a);
	ck_assert_str_eq(a, b);
	ck_assert_int_eq(ed_redactor_new(ED_REDACT_STANDARD, key, &other, NULL), ED_OK);
	c = redact(other, ED_FORM_TEXT, "alice@contoso.example");
	ck_assert_str_ne(a, c);
	free(a);
	free(b);
	free(c);
	ck_assert_uint_eq(ed_redactor_count(r, ED_REDACT_UPN), 2);
	ed_redactor_free(r);
	ed_redactor_free(other);
}
END_TEST

START_TEST(placeholder_stays)
{
	char *out = both(ED_REDACT_STANDARD, ED_FORM_TEXT, "UserEmail: fooUser@contoso.example");

	ck_assert_ptr_nonnull(strstr(out, "fooUser@"));
	ck_assert_ptr_null(strstr(out, "contoso"));
	free(out);
}
END_TEST

START_TEST(known_from_elsewhere)
{
	struct ed_redactor *r = make(ED_REDACT_STANDARD);
	char *out;

	ck_assert_int_eq(ed_redactor_know(r, ED_REDACT_DEVICE, ED_STR("GARDEN-77"), NULL), ED_OK);
	ck_assert_int_eq(ed_redactor_know(r, ED_REDACT_USER, ED_STR("store"), NULL), ED_OK);
	out = redact(r, ED_FORM_TEXT, "garden-77 and GARDEN-778 in the store");
	ck_assert_ptr_null(strstr(out, "garden-77 "));
	ck_assert_ptr_nonnull(strstr(out, "GARDEN-778 in the store"));
	free(out);
	ed_redactor_free(r);
}
END_TEST

/* ---- forms ---- */

#define NS "xmlns='http://schemas.microsoft.com/win/2004/08/events/event'"

START_TEST(events_form)
{
	const char *text =
		"<?xml version=\"1.0\"?><Events><Event " NS
		"><System><Provider Name='Microsoft-Windows-"
		"User Device Registration'/><EventID>302</EventID><TimeCreated SystemTime="
		"'2026-09-14T08:00:00.0000000Z'/><Computer>GARDEN-77</Computer><Security UserID="
		"'S-1-12-1-1111111111-2222222222-3333333333-1212121212'/></System><EventData><Data "
		"Name='Email'>a b</Data><Data Name='AuthToken'>opaque</Data><Data>GARDEN-77 "
		"&lt;x&gt; "
		"&amp; password=&quot;a&amp;b&quot;</Data><Data Name='ErrorCode'>0x801c0003</Data>"
		"</EventData></Event><Event " NS
		"><System><EventID>5</EventID></System></Event></Events>";
	char *out = both(ED_REDACT_NONE, ED_FORM_EVENTS, text);

	ck_assert_ptr_null(strstr(out, "a b"));
	ck_assert_ptr_null(strstr(out, "opaque"));
	ck_assert_ptr_null(strstr(out, "a&amp;b"));
	ck_assert_ptr_nonnull(strstr(out, "GARDEN-77 &lt;x&gt; &amp; password="));
	/* one that needs no change keeps its bytes */
	ck_assert_ptr_nonnull(
		strstr(out, "<Event " NS "><System><EventID>5</EventID></System></Event>"));
	free(out);
	out = both(ED_REDACT_STANDARD, ED_FORM_EVENTS, text);
	ck_assert_ptr_null(strstr(out, "GARDEN"));
	ck_assert_ptr_null(strstr(out, "2222222222"));
	ck_assert_ptr_nonnull(strstr(out, "UserID=\"S-1-12-1-"));
	ck_assert_ptr_nonnull(strstr(out, "0x801c0003"));
	ck_assert_ptr_nonnull(strstr(out, "2026-09-14T08:00:00.0000000Z"));
	free(out);
}
END_TEST

START_TEST(broken_event_is_text)
{
	char *out =
		both(ED_REDACT_STANDARD, ED_FORM_EVENTS,
		     "<Events><Event><Computer>GARDEN-77</Computer><Data Name=\"UPN\">alice@"
		     "contoso.example</Wrong> password=hunter2</Event><Event><EventID>1</EventID>"
		     "<Comp");

	ck_assert_ptr_null(strstr(out, "alice"));
	ck_assert_ptr_null(strstr(out, "hunter2"));
	ck_assert_ptr_nonnull(strstr(out, "<EventID>1</EventID>"));
	free(out);
}
END_TEST

/* Text of policies: what can be no key stays. In an event's sentence it goes with the field. */
static const struct {
	const char *value, *want;
} policies[] = {
	{ "<enabled/>", "<enabled/>" },
	{ " <disabled /> ", "[secret]" },
	{ "<enabled/>\n<data id=\"ConfigureMinimumPINLength_Name\" value=\"6\"/>",
	  "<enabled/>\n<data id=\"ConfigureMinimumPINLength_Name\" value=\"6\"/>" },
	{ "<enabled/><data id=\"Url\" value=\"https://k\"/><data id=\"b\" value=\"true\"/>",
	  "<enabled/><data id=\"Url\" value=\"[secret]\"/><data id=\"b\" value=\"true\"/>" },
	{ "<enabled/><data id=\"a\" value=\"12345678\"/>",
	  "<enabled/><data id=\"a\" value=\"[secret]\"/>" },
	{ "<enabled/>hunter", "[secret]" },
	{ "<enabled/><data id=\"a b\" value=\"1\"/>", "[secret]" },
	{ "<enabled/><data id=\"a\" value=\"1\" more=\"x\"/>", "[secret]" },
	{ "<data id=\"a\" value=\"1", "[secret]" },
	{ "NotConfigured", "NotConfigured" },
	{ "1440", "1440" },
	{ "-1", "-1" },
	{ "123456789", "[secret]" },
	{ "enabled hunter", "[secret]" },
};

START_TEST(policy_text)
{
	struct ed_redactor *r = make(ED_REDACT_NONE);
	const struct ed_event_head event = {
		.provider = ED_STR(
			"Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider"),
		.id = 814,
	};
	struct ed_field field = { ED_STR("Message5"), ed_str_from(policies[_i].value) };
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	/* what stays is no word that is secret elsewhere */
	learn(r, ED_FORM_REG,
	      "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\PolicyManager\\current\\device"
	      "\\X]\n\"A\"=\"NotConfigured\"\n\"B\"=\"<enabled/>\"\n\"C\"=\"123456789\"\n");
	ck_assert_int_eq(ed_redact_field(r, &event, &field, &out, NULL), ED_OK);
	ck_assert_msg(ed_str_eq(ed_buf_str(&out), ed_str_from(policies[_i].want)), "%.*s",
		      ED_FMT(ed_buf_str(&out)));
	ed_buf_release(&out);
	ed_redactor_free(r);
}
END_TEST

START_TEST(policy_in_a_sentence_and_a_key)
{
	const char *event =
		"<Event " NS
		"><System><Provider Name='Microsoft-Windows-DeviceManagement-Enterprise-"
		"Diagnostics-Provider'/><EventID>814</EventID></System><EventData><Data Name="
		"'Message5'>a b</Data></EventData><RenderingInfo><Message>String: (a b), Scope"
		"</Message></RenderingInfo></Event>";
	char *out = both(ED_REDACT_NONE, ED_FORM_EVENTS, event);

	ck_assert_ptr_null(strstr(out, "a b"));
	free(out);
	out = both(
		ED_REDACT_NONE, ED_FORM_REG,
		"[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\PolicyManager\\current\\device\\WiFi]\n"
		"\"Profile\"=\"a b\"\n\"On\"=\"1\"\n"
		"\"On_WinningProvider\"=\"{1f2e3d4c-5b6a-7988-a7b6-c5d4e3f21001}\"\n");
	ck_assert_ptr_null(strstr(out, "a b"));
	ck_assert_ptr_nonnull(strstr(out, "\"On\"=\"1\""));
	ck_assert_ptr_nonnull(strstr(out, "1f2e3d4c"));
	free(out);
}
END_TEST

START_TEST(reg_form)
{
	const char *text =
		"Windows Registry Editor Version 5.00\n\n"
		"[HKEY_LOCAL_MACHINE\\SYSTEM\\CloudDomainJoin\\TenantInfo\\"
		"11111111-2222-3333-4444-555555555555]\n"
		"\"UserEmail\"=\"alice@contoso.example\"\n"
		"\"Path\"=\"C:\\\\Users\\\\alice\\\\x \\\"q\\\"\"\n"
		"\"Number\"=dword:00000001\n"
		"\"Wide\"=hex(2):61,00,6c,00,69,00,63,00,65,00,20,00,77,00,61,00,73,00,\\\n"
		"  20,00,68,00,65,00,72,00,65,00,00,00\n"
		"\"Multi\"=hex(7):61,00,6c,00,69,00,63,00,65,00,00,00,62,00,62,00,62,00,00,00,00,"
		"00\n"
		"\"Bytes\"=hex:ff,00,61,6c,69,63,65,20,69,6e,01\n"
		"\"DefaultPassword\"=hex(1):70,00,77,00,00,00\n"
		"\"Plain\"=hex:01,02,03,04,05,06,07,08\n";
	char *out = both(ED_REDACT_STANDARD, ED_FORM_REG, text);

	ck_assert_ptr_null(strstr(out, "alice"));
	ck_assert_ptr_null(strstr(out, "2222-3333"));
	ck_assert_ptr_null(strstr(out, "61,00,6c"));
	ck_assert_ptr_null(strstr(out, "61,6c,69"));
	ck_assert_ptr_null(strstr(out, "70,00,77"));
	ck_assert_ptr_nonnull(strstr(out, "\\\\x \\\"q\\\"\"\n"));
	ck_assert_ptr_nonnull(strstr(out, "\"Number\"=dword:00000001\n"));
	ck_assert_ptr_nonnull(strstr(out, "\"Plain\"=hex:01,02,03,04,05,06,07,08\n"));
	ck_assert_ptr_nonnull(strstr(out, "62,00,62,00,62,00,00,00,00,00\n"));
	free(out);
}
END_TEST

/* A user of such a name: what the program wrote itself stays a document that can be read. */
START_TEST(own_json)
{
	const char *text = "{ \"schema\": \"contoso.state/1\", \"contoso\": 1, \"rows\": [ { "
			   "\"value\": \"of contoso\" }, \"state\", \"contoso\" ] }";
	struct ed_redactor *r = make(ED_REDACT_STANDARD);
	char *out;

	ck_assert_int_eq(ed_redactor_know(r, ED_REDACT_USER, ED_STR("contoso"), NULL), ED_OK);
	out = redact(r, ED_FORM_STATE, text);
	ck_assert_ptr_nonnull(strstr(out, "\"schema\": \"contoso.state/1\", \"contoso\": 1"));
	ck_assert_ptr_null(strstr(out, "of contoso"));
	ck_assert_ptr_null(strstr(out, "\"state\", \"contoso\""));
	free(out);
	out = redact(r, ED_FORM_JSON, text);
	ck_assert_ptr_null(strstr(out, "contoso"));
	free(out);
	ed_redactor_free(r);
}
END_TEST

START_TEST(json_form)
{
	const char *text =
		"{ \"schema\": \"espdiag.state/1\", \"rows\": [ { \"path\": \"x\", \"name\": "
		"\"UserEmail\", \"value\": \"alice@contoso.example\" }, { \"name\": \"n\", "
		"\"value\": 1.50e3 } ],\n \"big\": 12345678901234567890, \"t\": \"\\u0061lice "
		"\\n\\\"x\\\"\", \"clientSecret\": \"x y\", \"ok\": [true, null] }";
	char *out = both(ED_REDACT_STANDARD, ED_FORM_STATE, text);

	ck_assert_ptr_null(strstr(out, "alice"));
	ck_assert_ptr_null(strstr(out, "\\u0061lice"));
	ck_assert_ptr_null(strstr(out, "x y"));
	ck_assert_ptr_nonnull(strstr(out, "1.50e3"));
	ck_assert_ptr_nonnull(strstr(out, "12345678901234567890"));
	ck_assert_ptr_nonnull(strstr(out, " \\n\\\"x\\\"\""));
	ck_assert_ptr_nonnull(strstr(out, "[true, null]"));
	free(out);
}
END_TEST

/* JSON that is cut, or that some tool made, is looked at as JSON and as text. */
START_TEST(json_that_is_damaged)
{
	static const struct {
		const char *text;
		size_t len; /* 0: up to the first NUL */
	} rows[] = {
		{ "{\"user\":\"adele\",\"Password\":[\"hunter2\",\"abcd77\"],\"ts\":17000000", 0 },
		{ "{\"user\":\"adele\",\"n\":NaN,\"Password\":[\"hunter2\",\"abcd77\"]}", 0 },
		{ "// ok\n{\"user\":\"adele\",\"Password\":[\"hunter2\",\"abcd77\"]}", 0 },
		{ "[{\"user\":\"adele\",\"Password\":[\"hunter2\",\"abcd77\"]}]\0\0", 53 },
		{ "[14:02] password: abcd77\n", 0 },
	};

	for (size_t i = 0; i < ED_COUNT(rows); i++) {
		struct ed_str text = { rows[i].text,
				       rows[i].len ? rows[i].len : strlen(rows[i].text) };
		struct ed_redactor *r = make(ED_REDACT_STANDARD);
		struct ed_buf out;

		ed_buf_init(&out, ED_MIB);
		ck_assert_int_eq(ed_redactor_learn(r, ED_FORM_JSON, text, NULL), ED_OK);
		ck_assert_int_eq(ed_redact(r, ED_FORM_JSON, text, &out, NULL, NULL), ED_OK);
		ck_assert_msg(!strstr(out.p, "adele") && !strstr(out.p, "abcd77"), "row %zu: %s", i,
			      out.p);
		ed_buf_release(&out);
		ed_redactor_free(r);
	}
}
END_TEST

START_TEST(strict_drops_words)
{
	char *out = both(
		ED_REDACT_STRICT, ED_FORM_TEXT,
		"<![LOG[our patient was told Code: 0x80070005 about it]LOG]!><time=\"10:00:00\" "
		"component=\"IME x\">\n");

	ck_assert_str_eq(out, "<![LOG[[text] Code: 0x80070005 [text]]LOG]!><time=\"10:00:00\" "
			      "component=\"IME x\">\n");
	free(out);
}
END_TEST

START_TEST(kinds_have_words)
{
	ck_assert_str_eq(ed_redact_kind_word(ED_REDACT_SECRET), "secret");
	ck_assert_str_eq(ed_redact_kind_word(ED_REDACT_TEXT), "text");
	ck_assert_str_eq(ed_redact_kind_word(ED_REDACT_KINDS), "unknown");
}
END_TEST

START_TEST(raw_is_as_found)
{
	char *out = both(ED_REDACT_STANDARD, ED_FORM_RAW, "alice@contoso.example");

	ck_assert_str_eq(out, "alice@contoso.example");
	free(out);
}
END_TEST

START_TEST(limit_of_the_output)
{
	struct ed_redactor *r = make(ED_REDACT_STANDARD);
	struct ed_error err;
	struct ed_buf out;

	ed_buf_init(&out, 8);
	ck_assert_int_eq(
		ed_redact(r, ED_FORM_TEXT, ED_STR("more than eight bytes"), &out, NULL, &err),
		ED_LIMIT);
	ck_assert_uint_eq(out.len, 0);
	ed_buf_release(&out);
	ed_redactor_free(r);
}
END_TEST

static const struct {
	enum ed_form form;
	const char *text;
} members[] = {
	{ ED_FORM_EVENTS, "<Events><Event " NS "><System><EventID>1</EventID><Computer>GARDEN-77"
			  "</Computer></System><EventData><Data>alice@contoso.example "
			  "61006c00690063006500400061</Data></EventData></Event></Events>" },
	{ ED_FORM_REG, "[HKEY_LOCAL_MACHINE\\X]\n\"UPN\"=\"alice@contoso.example\"\n"
		       "\"w\"=hex(1):61,00,6c,00,69,00,63,00,65,00,00,00\n" },
	{ ED_FORM_JSON,
	  "{\"a\":\"alice@contoso.example\",\"b\":[\"YWxpY2VAY29udG9zby5leGFtcGxl\"]}" },
	{ ED_FORM_TEXT, "alice@contoso.example S-1-12-1-1111111111-2-3-4 password=hunter2%20" },
};

/* Both passes, and whether they went through; nothing may leak or go out by halves. */
static ed_status run_all(void)
{
	struct ed_redactor *r = NULL;
	ed_status status = ed_redactor_new(ED_REDACT_STRICT, key_one, &r, NULL);

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; status == ED_OK && i < ED_COUNT(members); i++) {
			struct ed_buf out;
			struct ed_error err;

			ed_buf_init(&out, ED_MIB);
			status = pass ? ed_redact(r, members[i].form, ed_str_from(members[i].text),
						  &out, NULL, &err)
				      : ed_redactor_learn(r, members[i].form,
							  ed_str_from(members[i].text), &err);
			ck_assert(status == ED_OK || status == ED_NOMEM || status == ED_IO);
			ck_assert(out.len == 0 || status == ED_OK);
			if (status == ED_OK && pass)
				ck_assert_ptr_null(strstr(out.p, "alice@"));
			ed_buf_release(&out);
		}
	ed_redactor_free(r);
	return status;
}

START_TEST(out_of_memory)
{
	long n = 0;
	ed_status status;

	ck_assert_int_eq(run_all(), ED_OK);
	do {
		ed_alloc_fail_after(n++);
		status = run_all();
		ed_alloc_fail_after(-1);
	} while (status != ED_OK && n < 20000);
	ck_assert_int_eq(status, ED_OK);
	ck_assert_int_gt(n, 20);
}
END_TEST

/* Texts made to keep a careless scanner busy; each would take minutes if it were quadratic. */
START_TEST(time_is_linear)
{
	static const char *const parts[] = { "token> ",      "password=\"",  "a a ",
					     "-----BEGIN ",  "sig=x&",       "4a,",
					     "AAAA\n",       "S-1-",         "\\Users\\",
					     "x@",           "000000-",      "%25",
					     "token=\"a b ", "net use \\\\", "-p ",
					     "{\"a\":",      "&amp;",        "::",
					     "eyJ.",         "<Event>",      "--user=",
					     "-u ",          "-u a:",        "-u \"",
					     "&code=",       "?code=a1",     "<Password a=\"b\">",
					     "\">" };
	const size_t size = 256 * ED_KIB;
	struct ed_redactor *r = make(ED_REDACT_STANDARD);
	struct ed_buf text, out;

	ed_buf_init(&text, 2 * size);
	while (text.len < size)
		ed_buf_addz(&text, parts[_i]);
	for (int form = ED_FORM_EVENTS; form <= ED_FORM_TEXT; form++) {
		ed_buf_init(&out, ED_LIMIT_MEMBER_BYTES);
		ck_assert_int_eq(ed_redactor_learn(r, (enum ed_form)form, ed_buf_str(&text), NULL),
				 ED_OK);
		ck_assert_int_eq(
			ed_redact(r, (enum ed_form)form, ed_buf_str(&text), &out, NULL, NULL),
			ED_OK);
		ed_buf_release(&out);
	}
	ed_buf_release(&text);
	ed_redactor_free(r);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("redact");
	TCase *values = tcase_create("values"), *forms = tcase_create("forms");
	TCase *slow = tcase_create("slow");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(values, secret_is_gone_at_every_level, 0, (int)ED_COUNT(secrets));
	tcase_add_loop_test(values, secret_is_not_printed, 0, (int)ED_COUNT(secrets));
	tcase_add_loop_test(values, evidence_stays, 0, (int)ED_COUNT(kept));
	tcase_add_loop_test(values, identity_is_gone, 0, (int)ED_COUNT(identities));
	tcase_add_loop_test(values, long_name_is_cut_between_characters, 0, 3);
	tcase_add_loop_test(values, a_key_goes_over_the_end_of_a_block, 0, 4);
	tcase_add_test(values, same_value_same_pseudonym);
	tcase_add_test(values, placeholder_stays);
	tcase_add_test(values, known_from_elsewhere);
	tcase_add_test(forms, events_form);
	tcase_add_test(forms, broken_event_is_text);
	tcase_add_loop_test(forms, policy_text, 0, ED_COUNT(policies));
	tcase_add_test(forms, policy_in_a_sentence_and_a_key);
	tcase_add_test(forms, reg_form);
	tcase_add_test(forms, own_json);
	tcase_add_test(forms, json_form);
	tcase_add_test(forms, json_that_is_damaged);
	tcase_add_test(forms, strict_drops_words);
	tcase_add_test(forms, kinds_have_words);
	tcase_add_test(forms, raw_is_as_found);
	tcase_add_test(forms, limit_of_the_output);
	tcase_add_test(slow, out_of_memory);
	tcase_add_loop_test(slow, time_is_linear, 0, 28);
	tcase_set_timeout(slow, 60);
	suite_add_tcase(suite, values);
	suite_add_tcase(suite, forms);
	suite_add_tcase(suite, slow);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
