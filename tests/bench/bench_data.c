/* SPDX-License-Identifier: MIT */
/* Tables of event kinds and value classes, and the stream of events made of them. */
#include "bench_data.h"

#include <inttypes.h>

struct bench_class {
	const char *word;
	unsigned type;
	void (*make)(uint64_t *random, char *out, size_t size);
};

uint32_t bench_random(uint64_t *random, uint32_t below)
{
	uint64_t x = *random += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((x ^ x >> 31) >> 32) % below;
}

#define PICK(random, list) (list)[bench_random(random, (uint32_t)ED_COUNT(list))]

static const char *const users[] = {
	"SYSTEM",      "LOCAL SERVICE", "NETWORK SERVICE", "WS-0001$",   "WS-0001$", "WS-0001$",
	"alice",       "bob",           "test.user",       "svc-backup", "DWM-1",    "-",
	"Büro-Nutzer",
};
static const char *const domains[] = { "NT AUTHORITY", "CONTOSO",        "CONTOSO",
				       "WS-0001",      "Window Manager", "-" };
static const char *const programs[] = {
	"C:\\Windows\\System32\\svchost.exe",
	"C:\\Windows\\System32\\services.exe",
	"C:\\Windows\\System32\\lsass.exe",
	"C:\\Windows\\explorer.exe",
	"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
	"C:\\Program Files\\WindowsApps\\Contoso.Portal_1.0.0.0_x64\\CompanyPortal.exe",
	"C:\\Windows\\System32\\taskhostw.exe",
	"C:\\Windows\\System32\\conhost.exe",
	"-",
};
static const char *const objects[] = {
	"\\Device\\HarddiskVolume3\\Windows\\System32\\drivers\\etc\\hosts",
	"\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run",
	"C:\\ProgramData\\Contoso\\Cache\\index.dat",
	"SECURITY\\Policy\\Accounts",
};
static const char *const words[] = { "token",   "policy", "install", "package", "session", "device",
				     "service", "check",  "update",  "state",   "cache",   "queue",
				     "request", "signed", "user",    "profile" };
static const char *const privileges[] = { "SeSecurityPrivilege",      "SeBackupPrivilege",
					  "SeRestorePrivilege",       "SeDebugPrivilege",
					  "SeTakeOwnershipPrivilege", "SeLoadDriverPrivilege",
					  "SeImpersonatePrivilege" };
static const char *const hosts[] = { "WS-0001", "DC-0001.contoso.com", "FS-0001.contoso.com", "-" };
static const char *const packages[] = { "Negotiate", "Kerberos", "NTLM", "Schannel" };

static void make_sid(uint64_t *random, char *out, size_t size)
{
	static const char *const known[] = { "S-1-5-18", "S-1-5-18", "S-1-5-19",
					     "S-1-5-20", "S-1-0-0",  "S-1-5-90-0-1" };

	if (bench_random(random, 2))
		snprintf(out, size, "%s", PICK(random, known));
	else
		snprintf(out, size, "S-1-5-21-1111111111-2222222222-3333333333-%u",
			 (unsigned)(1000 + bench_random(random, 40)));
}

static void make_user(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%s", PICK(random, users));
}

static void make_domain(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%s", PICK(random, domains));
}

static void make_program(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%s", PICK(random, programs));
}

static void make_object(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%s", PICK(random, objects));
}

static void make_host(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%s", PICK(random, hosts));
}

static void make_package(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%s", PICK(random, packages));
}

static void make_logon(uint64_t *random, char *out, size_t size)
{
	if (bench_random(random, 2))
		snprintf(out, size, "0x3e7");
	else
		snprintf(out, size, "0x%x", (unsigned)(0x10000 + bench_random(random, 0xffff)));
}

static void make_guid(uint64_t *random, char *out, size_t size)
{
	uint32_t a = bench_random(random, UINT32_MAX), b = bench_random(random, UINT32_MAX);
	uint32_t c = bench_random(random, UINT32_MAX), d = bench_random(random, UINT32_MAX);

	snprintf(out, size,
		 "{%08" PRIX32 "-%04" PRIX32 "-%04" PRIX32 "-%04" PRIX32 "-%04" PRIX32 "%08" PRIX32
		 "}",
		 a, b >> 16, b & 0xffff, c >> 16, c & 0xffff, d);
}

/* Most events have none. */
static void make_link(uint64_t *random, char *out, size_t size)
{
	if (bench_random(random, 8))
		snprintf(out, size, "{00000000-0000-0000-0000-000000000000}");
	else
		make_guid(random, out, size);
}

static void make_handle(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "0x%x", (unsigned)(bench_random(random, 0x8000) * 4));
}

static void make_mask(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "0x%x", (unsigned)bench_random(random, 0x1fffff));
}

static void make_status(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%s", bench_random(random, 4) ? "0x0" : "0xc000006d");
}

static void make_number(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%u", (unsigned)bench_random(random, 70000));
}

static void make_small(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%u", (unsigned)bench_random(random, 12));
}

static void make_large(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%" PRIu64, (uint64_t)bench_random(random, UINT32_MAX) * 4099);
}

static void make_message(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%%%%%u", (unsigned)(1537 + bench_random(random, 400)));
}

static void make_messages(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%%%%%u\r\n\t\t\t\t%%%%%u\r\n\t\t\t\t",
		 (unsigned)(1537 + bench_random(random, 9)),
		 (unsigned)(4416 + bench_random(random, 9)));
}

static void make_address(uint64_t *random, char *out, size_t size)
{
	switch (bench_random(random, 3)) {
	case 0:
		snprintf(out, size, "-");
		break;
	case 1:
		snprintf(out, size, "::1");
		break;
	default:
		snprintf(out, size, "192.0.2.%u", (unsigned)bench_random(random, 255));
	}
}

static void make_flag(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%s", bench_random(random, 2) ? "true" : "false");
}

static void make_time(uint64_t *random, char *out, size_t size)
{
	char text[ED_TIME_TEXT];
	int64_t t = 0;

	(void)ed_time_parse(ED_STR(BENCH_START), &t);
	ed_time_format_full(t - bench_random(random, 1000000) * ED_TICKS_PER_SECOND, text);
	snprintf(out, size, "%s", text);
}

/* Digits by chance, a structure that is mostly zeros, or a name in UTF-16, as logs of Windows have.
 */
static void make_binary(uint64_t *random, char *out, size_t size)
{
	unsigned kind = bench_random(random, 3);
	size_t bytes = 8 + bench_random(random, 24);
	const char *word = PICK(random, words);
	size_t n = 0;

	for (size_t i = 0; i < bytes && n + 3 <= size; i++) {
		unsigned c = bench_random(random, 256);

		if (kind == 1)
			c = bench_random(random, 8) ? 0 : c % 64;
		else if (kind == 2)
			c = i % 2 || i / 2 >= strlen(word) ? 0 : (unsigned char)word[i / 2];
		n += (size_t)snprintf(out + n, size - n, "%02X", c);
	}
}

static void make_device(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "PCI\\VEN_%04X&DEV_%04X&SUBSYS_%08X&REV_%02X", 0x1022u,
		 (unsigned)bench_random(random, 40), (unsigned)bench_random(random, 40),
		 (unsigned)bench_random(random, 4));
}

/* A name of ten letters before '=', and a row of letters and digits behind it. */
static void make_setting(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size,
		 "SetDefault: Association=.%s, ProgId=AppXqj98qxeaynz6dv4459ayz6bnqx%04x",
		 PICK(random, words), (unsigned)bench_random(random, 200));
}

static void make_place(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "Power/EnergyEstimationEngine/Storage/StorageType/%s/Parameters/%s%sMw",
		 PICK(random, words), PICK(random, words), PICK(random, words));
}

/* About 20 characters, now and then some that text formats must escape. */
static void make_text(uint64_t *random, char *out, size_t size)
{
	static const char *const ends[] = {
		"", "", "", "", " & more", " <none>", " \"quoted\"", ""
	};

	snprintf(out, size, "%s %s %s%s", PICK(random, words), PICK(random, words),
		 PICK(random, words), PICK(random, ends));
}

static void make_command(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "\"%s\" -k %s /run:%u /mode:%s", PICK(random, programs),
		 PICK(random, words), (unsigned)bench_random(random, 9999), PICK(random, words));
}

static void make_privileges(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%s\r\n\t\t\t%s\r\n\t\t\t%s", PICK(random, privileges),
		 PICK(random, privileges), PICK(random, privileges));
}

static void make_list(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size, "%s\n%s", PICK(random, words), PICK(random, words));
}

static void make_task(uint64_t *random, char *out, size_t size)
{
	snprintf(out, size,
		 "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\">\r\n"
		 "  <Triggers><TimeTrigger><Enabled>%s</Enabled></TimeTrigger></Triggers>\r\n"
		 "  <Actions><Exec><Command>%s</Command></Exec></Actions>\r\n</Task>",
		 bench_random(random, 2) ? "true" : "false", PICK(random, programs));
}

#define LARGE_CLASSES 3 /* the last ones */
static const struct bench_class classes[] = {
	{ "sid", BUILD_SID, make_sid },
	{ "user", BUILD_STRING, make_user },
	{ "domain", BUILD_STRING, make_domain },
	{ "program", BUILD_STRING, make_program },
	{ "object", BUILD_STRING, make_object },
	{ "host", BUILD_STRING, make_host },
	{ "package", BUILD_STRING, make_package },
	{ "logon", BUILD_HEX64, make_logon },
	{ "guid", BUILD_GUID, make_guid },
	{ "link", BUILD_GUID, make_link },
	{ "handle", BUILD_HEX64, make_handle },
	{ "mask", BUILD_HEX32, make_mask },
	{ "status", BUILD_HEX32, make_status },
	{ "number", BUILD_UINT32, make_number },
	{ "small", BUILD_UINT8, make_small },
	{ "large", BUILD_UINT64, make_large },
	{ "message", BUILD_STRING, make_message },
	{ "messages", BUILD_STRING, make_messages },
	{ "address", BUILD_STRING, make_address },
	{ "flag", BUILD_BOOL, make_flag },
	{ "time", BUILD_FILETIME, make_time },
	{ "binary", BUILD_BINARY, make_binary },
	{ "text", BUILD_STRING, make_text },
	{ "command", BUILD_STRING, make_command },
	{ "privileges", BUILD_STRING, make_privileges },
	{ "list", BUILD_STRING | BUILD_ARRAY, make_list },
	{ "task", BUILD_STRING, make_task },
	/* of logs that are large */
	{ "device", BUILD_STRING, make_device },
	{ "setting", BUILD_STRING, make_setting },
	{ "place", BUILD_STRING, make_place },
};

#define SUBJECT                                                                                    \
	"SubjectUserSid:sid SubjectUserName:user SubjectDomainName:domain SubjectLogonId:logon "
#define TARGET "TargetUserName:user TargetDomainName:domain TargetSid:sid "
#define OBJECT "ObjectServer:host ObjectType:package ObjectName:object HandleId:handle "
#define PROCESS "ProcessId:handle ProcessName:program "

/* Weight, task, id and fields of each kind. */
static const struct {
	unsigned weight;
	uint16_t task;
	uint32_t id;
	const char *fields;
} security[] = {
	{ 40, 12544, 4624,
	  SUBJECT "TargetUserSid:sid TargetUserName:user TargetDomainName:domain "
		  "TargetLogonId:logon LogonType:number LogonProcessName:package "
		  "AuthenticationPackageName:package WorkstationName:host LogonGuid:link "
		  "TransmittedServices:message LmPackageName:package KeyLength:number " PROCESS
		  "IpAddress:address IpPort:message ImpersonationLevel:message "
		  "ElevatedToken:message" },
	{ 5, 12544, 4625,
	  SUBJECT "TargetUserSid:sid TargetUserName:user TargetDomainName:domain Status:status "
		  "FailureReason:message SubStatus:status LogonType:number "
		  "LogonProcessName:package WorkstationName:host " PROCESS "IpAddress:address" },
	{ 420, 12545, 4634,
	  "TargetUserSid:sid TargetUserName:user TargetDomainName:domain TargetLogonId:logon "
	  "LogonType:number" },
	{ 8, 12544, 4648,
	  SUBJECT
	  "LogonGuid:link TargetUserName:user TargetDomainName:domain TargetServerName:host "
	  "TargetInfo:host " PROCESS "IpAddress:address" },
	{ 30, 12548, 4672, SUBJECT "PrivilegeList:privileges" },
	{ 40, 13312, 4688,
	  SUBJECT "NewProcessId:handle NewProcessName:program TokenElevationType:message "
		  "ProcessId:handle CommandLine:command TargetUserSid:sid TargetUserName:user "
		  "TargetDomainName:domain TargetLogonId:logon ParentProcessName:program "
		  "MandatoryLabel:sid" },
	{ 80, 13313, 4689, SUBJECT "Status:status " PROCESS },
	{ 20, 12804, 4656,
	  SUBJECT OBJECT "TransactionId:link AccessList:messages AccessMask:mask "
			 "PrivilegeList:message RestrictedSidCount:number " PROCESS },
	{ 200, 12804, 4658, SUBJECT "ObjectServer:host HandleId:handle " PROCESS },
	{ 25, 12800, 4663, SUBJECT OBJECT "AccessList:messages AccessMask:mask " PROCESS },
	{ 12, 12800, 4660,
	  SUBJECT "ObjectServer:host HandleId:handle " PROCESS "TransactionId:link" },
	{ 260, 12807, 4690,
	  SUBJECT "SourceHandleId:handle SourceProcessId:handle TargetHandleId:handle "
		  "TargetProcessId:handle" },
	{ 8, 13570, 4670, SUBJECT OBJECT "OldSd:text NewSd:text " PROCESS },
	{ 5, 13056, 4673,
	  SUBJECT "ObjectServer:host Service:text PrivilegeList:privileges " PROCESS },
	{ 10, 13056, 4674, SUBJECT OBJECT "AccessMask:mask PrivilegeList:privileges " PROCESS },
	{ 3, 12289, 4697,
	  SUBJECT
	  "ServiceName:text ServiceFileName:command ServiceType:mask ServiceStartType:number "
	  "ServiceAccount:user" },
	{ 4, 12804, 4702, SUBJECT "TaskName:object TaskContentNew:task" },
	{ 2, 13568, 4719,
	  SUBJECT "CategoryId:message SubcategoryId:message SubcategoryGuid:guid "
		  "AuditPolicyChanges:messages" },
	{ 1, 13824, 4720,
	  TARGET SUBJECT "PrivilegeList:message SamAccountName:user DisplayName:text" },
	{ 1, 13824, 4722, TARGET SUBJECT },
	{ 1, 13824, 4724, TARGET SUBJECT },
	{ 3, 13824, 4738,
	  TARGET SUBJECT "PrivilegeList:message SamAccountName:user UserParameters:text" },
	{ 10, 14336, 4776,
	  "PackageName:package TargetUserName:user Workstation:host Status:status" },
	{ 6, 14339, 4768,
	  TARGET "ServiceName:user ServiceSid:sid TicketOptions:mask Status:status "
		 "TicketEncryptionType:mask PreAuthType:number IpAddress:address IpPort:message" },
	{ 8, 14337, 4769,
	  "TargetUserName:user TargetDomainName:domain ServiceName:user ServiceSid:sid "
	  "TicketOptions:mask TicketEncryptionType:mask IpAddress:address IpPort:message "
	  "Status:status LogonGuid:guid" },
	{ 3, 14339, 4771,
	  "TargetUserName:user TargetSid:sid ServiceName:user TicketOptions:mask Status:status "
	  "PreAuthType:number IpAddress:address IpPort:message" },
	{ 6, 13824, 4798, TARGET SUBJECT "CallerProcessId:handle CallerProcessName:program" },
	{ 6, 13826, 4799, TARGET SUBJECT "CallerProcessId:handle CallerProcessName:program" },
	{ 4, 12292, 5058,
	  SUBJECT "ClientProcessId:number ClientCreationTime:time ProviderName:text "
		  "AlgorithmName:package KeyName:guid KeyType:message KeyFilePath:object "
		  "Operation:message ReturnCode:status" },
	{ 5, 12290, 5061,
	  SUBJECT "ProviderName:text AlgorithmName:package KeyName:guid KeyType:message "
		  "Operation:message ReturnCode:status" },
	{ 10, 12810, 5156,
	  "ProcessID:large Application:object Direction:message SourceAddress:address "
	  "SourcePort:message DestAddress:address DestPort:message Protocol:number "
	  "FilterRTID:large LayerName:message LayerRTID:large RemoteUserID:sid "
	  "RemoteMachineID:sid" },
};

static const struct bench_class *find_class(struct ed_str word)
{
	for (size_t i = 0; i < ED_COUNT(classes); i++) {
		if (ed_str_eq(word, ed_str_from(classes[i].word)))
			return &classes[i];
	}
	abort();
}

static void add_field(struct bench_kind *kind, struct ed_str name, const struct bench_class *class)
{
	struct bench_field *field = &kind->fields[kind->field_count];

	if (kind->field_count == BENCH_FIELDS)
		abort();
	snprintf(field->name, sizeof(field->name), "%.*s", ED_FMT(name));
	field->class = class;
	kind->field_count++;
}

/* "Name:class Name:class" */
static void parse_fields(struct bench_kind *kind, const char *spec)
{
	struct ed_str rest = ed_str_from(spec), piece, name;

	while (ed_str_next(&rest, ' ', &piece)) {
		if (!piece.len)
			continue;
		ed_str_next(&piece, ':', &name);
		add_field(kind, name, find_class(piece));
	}
}

static void begin_stream(struct bench_stream *s, uint64_t seed)
{
	*s = (struct bench_stream){ .random = seed };
	(void)ed_time_parse(ED_STR(BENCH_START), &s->time);
}

void bench_stream_security(struct bench_stream *s, uint64_t seed)
{
	begin_stream(s, seed);
	s->repeat = 890;
	for (size_t i = 0; i < ED_COUNT(security); i++) {
		struct bench_kind *kind = &s->kinds[s->kind_count++];

		snprintf(kind->provider, sizeof(kind->provider),
			 "Microsoft-Windows-Security-Auditing");
		snprintf(kind->channel, sizeof(kind->channel), "Security");
		snprintf(kind->guid, sizeof(kind->guid), "{54849625-5478-4994-a5ba-3e3b0328c30d}");
		kind->id = security[i].id;
		kind->task = security[i].task;
		kind->weight = security[i].weight;
		kind->shape = BUILD_EVENT_DATA;
		parse_fields(kind, security[i].fields);
		s->weights += kind->weight;
	}
	s->active = s->kind_count;
}

static enum build_shape mixed_shape(uint64_t *random)
{
	uint32_t n = bench_random(random, 20);

	if (n == 0)
		return BUILD_NO_DATA;
	if (n < 3)
		return BUILD_USER_DATA;
	return n < 5 ? BUILD_CLASSIC : BUILD_EVENT_DATA;
}

/* @class_count: of the classes, how many are used. */
static void mix_kind(struct bench_stream *s, unsigned provider, unsigned id, size_t class_count)
{
	struct bench_kind *kind = &s->kinds[s->kind_count++];
	size_t count = 1 + bench_random(&s->random, 18);
	char name[40];

	if (s->kind_count > BENCH_KINDS)
		abort();
	snprintf(kind->provider, sizeof(kind->provider), "Contoso-Component-%03u", provider);
	snprintf(kind->channel, sizeof(kind->channel), "Contoso-Component-%03u/Operational",
		 provider);
	snprintf(kind->guid, sizeof(kind->guid), "{00000000-1111-2222-3333-%012u}", provider);
	kind->id = 100 + id;
	kind->task = (uint16_t)(id + 1);
	kind->level = (uint8_t)(2 + bench_random(&s->random, 3));
	kind->has_user = true;
	kind->weight = 1;
	kind->shape = mixed_shape(&s->random);
	for (size_t i = 0; i < count && kind->shape != BUILD_NO_DATA; i++) {
		const struct bench_class *class =
			&classes[bench_random(&s->random, (uint32_t)class_count)];
		const char *word = PICK(&s->random, words);

		/* the strings of a classic event have no types */
		if (kind->shape == BUILD_CLASSIC || class->make == make_task)
			class = find_class(ED_STR("text"));
		snprintf(name, sizeof(name), "%s%s%02u", word, PICK(&s->random, words),
			 (unsigned)i);
		add_field(kind, ed_str_from(name), class);
	}
	s->weights++;
}

void bench_stream_mixed(struct bench_stream *s, uint64_t seed, unsigned first, unsigned providers,
			unsigned ids)
{
	size_t class_count = ED_COUNT(classes) - (providers > 1 ? 0 : LARGE_CLASSES);

	begin_stream(s, seed);
	for (unsigned p = 0; p < providers; p++) {
		for (unsigned id = 0; id < ids; id++)
			mix_kind(s, first + p, id, class_count);
	}
	s->active = s->kind_count < 40 ? s->kind_count : 40;
}

static const struct bench_kind *next_kind(struct bench_stream *s)
{
	uint32_t n;

	if (s->active < s->kind_count) {
		/* one after the other comes into use and leaves again */
		n = bench_random(&s->random, (uint32_t)s->active) + (uint32_t)(s->record / 40);
		return &s->kinds[n % s->kind_count];
	}
	if (s->kind && bench_random(&s->random, 1000) < s->repeat)
		return s->kind;
	n = bench_random(&s->random, s->weights);
	for (size_t i = 0;; i++) {
		if (n < s->kinds[i].weight)
			return &s->kinds[i];
		n -= s->kinds[i].weight;
	}
}

static void fill_fields(struct bench_stream *s)
{
	const struct bench_kind *kind = s->kind;

	for (size_t i = 0; i < kind->field_count; i++) {
		const struct bench_field *field = &kind->fields[i];

		field->class->make(&s->random, s->text[i], sizeof(s->text[i]));
		s->fields[i] = (struct build_field){
			.name = kind->shape == BUILD_CLASSIC ? NULL : field->name,
			.type = field->class->type,
			.text = s->text[i],
		};
	}
}

const struct build_event *bench_stream_next(struct bench_stream *s)
{
	const struct bench_kind *kind = next_kind(s);
	bool linked = bench_random(&s->random, 4) == 0;

	s->kind = kind;
	s->record++;
	s->time += (int64_t)bench_random(&s->random, 14) * ED_TICKS_PER_SECOND +
		   bench_random(&s->random, 9999999);
	fill_fields(s);
	if (linked)
		make_guid(&s->random, s->activity, sizeof(s->activity));
	make_sid(&s->random, s->user, sizeof(s->user));
	s->event = (struct build_event){
		.provider = kind->provider,
		.guid = kind->guid,
		.channel = kind->channel,
		.computer = "WS-0001.contoso.com",
		.user = kind->has_user ? s->user : NULL,
		.activity = linked ? s->activity : NULL,
		.record = s->record,
		.time = s->time,
		.keywords = UINT64_C(0x8020000000000000),
		.id = kind->id,
		.process = 4 * (1 + bench_random(&s->random, 2000)),
		.thread = 4 * (1 + bench_random(&s->random, 4000)),
		.level = kind->level,
		.task = kind->task,
		.shape = kind->shape,
		.element = kind->shape == BUILD_USER_DATA ? "ComponentState" : NULL,
		.element_ns = NULL,
		.fields = s->fields,
		.field_count = kind->field_count,
	};
	return &s->event;
}
