/* SPDX-License-Identifier: MIT */
/* The rows of the scenario language: the one place that says what Windows logs in a story. */
#include "scenario_rows.h"

#include "build_event.h"

/* clang-format off */
const struct row_channel row_channels[] = {
	{ "System", "System", COLLECTED_TOP, false },
	{ "Application", "Application", COLLECTED_TOP, false },
	{ "BitLocker", "Microsoft-Windows-BitLocker/BitLocker Management", COLLECTED_TOP, false },
	{ "Shell-Core", "Microsoft-Windows-Shell-Core/Operational", COLLECTED_TOP, false },
	{ "AppX", "Microsoft-Windows-AppXDeploymentServer/Operational", COLLECTED_TOP, false },
	{ "Store", "Microsoft-Windows-Store/Operational", COLLECTED_NOT, false },
	{ "DM", "Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider/Admin", COLLECTED_IN_CAB, true },
	{ "AAD", "Microsoft-Windows-AAD/Operational", COLLECTED_IN_CAB, false },
};
const size_t row_channel_count = ED_COUNT(row_channels);

#define LOCAL_SYSTEM "S-1-5-18"
#define FIRST_USER "S-1-12-1-1111111111-2222222222-3333333333-1212121212"

const struct row_provider row_providers[] = {
	{ "kernel", "Microsoft-Windows-Kernel-General", "{a68ca8b7-004f-d7b6-a698-07e2de0f1f5d}", "System", LOCAL_SYSTEM },
	{ "boot", "Microsoft-Windows-Kernel-Boot", "{15ca44ff-4d7a-4baa-bba5-0998955e531e}", "System", LOCAL_SYSTEM },
	{ "power", "Microsoft-Windows-Kernel-Power", "{331c3b3a-2005-44c2-ac5e-77220c37d6b4}", "System", LOCAL_SYSTEM },
	{ "eventlog", "EventLog", NULL, "System", NULL },
	{ "user32", "User32", "{b0aa8734-56f7-41cc-b2f4-de228e98b946}", "System", LOCAL_SYSTEM },
	{ "tpm", "Microsoft-Windows-TPM-WMI", "{7d5387b0-cbe0-11da-a94d-0800200c9a66}", "System", LOCAL_SYSTEM },
	{ "driver", "Microsoft-Windows-BitLocker-Driver", "{651df93b-5053-4d1e-94c5-f6e6d25908d0}", "System", LOCAL_SYSTEM },
	{ "bitlocker", "Microsoft-Windows-BitLocker-API", "{5d674230-ca9f-11da-a94d-0800200c9a66}", "BitLocker", LOCAL_SYSTEM },
	{ "dm", "Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider", "{3da494e4-0fe2-415c-b895-fb5265c5c83b}", "DM", LOCAL_SYSTEM },
	{ "shell", "Microsoft-Windows-Shell-Core", "{30336ed4-e327-447c-9de0-51b652c86108}", "Shell-Core", LOCAL_SYSTEM },
	{ "aad", "Microsoft-Windows-AAD", "{4de9bc9c-b27a-43c9-8994-0915f1a5e24f}", "AAD", FIRST_USER },
	{ "agent", "Microsoft-Windows-Install-Agent", "{e0c6f6de-258a-50e0-ac1a-103482d118bc}", "Store", LOCAL_SYSTEM },
	{ "store", "Microsoft-Windows-Store", "{9c2a37f3-e5fd-5cae-bcd1-43dafeee1ff0}", "Store", LOCAL_SYSTEM },
	{ "appx", "Microsoft-Windows-AppXDeployment-Server", "{3f471139-acb7-4a01-b7a7-ff5da4ba2d43}", "AppX", LOCAL_SYSTEM },
	{ "wer", "Windows Error Reporting", NULL, "Application", NULL },
};
const size_t row_provider_count = ED_COUNT(row_providers);

const struct row_type row_types[] = {
	{ "str", BUILD_STRING }, { "ansi", BUILD_ANSI }, { "i8", BUILD_INT8 }, { "u8", BUILD_UINT8 },
	{ "i16", BUILD_INT16 }, { "u16", BUILD_UINT16 }, { "i32", BUILD_INT32 }, { "u32", BUILD_UINT32 },
	{ "i64", BUILD_INT64 }, { "u64", BUILD_UINT64 }, { "float", BUILD_FLOAT }, { "double", BUILD_DOUBLE },
	{ "bool", BUILD_BOOL }, { "bin", BUILD_BINARY }, { "guid", BUILD_GUID }, { "time", BUILD_FILETIME },
	{ "systime", BUILD_SYSTEMTIME }, { "sid", BUILD_SID }, { "hex", BUILD_HEX32 }, { "hex64", BUILD_HEX64 },
};
const size_t row_type_count = ED_COUNT(row_types);

#define VOLUME "IdentificationGUID:guid;VolumeName:str;VolumeMountPoint:str"
#define PROTECTOR VOLUME ";ProtectorGUID:guid;ProtectorType:hex"
#define DRIVER "ErrorCode:hex;Volume:str;WritePhase:hex"
#define AGENT "Message:str;Function:ansi;Error Code:i32;Source:ansi;Line Number:u32;CorrelationVector:ansi;ProductId:str"
#define TOKEN "Error:u32;ErrorMessage:str;AdditionalInformation:str"

const struct row_event row_events[] = {
	{ "kernel", 1, 4, 2, "NewTime:time;OldTime:time;Reason:u32;ProcessName:str" },
	{ "kernel", 12, 4, 0, "MajorVersion:u32;MinorVersion:u32;BuildVersion:u32;QfeVersion:u32;ServiceVersion:u16;BootMode:u32;StartTime:time" },
	{ "kernel", 13, 4, 0, "StopTime:time" },
	{ "boot", 20, 4, 1, "LastShutdownGood:bool;LastBootGood:bool;LastBootId:u32;BootStatusPolicy:u32" },
	{ "boot", 27, 4, 1, "BootType:u32;LoadOptions:str" },
	{ "power", 41, 1, 4, "BugcheckCode:u32;SleepInProgress:u32;PowerButtonTimestamp:u64" },
	{ "power", 42, 4, 3, "TargetState:u32;EffectiveState:u32;Reason:u32;Flags:u32" },
	{ "power", 107, 4, 1, "TargetState:u32;EffectiveState:u32;WakeFromState:u32" },
	{ "eventlog", 6008, 2, 0, "" },
	{ "eventlog", 6009, 4, 0, "" },
	{ "eventlog", 6005, 4, 0, "" },
	{ "eventlog", 6006, 4, 0, "" },
	{ "user32", 1074, 4, 0, "param1:str;param2:str;param3:str;param4:str;param5:str;param6:str;param7:str" },
	{ "tpm", 1025, 4, 0, "" },
	{ "tpm", 1537, 4, 0, "HealthAttestationServer:str" },
	{ "tpm", 1538, 3, 0, "HealthAttestationServer:str;HResult:i32" },
	{ "tpm", 1539, 3, 0, "HealthAttestationServer:str;HTTPStatus:i32;ServerResponse:str" },
	{ "driver", 24660, 4, 0, DRIVER },
	{ "driver", 24667, 4, 0, DRIVER },
	{ "bitlocker", 768, 4, 0, VOLUME ";AlgorithmType:u16" },
	{ "bitlocker", 769, 4, 0, VOLUME ";AlgorithmType:u16" },
	{ "bitlocker", 770, 4, 0, VOLUME },
	{ "bitlocker", 773, 3, 0, VOLUME },
	{ "bitlocker", 774, 4, 0, VOLUME },
	{ "bitlocker", 775, 4, 0, PROTECTOR },
	{ "bitlocker", 776, 4, 0, PROTECTOR },
	{ "bitlocker", 778, 3, 0, VOLUME },
	{ "bitlocker", 780, 4, 0, VOLUME },
	{ "bitlocker", 796, 4, 0, VOLUME },
	{ "bitlocker", 845, 4, 0, "VolumeMountPoint:str;ProtectorGUID:guid;TraceGUID:guid" },
	{ "bitlocker", 846, 2, 0, "VolumeMountPoint:str;TraceGUID:guid;ErrorCode:i32" },
	{ "bitlocker", 851, 2, 0, "ErrorCode:i32" },
	{ "bitlocker", 852, 2, 0, "ErrorCode:i32" },
	{ "bitlocker", 853, 2, 0, "ErrorCode:i32" },
	{ "bitlocker", 854, 2, 0, "ErrorCode:i32" },
	{ "bitlocker", 4122, 4, 0, "LocalizedText:str" },
	{ "dm", 72, 4, 0, "" },
	{ "dm", 75, 4, 0, "HexInt1:hex" },
	{ "dm", 208, 4, 0, "Message1:str;Message2:str;Message3:str;Message4:str;HexInt1:hex;HexInt2:hex;HexInt3:hex;HexInt4:hex" },
	{ "dm", 209, 4, 0, "HRESULT:hex" },
	{ "dm", 404, 2, 0, "Message1:str;Message2:str;Message3:str;InternalCmdType:u32;Message5:str;HexInt1:hex" },
	{ "dm", 813, 4, 0, "Message1:str;Message2:str;Message3:str;Message4:str;HexInt1:hex;HexInt2:hex;HexInt3:hex" },
	{ "dm", 2752, 3, 0, "Message1:str;HRESULT:hex" },
	{ "dm", 2800, 4, 0, "Message1:str" },
	{ "dm", 2900, 3, 0, "Message1:str;HRESULT:hex" },
	{ "dm", 2902, 3, 0, "HexInt1:hex;HexInt2:hex" },
	{ "shell", 62404, 4, 0, "CXID:str" },
	{ "shell", 62407, 4, 0, "Name:str;Value:str" },
	{ "aad", 1081, 2, 0, "Error:str;ErrorDescription:str;CorrelationID:str" },
	{ "aad", 1097, 3, 0, TOKEN },
	{ "aad", 1098, 2, 0, TOKEN },
	{ "agent", 2006, 4, 0, AGENT },
	{ "agent", 2007, 3, 0, AGENT },
	{ "agent", 2008, 2, 0, AGENT },
	{ "appx", 400, 4, 0, "DeploymentOperation:u32;PackageFullName:str;Path:str;MainPackageFamilyName:str;CallingProcess:str" },
	{ "appx", 401, 2, 0, "DeploymentOperation:u32;PackageFullName:str;Path:str;ErrorCode:hex;CallingProcess:str" },
	{ "appx", 404, 2, 0, "SummaryError:str;PackageFullName:str;ErrorCode:hex;CallingProcess:str" },
	{ "appx", 603, 4, 0, "DeploymentOperation:u32;Path:str;Flags:hex;FlagsHigh:hex;CallingProcess:str" },
};
const size_t row_event_count = ED_COUNT(row_events);

#define ON_VOLUME "|IdentificationGUID={6f1a3c52-1111-4d11-9d2e-5a7b1c00000$disk}" \
	"|VolumeName=\\\\?\\Volume{6f1a3c52-0000-4d11-9d2e-5a7b1c00000$disk}\\|VolumeMountPoint=$volume"
#define BY_DRIVER "|ErrorCode=0|Volume=$volume|WritePhase=0"
#define KEY "{9f4b2c10-000$slot-4000-8000-0000000000"
#define BY_AGENT(message, code) "|Message=" message "|Function=InstallQueueItem::Work|Error Code=" code \
	"|Source=onecoreuap\\enduser\\winstore\\installservice\\lib\\installqueueitem.cpp|Line Number=1187" \
	"|CorrelationVector=$vector.$attempt|ProductId=$product"
#define HEALTH "|HealthAttestationServer=https://has.spserv.microsoft.com/HealthAttestation/ValidateHealthCertificate/v4"
#define BY_SERVICE "|CallingProcess=$deployer"
#define PACKAGE "|PackageFullName=$package|Path=x-windowsupdate://$package"
#define DENIAL "|Error=$denial_error|ErrorMessage=$t_interaction|AdditionalInformation=Code: interaction_required\r\n" \
	"Description: AADSTS$code: $t_denied\r\nTrace ID: 5a000$n-7d1e-4b2a-9c3d-6e5f4a3b2c1d\r\n" \
	"Correlation ID: 7b000$n-0a0b-4c0d-8e0f-102030405060\r\nTimestamp: $stamp\r\n" \
	"TokenEndpoint: https://login.microsoftonline.com/common/oauth2/token\r\n" \
	"Logged at OAuthTokenRequestBase.cpp, line: 557, method: OAuthTokenRequestBase::ProcessOAuthResponse.\r\n\r\n" \
	"Request: authority: https://login.microsoftonline.com/common, client: $client, " \
	"redirect URI: ms-appx-web://Microsoft.AAD.BrokerPlugin/$client, resource: $resource, " \
	"correlation ID (request): 7b000$n-0a0b-4c0d-8e0f-102030405060"

const struct row_step row_steps[] = {
	{ "start", 'T', 0, "kernel 12|MajorVersion=10|MinorVersion=0|BuildVersion=$build|QfeVersion=$ubr|ServiceVersion=0|BootMode=0|StartTime=$T" },
	{ "start", 'T', 0, "boot 20|LastShutdownGood=$shutdown_good|LastBootGood=true|LastBootId=$boot|BootStatusPolicy=0" },
	{ "start", 'T', 0, "boot 27|BootType=0|LoadOptions= NOEXECUTE=OPTIN  FVEBOOT=1075363840" },
	{ "start", 'T', 6, "eventlog 6009|=10.00.|=$build" },
	{ "start", 'T', 6, "eventlog 6005" },
	{ "first start", 'T', 26, "tpm 1025" },
	{ "stop", 'T', 0, "user32 1074|param1=$asked_by ($computer)|param2=$computer|param3=$t_reason|param4=$reason|param5=$t_restart|param6=|param7=NT AUTHORITY\\SYSTEM" },
	{ "stop", 'T', 0, "eventlog 6006" },
	{ "stop", 'T', 0, "kernel 13|StopTime=$T" },
	{ "crash", 'T', 0, "power 41|BugcheckCode=0|SleepInProgress=0|PowerButtonTimestamp=0" },
	{ "crash", 'T', 6, "eventlog 6008|=$stop_time|=$stop_date" },
	{ "fast-startup", 'T', 0, "power 42|TargetState=6|EffectiveState=5|Reason=4|Flags=0" },
	{ "fast-startup", 'U', 0, "power 107|TargetState=6|EffectiveState=5|WakeFromState=5" },
	{ "fast-startup", 'U', 0, "boot 27|BootType=1|LoadOptions= NOEXECUTE=OPTIN  FVEBOOT=1075363840" },
	{ "hibernate", 'T', 0, "power 42|TargetState=5|EffectiveState=5|Reason=4|Flags=0" },
	{ "hibernate", 'U', 0, "power 107|TargetState=5|EffectiveState=5|WakeFromState=5" },
	{ "hibernate", 'U', 0, "boot 27|BootType=2|LoadOptions= NOEXECUTE=OPTIN  FVEBOOT=1075363840" },
	{ "clock", 'T', 0, "kernel 1|NewTime=$T|OldTime=$U|Reason=1|ProcessName=\\Device\\HarddiskVolume3\\Windows\\System32\\svchost.exe" },

	{ "enrol", 'T', 0, "dm 75|HexInt1=1" },
	{ "enrol", 'T', 0, "dm 72" },
	{ "enrol end", 'T', 9, "dm 404|Message1=$enrollment|Message2=MDMDeviceWithAAD|Message3=./Vendor/MSFT/Policy|InternalCmdType=7|Message5=./Device/Vendor/MSFT/Policy/ConfigOperations/ADMXInstall/Receiver/Properties/Policy/FakePolicy/Version|HexInt1=0x80070002" },
	{ "policy", 'T', 0, "dm 813|Message1=$policy|Message2=$area|Message3=$enrollment|Message4=device|HexInt1=1|HexInt2=6|HexInt3=0" },
	{ "session", 'T', 0, "dm 208|Message1=$enrollment|Message2=MS DM Server|Message3=10.0|Message4=10.0.$build|HexInt1=2|HexInt2=0|HexInt3=1|HexInt4=$session" },
	{ "session not-compliant", 'T', 7, "dm 2900|Message1=$volume|HRESULT=$status" },
	{ "session not-encrypted", 'T', 7, "dm 2752|Message1=$volume|HRESULT=$status" },
	{ "session end", 'T', 9, "dm 209|HRESULT=$result" },

	{ "page", 'T', 0, "shell 62407|Name=CommercialOOBE_ESPProgress_Page_Exiting|Value={}" },
	{ "page user-sync", 'T', 70, "aad 1097|Error=0x8AA500DB|ErrorMessage=$t_cache|AdditionalInformation=Logged at CacheManager.cpp, line: 88" },
	{ "page failed", 'T', 0, "shell 62407|Name=CommercialOOBE_ESPProgress_Page_Failure|Value={}" },
	{ "page timeout", 'T', 0, "shell 62407|Name=CommercialOOBE_ESPProgress_Page_Timeout|Value={}" },

	{ "bitlocker start", 'T', 0, "bitlocker 796" ON_VOLUME },
	{ "bitlocker start", 'T', 0, "bitlocker 780" ON_VOLUME },
	{ "bitlocker start", 'T', 0, "driver 24660" BY_DRIVER },
	{ "bitlocker start", 'T', 0, "bitlocker 768" ON_VOLUME "|AlgorithmType=$method" },
	{ "bitlocker key", 'T', 0, "bitlocker 775" ON_VOLUME "|ProtectorGUID=" KEY "03}|ProtectorType=3" },
	{ "bitlocker backup", 'T', 0, "bitlocker 845|VolumeMountPoint=$volume|ProtectorGUID=" KEY "03}|TraceGUID={11111111-aaaa-4bbb-8ccc-0123456789ab}" },
	{ "bitlocker backup-failed", 'T', 0, "bitlocker 846|VolumeMountPoint=$volume|TraceGUID={11111111-aaaa-4bbb-8ccc-0123456789ac}|ErrorCode=$error" },
	{ "bitlocker tpm", 'T', 0, "bitlocker 775" ON_VOLUME "|ProtectorGUID=" KEY "01}|ProtectorType=1" },
	{ "bitlocker tpm-removed", 'T', 0, "bitlocker 776" ON_VOLUME "|ProtectorGUID=" KEY "01}|ProtectorType=1" },
	{ "bitlocker encrypted", 'T', 0, "driver 24667" BY_DRIVER },
	{ "bitlocker suspend", 'T', 0, "bitlocker 773" ON_VOLUME },
	{ "bitlocker resume", 'T', 0, "bitlocker 774" ON_VOLUME },
	{ "bitlocker after-restart", 'T', 0, "bitlocker 769" ON_VOLUME "|AlgorithmType=$method" },
	{ "bitlocker decrypt", 'T', 0, "bitlocker 770" ON_VOLUME },
	{ "bitlocker clear-key", 'T', 0, "bitlocker 778" ON_VOLUME },
	{ "bitlocker failed", 'T', 0, "bitlocker $id|ErrorCode=$error" },
	{ "bitlocker dma", 'T', 0, "bitlocker 4122|LocalizedText=$t_dma" },

	{ "attestation ok", 'T', 0, "tpm 1537" HEALTH },
	{ "attestation unreachable", 'T', 0, "tpm 1538" HEALTH "|HResult=$error" },
	{ "attestation refused", 'T', 0, "tpm 1539" HEALTH "|HTTPStatus=503|ServerResponse=Service Unavailable" },

	{ "denied", 'T', 0, "aad 1098" DENIAL },
	{ "attempt refused", 'T', 1, "agent 2006" BY_AGENT("StateTransition :: ProductId = $product  PreviousState = Pending  NewState = Working  HResult = 0", "0") },
	{ "attempt refused", 'T', 5, "agent 2008" BY_AGENT("Failed to acquire entitlement for the product", "$error") },
	{ "attempt refused", 'T', 5, "agent 2006" BY_AGENT("FulfillmentComplete :: ProductId = $product  HResult = $signed_error", "0") },
	{ "attempt begun", 'T', 1, "agent 2006" BY_AGENT("StateTransition :: ProductId = $product  PreviousState = Pending  NewState = Working  HResult = 0", "0") },
	{ "install", 'T', 0, "agent 2006" BY_AGENT("StateTransition :: ProductId = $product  PreviousState = Pending  NewState = Working  HResult = 0", "0") },
	{ "install", 'T', 4, "appx 603|DeploymentOperation=4|Path=x-windowsupdate://$package|Flags=0x800000|FlagsHigh=0" BY_SERVICE },
	{ "install", 'U', 0, "agent 2006" BY_AGENT("FulfillmentComplete :: ProductId = $product  HResult = 0", "0") },
	{ "install", 'U', 0, "appx 400|DeploymentOperation=4" PACKAGE "|MainPackageFamilyName=$family" BY_SERVICE },
	{ "install", 'U', 0, "appx 400|DeploymentOperation=6" PACKAGE "|MainPackageFamilyName=$family" BY_SERVICE },
	{ "deploy", 'T', 4, "appx 603|DeploymentOperation=4|Path=x-windowsupdate://$package|Flags=0x800000|FlagsHigh=0" BY_SERVICE },
	{ "deploy", 'U', 0, "appx 400|DeploymentOperation=4" PACKAGE "|MainPackageFamilyName=$family" BY_SERVICE },
	{ "deploy", 'U', 0, "appx 400|DeploymentOperation=6" PACKAGE "|MainPackageFamilyName=$family" BY_SERVICE },
	{ "deploy-failed", 'T', 0, "agent 2006" BY_AGENT("StateTransition :: ProductId = $product  PreviousState = Pending  NewState = Working  HResult = 0", "0") },
	{ "deploy-failed", 'T', 4, "appx 603|DeploymentOperation=4|Path=x-windowsupdate://$package|Flags=0x800000|FlagsHigh=0" BY_SERVICE },
	{ "deploy-failed", 'T', 34, "agent 2008" BY_AGENT("Deployment failed", "$error") },
	{ "deploy-failed", 'T', 34, "agent 2006" BY_AGENT("FulfillmentComplete :: ProductId = $product  HResult = $signed_error", "0") },
	{ "deploy-failed", 'T', 34, "appx 401|DeploymentOperation=4" PACKAGE "|ErrorCode=$error" BY_SERVICE },
	{ "deploy-failed", 'T', 34, "appx 404|SummaryError=$t_deployment|PackageFullName=$package|ErrorCode=$error" BY_SERVICE },
};
const size_t row_step_count = ED_COUNT(row_steps);

#define MACHINE "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\"
#define ENROLLMENT MACHINE "Enrollments\\$enrollment"
#define SETTINGS MACHINE "Provisioning\\AutopilotSettings"
#define PROFILE MACHINE "Provisioning\\Diagnostics\\Autopilot"
#define TRACKING MACHINE "Windows\\Autopilot\\EnrollmentStatusTracking\\"
#define JOIN "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\CloudDomainJoin\\JoinInfo\\9F1C0000D1E2"
#define STORE_APPS "./User/Vendor/MSFT/EnterpriseModernAppManagement/AppManagement/AppStore/"
#define PART(phase, what, state, text) "\"" phase "." what "\": {\"subcategoryState\": \"" state \
	"\", \"subcategoryStatusText\": \"" text "\"}, "
#define CATEGORY(phase, name) "{" PART(phase, "AppsSubcategory", "$" name "_apps", "$" name "_apps_text") \
	PART(phase, "CertificatesSubcategory", "notRequired", "") \
	PART(phase, "SecurityPoliciesSubcategory", "succeeded", "$t_policies") \
	"\"categorySucceeded\": $" name "_succeeded, \"categoryState\": \"$" name "_state\"}"

const struct row_registry row_registries[] = {
	{ NEED_ENROLLED, ENROLLMENT, "EnrollmentType", NULL, "6" },
	{ NEED_ENROLLED, ENROLLMENT, "ProviderID", "MS DM Server", NULL },
	{ NEED_ENROLLED, ENROLLMENT, "UPN", "$upn", NULL },
	{ NEED_ENROLLED, ENROLLMENT, "EnrollmentState", NULL, "1" },
	{ NEED_ENROLLED, ENROLLMENT, "AADTenantID", "$tenant", NULL },
	{ NEED_PAGE, ENROLLMENT "\\FirstSync", "SkipUserStatusPage", NULL, "0" },
	{ NEED_PAGE, ENROLLMENT "\\FirstSync", "SkipDeviceStatusPage", NULL, "0" },
	{ NEED_PAGE, ENROLLMENT "\\FirstSync", "SyncFailureTimeout", NULL, "$limit" },
	{ NEED_PAGE, ENROLLMENT "\\FirstSync", "BlockInStatusPage", NULL, "7" },
	{ NEED_PAGE, ENROLLMENT "\\FirstSync", "AllowCollectLogsButton", NULL, "1" },
	{ NEED_ACCOUNT, ENROLLMENT "\\FirstSync", "IsSyncDone", NULL, "1" },
	{ NEED_ACCOUNT, ENROLLMENT "\\FirstSync\\$user", "IsSyncDone", NULL, "$sync_done" },
	{ NEED_ACCOUNT, ENROLLMENT "\\FirstSync\\$user", "ServerHasFinishedProvisioning", NULL, "$server_done" },
	{ NEED_ACCOUNT, ENROLLMENT "\\FirstSync\\$user", "WasDeviceSuccessfullyProvisioned", NULL, "$provisioned" },
	{ NEED_PAGE, SETTINGS, "DevicePreparationCategory.Status", "{\"categorySucceeded\": true, \"categoryState\": \"succeeded\"}", NULL },
	{ NEED_PAGE, SETTINGS, "DeviceSetupCategory.Status", CATEGORY("DeviceSetup", "device"), NULL },
	{ NEED_ACCOUNT, SETTINGS, "AccountSetupCategory.Status", CATEGORY("AccountSetup", "account"), NULL },
	{ NEED_PAGE, PROFILE, "CloudAssignedTenantId", "$tenant", NULL },
	{ NEED_PAGE, PROFILE, "CloudAssignedTenantDomain", "contoso.example", NULL },
	{ NEED_PAGE, PROFILE, "DeploymentProfileName", "Autopilot user-driven", NULL },
	{ NEED_PAGE, PROFILE, "CloudAssignedOobeConfig", NULL, "1310" },
	{ NEED_PAGE, PROFILE, "IsAutopilotDisabled", NULL, "0" },
	{ NEED_PAGE, TRACKING "Device\\DevicePreparation\\PolicyProviders\\Sidecar", "InstallationState", NULL, "3" },
	{ NEED_PAGE, TRACKING "Device\\DevicePreparation\\PolicyProviders\\Sidecar", "LastError", NULL, "0" },
	{ NEED_PAGE, TRACKING "Device\\DevicePreparation\\PolicyProviders\\Sidecar", "Timeout", NULL, "15" },
	{ NEED_PAGE, TRACKING "Device\\Setup", "HasProvisioningCompleted", NULL, "1" },
	{ NEED_PAGE, TRACKING "Device\\Setup\\Apps\\PolicyProviders\\Sidecar", "TrackingPoliciesCreated", NULL, "1" },
	{ NEED_ACCOUNT, TRACKING "ESPTrackingInfo\\Diagnostics\\$user\\ExpectedModernAppPackages\\$user_sync", STORE_APPS "$family", NULL, "0" },
	{ NEED_ACCOUNT | NEED_APP, TRACKING "ESPTrackingInfo\\Diagnostics\\$user\\ExpectedModernAppPackages\\$page_done", STORE_APPS "$family", NULL, "1" },
	{ NEED_ENROLLED, JOIN, "TenantId", "$tenant", NULL },
	{ NEED_ENROLLED, JOIN, "UserEmail", "$upn", NULL },
	{ NEED_ENROLLED, JOIN, "IdpDomain", "login.windows.net", NULL },
};
const size_t row_registry_count = ED_COUNT(row_registries);

const struct row_name row_apps[] = {
	{ "store", "268761a2-03f3-40df-8a8b-c3db24145b6b" },
	{ "store-service", "45a330b1-b1ec-4cc1-9161-9f03992aa49f" },
	{ "search", "26a7ee05-5602-4d76-a7ba-eae8b7b67941" },
	{ "winget", "7b8ea11a-7f45-4b3a-ab51-794d5863af15" },
	{ "graph", "00000003-0000-0000-c000-000000000000" },
	{ "intune", "0000000a-0000-0000-c000-000000000000" },
	{ "intune-enrollment", "d4ebce55-015a-49b5-a083-c84d1797ae8c" },
};
const size_t row_app_count = ED_COUNT(row_apps);

const struct row_name row_variables[] = {
	{ "build", "26100" },
	{ "ubr", "6584" },
	{ "computer", "DESKTOP-EXAMPLE1" },
	{ "enrollment", "7C1F5A10-2D8B-4E55-9A64-1B0C3D5E7F21" },
	{ "tenant", "11111111-2222-3333-4444-555555555555" },
	{ "upn", "adele.vance@contoso.example" },
	{ "user", FIRST_USER },
	{ "volume", "C:" },
	{ "disk", "1" },
	{ "slot", "0" },
	{ "method", "0x8004" },
	{ "product", "9WZDNCRFJ3PZ" },
	{ "package", "Microsoft.CompanyPortal_11.2.1002.0_x64__8wekyb3d8bbwe" },
	{ "family", "Microsoft.CompanyPortal_8wekyb3d8bbwe" },
	{ "deployer", "C:\\Windows\\System32\\svchost.exe,InstallService" },
	{ "vector", "Q2hJ3PZkEeu0mY" },
	{ "limit", "60" },
	{ "shutdown_good", "true" },
	{ "result", "0" },
	{ "denial_error", "0xCAA2000C" },
	{ "device_apps", "succeeded" },
	{ "device_apps_text", "$t_device_apps" },
	{ "device_succeeded", "true" },
	{ "device_state", "succeeded" },
	{ "account_apps", "inProgress" },
	{ "account_apps_text", "$t_apps_open" },
	{ "account_succeeded", "null" },
	{ "account_state", "inProgress" },
	{ "sync_done", "0" },
	{ "server_done", "1" },
	{ "provisioned", "2" },
};
const size_t row_variable_count = ED_COUNT(row_variables);

const struct row_text row_texts[] = {
	{ "t_interaction", "The request requires user interaction.",
	  "Die Anforderung erfordert eine Benutzerinteraktion.",
	  "この要求にはユーザーの操作が必要です。",
	  "İstek, kullanıcı etkileşimi gerektiriyor." },
	{ "t_cache", "The cache has been partitioned successfully.",
	  "Der Cache wurde erfolgreich partitioniert.",
	  "キャッシュは正常にパーティション分割されました。",
	  "Önbellek başarıyla bölümlendi." },
	{ "t_denied_compliance", "The device does not meet the compliance the policy asks for.",
	  "Das Gerät erfüllt die von der Richtlinie verlangte Konformität nicht.",
	  "デバイスはポリシーが求める準拠状態ではありません。",
	  "Cihaz, ilkenin istediği uyumluluğu karşılamıyor." },
	{ "t_denied_other", "Access was blocked by a Conditional Access policy.",
	  "Der Zugriff wurde durch eine Richtlinie für bedingten Zugriff blockiert.",
	  "アクセスは条件付きアクセス ポリシーによってブロックされました。",
	  "Erişim, bir Koşullu Erişim ilkesi tarafından engellendi." },
	{ "t_reason_none", "No title for this reason could be found",
	  "Für diesen Grund wurde kein Titel gefunden.",
	  "この理由に対するタイトルは見つかりませんでした",
	  "Bu neden için başlık bulunamadı" },
	{ "t_reason_update", "Operating System: Service pack (Planned)",
	  "Betriebssystem: Service Pack (geplant)",
	  "オペレーティング システム: Service Pack (計画済)",
	  "İşletim Sistemi: Hizmet paketi (Planlı)" },
	{ "t_restart", "restart", "Neustart", "再起動", "yeniden başlatma" },
	{ "t_device_apps", "Apps (2 of 2 installed)", "Apps (2 von 2 installiert)",
	  "アプリ (2/2 がインストール済み)", "Uygulamalar (2/2 yüklendi)" },
	{ "t_apps_open", "Apps (0 of 1 installed)", "Apps (0 von 1 installiert)",
	  "アプリ (0/1 がインストール済み)", "Uygulamalar (0/1 yüklendi)" },
	{ "t_apps_done", "Apps (1 of 1 installed)", "Apps (1 von 1 installiert)",
	  "アプリ (1/1 がインストール済み)", "Uygulamalar (1/1 yüklendi)" },
	{ "t_apps_identifying", "Apps (Identifying)", "Apps (Wird identifiziert)",
	  "アプリ (識別しています)", "Uygulamalar (Tanımlanıyor)" },
	{ "t_apps_failed", "Apps ($error)", "Apps ($error)", "アプリ ($error)", "Uygulamalar ($error)" },
	{ "t_policies", "Security policies (1 of 1 applied)",
	  "Sicherheitsrichtlinien (1 von 1 angewendet)",
	  "セキュリティ ポリシー (1/1 が適用済み)", "Güvenlik ilkeleri (1/1 uygulandı)" },
	{ "t_deployment", "AppX Deployment operation failed.", "Fehler beim AppX-Bereitstellungsvorgang.",
	  "AppX 展開操作に失敗しました。", "AppX Dağıtım işlemi başarısız oldu." },
	{ "t_dma", "Un-allowed DMA capable bus/device(s) detected",
	  "Nicht zulässige DMA-fähige Busse/Geräte erkannt",
	  "許可されていない DMA 対応のバス/デバイスが検出されました",
	  "İzin verilmeyen DMA özellikli veri yolları/aygıtlar algılandı" },
};
const size_t row_text_count = ED_COUNT(row_texts);
/* clang-format on */
