#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Spellings of secrets and identities as Windows, Intune and people's command lines write them.

usage: spellings.py --redact PROGRAM [--espdiag PROGRAM] [--seed N] [--only PART]

A row is a member on its own: nothing else in the evidence gives the value away. Secrets must be gone
at every level, identities at standard and strict; what a row must keep is there after it too. With
--espdiag the rows of secrets are also events that `events` prints, one by one. Values are random;
{curly} words are filled in, and what is not to be found again is named behind the text.
"""
import argparse
import base64
import json
import os
import random
import subprocess
import sys
import tempfile
import uuid
from xml.sax.saxutils import escape
import plant

REG = 'Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Example]\r\n'
NOT_A_HYPHEN = '\u2011'
NO_BREAK = '\u00a0'

# form, text, what must be gone
SECRETS = [
    # recovery passwords
    ('text', 'Key: ' + NOT_A_HYPHEN.join('{g%d}' % i for i in range(1, 9)) + '.', 'g3 g6'),
    ('text', 'Key: ' + NO_BREAK.join('{g%d}' % i for i in range(1, 9)), 'g3 g6'),
    ('text', 'Key:\r\n    {g1}-{g2}-{g3}-{g4}-\r\n    {g5}-{g6}-{g7}-{g8}\r\n', 'g3 g6'),
    ('text', 'Key:\n{g1}\n{g2}\n{g3}\n{g4}\n{g5}\n{g6}\n{g7}\n{g8}\n', 'g3 g6'),
    ('text', 'Key:\t{g1}\t{g2}\t{g3}\t{g4}\t{g5}\t{g6}\t{g7}\t{g8}', 'g3 g6'),
    ('text', 'Kennwort: {g1} - {g2} - {g3} - {g4} - {g5} - {g6} - {g7} - {g8}', 'g3 g6'),
    ('text', 'id{{12}},{g1}_{g2}_{g3}_{g4}_{g5}_{g6}_{g7}_{g8}', 'g3 g6'),
    ('text', '"key":"{g1}-{g2}-{g3}-{g4}-{g5}-{g6}-{g7}-{g8}","id":"x"', 'g3 g6'),
    ('text', 'manage-bde -unlock C: -RecoveryPassword {g1}-{g2}-{g3}-{g4}-{g5}-{g6}-{g7}-{g8}', 'g3 g6'),
    ('text', 'backed up {g1}-{g2}-{g3}-{g4}-{g5}-{g6} (cut)', 'g3 g5'),
    ('registry', REG + '"A"=hex(7):{multi_groups}\r\n', 'g3_wide g6_wide'),
    ('text', 'Key: ' + '.'.join('{g%d}' % i for i in range(1, 9)) + '.', 'g3 g6'),
    ('text', 'Key: ' + '&ndash;'.join('{g%d}' % i for i in range(1, 9)), 'g3 g6'),
    ('text', 'Key: ' + '=E2=80=91'.join('{g%d}' % i for i in range(1, 9)), 'g3 g6'),
    ('text', '<td>' + '</td><td>'.join('{g%d}' % i for i in range(1, 9)) + '</td>', 'g3 g6'),
    ('text', '1 of 2: {g1}-{g2}-{g3}-{g4}', 'g1 g3'),
    ('json', '{{"a":["{g1}-{g2}-{g3}","{g4}-{g5}-{g6}-{g7}-{g8}"]}}', 'g3 g6'),
    ('json', '{{"a":[{{"n":"x","v":"{g1}-{g2}"}},{{"n":"y","v":"{g3}-{g4}"}},{{"v":"{g5}-{g6}-{g7}-{g8}"}}]}}', 'g3 g6'),
    ('registry', REG + '"A"="{g1}-{g2}-{g3}"\r\n"B"="{g4}-{g5}-{g6}-{g7}-{g8}"\r\n', 'g3 g6'),
    ('state', '{{"rows":[{{"name":"Keys","value":["{g1}-{g2}-{g3}-{g4}-{g5}-{g6}-{g7}-{g8}"]}}]}}', 'g3 g6'),
    # tokens
    ('text', 'Authorization: Bearer {jwt1}\r\n {jwt2}\r\n {jwt3}\r\nHost: x', 'jwt2 jwt3'),
    ('text', 'Authorization:\r\n  Bearer {token}\r\n', 'token'),
    ('text', 'authorization = "bearer {token}"', 'token'),
    ('text', "'Authorization' = \"Bearer {token}\"", 'token'),
    ('text', '\\"Authorization\\":\\"Bearer {token}\\"', 'token'),
    ('text', '-H "Authorization: Bearer {token}" https://x', 'token'),
    ('text', 'access_token%3D{token}%26expires_in%3D3599', 'token'),
    ('text', 'grant_type=refresh_token&amp;refresh_token=0.{token}&amp;client_id=x', 'token'),
    ('text', 'https://x.blob.core.windows.net/a/b.intunewin?sv=2021-08-06&amp;sr=b&amp;sig={sig}&amp;se=1', 'sig'),
    ('text', 'url%3Dhttps%253A%252F%252Fx%253Fsv%253D1%2526sig%253D{sig}%2526se', 'sig'),
    ('text', 'https:\\u002f\\u002fx\\u003fsv=1\\u0026sig={sig}\\u0026sp=r', 'sig'),
    ('text', 'SharedAccessSignature sr=x&sig={sig}&se=1&skn=k', 'sig'),
    ('text', 'DefaultEndpointsProtocol=https;AccountName=x;AccountKey={token}==;EndpointSuffix=core', 'token'),
    ('text', 'Endpoint=sb://x/;SharedAccessKeyName=k;SharedAccessKey={token}=', 'token'),
    ('text', 'Cookie: ESTSAUTH={token}; path=/', 'token'),
    ('text', 'x-ms-RefreshTokenCredential: eyJ0.{token}', 'token'),
    ('text', '{{"id_token":\n  "{token}"\n}}', 'token'),
    ('text', '<wsse:BinarySecurityToken ValueType="x">{token}{token2}</wsse:BinarySecurityToken>', 'token'),
    ('text', '[AAD] RefreshToken is: {token}', 'token'),
    ('text', 'Retrieved AAD token {jwt1}.{jwt2}.{jwt3} for user', 'jwt2 jwt3'),
    ('text', 'aadToken:{token}', 'token'),
    ('text', 'client_secret={pw}&grant_type=client_credentials', 'pw'),
    ('text', 'wrapped eyJhbGciOiJSUzI1NiJ9.\r\n{token}{token2}\r\n{jwt2}{jwt3}\r\nend', 'token token2 jwt2 jwt3'),
    # passwords
    ('text', 'msiexec /i a.msi ADMINPASSWORD={pw} /qn', 'pw'),
    ('text', 'msiexec /i a.msi DBPASSWORD="{pw} {pw2}" SERVER=x /qn', 'pw pw2'),
    ('text', 'setup.exe /p:{pw} /quiet', 'pw'),
    ('text', 'setup.exe /p "{pw}" /user:x', 'pw'),
    ('text', 'tool -Password:{pw} -x', 'pw'),
    ('text', "tool -Password '{pw} {pw2}' -x", 'pw pw2'),
    ('text', 'tool /password {pw}', 'pw'),
    ('text', 'tool --password={pw}', 'pw'),
    ('text', '"command":"tool --password \\"{pw} {pw2}\\" -x"', 'pw pw2'),
    ('text', 'cmdkey /add:srv /user:x /pass:{pw}', 'pw'),
    ('text', 'schtasks /create /tn x /ru corp\\x /rp {pw} /tr y', 'pw'),
    ('text', 'net use * \\\\srv\\share /user:x {pw}', 'pw'),
    ('text', 'net use \\\\srv\\ipc$ {pw} /user:x', 'pw'),
    ('text', 'C:\\Windows\\system32\\net.exe user helper {pw} /add', 'pw'),
    ('text', 'net user helper {pw} /add', 'pw'),
    ('text', 'sc config x obj= .\\svc password= {pw}', 'pw'),
    ('text', 'certutil -f -p {pw} -importpfx a.pfx', 'pw'),
    ('text', '$p = ConvertTo-SecureString -String "{pw}" -AsPlainText -Force', 'pw'),
    ('text', 'powershell -EncodedCommand {encoded_command}', 'encoded_command'),
    ('text', 'Server=tcp:x;Database=y;User Id=z;Password={pw};Encrypt=true', 'pw'),
    ('text', 'Data Source=x;uid=y;pwd={pw};', 'pw'),
    ('text', 'ldaps://binduser:{pw}@dc.example/', 'pw'),
    ('text', 'proxy https://someone:{pw}%40@proxy.example:8080', 'pw'),
    ('text', '<AdministratorPassword><Value>{pw}</Value><PlainText>true</PlainText></AdministratorPassword>', 'pw'),
    ('text', '<Password>\r\n  <Value>{pw}</Value>\r\n</Password>', 'pw'),
    ('text', '<sharedKey><keyType>passPhrase</keyType><protected>false</protected><keyMaterial>{pw}</keyMaterial>', 'pw'),
    ('text', '&lt;keyMaterial&gt;{pw}&lt;/keyMaterial&gt;', 'pw'),
    ('text', '    Key Content            : {pw}', 'pw'),
    ('text', '    Schl\u00fcsselinhalt       : {pw}', 'pw'),
    ('text', '    Contenu de la cl\u00e9     : {pw}', 'pw'),
    ('text', '    Contenido de la clave  : {pw}', 'pw'),
    ('text', '    Contenuto chiave       : {pw}', 'pw'),
    ('registry', REG + '"DefaultPassword"="{pw}"\r\n"AutoAdminLogon"="1"\r\n', 'pw'),
    ('registry', REG + '"Args"=hex(7):{multi_password}\r\n', 'pw_wide'),
    ('registry', REG + '"@"="x"\r\n@="setup /password={pw}"\r\n', 'pw'),
    ('registry', REG + '"UninstallString"="MsiExec.exe /X{{1}} PASSWORD={pw}"\r\n', 'pw'),
    ('json', '{{"args":["--user","x","--password","{pw}"]}}', 'pw'),
    ('json', '{{"settings":[{{"name":"ClientSecret","value":"{pw}"}}]}}', 'pw'),
    # settings as pairs
    ('text', '<add key="ProxyPassword" value="{pw}" />', 'pw'),
    ('text', 'policies = [{{"name":"ClientSecret","value":"{pw}"}}]', 'pw'),
    ('text', '[{{\\"name\\":\\"password\\", \\"value\\":\\"{pw}\\"}}]', 'pw'),
    # elements with attributes
    ('text', '<Password Type="PasswordText">{pw}</Password>', 'pw'),
    ('text', '<wsse:Password Type="http://x/y#PasswordText">\r\n  {pw}\r\n</wsse:Password>', 'pw'),
    ('text', "<x:ClientSecret enc='none' >{pw}</x:ClientSecret>", 'pw'),
    ('text', '<AdministratorPassword wcm:action="add"><Value>{pw}</Value></AdministratorPassword>', 'pw'),
    ('text', '<Password id="1"><![CDATA[{pw}]]></Password>', 'pw'),
    ('text', '&lt;Password Type=&quot;x&quot;&gt;{pw}&lt;/Password&gt;', 'pw'),
    ('text', '%3CPassword%20Type%3D%22x%22%3E{pw}%3C%2FPassword%3E', 'pw'),
    ('text', '"xml":"\\u003cPassword Type=\\"x\\"\\u003e{pw}\\u003c/Password\\u003e"', 'pw'),
    ('text', 'wide {wide_element} end', 'wide_element'),
    ('registry', REG + '"Xml"="<Password a=\\"b\\">{pw}</Password>"\r\n', 'pw'),
    ('registry', REG + '"Xml"=hex(7):{multi_element}\r\n', 'pw_wide'),
    ('json', '{{"xml":"<Password Type=\\"x\\">{pw}</Password>"}}', 'pw'),
    # names with a password
    ('text', 'curl -u {user}:{pw} https://x', 'pw'),
    ('text', 'curl.exe -s -u "{user}:{pw} {pw2}" https://x', 'pw pw2'),
    ('text', 'curl --user {user}:{pw} -o x https://x', 'pw'),
    ('text', "curl --user='{user}:{pw}' https://x", 'pw'),
    ('text', 'curl --proxy-user {user}:{pw} --proxy x', 'pw'),
    ('text', 'curl -U {user}:{pw} -x proxy https://x', 'pw'),
    ('text', 'cmd%20%2Fc%20curl%20-u%20{user}%3A{pw}%20https', 'pw'),
    ('text', '"cmd":"curl -u \\"{user}:{pw}\\" https://x"', 'pw'),
    ('text', '&quot;curl&quot; -u &quot;{user}:{pw}&quot;', 'pw'),
    ('registry', REG + '"Cmd"="curl -u {user}:{pw} x"\r\n', 'pw'),
    ('json', '{{"args":["curl","-u","{user}:{pw}","https://x"]}}', 'pw'),
    ('text', 'powershell -EncodedCommand {encoded_curl}', 'encoded_curl'),
    # codes of sign-ins in addresses
    ('text', 'https://x/callback?code=0.{token}&state=12', 'token'),
    ('text', 'https://x/?state=12&code=M.C507_BL2.2.U.{token}&session_state=1', 'token'),
    ('text', 'ms-appx-web://x/y#code={token}&client_info=z', 'token'),
    ('text', 'https://x/?a=b&amp;code=1.{token}&amp;c=d', 'token'),
    ('text', 'redirect%3Dhttps%253A%252F%252Fx%253Fcode%253D0.{token}%2526state', 'token'),
    ('text', 'https://x.azurewebsites.net/api/y?code={token}==', 'token'),
    ('text', '"url":"https:\\/\\/x\\/?code=0.{token}\\u0026state=1"', 'token'),
    ('text', 'POST grant_type=authorization_code&code=0.{token}&redirect_uri=x&code_verifier={token2}', 'token token2'),
    ('registry', REG + '"Url"="https://x/?code=0.{token}"\r\n', 'token'),
    ('json', '{{"url":"https://x/?code=0.{token}"}}', 'token'),
    # keys and blobs
    ('text', 'OwnerAuthFull : {token}', 'token'),
    ('text', 'x-functions-key: {token}', 'token'),
    ('text', 'Ocp-Apim-Subscription-Key: {token}', 'token'),
    ('text', '<BPRT>{token}</BPRT>', 'token'),
    ('text', '&quot;password&quot;:&quot;{pw}&quot;', 'pw'),
    ('text', 'odj blob {odj} end', 'odj_part'),
    ('text', 'blob AQAAANCMnd8BFdERjHoAwE/Cl+sBAAAA{token}{token2} end', 'token'),
    ('text', '-----BEGIN OPENSSH PRIVATE KEY-----\\n{token}\\n-----END OPENSSH PRIVATE KEY-----', 'token'),
    ('text', '-----BEGIN ENCRYPTED PRIVATE KEY-----\r\n{token}\r\n{token2}\r\n(cut)', 'token token2'),
]

# form, text: nothing of it is a secret or an identity
KEPT = [
    ('text', 'https://x/?code=0x80073CF4&message=no'),
    ('text', 'https://x/?error=access_denied&code=53000#code=530003'),
    ('text', 'https://x/?code=ERROR_INSTALL_OUT_OF_DISK_SPACE&x=1'),
    ('text', 'https://x/?code=-2147009292'),
    ('text', 'code=0x80073CF4 ErrorCode=0.00000000000000000000001 code: none'),
    ('text', '<Code Type="HRESULT">0x80073CF4</Code> <Message lang="en">Password policy applied</Message>'),
    ('text', '<Password Type="x"></Password> <Password Type="x">null</Password> <Password Type="x"/>'),
    ('text', 'sort -u C:\\x\\y.txt; docker run -u 1000:1000 x; at -u 10:15:00; get --user all -u https://x/y'),
    ('json', '{{"args":["-u","10:15:00","--user","all"],"code":"ERROR_INSTALL_OUT_OF_DISK_SPACE2"}}'),
    ('registry', REG + '"Code"="A1B2C3D4E5F6.A1B2C3D4E5F6.A1"\r\n'),
]

# form, text, what must be gone, what must stay
IDENTITIES = [
    # accounts
    ('text', 'for {user}+test@{dom}.example now', 'user dom', ''),
    ('text', 'for {user}_{dom}.com#EXT#@{org}.onmicrosoft.com then {user}@{dom}.com', 'user dom org', ''),
    ('text', 'https://x/?login_hint={user}%2540{org}.onmicrosoft.com&a=b', 'user org', 'login_hint'),
    ('text', "o'{user}@{dom}.example", 'user dom', ''),
    ('text', 'mailto:{user}@{dom}.example', 'user dom', ''),
    ('text', 'upn:{user}@{dom}.example,sid', 'user dom', ''),
    ('text', 'After impersonation: {ORG}\\{user}', 'user org', 'impersonation'),
    ('text', 'AzureAD\\{User}{Last} signed in', 'user last', ''),
    ('text', 'Executing Account Name : {ORG}\\{user}, {user}@{dom}.example', 'user org dom', ''),
    ('text', 'C:\\{Users}\\{user}.{last}.{ORG}\\AppData; {user}.{last} again', 'user last org', 'AppData'),
    ('text', 'C:\\{Users}\\{user}.{last}\\AppData and {User} {Last}', 'user last', ''),
    ('text', 'file:///C:/{Users}/{user}{last}/x and %5CUsers%5C{user}{last}%5Cy', 'user last', ''),
    ('text', '\\\\?\\C:\\{Users}\\{user}\\x', 'user', ''),
    ('text', 'HKU\\S-1-12-1-{n1}-{n2}-{n3}-{n4}_Classes\\x', 'n2 n3', '_Classes'),
    ('text', 'HKEY_USERS\\S-1-5-21-{n1}-{n2}-{n3}-1001\\Software', 'n2 n3', 'Software'),
    ('text', 'sid S-1-12-1-{n1}-{n2}-{n3}-{n4}.', 'n2 n3', ''),
    ('text', 'UserSid=S%2D1%2D12%2D1%2D{n1}%2D{n2}%2D{n3}%2D{n4}', 'n2 n3', ''),
    ('text', 'https://graph.microsoft.com/v1.0/users/{guid}/x', 'guid', 'graph.microsoft.com'),
    ('text', '\tAccount Name:\t\t{user}\r\n\tAccount Domain:\t\t{ORG}\r\n', 'user org', ''),
    ('text', 'C:\\x\\OneDrive - {Org} Ltd\\Desktop', 'org', 'Desktop'),
    # device
    ('text', 'DeviceName={host}', 'host', ''),
    ('text', 'host DESKTOP-{d7} joined, LAPTOP-{d8} left, WIN-{d11} too', 'd7 d8 d11', 'joined'),
    ('text', 'desktop-{l7}.{dom}.example', 'l7', ''),
    ('text', '   Host Name . . . . . . . . . . . . : {host}', 'host', ''),
    ('text', 'Host Name:                 {host}', 'host', ''),
    ('text', '   Primary Dns Suffix  . . . . . . . : {dom}.example', 'dom', ''),
    ('text', 'Logon Server:              \\\\{host}', 'host', ''),
    ('text', 'copy \\\\{host}\\share$\\a.msi C:\\x', 'host', 'a.msi'),
    ('text', '"src":"\\\\\\\\{host}\\\\share\\\\a.msi"', 'host', 'a.msi'),
    ('text', 'at \\\\{host}.{dom}.example\\c$\\x', 'host', ''),
    ('text', 'SerialNumber  \r\r\n{serial}  \r\r\n', 'serial', ''),
    ('text', 'SerialNumber\r\n------------\r\n{serial}\r\n', 'serial', ''),
    ('text', 'SerialNumber={serial}', 'serial', ''),
    ('text', 'Serial Number: {serial}', 'serial', ''),
    ('text', 'IdentifyingNumber={serial}', 'serial', ''),
    ('text', 'Service Tag : {serial}', 'serial', ''),
    ('text', 'UUID  \r\r\n{GUID}  \r\r\n', 'guid', ''),
    ('text', 'Device Serial Number,Windows Product ID,Hardware Hash\r\n{serial},,T0{hash}\r\n', 'serial hash_part', ''),
    ('text', 'hash T0{hash_lines} end', 'hash_part hash_last', ' end'),
    ('text', 'managedDevices/{guid}/sync', 'guid', 'managedDevices'),
    ('text', "deviceManagement/managedDevices('{guid}')", 'guid', 'managedDevices'),
    ('text', 'EntDMID : {guid}', 'guid', ''),
    # tenant
    ('text', 'https://login.microsoftonline.com:443/{guid}/oauth2', 'guid', 'oauth2'),
    ('text', 'https://login.partner.microsoftonline.cn/{guid}/oauth2', 'guid', ''),
    ('text', 'https%3A%2F%2Flogin.microsoftonline.com%2F{guid}%2Foauth2', 'guid', ''),
    ('text', 'https%253A%252F%252Fsts.windows.net%252F{guid}%252F', 'guid', ''),
    ('text', 'for tenant {guid} in', 'guid', 'tenant'),
    ('text', 'tenant id {guid} in', 'guid', 'tenant'),
    ('text', 'tenant: {{{guid}}}', 'guid', ''),
    ('text', 'tid={guid}&x', 'guid', ''),
    ('text', 'AccountId: {guid}', 'guid', ''),
    ('text', 'Tenant GUID = {guid}', 'guid', ''),
    ('text', 'https://{org}.sharepoint.com/x and https://{org}-my.sharepoint.com/personal/{user}_{org}_com/', 'org', ''),
    ('text', '{org}.onmicrosoft.us and {org}.b2clogin.com', 'org', ''),
    ('text', 'WorkplaceTenantId : {guid}', 'guid', ''),
    ('text', 'WorkplaceTenantName : {Org} Ltd', 'org', ''),
    ('text', 'subject CN={host}, OU=Devices, O={Org} Ltd, DC={org}, DC=example', 'host org', ''),
    ('text', 'subject CN = {host}, O = {Org}', 'host org', ''),
    ('text', 'subject CN={guid}', 'guid', ''),
    # networks
    ('text', 'from fe80::{x1}:{x2}%12 to', 'x1 x2', '%12'),
    ('text', 'from ::ffff:10.{b1}.{b2}.{b3} to', 'quad', ''),
    ('text', 'from [2001:db8:{x1}::{x2}]:443 to', 'x1 x2', '443'),
    ('text', 'from 10.{b1}.{b2}.{b3}:49152', 'quad', '49152'),
    ('text', '   IPv4 Address. . . . . . . . . . . : 192.168.{b1}.{b2}(Preferred)', 'b1.b2', ''),
    ('text', 'mac {mac} and', 'mac', ''),
    ('text', 'mac {mac_colons} and', 'mac_colons', ''),
    ('text', 'mac {mac_dots} and', 'mac_dots', ''),
    ('text', 'MACAddress={mac_plain}', 'mac_plain', ''),
    ('text', '   Physical Address. . . . . . . . . : {mac}\r\n   DHCPv6 Client DUID. . . . . . . . : '
             '00-01-00-01-2A-3B-4C-5D-{mac}', 'mac', ''),
    ('text', 'client 01-{mac} lease', 'mac', ''),
    ('text', '    SSID                   : {ssid} {ssid2}', 'ssid ssid2', ''),
    ('text', 'SSID 1 : {ssid} {ssid2}', 'ssid ssid2', ''),
    ('text', '    All User Profile     : {ssid}', 'ssid', ''),
    ('text', '    Profil f\u00fcr alle Benutzer : {ssid}', 'ssid', ''),
    ('text', '    Profil Tous les utilisateurs    : {ssid}', 'ssid', ''),
    ('text', '    Perfil de todos los usuarios     : {ssid}', 'ssid', ''),
    ('text', '    SSID-Name              : "{ssid}"', 'ssid', ''),
    ('text', '    Nom du SSID            : \u00ab {ssid} \u00bb', 'ssid', ''),
    ('text', '<SSID><hex>00</hex><name>{ssid}</name></SSID>', 'ssid', ''),
    ('text', '<WLANProfile xmlns="x"><name>{ssid}</name><SSIDConfig>', 'ssid', ''),
]


def values(rng):
    v = {'g%d' % i: '%06d' % (11 * rng.randint(1, 65535)) for i in range(1, 9)}
    for name, n in (('token', 44), ('token2', 60), ('jwt2', 60), ('jwt3', 40), ('sig', 43)):
        v[name] = plant.token(rng, n).replace('-', 'A').replace('_', 'B')
    v['jwt1'] = 'eyJ' + plant.hexa(rng, 20)
    for name in ('user', 'last', 'dom', 'org', 'ssid', 'ssid2'):
        v[name] = plant.word(rng, 8, 10)
    v.update(User=v['user'].title(), Last=v['last'].title(), Org=v['org'].title(), ORG=v['org'].upper())
    v.update(pw=plant.word(rng) + '!7' + plant.word(rng, 4, 4), pw2=plant.word(rng))
    v.update({'n%d' % i: str(rng.randint(10**9, 2**32 - 1)) for i in range(1, 5)})
    v.update({'b%d' % i: str(rng.randint(20, 250)) for i in range(1, 4)})
    v.update({'x%d' % i: '%x' % rng.randint(0x1001, 0xffff) for i in range(1, 3)})
    v['Users'] = 'Users'  # or the lint takes the rows for folders of somebody
    v['quad'] = '%(b1)s.%(b2)s.%(b3)s' % v
    v['b1.b2'] = '%(b1)s.%(b2)s' % v
    v['guid'] = str(uuid.UUID(int=rng.getrandbits(128)))
    v['GUID'] = v['guid'].upper()
    v['host'] = 'PC-' + plant.word(rng, 8, 8).upper()
    v['serial'] = '5C' + plant.hexa(rng, 8).upper() + 'Q'
    for name, n in (('d7', 7), ('d8', 8), ('d11', 11), ('l7', 7)):
        v[name] = ''.join(rng.choice('ABCDEFGHJKLMNPQRSTUVWXYZ') for _ in range(n - 1)) + rng.choice('0123456789')
    v['l7'] = v['l7'].lower()
    pairs = ['A1'] + [plant.hexa(rng, 2).upper() for _ in range(5)]
    v.update(mac='-'.join(pairs), mac_colons=':'.join(pairs).lower(), mac_plain=''.join(pairs))
    plain = v['mac_plain'].lower()
    v['mac_dots'] = '.'.join((plain[:4], plain[4:8], plain[8:]))
    v['hash'] = plant.token(rng, 3000).replace('-', 'A').replace('_', 'B')
    v['hash_lines'] = '\r\n'.join(v['hash'][i:i + 76] for i in range(0, 3000, 76))
    v.update(hash_part=v['hash'][800:830], hash_last=v['hash'][-30:])
    v['encoded_command'] = base64.b64encode(('net user helper %s /add' % v['pw']).encode('utf-16-le')).decode()
    curl = 'curl -u %s:%s https://x' % (v['user'], v['pw'])
    v['encoded_curl'] = base64.b64encode(curl.encode('utf-16-le')).decode()
    element = '<Password Type="x">%s</Password>' % v['pw']
    v['wide_element'] = base64.b64encode(element.encode('utf-16-le')).decode()
    v['multi_element'] = plant.lines((element + '\0\0').encode('utf-16-le')).replace('\n', '\r\n')
    odj = base64.b64encode(b'\x01\x10\x08\x00\xcc\xcc\xcc\xcc' + rng.randbytes(600)).decode()
    v.update(odj=odj, odj_part=odj[200:240])
    groups = '\0'.join(v['g%d' % i] for i in range(1, 9)) + '\0\0'
    v['multi_groups'] = plant.lines(groups.encode('utf-16-le')).replace('\n', '\r\n')
    v['multi_password'] = plant.lines(('x\0/password=%s\0\0' % v['pw']).encode('utf-16-le')).replace('\n', '\r\n')
    for name in ('pw', 'g3', 'g6'):
        v[name + '_wide'] = plant.reg_hex(v[name].encode('utf-16-le'))
    return v


def left_in(out, names, v):
    flat = out.replace('\\\n  ', '').replace('\\\r\n  ', '').lower()
    return [name for name in names.split() if v[name].lower() in flat]


def redact(program, level, form, texts, folder):
    """What became of each text, each alone."""
    outs = []
    for i, text in enumerate(texts):
        source, target = os.path.join(folder, '%d.in' % i), os.path.join(folder, '%d.out' % i)
        with open(source, 'w', encoding='utf-8', newline='') as file:
            file.write(text)
        done = subprocess.run([program, level, 'x', form[i], source, target], capture_output=True, timeout=60)
        if done.returncode:
            sys.exit('redact_file: exit %d: %s' % (done.returncode, done.stderr.decode()[:300]))
        with open(target, encoding='utf-8', newline='') as file:
            outs.append(file.read())
    return outs


def events(program, texts, folder):
    """What `events` prints of each."""
    path = os.path.join(folder, 'spellings.xml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('<Events>%s</Events>' % ''.join(
            plant.event(None, i + 1, 'Made-Up', 7, [('Message', plant.clean(text))]).replace('\r', '&#13;')
            for i, text in enumerate(texts)))
    done = subprocess.run([program, 'events', path], capture_output=True, timeout=60, check=True)
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    if len(lines) != len(texts):
        sys.exit('events: %d lines of %d' % (len(lines), len(texts)))
    return [json.dumps(line, ensure_ascii=False) for line in lines]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--redact', required=True)
    parser.add_argument('--espdiag')
    parser.add_argument('--seed', type=int, default=random.SystemRandom().getrandbits(48))
    parser.add_argument('--only', default='')
    args = parser.parse_args()
    v = values(random.Random(args.seed))
    rows = [(form, text, gone, '', True) for form, text, gone in SECRETS]
    rows += [row + (False,) for row in IDENTITIES]
    rows = [(form, text.format(**v), gone, kept, secret) for form, text, gone, kept, secret in rows
            if args.only in text]
    kept_rows = [(form, text.format(**v)) for form, text in KEPT if args.only in text]
    bad = []
    with tempfile.TemporaryDirectory() as folder:
        for level in ('none', 'standard', 'strict'):
            outs = redact(args.redact, level, [row[0] for row in rows], [row[1] for row in rows], folder)
            for (form, text, gone, kept, secret), out in zip(rows, outs):
                if left_in(text, gone, v) != gone.split():
                    bad.append('row is wrong: %r' % text[:100])
                left = left_in(out, gone, v)
                if left and (secret or level != 'none'):
                    bad.append('%s: %s left of %r: %r' % (level, ' '.join(left), text[:110], out[:160]))
                if not secret and level == 'none' and left != gone.split():
                    bad.append('none: names gone that nobody asked to go: %r' % text[:110])
                if kept and level != 'strict' and kept not in out:
                    bad.append('%s: %s is gone too: %r' % (level, kept, out[:160]))
            outs = redact(args.redact, level, [row[0] for row in kept_rows], [row[1] for row in kept_rows], folder)
            for (_, text), out in zip(kept_rows, outs):
                if level != 'strict' and out != text:
                    bad.append('%s: %r became %r' % (level, text, out))
        if args.espdiag:
            secret_rows = [row for row in rows if row[4] and row[0] == 'text']
            outs = events(args.espdiag, [row[1] for row in secret_rows], folder)
            for (form, text, gone, _, _), out in zip(secret_rows, outs):
                left = left_in(out, gone, v)
                if left:
                    bad.append('events: %s left of %r: %r' % (' '.join(left), text[:110], out[:300]))
    for line in bad[:200]:
        print(line)
    print('%d spellings, %d look-alikes, %d bad (seed %d)' % (len(rows), len(kept_rows), len(bad), args.seed))
    sys.exit(1 if bad else 0)


if __name__ == '__main__':
    main()
