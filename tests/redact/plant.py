#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plants secrets and identities in every form of evidence and encoding, and searches for them.

usage: plant.py --redact PROGRAM [--seed N] [--keep FOLDER] LEVEL

The searcher shares nothing with the program: it undoes encodings as far as it can (XML, JSON and
percent escapes, base64 of both alphabets, hex with and without separators, .reg data, UTF-16 at
either offset), three deep, and looks for every value without regard to case. Secrets must be gone at
every level, identities at standard and strict; with level none the identities must still be there,
or the search proves nothing.
"""
import argparse
import base64
import html
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import uuid
from urllib.parse import quote, unquote_to_bytes
from xml.sax.saxutils import escape, quoteattr

LETTERS = 'abcdefghijklmnopqrstuvwxyz'
URL64 = LETTERS + LETTERS.upper() + '0123456789-_'


def word(rng, least=7, most=11):
    return ''.join(rng.choice(LETTERS) for _ in range(rng.randint(least, most)))


def token(rng, n):
    return ''.join(rng.choice(URL64) for _ in range(n - 2)) + 'x7'


def hexa(rng, n):
    return ''.join(rng.choice('0123456789abcdef') for _ in range(n))


# ---- values: (kind, value, text that holds it, what must not be found) ----

def recovery(rng):
    groups = ['%06d' % (11 * rng.randint(1, 65535)) for _ in range(8)]
    joint = rng.choice(['-', '-', ' ', '', '\u2013', ' - ', '\r\n', ':'])
    return joint.join(groups), '-'.join(groups)


def jwt(rng):
    head = base64.urlsafe_b64encode(json.dumps({'alg': 'RS256', 'typ': 'JWT', 'n': token(rng, 8)}).encode())
    return head.decode().rstrip('=') + '.' + token(rng, 80) + '.' + token(rng, 60)


def private_key(rng):
    body = b'\x30\x82\x04\xbd\x02\x01\x00\x30\x0d' + bytes(rng.getrandbits(8) for _ in range(300))
    return base64.b64encode(body).decode()


def secrets(rng):
    made = []
    for _ in range(12):
        spelled, plain = recovery(rng)
        made.append(('recovery', 'Key: %s.' % spelled, plain))
        value = jwt(rng)
        made.append(('jwt', 'got %s for it' % value, value.split('.')[1]))
        value = token(rng, 48)
        made.append(('bearer', 'Authorization: Bearer %s' % value, value))
        value = token(rng, 40)
        made.append(('bearer-only', 'sent bearer %s ok' % value, value))
        value = '0.A' + token(rng, 90)
        made.append(('refresh', 'stored %s now' % value, value))
        value = token(rng, 43)
        made.append(('sas', 'https://x.blob.core.windows.net/a/b.zip?sv=2020-08-04&se=2026&sig=%s&sp=r' % value, value))
        value = private_key(rng)
        made.append(('pkcs8', 'key %s end' % value, value[12:60]))
        pem = '-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----' % '\n'.join(
            re.findall('.{1,64}', value[::-1]))
        made.append(('pem', pem, value[::-1][5:50]))
        value = word(rng) + '!9' + word(rng)
        made.append(('password', rng.choice([
            'setup.exe /p:%s /quiet', 'tool --password %s --force', 'plink -pw %s host',
            'a /password=%s b', 'password=%s', 'net use Z: \\\\srv\\share %s /user:corp', 'pwd: %s',
            '"password": "%s"', '<Password>%s</Password>', 'psexec -u adm -p %s cmd',
            'ConvertTo-SecureString "%s" -AsPlainText', 'net user helper %s /add',
            'https://someone:%s@proxy.example/', 'ProxyPassword = %s']) % value, value))
        value = token(rng, 64)
        made.append(('prt', rng.choice(['"refresh_token":"%s"', 'prt=%s', 'aadToken: %s',
                                        'AuthToken=%s;', 'x-ms-RefreshTokenCredential: %s',
                                        'AccessToken = %s', "'id_token': '%s'"]) % value, value))
    return made


def identities(rng):
    """kind -> values that a typed field gives away, and texts with them."""
    made = []
    for _ in range(9):
        first, last = word(rng), word(rng)
        domain = word(rng) + '.example'
        made.append(('UserEmail', '%s.%s@%s' % (first, last, domain), '%s.%s' % (first, last)))
        made.append(('UserName', word(rng), None))
        made.append(('Sid', 'S-1-12-1-%d-%d-%d-%d' % tuple(rng.randint(10**8, 2**32 - 1) for _ in range(4)), None))
        made.append(('Sid', 'S-1-5-21-%d-%d-%d-1001' % tuple(rng.randint(10**8, 2**32 - 1) for _ in range(3)), None))
        made.append(('ComputerName', 'PC-' + word(rng, 8, 9).upper(), None))
        made.append(('SerialNumber', hexa(rng, 10).upper() + 'Q', None))
        made.append(('TenantId', str(uuid.UUID(int=rng.getrandbits(128))), None))
        made.append(('TenantDomain', word(rng) + rng.choice(['.onmicrosoft.com', '.example']), None))
        made.append(('IPAddress', '10.%d.%d.%d' % tuple(rng.randint(1, 250) for _ in range(3)), None))
        made.append(('IPAddress', '2001:db8:%x:%x::%x' % tuple(rng.randint(0x1000, 0xffff) for _ in range(3)), None))
        made.append(('MACAddress', rng.choice('-:').join(hexa(rng, 2) for _ in range(6)).upper(), None))
        made.append(('SSID', word(rng) + ' ' + word(rng, 4, 6), None))
        made.append(('HardwareHash', 'T0' + token(rng, 2000).replace('-', 'A').replace('_', 'B'), None))
        made.append(('Subject', 'CN=' + word(rng) + ' ' + word(rng), None))
    return made


def identity_text(rng, kind, value):
    if kind == 'UserName':
        return rng.choice(['copied C:\\Users\\%s\\AppData\\x.log now', 'for %s at logon', 'AzureAD\\%s did'
                           ]) % value
    return rng.choice(['found %s here', 'value %s', '(%s) seen', 'a %s b']) % value


# ---- encodings: text -> text ----

def reg_hex(raw):
    return ','.join('%02x' % b for b in raw)


ENCODINGS = {
    'plain': lambda t: t,
    'upper': None,  # identities only
    'xml': escape,
    'xml-numeric': lambda t: ''.join('&#x%x;' % ord(c) if not c.isspace() else c for c in t),
    'json': lambda t: json.dumps(t)[1:-1],
    'json-unicode': lambda t: ''.join('\\u%04x' % ord(c) for c in t),
    'percent': lambda t: quote(t, safe=''),
    'percent-all': lambda t: ''.join('%%%02X' % b for b in t.encode()),
    'base64': lambda t: base64.b64encode(t.encode()).decode(),
    'base64-utf16': lambda t: base64.b64encode(t.encode('utf-16-le')).decode(),
    'base64url': lambda t: base64.urlsafe_b64encode(t.encode()).decode().rstrip('='),
    'hex': lambda t: t.encode().hex(),
    'hex-utf16': lambda t: t.encode('utf-16-le').hex().upper(),
    'hex-utf16be': lambda t: t.encode('utf-16-be').hex().upper(),
    'hex-dashes': lambda t: '-'.join('%02X' % b for b in t.encode()),
    'hex-commas': lambda t: reg_hex(t.encode('utf-16-le')),
    'json-in-percent': lambda t: quote(json.dumps({'v': t}), safe=''),
    'base64-of-json': lambda t: base64.b64encode(json.dumps({'v': t}).encode()).decode(),
    'hex-in-binary': lambda t: '0102ff00' + t.encode('utf-16-le').hex() + '0000fe01',
}


# ---- forms: many texts -> bytes ----

def event(rng, i, provider, number, fields, computer='PC-NEUTRAL', user='S-1-5-18', message=None):
    data = ''.join('<Data%s>%s</Data>' % (' Name=%s' % quoteattr(n) if n else '', escape(v)) for n, v in fields)
    render = '<RenderingInfo Culture="en-US"><Message>%s</Message></RenderingInfo>' % escape(message) if message else ''
    return ('<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="%s"/>'
            '<EventID>%d</EventID><TimeCreated SystemTime="2026-09-14T08:15:07.1234567Z"/>'
            '<EventRecordID>%d</EventRecordID><Channel>System</Channel><Computer>%s</Computer>'
            '<Security UserID="%s"/></System><EventData>%s</EventData>%s</Event>\n'
            % (provider, number, i, escape(computer), user, data, render))


def clean(text):
    return re.sub('[\x00-\x08\x0b\x0c\x0e-\x1f]', '?', text)


def as_events(rng, texts):
    out = ['<?xml version="1.0" encoding="utf-8"?>\n<Events>\n']
    for i, text in enumerate(texts):
        text = clean(text)
        where = i % 5
        if where == 4:
            out.append('<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>'
                       '<Provider Name="X"/><EventID>9</EventID></System><UserData><Thing xmlns="urn:x" note=%s>'
                       '<Inner>%s</Inner></Thing></UserData></Event>\n' % (quoteattr(text), escape(text)))
            continue
        fields = [[('Message', text)], [('', text)], [('AdditionalInformation', text)], [('Binary', text)]][where]
        out.append(event(rng, i + 1, 'Microsoft-Windows-AAD', 1098, fields, message=text if where == 2 else None))
    return ''.join(out + ['</Events>\n']).encode()


def as_reg(rng, texts):
    out = ['Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Example]\n']
    for i, text in enumerate(texts):
        text = clean(text)
        quoted = text.replace('\\', '\\\\').replace('"', '\\"')
        wide = text.encode('utf-16-le')
        kinds = ['"v%d"="%s"\n' % (i, quoted),
                 '"v%d"=hex(1):%s\n' % (i, lines(wide + b'\0\0')),
                 '"v%d"=hex(2):%s\n' % (i, lines(wide + b'\0\0')),
                 '"v%d"=hex(7):%s\n' % (i, lines('first'.encode('utf-16-le') + b'\0\0' + wide + b'\0\0\0\0')),
                 '"v%d"=hex:%s\n' % (i, lines(text.encode())),
                 '"v%d"=hex:%s\n' % (i, lines(b'\x01\x02\xff' + wide + b'\0\0\xfe'))]
        if '\n' not in text and len(text) < 300:
            kinds.append('"%s"=dword:00000001\n' % quoted)
        out.append(kinds[i % len(kinds)])
        if i % 7 == 0 and not set('\n\\]') & set(text) and len(text) < 200:
            out.append('\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Example\\%s]\n' % text)
    return ''.join(out).encode()


def lines(raw):
    pairs = ['%02x' % b for b in raw]
    rows = [','.join(pairs[i:i + 25]) for i in range(0, len(pairs), 25)]
    return ',\\\n  '.join(rows)


def as_state(rng, texts):
    rows = [{'path': 'C:' if i % 3 else t, 'name': 'Note', 'value': t} for i, t in enumerate(texts)]
    return json.dumps({'schema': 'espdiag.state/1', 'area': 'identity', 'rows': rows}, indent=1,
                      ensure_ascii=bool(rng.getrandbits(1))).encode()


def as_json(rng, texts):
    value = {'list': texts[::2], 'map': {'k%d' % i: {'note': t} for i, t in enumerate(texts[1::2])},
             'real': 1.5e3, 'big': 12345678901234567890, 'no': None, 'yes': True}
    for i, t in enumerate(texts[:5]):
        value['map'][t] = i
    return json.dumps(value).encode()


def as_bootlog(rng, texts):
    return json.dumps({'schema': 'espdiag.bootlog/1', 'name': '0000000042-0000000000.log', 'log': ' '.join(texts),
                       'events': 3, 'records': [{'name': 'BitlockerUnlock', 'value': 4}]}).encode()


def as_run(rng, texts):
    return json.dumps({'schema': 'espdiag.run/1', 'coverage': [
        {'source': t, 'channel': False, 'state': 'denied', 'lost': 0, 'why': t} for t in texts]}).encode()


def as_text(rng, texts):
    out = []
    for i, t in enumerate(texts):
        if i % 3 == 0:
            out.append('<![LOG[%s]LOG]!><time="10:02:03.1234567" date="9-14-2026" component="IME" context="" '
                       'type="1" thread="5" file="">' % t)
        elif i % 3 == 1:
            out.append('2026-09-14 10:02:03 %s' % t)
        else:
            out.append('        Note : %s' % t)
    return ('\r\n'.join(out) + '\r\n').encode()


def as_wide_text(rng, texts):
    return b'\xff\xfe' + as_text(rng, texts).decode().encode('utf-16-le')


FORMS = {'events': as_events, 'registry': as_reg, 'state': as_state, 'json': as_json, 'boot log': as_bootlog,
         'run': as_run, 'text': as_text, 'output': as_json}


def typed_sources(rng, people):
    """What gives the identities away: named fields in three forms."""
    events, reg, rows, dsreg = [], [], [], []
    reg.append('Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Who]\n')
    for i, (kind, value, _) in enumerate(people):
        where = i % 3
        if kind == 'ComputerName' and where == 0:
            events.append(event(rng, i, 'User32', 1074, [('param1', 'x')], computer=value))
        elif kind == 'Sid':
            events.append(event(rng, i, 'User32', 1074, [('param1', 'x')], user=value))
        elif where == 0:
            events.append(event(rng, i, 'Made-Up', 7, [(kind, value)]))
        elif where == 1:
            reg.append('"%s"="%s"\n' % (kind, value.replace('\\', '\\\\')))
        else:
            rows.append({'path': 'identity', 'name': kind, 'value': value})
        dsreg.append('        %s : %s' % (kind, value))
    state = {'schema': 'espdiag.state/1', 'area': 'identity', 'rows': rows}
    return {
        'typed.xml': ('events', ('<Events>%s</Events>' % ''.join(events)).encode()),
        'typed.reg': ('registry', ''.join(reg).encode()),
        'typed.json': ('state', json.dumps(state).encode()),
        'typed.txt': ('text', '\n'.join(dsreg).encode()),
    }


def typed_secrets(rng):
    """Secrets that only their field tells: (value, form, bytes)."""
    out = []
    for _ in range(4):
        v, w = token(rng, 44), '%s@%s.example' % (word(rng), word(rng))
        out.append((v, 'events', event(rng, 1, 'Microsoft-Windows-User Device Registration', 302,
                                       [('Email', w), ('AuthToken', v)]).encode()))
        out.append((w, 'events', out[-1][2]))
        v = word(rng) + ' ' + word(rng)
        out.append((v, 'events', event(rng, 1, 'Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider',
                                       814, [('Message1', 'WiFi'), ('Message5', v)]).encode()))
        v = word(rng)
        out.append((v, 'registry', ('Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\W]\n'
                                    '"DefaultPassword"="%s"\n' % v).encode()))
        v = word(rng)
        out.append((v, 'json', json.dumps({'a': {'clientSecret': v}}).encode()))
        v = word(rng)
        out.append((v, 'registry', ('Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\W]\n'
                                    '"NetworkKey"=hex(1):%s\n' % lines(v.encode('utf-16-le') + b'\0\0')).encode()))
        v = token(rng, 300)
        out.append((v, 'state', json.dumps({'schema': 'espdiag.state/1', 'area': 'mdm', 'rows': [
            {'path': 'HealthAttestation', 'name': 'AttestReport', 'value': v}]}).encode()))
    return out


def binary_of(kind, value):
    """A SID or a GUID as Windows keeps it; None: has no such form."""
    if kind == 'Sid':
        parts = [int(p) for p in value.split('-')[2:]]
        return struct.pack('>BB', 1, len(parts) - 1) + struct.pack('>Q', parts[0])[2:] + b''.join(
            struct.pack('<I', p) for p in parts[1:])
    return uuid.UUID(value).bytes_le if kind == 'TenantId' else None


def binary_members(rng, people):
    """Binary values of the registry and of events: name -> (form, bytes), and hex that must be gone."""
    reg, events, hexes = ['Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Bin]\n'], [], []
    for i, (kind, value, _) in enumerate(people):
        raw = binary_of(kind, value)
        if raw is None:
            continue
        around = bytes(rng.randint(128, 255) for _ in range(rng.randint(0, 9)))
        hexes.append(raw.hex())
        reg.append('"b%d"=hex:%s\n' % (i, lines(around + raw + b'\0\x01')))
        events.append(event(rng, i + 1, 'Made-Up', 7, [('Binary', (around + raw + b'\0\0').hex().upper())]))
    return {'binary.reg': ('registry', ''.join(reg).encode()),
            'binary.xml': ('events', ('<Events>%s</Events>' % ''.join(events)).encode())}, hexes


# ---- the searcher ----

HEX_RUN = re.compile(rb'[0-9A-Fa-f]{12,}')
HEX_SEPARATED = re.compile(rb'[0-9A-Fa-f]{2}(?:[ ,:-](?:\\\r?\n *)?[0-9A-Fa-f]{2}){5,}')
B64_RUN = re.compile(rb'[A-Za-z0-9+/]{12,}={0,2}')
B64URL_RUN = re.compile(rb'[A-Za-z0-9_-]{12,}')


def unescape_json(raw):
    def one(m):
        s = m.group(0)
        if s[1:2] == b'u':
            return chr(int(s[2:], 16)).encode('utf-8', 'replace')
        return {b'\\n': b'\n', b'\\r': b'\r', b'\\t': b'\t'}.get(s, s[1:])
    return re.sub(rb'\\u[0-9a-fA-F]{4}|\\["\\/bfnrt]', one, raw)


def as_utf16(raw):
    """Both offsets: the second also reads text whose bytes lie the other way round."""
    if b'\0' in raw:
        for part in (raw, raw[1:] + b'\0'):
            part = part[:len(part) // 2 * 2]
            yield part.decode('utf-16-le', 'replace').encode('utf-8', 'replace')


def decodings(raw):
    if b'&' in raw:
        yield html.unescape(raw.decode('utf-8', 'replace')).encode('utf-8', 'replace')
    if b'\\' in raw:
        yield unescape_json(raw)
    if b'%' in raw:
        yield unquote_to_bytes(raw)
    found = []
    for run in HEX_RUN.findall(raw):
        for cut in (run[:len(run) // 2 * 2], run[1:1 + (len(run) - 1) // 2 * 2]):
            found.append(bytes.fromhex(cut.decode()))
    for run in HEX_SEPARATED.findall(raw):
        found.append(bytes.fromhex(re.sub(rb'[^0-9A-Fa-f]', b'', run).decode()))
    for run in B64_RUN.findall(raw):
        run = run.rstrip(b'=')
        found.append(base64.b64decode(run + b'=' * (-len(run) % 4)) if len(run) % 4 != 1 else b'')
    for run in B64URL_RUN.findall(raw):
        if b'-' in run or b'_' in run:
            found.append(base64.urlsafe_b64decode(run + b'=' * (-len(run) % 4)) if len(run) % 4 != 1 else b'')
    found += [wide for one in found for wide in as_utf16(one)]
    yield b'\n'.join(found)
    yield from as_utf16(raw)


def haystack(raw, depth=3):
    seen, queue, out = set(), [(raw, depth)], []
    while queue:
        # breadth first: what comes early has the most levels left
        now, left = queue.pop(0)
        if hash(now) in seen or not now:
            continue
        seen.add(hash(now))
        out.append(now.lower())
        if left:
            queue += [(d, left - 1) for d in decodings(now)]
    return b'\n'.join(out)


def found_in(hay, digits, value):
    if re.fullmatch('[0-9-]{55}', value):
        return value.replace('-', '').encode() in digits
    return value.lower().encode() in hay


def valid(form, raw):
    """None, or why the output is not what the input was."""
    import xml.dom.minidom
    try:
        if form == 'events':
            xml.dom.minidom.parseString(raw if raw.lstrip().startswith(b'<?xml') or b'<Events>' in raw[:99]
                                        else b'<E>' + raw + b'</E>')
        elif form in ('state', 'json', 'boot log', 'run', 'output'):
            json.loads(raw)
        elif form == 'registry':
            for line in raw.decode().splitlines():
                if line and not re.match(r'Windows Registry|\[.*\]$|".*"=|  [0-9a-f]{2}|.*', line):
                    return line
        raw.decode()
    except Exception as error:  # any parser's own kind
        return str(error)
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--redact', required=True)
    parser.add_argument('--seed', type=int, default=random.SystemRandom().getrandbits(48))
    parser.add_argument('--keep')
    parser.add_argument('level')
    args = parser.parse_args()
    rng = random.Random(args.seed)
    folder = args.keep or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    hidden, people, typed = secrets(rng), identities(rng), typed_secrets(rng)
    members = {}
    plants = []  # (name of member, encoding, what must not be found, is it a secret, kind)
    for name, encode in ENCODINGS.items():
        texts = []
        for kind, text, value in hidden:
            if encode:
                texts.append((encode(text), value, True, kind))
        for kind, value, part in people:
            text = identity_text(rng, kind, value)
            if encode:
                texts.append((encode(text), part or value.removeprefix('CN='), False, kind))
            elif kind != 'HardwareHash':
                texts.append((text.upper(), part or value.removeprefix('CN='), False, kind))
        rng.shuffle(texts)
        for k, (form, build) in enumerate(FORMS.items()):
            part = texts[k::len(FORMS)]
            member = '%s.%s' % (name, form.replace(' ', '-'))
            members[member] = (form, build(rng, [t[0] for t in part]))
            plants += [(member, name, t[1], t[2], t[3]) for t in part]
    wide = [(ENCODINGS['plain'](t), v, True, k) for k, t, v in hidden[:40]]
    members['wide.text'] = ('text', as_wide_text(rng, [t[0] for t in wide]))
    plants += [('wide.text', 'utf-16 file', t[1], True, t[3]) for t in wide]
    members.update(typed_sources(rng, people))
    binaries, hexes = binary_members(rng, people)
    members.update(binaries)
    plants += [('typed.txt', 'typed', (p or v).removeprefix('CN='), False, k) for k, v, p in people]
    plants += [(m, 'typed', (p or v).removeprefix('CN='), False, k) for k, v, p in people
               for m in ('typed.xml', 'typed.reg', 'typed.json') if v.encode() in members[m][1]]
    for i, (value, form, raw) in enumerate(typed):
        members['typed-secret-%d' % i] = (form, raw)
        plants.append(('typed-secret-%d' % i, 'typed', value, True, 'typed'))
    words = []
    for member, (form, raw) in members.items():
        source = os.path.join(folder, member + '.in')
        with open(source, 'wb') as file:
            file.write(raw)
        words += [form, source, os.path.join(folder, member + '.out')]
    done = subprocess.run([args.redact, args.level, str(args.seed)] + words, capture_output=True, timeout=600)
    if done.returncode:
        sys.exit('redact_file: exit %d: %s (seed %d)' % (done.returncode, done.stderr.decode()[:500], args.seed))
    bad, lost, values = [], 0, set()
    unseen = []
    hays = {}
    whole = []
    for member, (form, raw) in members.items():
        with open(os.path.join(folder, member + '.out'), 'rb') as file:
            out = file.read()
        why = valid(form, out)
        if why:
            bad.append('%s is no longer valid: %s' % (member, why))
        before, after = haystack(raw), haystack(out)
        hays[member] = (before, re.sub(rb'[^0-9\n]', b'', before.replace(b'\n', b'')), after,
                        re.sub(rb'[^0-9]', b'', after))
        whole.append(after)
    for member, name, value, secret, kind in plants:
        before, digits_before, after, digits_after = hays[member]
        if not found_in(before, digits_before, value):
            lost += 1  # this searcher cannot see it there: it proves nothing
            unseen.append('%s %s' % (member, kind))
            continue
        values.add(value)
        if found_in(after, digits_after, value) and (secret or args.level != 'none'):
            bad.append('%s (%s): %s still there: %s' % (member, name, kind, value[:60]))
    for member, (_, raw) in binaries.items():
        with open(os.path.join(folder, member + '.out'), 'rb') as file:
            after = re.sub(rb'[^0-9a-f]', b'', file.read().lower())
        before = re.sub(rb'[^0-9a-f]', b'', raw.lower())
        if not all(h.encode() in before for h in hexes) or len(hexes) < 20:
            bad.append('%s: too few binary values' % member)
        left = [h for h in hexes if h.encode() in after]
        if bool(left) != (args.level == 'none'):
            bad.append('%s: %d of %d binary SIDs and GUIDs left' % (member, len(left), len(hexes)))
    # nothing may be anywhere else either
    all_of_it = b'\n'.join(whole)
    for _, _, value in hidden:
        if found_in(all_of_it, b'', value) and not re.fullmatch('[0-9-]{55}', value):
            bad.append('a secret is somewhere: %s' % value[:60])
    kept = sum(found_in(all_of_it, b'', v) for _, v, p in people)
    if args.level == 'none' and kept < len(people) // 2:
        bad.append('level none lost identities: %d of %d left' % (kept, len(people)))
    for line in bad[:60]:
        print(line)
    print('%s: %d values, %d plants in %d encodings and %d forms, %d not seen by the searcher, %d found again '
          '(seed %d)' % (args.level, len(values), len(plants), len(ENCODINGS), len(FORMS), lost, len(bad), args.seed))
    if os.environ.get('UNSEEN'):
        print('\n'.join(unseen))
    if len(values) < 200 or lost > len(plants) // 20:
        sys.exit('too little was planted')
    sys.exit(1 if bad else 0)


if __name__ == '__main__':
    main()
