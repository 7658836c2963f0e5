#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plants secrets in logs and their exports, and searches what `espdiag events` prints of them.

usage: plant_events.py --espdiag PROGRAM --build PROGRAM [--seed N] [--keep FOLDER]

Strings, strings without a name, arrays, UserData, classic data, data in the record's own template,
Binary with text of one and two bytes a letter; and fields that only their name or event makes
secret. Each format must print no secret, every harmless value beside it, and no identity where
--redact asks for that. The searcher is
plant.py's, which shares nothing with the program.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import plant

STRING, ANSI, BINARY, ARRAY = 0x01, 0x02, 0x0e, 0x81
RECORD_MOST = 12000  # bytes of one planted text: a record fits into a chunk
DEVICE_REGISTRATION = 'Microsoft-Windows-User Device Registration'
MDM = 'Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider'


class Log:
    """Records for plant_evtx, the same as XML, and what must and must not be found."""

    def __init__(self, rng):
        self.rng, self.lines, self.xml = rng, [], []
        self.plants, self.markers, self.people = [], [], []

    def add(self, shape, number, provider, fields, values, why):
        """fields: (type, name, text); values: what must be gone."""
        marker = 'kept-%s' % plant.word(self.rng, 9, 9)
        self.markers.append(marker)
        fields = fields + [(STRING, 'Neutral' if shape != 'classic' else '', marker)]
        self.lines.append('R\t%s\t%d\t%s' % (shape, number, provider))
        for kind, name, text in fields:
            self.lines.append('F\t%d\t%s\t%s' % (kind, name or '-', text.encode().hex()))
        shown = [(name, text.replace('\n', ' ') if kind == ARRAY else text) for kind, name, text in fields]
        self.xml.append(plant.event(self.rng, len(self.xml) + 1, provider, number, shown))
        self.plants += [(value, why) for value in values]

    def plant_text(self, i, text, value, why):
        """A text in one of the places where text can stand."""
        where = i % 8
        if where == 5:
            self.add('data', 9, 'Made-Up', [(BINARY, 'Blob', text.encode().hex())], [value], why + ', Binary')
        elif where == 6:
            self.add('data', 9, 'Made-Up', [(BINARY, 'Blob', '01FF' + text.encode('utf-16-le').hex() + '0000')],
                     [value], why + ', Binary UTF-16')
        elif where == 4 and '\n' not in text:
            self.add('data', 9, 'Made-Up', [(ARRAY, 'List', 'one\n%s\nthree' % text)], [value], why + ', array')
        else:
            shape = ['data', 'user', 'classic', 'flat', 'data', '', '', 'data'][where]
            if '\n' in text and shape == 'classic':
                shape = 'data'  # a line would be a value of its own, and a secret cut in two is not found
            name = {'classic': ''}.get(shape, ['Message', '', 'Detail'][i % 3] if shape != 'user' else 'Inner')
            kind = ANSI if i % 16 == 7 and text.isascii() else STRING
            self.add(shape, 9, 'Made-Up', [(kind, name, text)], [value], '%s, %s' % (why, shape))


def fill(log, rng):
    hidden = plant.secrets(rng)
    for name, encode in plant.ENCODINGS.items():
        if not encode:
            continue
        part = rng.sample(hidden, 9)
        for i, (kind, text, value) in enumerate(part):
            text = plant.clean(encode(text)).replace('\r\n', '\n')
            if len(text) < RECORD_MOST:
                log.plant_text(i + len(log.lines), text, value, '%s, %s' % (kind, name))
    log.people = [p for p in plant.identities(rng) if p[0] != 'HardwareHash']
    for i, (kind, value, part) in enumerate(log.people):
        log.add('data', 7, 'Made-Up', [(STRING, kind, value)], [], 'typed')
        log.add(['data', 'user', 'flat'][i % 3], 9, 'Made-Up',
                [(STRING, 'Message', plant.identity_text(rng, kind, value))], [], 'told')
    for _ in range(4):
        v, w = plant.token(rng, 44), '%s@%s.example' % (plant.word(rng), plant.word(rng))
        log.add('data', 302, DEVICE_REGISTRATION, [(STRING, 'Email', w), (STRING, 'AuthToken', v)], [v, w], '302')
        v = plant.word(rng) + ' ' + plant.word(rng)
        log.add('data', 814, MDM, [(STRING, 'Message1', 'WiFi'), (STRING, 'Message5', v)], [v], '814')
        v = plant.word(rng)
        log.add('data', 9, 'Made-Up', [(STRING, 'ProxyPassword', v)], [v], 'name')
        v = plant.word(rng)
        log.add('user', 9, 'Made-Up', [(STRING, 'NetworkKey', v)], [v], 'name in UserData')
        v = plant.token(rng, 60)
        log.add('flat', 9, 'Made-Up', [(STRING, 'AttestReport', v)], [v], 'name, flat')
    return hidden


def run(espdiag, arguments):
    done = subprocess.run([espdiag, 'events'] + arguments, capture_output=True, timeout=300)
    if done.returncode:
        sys.exit('%s: exit %d: %s' % (' '.join(arguments), done.returncode, done.stderr.decode()[:300]))
    return done.stdout


def judge(name, out, log, whole):
    """Lines of what is wrong."""
    bad = []
    hay = plant.haystack(out)
    digits = plant.re.sub(rb'[^0-9]', b'', hay)
    for value, why in log.plants:
        if plant.found_in(hay, digits, value):
            bad.append('%s: %s still there: %s' % (name, why, value[:60]))
    gone = [m for m in log.markers if m.encode() not in out]
    if whole and gone:
        bad.append('%s: %d harmless values are gone, %s' % (name, len(gone), gone[0]))
    return bad


def judge_names(name, out, log, level):
    hay = plant.haystack(out)
    values = [(part or value).removeprefix('CN=') for _, value, part in log.people]
    left = [v for v in values if plant.found_in(hay, b'', v)]
    if level == 'none':
        return [] if len(left) == len(values) else ['%s: names are gone that nobody asked to go' % name]
    return ['%s: name still there: %s' % (name, v) for v in left]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--espdiag', required=True)
    parser.add_argument('--build', required=True)
    parser.add_argument('--seed', type=int, default=random.SystemRandom().getrandbits(48))
    parser.add_argument('--keep')
    args = parser.parse_args()
    rng = random.Random(args.seed)
    folder = args.keep or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    log = Log(rng)
    fill(log, rng)
    paths = [os.path.join(folder, name) for name in ('planted.evtx', 'planted.xml')]
    subprocess.run([args.build, paths[0]], input=('\n'.join(log.lines) + '\n').encode(), check=True, timeout=60)
    with open(paths[1], 'w', encoding='utf-8') as file:
        file.write('<Events>%s</Events>' % ''.join(log.xml))
    before = plant.haystack('\n'.join(log.xml).encode())
    digits = plant.re.sub(rb'[^0-9]', b'', before.replace(b'\n', b''))
    seen = [p for p in log.plants if plant.found_in(before, digits, p[0])]
    unseen = len(log.plants) - len(seen)
    log.plants = seen
    bad = []
    for path in paths:
        kind = path[-4:]
        for form in ('ndjson', 'xml', 'text'):
            out = run(args.espdiag, ['--format', form, path])
            bad += judge('%s as %s' % (kind, form), out, log, form != 'text')
            if form == 'ndjson':
                lines = [json.loads(line) for line in out.splitlines()]
                if len(lines) != len(log.markers):
                    bad.append('%s: %d lines of %d' % (kind, len(lines), len(log.markers)))
            if form == 'xml':
                import xml.dom.minidom
                xml.dom.minidom.parseString(out)
        for level in ('none', 'standard', 'strict'):
            for form in ('ndjson', 'xml', 'text')[:3 if level == 'standard' and kind == 'evtx' else 1]:
                out = run(args.espdiag, ['--format', form, '--redact', level, path])
                bad += judge_names('%s as %s, %s' % (kind, form, level), out, log, level)
                bad += judge('%s as %s, %s' % (kind, form, level), out, log, False)
        out = run(args.espdiag, ['--format', 'ndjson', '--fields', 'Message,Data,AuthToken,Message5,ProxyPassword,'
                                 'Blob,Inner,Neutral', path])
        bad += judge('%s, named fields' % kind, out, log, False)
    for line in bad[:40]:
        print(line)
    print('events: %d plants of %d values in %d records, %d not seen by the searcher, %d found again (seed %d)'
          % (len(seen), len({p[0] for p in seen}), len(log.markers), unseen, len(bad), args.seed))
    if len(seen) < 160 or unseen > len(seen) // 20:
        sys.exit('too little was planted')
    sys.exit(1 if bad else 0)


if __name__ == '__main__':
    main()
