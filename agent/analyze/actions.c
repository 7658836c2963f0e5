/* SPDX-License-Identifier: MIT */
/*
 * What can be done: one row an action, with steps a person can follow, what it costs, and where it
 * is documented. Menu names are those of 2026. Numbers in brackets are the sections of the article
 * that described the loop first (call4cloud.nl, "Cultural Learnings of Online Microsoft Store
 * Apps").
 */
#include "finding.h"

static const struct action_row rows[] = {
	{ "restart-device",
	  ED_TECHNICIAN,
	  "Restart the device (Restart, not Shut down)",
	  { "At Shift+F10 run: shutdown /r /t 0. Do not use Shut down: with fast startup it is no "
	    "restart.",
	    "Sign in again when the page asks; the account phase needs the password once more.",
	    "Leave the page open for 5 to 10 minutes; the Store tries again by itself.",
	    "Do not reset the device: it starts the same loop anew.", NULL },
	  "One restart, and the user's password once more; the page's time limit keeps running.",
	  "Microsoft Intune documentation, \"Windows compliance settings\", Require BitLocker: the "
	  "state is "
	  "measured at boot time" },
	{ "wait",
	  ED_TECHNICIAN,
	  "Wait, and leave the page open",
	  { "Leave the device on, online and on the page; do not restart it.",
	    "Look again after the time given; the refusals (AADSTS53000) should have stopped.",
	    NULL },
	  "Time on the page; its limit keeps running.",
	  "call4cloud.nl, the article's conclusion: about 5 to 10 minutes until compliant" },
	{ "sync-device",
	  ED_TECHNICIAN,
	  "Let the device report to Intune now",
	  { "Intune admin center > Devices > the device > Sync; or on the device: Settings > "
	    "Accounts > "
	    "Access work or school > the account > Info > Sync.",
	    NULL },
	  "Nothing; it only shortens the wait.",
	  "Microsoft Intune documentation, \"Sync devices\"" },
	{ "sign-in",
	  ED_USER,
	  "Let the user sign in, so that BitLocker protection is turned on",
	  { "Sign in to Windows with the user's Entra ID account: automatic device encryption "
	    "turns "
	    "protection on only after such a sign-in.",
	    "Check with manage-bde -status C: until it says Protection On.",
	    "Then restart the device (Restart, not Shut down).", NULL },
	  "The Store app arrives after the page, not during it.",
	  "Microsoft documentation, \"BitLocker overview\", Device encryption: protection is "
	  "enabled only "
	  "after sign-in with a Microsoft Account or an Entra ID account" },
	{ "finish-encryption",
	  ED_TECHNICIAN,
	  "Turn BitLocker protection on by hand",
	  { "See what is missing: manage-bde -status C: and manage-bde -protectors -get C: -type "
	    "TPM.",
	    "If protection is suspended: manage-bde -protectors -enable C:",
	    "If there is no TPM protector: manage-bde -protectors -add C: -tpm, then manage-bde "
	    "-on C:",
	    "Confirm in Entra ID that the recovery key is backed up, then restart the device.",
	    NULL },
	  "Done by hand on this device; the next one has the same gap until the policy is changed.",
	  "Microsoft documentation, \"manage-bde\"" },
	{ "fix-bitlocker-prerequisite",
	  ED_ADMIN,
	  "Put right what stopped BitLocker from being turned on",
	  { "Windows RE: reagentc /info; if it is disabled, reagentc /enable.",
	    "TPM: tpm.msc must say that the TPM is ready for use; else enable it in the firmware.",
	    "Policy: no start-up PIN required for silent enablement, and \"Allow standard users to "
	    "enable "
	    "encryption\" on.",
	    "Sync the device; when encryption has started and the key is backed up, restart it.",
	    NULL },
	  "This device has to be touched; the page will most likely run into its limit first.",
	  "Microsoft Intune documentation, \"Encrypt Windows devices with BitLocker\", silent "
	  "enablement" },
	{ "retry-key-backup",
	  ED_ADMIN,
	  "Let the recovery key be backed up to Entra ID",
	  { "Check that the device can reach enterpriseregistration.windows.net and is enabled in "
	    "Entra ID.",
	    "On the device: BackupToAAD-BitLockerKeyProtector for the recovery password of C:, or "
	    "sync and "
	    "let the policy try again.",
	    "Event 845 proves that it worked; then restart the device.", NULL },
	  "Until the key is backed up the device stays not compliant.",
	  "Microsoft Intune documentation, \"Troubleshoot BitLocker policies\", event 846" },
	{ "reencrypt",
	  ED_ADMIN,
	  "Decrypt, and encrypt again with the policy's method",
	  { "Assign the encryption policy to a device group, so that it arrives before encryption "
	    "begins.",
	    "Decrypt: manage-bde -off C: and wait until it is done.",
	    "Sync the device; the policy encrypts it again; then restart it.", NULL },
	  "The disk is unprotected meanwhile, and it takes long.",
	  "Microsoft documentation, \"Windows Autopilot: BitLocker\" and its known issues" },
	{ "allow-attestation-endpoints",
	  ED_NETWORK,
	  "Let the device reach the attestation service",
	  { "Windows 11: allow *.attest.azure.net; Windows 10: has.spserv.microsoft.com; both over "
	    "TCP 443 "
	    "and without TLS inspection.",
	    "Then run the task Microsoft\\Windows\\TPM\\Tpm-HASCertRetr or sync the device.",
	    "Event 1537 (TPM-WMI) proves that the certificate came.", NULL },
	  "A firewall or proxy change.",
	  "Microsoft Intune documentation, \"Network endpoints for Microsoft Intune\"" },
	{ "check-other-compliance",
	  ED_ADMIN,
	  "Find the setting that is not compliant",
	  { "Intune admin center > Devices > the device > Device compliance: open the policy that "
	    "is not "
	    "compliant.",
	    "Usual ones: Secure Boot, code integrity, OS version, antivirus, firewall, password, "
	    "or \"no "
	    "policy assigned\" counted as not compliant.",
	    NULL },
	  "None; it only looks.",
	  "Microsoft Intune documentation, \"Monitor device compliance\"" },
	{ "fix-network",
	  ED_NETWORK,
	  "Let the device reach the Store",
	  { "From the same network: displaycatalog.mp.microsoft.com, purchase.md.mp.microsoft.com, "
	    "licensing.mp.microsoft.com, storeedgefd.dsx.mp.microsoft.com, "
	    "*.do.dsp.mp.microsoft.com, "
	    "*.dl.delivery.mp.microsoft.com over TCP 443.",
	    "Check the proxy of the machine: netsh winhttp show proxy; and that DNS answers.",
	    "No TLS inspection for these names.", NULL },
	  "A firewall or proxy change.",
	  "Microsoft Intune documentation, \"Network endpoints for Microsoft Intune\", Microsoft "
	  "Store" },
	{ "fix-policy",
	  ED_ADMIN,
	  "Change the policy that is in the way",
	  { "Find where it is set: Intune admin center > Devices > Configuration, or Group Policy.",
	    "Allow the App Installer and its Microsoft Store source, or take the policy that "
	    "restarts the device "
	    "out of the enrolment.",
	    "Sync the device.", NULL },
	  "The policy no longer holds for these devices during enrolment.",
	  "Microsoft Intune documentation, \"Add Microsoft Store apps\", Store access policies" },
	{ "enable-service",
	  ED_TECHNICIAN,
	  "Enable the service that is disabled",
	  { "As administrator: sc config NAME start= demand, with the name given.",
	    "Find what disabled it (an image, a script, a baseline), or it will be so on the next "
	    "device.",
	    NULL },
	  "None on this device.",
	  "Microsoft documentation, \"Per-user and system services\"" },
	{ "fix-app",
	  ED_ADMIN,
	  "Put the app right, or take it off the page",
	  { "Look up the code: espdiag explain CODE, or the code's page in the documentation.",
	    "Correct the app's package, its dependencies, its detection rule or its licence and "
	    "assignment.",
	    "Until then do not let the page wait for it.", NULL },
	  "The app arrives late or not at all until it is corrected.",
	  "Microsoft documentation, \"Troubleshooting packaging, deployment, and query of Windows "
	  "apps\"" },
	{ "free-disk-space",
	  ED_TECHNICIAN,
	  "Free space on the system drive",
	  { "See what is free: fsutil volume diskfree C:.",
	    "Remove what is not needed, or use a larger disk; some GB are needed beside the app "
	    "itself.",
	    "The Store tries again by itself.", NULL },
	  "None, if what is removed is not needed.",
	  "winerror.h, ERROR_INSTALL_OUT_OF_DISK_SPACE" },
	{ "fix-clock",
	  ED_TECHNICIAN,
	  "Set the device's clock",
	  { "At Shift+F10: w32tm /resync, or set date and time by hand; check the time zone.",
	    "Let UDP 123 to time.windows.com pass; if the clock is wrong again after a power-off, "
	    "the board's "
	    "battery is empty.",
	    NULL },
	  "None.",
	  "Microsoft documentation, \"Windows Time service\"" },
	{ "fix-enrollment",
	  ED_ADMIN,
	  "Correct what enrolment needs",
	  { "Restrictions and licences: Intune admin center > Devices > Enrollment; the user needs "
	    "a licence, and "
	    "a device that was enrolled before may have to be deleted there first.",
	    "Conditional Access: exclude \"Microsoft Intune\" and \"Microsoft Intune Enrollment\" "
	    "from policies "
	    "that ask for a compliant device.",
	    "Co-management: who installs the Configuration Manager client, and whether the page "
	    "waits for it.",
	    "TPM: firmware update, then clear the TPM; hybrid join: the connector and a domain "
	    "controller in "
	    "reach.",
	    "Then run the enrolment again.", NULL },
	  "The enrolment has to be run again.",
	  "Microsoft Intune documentation, \"Troubleshoot Windows device enrollment\"" },
	{ "open-sign-in-log",
	  ED_ADMIN,
	  "Open the refused sign-in in Entra ID",
	  { "Entra admin center > Monitoring & health > Sign-in logs > User sign-ins "
	    "(non-interactive).",
	    "Filter by the correlation id or the application, at the UTC times given.",
	    "The Conditional Access tab names the policy.", NULL },
	  "None; it only looks.",
	  "Microsoft Entra documentation, \"Sign-in logs\"" },
	{ "bitlocker-in-device-phase",
	  ED_ADMIN,
	  "[3.7] Turn BitLocker on in the device phase",
	  { "Deploy a PowerShell script (or the same as a Win32 app required in the page) that "
	    "adds a TPM "
	    "and a recovery password protector, backs the key up to Entra ID and starts "
	    "encryption.",
	    "Make sure that the device restarts between the device and the account phase (for "
	    "example by "
	    "an update ring): that restart is what gets measured.",
	    NULL },
	  "A script to keep; encryption must be on before that restart, or nothing is won.",
	  "call4cloud.nl, section 3.7" },
	{ "exclude-store-from-policy",
	  ED_ADMIN,
	  "[3.4] Exclude the Store from the Conditional Access policy",
	  { "Entra admin center > Conditional Access > the policy > Target resources > Exclude.",
	    "Choose \"Windows Store for Business\" or \"Universal Store Service APIs and Web "
	    "Application\" "
	    "(45a330b1-b1ec-4cc1-9161-9f03992aa49f): that is the resource, and the one the portal "
	    "offers.",
	    "The client \"Universal Store Native Client\" (268761a2-03f3-40df-8a8b-c3db24145b6b) "
	    "is what the "
	    "sign-in log shows; most tenants cannot pick it.",
	    NULL },
	  "The Store works on devices that are not compliant.",
	  "call4cloud.nl, section 3.4; Microsoft documentation, \"Windows subscription "
	  "activation\"" },
	{ "compliance-grace-period",
	  ED_ADMIN,
	  "[3.6] Mark devices not compliant only after a grace period",
	  { "Intune admin center > Devices > Compliance > the policy > Actions for noncompliance: "
	    "mark device "
	    "noncompliant after 0.25 day or more.",
	    NULL },
	  "For that long (the article used two days) a device without BitLocker counts as "
	  "compliant.",
	  "call4cloud.nl, section 3.6; Microsoft documentation, \"Windows Autopilot known "
	  "issues\"" },
	{ "target-office365-only",
	  ED_ADMIN,
	  "[3.3] Let the policy target Office 365 only",
	  { "Entra admin center > Conditional Access > the policy > Target resources: Office 365 "
	    "instead of "
	    "all resources. Office 365 does not include the Store.",
	    NULL },
	  "Other cloud apps are then not held to compliance by this policy.",
	  "call4cloud.nl, section 3.3" },
	{ "unrequire-store-app",
	  ED_ADMIN,
	  "[3.2] Do not let the page wait for the Store app",
	  { "Intune admin center > Devices > Enrollment > Enrollment Status Page: block only for "
	    "selected "
	    "apps, without this one; in a device preparation policy: take it off the list; or "
	    "assign it as "
	    "available.",
	    NULL },
	  "The app arrives some time after the first sign-in.",
	  "call4cloud.nl, section 3.2" },
	{ "use-offline-app",
	  ED_ADMIN,
	  "[3.5] Deploy the app so that no user token is needed",
	  { "Offline licences ended with Microsoft Store for Business. What replaced them: a "
	    "Microsoft Store "
	    "app (new) installed in system context, which the management extension fetches by "
	    "WinGet, or "
	    "the app's package as a line-of-business or Win32 app.",
	    NULL },
	  "System context installs it for every user; a package of your own is yours to update.",
	  "call4cloud.nl, section 3.5; Microsoft Intune documentation, \"Add Microsoft Store "
	  "apps\"" },
	{ "skip-user-status-page",
	  ED_ADMIN,
	  "[3.1] Skip the account phase of the page",
	  { "Custom profile: ./Device/Vendor/MSFT/DMClient/Provider/MS DM Server/FirstSyncStatus/"
	    "SkipUserStatusPage = true.",
	    NULL },
	  "The user reaches the desktop before the device is compliant: OneDrive folder move does "
	  "not kick "
	  "in until it is.",
	  "call4cloud.nl, section 3.1" },
};

/* Where an action means something else for one finding than for all others. */
static const struct {
	const char *finding;
	struct action_row row;
} own_rows[] = {
	{ "token-broker",
	  { "sign-in",
	    ED_USER,
	    "Let the user sign in anew",
	    { "Sign out of Windows and sign in with the user's Entra ID account: the broker gets "
	      "its "
	      "tokens anew.",
	      NULL },
	    "The user's password once more.",
	    "Microsoft documentation, \"Primary Refresh Token\"" } },
	{ "esp-reboot",
	  { "sign-in",
	    ED_USER,
	    "Let the user sign in on the page once more",
	    { "The restart took the credentials that Windows had kept: sign in when the page asks.",
	      "Leave the page open; it goes on from where it was.", NULL },
	    "The user's password once more.",
	    "Microsoft documentation, \"Troubleshoot the Enrollment Status Page\", unexpected "
	    "restarts" } },
	{ "hybrid-join",
	  { "fix-network",
	    ED_NETWORK,
	    "Let the device reach a domain controller",
	    { "From the device's network the domain's names must resolve and a domain controller "
	      "answer; over "
	      "a VPN only if it connects before the sign-in.",
	      NULL },
	    "A change of network or VPN.",
	    "Microsoft documentation, \"Windows Autopilot: Microsoft Entra hybrid join\"" } },
	{ "ime-token",
	  { "fix-network",
	    ED_NETWORK,
	    "Let the management extension reach Entra ID and Intune",
	    { "From the same network: login.microsoftonline.com, *.manage.microsoft.com over TCP "
	      "443.",
	      "Check the proxy of the machine: netsh winhttp show proxy; no TLS inspection.",
	      NULL },
	    "A firewall or proxy change.",
	    "Microsoft Intune documentation, \"Network endpoints for Microsoft Intune\"" } },
	{ "enrollment-rejected",
	  { "fix-enrollment",
	    ED_ADMIN,
	    "Let Intune accept the enrolment",
	    { "0x80180014: Intune admin center > Devices > Enrollment > Device platform "
	      "restriction; "
	      "and delete "
	      "the record of an earlier enrolment of this device.",
	      "0x80180018: the user needs a licence that includes Intune.",
	      "Any other code: espdiag explain CODE.", "Then run the enrolment again.", NULL },
	    "The enrolment has to be run again.",
	    "Microsoft Intune documentation, \"Troubleshoot Windows device enrollment\"" } },
	{ "enrollment-conditional-access",
	  { "fix-enrollment",
	    ED_ADMIN,
	    "Let the policy leave enrolment alone",
	    { "Entra admin center > Conditional Access > the policy > Target resources > Exclude "
	      "\"Microsoft "
	      "Intune\" (0000000a-0000-0000-c000-000000000000) and \"Microsoft Intune Enrollment\" "
	      "(d4ebce55-015a-49b5-a083-c84d1797ae8c).",
	      "Then run the enrolment again.", NULL },
	    "Enrolment itself is then not held to this policy.",
	    "Microsoft documentation, \"Windows Autopilot known issues\"" } },
	{ "tpm-attestation",
	  { "fix-enrollment",
	    ED_ADMIN,
	    "Let the TPM attest the device",
	    { "Update the firmware of the board and of the TPM, then clear the TPM (tpm.msc).",
	      "Let the device reach *.microsoftaik.azure.net and its maker's certificates: "
	      "ekop.intel.com, ekcert.spserv.microsoft.com, ftpm.amd.com; without TLS inspection.",
	      "A virtual TPM cannot attest: there only the user-driven mode works.",
	      "Then run the enrolment again.", NULL },
	    "The enrolment has to be run again; clearing the TPM needs the BitLocker recovery key.",
	    "Microsoft documentation, \"Windows Autopilot known issues\", TPM attestation" } },
	{ "hybrid-join",
	  { "fix-enrollment",
	    ED_ADMIN,
	    "Let the device join the domain",
	    { "The Intune connector for Active Directory: running, and allowed to create computers "
	      "in "
	      "the "
	      "profile's organizational unit.",
	      "Microsoft Entra Connect synchronizes that unit, and a domain controller is in reach "
	      "of "
	      "the device.",
	      "Then run the enrolment again.", NULL },
	    "The enrolment has to be run again.",
	    "Microsoft documentation, \"Windows Autopilot: Microsoft Entra hybrid join\"" } },
	{ "esp-identifying",
	  { "fix-enrollment",
	    ED_ADMIN,
	    "Settle which client lists the apps",
	    { "Co-management: which authority installs apps during enrolment, and whether the "
	      "Configuration "
	      "Manager client is installed while the page runs.",
	      "The management extension: Intune admin center > Devices > the device > Managed "
	      "apps; "
	      "it "
	      "needs "
	      "at least one assigned Win32 app or script to come.",
	      "Then run the enrolment again.", NULL },
	    "The enrolment has to be run again.",
	    "Microsoft documentation, \"Troubleshoot the Enrollment Status Page\", Identifying" } },
	{ "token-broker",
	  { "fix-enrollment",
	    ED_ADMIN,
	    "Register the token broker anew",
	    { "As the user: Get-AppxPackage Microsoft.AAD.BrokerPlugin must name a package.",
	      "Add-AppxPackage -Register C:\\Windows\\SystemApps\\"
	      "Microsoft.AAD.BrokerPlugin_cw5n1h2txyewy\\AppxManifest.xml -DisableDevelopmentMode "
	      "-ForceApplicationShutdown",
	      "If it still fails, the user's profile is damaged: sign in with a new one.", NULL },
	    "The user's apps ask for a sign-in once more.",
	    "Microsoft documentation, \"Fix authentication issues in Office applications\", AAD "
	    "broker "
	    "plug-in" } },
};

const struct action_row *action_row_find(const char *id)
{
	for (size_t i = 0; i < ED_COUNT(rows); i++)
		if (strcmp(rows[i].id, id) == 0)
			return &rows[i];
	return NULL;
}

const struct action_row *action_row_for(const char *id, const char *finding)
{
	for (size_t i = 0; i < ED_COUNT(own_rows); i++)
		if (strcmp(own_rows[i].row.id, id) == 0 &&
		    strcmp(own_rows[i].finding, finding) == 0)
			return &own_rows[i].row;
	return action_row_find(id);
}
