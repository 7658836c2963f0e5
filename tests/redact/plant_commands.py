#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plants secrets in the evidence of a device and searches all that every command says of it.

usage: plant_commands.py --espdiag PROGRAM --scenario PROGRAM --live PROGRAM [--seed N] [--keep FOLDER]

A story is built as evidence, and a secret is put behind every text of its events, into its registry
and its logs, into names of apps, of files and of members, and into what a bundle of somebody else
says of itself. Then each command runs over it in each format and at each level; what it prints, what
it says on standard error, the logs and the bundles it writes hold no secret, and at standard no
name. The searcher is plant.py's, which shares nothing with the program. A word stands before each
secret: commands that show evidence must show many of them, or nothing was tried.
"""
import argparse
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from xml.sax.saxutils import escape
import plant

STORY = '''title  A device with everything that is shown
set    computer %s
at     08:50:00
boot   08:00:00
enrol  08:04:26
policy 08:07:35 RequireDeviceEncryption
esp    account-setup since 08:13:35 limit 60
bitlocker on 08:14:45
store  refused from 08:15:07 every 3m count 4 deny 53000
mdm    session 08:21:12
mdm    check 08:22:00 2901
ime    bias 0
ime    policies 08:10:00 name "%s"
ime    token-failed 08:16:00
ime    app-failed 08:22:00 name "%s"
dsreg  "Device State" AzureAdJoined=YES
bootlog 1 unlock 0
registry $tracking\\\\Device\\\\Setup\\\\Apps\\\\Tracking\\\\Sidecar\\\\$tracked_app InstallationState=dword:4
'''
# the same device, a start later
LATER = 'restart 08:30:00 by shutdown.exe\nbootlog 2 unlock 4\n'
CODES = re.compile(r'[0-9A-Fa-fx{}.,:TZ+ -]*')


class Planter:
    """Texts with a word before, a secret in them and a name behind."""

    def __init__(self, rng):
        self.rng, self.words = rng, []
        self.computer = 'PC-' + plant.word(rng, 8, 9).upper()
        self.people = [plant.word(rng) for _ in range(6)]
        self.hidden = plant.secrets(rng) + plant.secrets(rng)
        self.next = 0

    def text(self, line=False):
        while True:
            _, text, _ = self.hidden[self.next % len(self.hidden)]
            self.next += 1
            if not line or not (set(text) & set('\n"\\') or len(text) > 300):
                break
        self.words.append('mark' + plant.word(self.rng, 8, 8))
        who = self.rng.choice(self.people)
        name = self.rng.choice([self.computer, 'C:/Users/%s/x' % who, '%s@people.example' % who])
        return '%s %s of %s' % (self.words[-1], text, name)

    def app(self):
        while True:
            text = self.text(True)
            if '/' not in text:  # which ends the name of an app
                return text

    def file(self):
        while True:
            text = self.text(True)
            # a switch, a password before a host: known by the slashes that no name can hold
            if ' /' not in text and not re.search('://[^/ ]*@', text) and len(text) < 200:
                return text.replace('/Users/', '\\Users\\').replace('/', '_')

    def names(self):
        return [self.computer] + self.people

    def values(self):
        return {value: kind for kind, _, value in self.hidden}


def plant_events(planter, xml):
    def one(match):
        name, value = match.groups()
        if CODES.fullmatch(value) or '_8wekyb3d8bbwe' in value:
            return match.group(0)
        return '<Data%s>%s %s</Data>' % (name, value, escape(plant.clean(planter.text())))
    return re.sub(r'<Data([^>]*)>([^<]*)</Data>', one, xml)


def plant_registry(planter, reg):
    lines = []
    for line in reg.replace('\r', '').split('\n'):
        lines.append(line)
        if line.startswith('['):
            text = plant.clean(planter.text(True))
            lines.append('"Note"="%s"' % text.replace('\\', '\\\\').replace('"', '\\"'))
            if 'ExpectedModernAppPackages' in line:
                lines.append('"./User/Vendor/MSFT/EnterpriseModernAppManagement/AppManagement/AppStore/%s"=dword:0'
                             % planter.app())
    return '\n'.join(line.replace('(0 of 1 installed)', planter.text(True)) for line in lines)


def plant_folder(planter, folder):
    """Each text file of the evidence, in place."""
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            with open(path, 'rb') as file:
                raw = file.read()
            wide = raw.startswith(b'\xff\xfe')
            if name.endswith('.log') and 'MeasuredBoot' in root:
                continue
            text = raw.decode('utf-16' if wide else 'utf-8')
            if name.endswith('.xml'):
                text = plant_events(planter, text)
            elif name.endswith('.reg'):
                text = plant_registry(planter, text)
            else:
                text = '\n'.join(line if not line.strip() else line.replace(']LOG]', ' %s]LOG]' % planter.text(True))
                                 if ']LOG]' in line else line for line in text.split('\n'))
            with open(path, 'wb') as file:
                file.write((b'\xff\xfe' + text.encode('utf-16-le')) if wide else text.encode())
    # what a browser makes of an address with a signature; a log that is none
    for i in range(3):
        text = planter.file()
        with open(os.path.join(folder, 'logs %d %s.evtx' % (i, text)), 'wb') as file:
            file.write(b'ElfFile\0' + bytes(100))


def deface(planter, bundle, evidence, out):
    """A bundle of somebody else: members as they were found, and its own account with secrets."""
    with zipfile.ZipFile(bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop('manifest.json'))
    for name in list(members):
        if name.startswith('events/'):
            with open(os.path.join(evidence, name), 'rb') as file:
                members[name] = file.read()
    run = json.loads(members['state/run.json'])
    for key in ('manufacturer', 'model', 'edition'):
        run['device'][key] = planter.text()
    run['tool']['version'] = '0.0.1 ' + planter.text()
    run['coverage'] = [{'source': planter.text().split(' of ')[0], 'channel': bool(i % 2), 'state': 'denied', 'lost': 0,
                        'why': planter.text()} for i in range(4)]
    members['state/run.json'] = json.dumps(run).encode()
    verdict = json.loads(members['verdict.json'])
    verdict['primary'] = planter.text()
    verdict['certainty'] = planter.text()
    members['verdict.json'] = json.dumps(verdict).encode()
    members['logs/%s.log' % planter.file()] = b'2026-09-14 08:00:00 a line\n'
    manifest['tool']['version'] = planter.text()
    manifest['device_tag'] = '0123456789abcdef'
    for member in manifest['members']:
        raw = members[member['member']]
        member.update(bytes=len(raw), sha256=hashlib.sha256(raw).hexdigest(), source=planter.text())
    manifest['members'].append({'member': 'logs/' + planter.text(True), 'bytes': 3, 'sha256': 'ab' * 32,
                                'source': planter.text(), 'form': 'text', 'redactions': 0})
    members['manifest.json'] = json.dumps(manifest).encode()
    with zipfile.ZipFile(out, 'w') as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)


class Runs:
    """What was said, by whom; the same line counts once, for the search is slow."""

    def __init__(self, folder):
        self.folder, self.said, self.lines, self.named = folder, [], {}, {}
        self.eventlog = os.path.join(folder, 'eventlog')

    def take(self, who, raw, names=True):
        """@names: names of people may be in it."""
        self.said.append((who, raw))
        for line in raw.split(b'\n'):
            self.lines.setdefault(line, who)
            if not names:
                self.named.setdefault(line, who)

    def call(self, who, command, allowed=(0,), names=True):
        done = subprocess.run(command, capture_output=True, timeout=120, cwd=self.folder,
                              env=dict(os.environ, LIVE_EVENTLOG=self.eventlog))
        self.take(who, done.stdout, names)
        self.take(who + ', standard error', done.stderr)
        if done.returncode not in allowed:
            sys.exit('%s: exit %d: %s' % (who, done.returncode, done.stderr.decode()[:300]))
        return done.stdout

    def search_names(self, names):
        hay = plant.haystack(b'\n'.join(self.named))
        return ['%s: name still there: %s' % (who, n) for n in names if n.lower().encode() in hay
                for who in sorted({w for line, w in self.named.items() if n.lower().encode() in line.lower()})
                or ['somewhere']]

    def search(self, values):
        """Lines of what was found, by command."""
        hay = plant.haystack(b'\n'.join(self.lines))
        digits = re.sub(rb'[^0-9]', b'', hay)
        left = [v for v in values if plant.found_in(hay, digits, v)]
        bad = []
        for who, raw in self.said if left else []:
            own = plant.haystack(raw)
            own_digits = re.sub(rb'[^0-9]', b'', own)
            bad += ['%s: %s still there: %s' % (who, values[v], v[:60]) for v in left
                    if plant.found_in(own, own_digits, v)]
        return bad if bad or not left else ['somewhere: %s' % left[0][:60]]


def collect(runs, live, evidence, level):
    """The bundle that is left; its members count as said."""
    out = os.path.join(runs.folder, 'out-' + level)
    os.mkdir(out)
    who = 'collect --redact ' + level
    form = {'none': 'json', 'standard': 'text', 'strict': 'ndjson'}[level]
    runs.call(who, [live, evidence, '--eventlog', '--out', out, '--redact', level, '--format', form, '--at',
                    '2026-09-14T08:50:00Z'] + (['--verbose'] if form == 'text' else []), names=level == 'none')
    with open(runs.eventlog, 'rb') as file:
        event = file.read()
    os.remove(runs.eventlog)
    if event.count(b'\n') < 6 or b'bitlocker-restart-pending' not in event:
        sys.exit('%s: no event: %r' % (who, event))
    runs.take(who + ', the event log', event, level == 'none')
    bundle = os.path.join(out, os.listdir(out)[0])
    runs.take(who, os.path.basename(bundle).encode(), level == 'none')
    with zipfile.ZipFile(bundle) as archive:
        for name in archive.namelist():
            runs.take('%s: %s' % (who, name), name.encode(), level == 'none')
            runs.take('%s: %s' % (who, name), archive.read(name), level == 'none')
    return bundle


def run_all(runs, args, planter, evidence, later):
    tool = args.espdiag
    bundles = {level: collect(runs, args.live, evidence, level) for level in ('none', 'standard', 'strict')}
    foreign = os.path.join(runs.folder, 'foreign.zip')
    deface(planter, bundles['none'], evidence, foreign)
    # at the least one page and one of each format; the rest says nothing else
    for path, name in ((evidence, 'a folder'), (foreign, 'a foreign bundle')):
        for form in ('text', 'json', 'html'):
            for level in ('none', 'standard', 'strict') if form == 'json' else ('none',):
                runs.call('analyze of %s as %s, %s' % (name, form, level),
                          [tool, 'analyze', path, '--format', form, '--redact', level]
                          + (['--verbose'] if form == 'text' else []), names=level == 'none')
        log = os.path.join(runs.folder, 'watch.ndjson')
        runs.call('watch of %s' % name, [tool, 'watch', '--replay', path, '--speed', '0', '--log', log])
        with open(log, 'rb') as file:
            runs.take('watch --log of %s' % name, file.read())
        os.remove(log)
        for form in ('text', 'json', 'html'):
            runs.call('compare of %s as %s' % (name, form),
                      [tool, 'compare', '--force', path, later, '--format', form])
            runs.call('compare with %s as %s' % (name, form),
                      [tool, 'compare', '--force', later, path, '--format', form])
        runs.call('events of %s' % name, [tool, 'events', path])
    where = os.path.join(runs.folder, 'many')
    os.mkdir(where)
    os.link(foreign, os.path.join(where, 'foreign.zip'))
    os.link(bundles['none'], os.path.join(where, 'ours.zip'))
    with open(os.path.join(where, planter.file() + '.zip'), 'wb') as file:
        file.write(b'PK\x03\x04 damaged')
    for form in ('text', 'ndjson', 'csv', 'html', 'json'):
        runs.call('fleet as %s' % form, [tool, 'fleet', where, '--format', form])
    for bundle in (foreign, bundles['none']):
        for form in ('text', 'json'):
            runs.call('verify as %s' % form, [tool, 'verify', bundle, '--format', form], (0, 5))
    runs.call('selftest', [tool, 'selftest'], (0, 2))
    runs.call('explain', [tool, 'explain', '0x80070005'])
    for _ in range(6):
        # what somebody pasted is said again in the line of the failure
        runs.call('explain of a text', [tool, 'explain', planter.text(True)], (2,))
        runs.call('a path that is not there', [tool, 'analyze', planter.text(True)], (0, 3))


def main():
    parser = argparse.ArgumentParser()
    for name in ('--espdiag', '--scenario', '--live'):
        parser.add_argument(name, required=True)
    parser.add_argument('--seed', type=int, default=random.SystemRandom().getrandbits(48))
    parser.add_argument('--keep')
    args = parser.parse_args()
    rng = random.Random(args.seed)
    folder = args.keep or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    planter, runs = Planter(rng), Runs(folder)
    places = [os.path.join(folder, name) for name in ('device', 'later')]
    for path, more in zip(places, ('', LATER)):
        story = path + '.txt'
        with open(story, 'w', encoding='utf-8') as file:
            file.write(STORY % (planter.computer, planter.text(True), planter.text(True)) + more)
        subprocess.run([args.scenario, 'build', story, path, '--wrap', 'xml'], check=True, capture_output=True,
                       timeout=60)
        plant_folder(planter, path)
    run_all(runs, args, planter, *places)
    bad = runs.search(planter.values()) + runs.search_names(planter.names())
    everything = b'\n'.join(runs.lines)
    seen = [word for word in planter.words if word.encode() in everything]
    if not all(name.lower().encode() in everything.lower() for name in planter.names()):
        sys.exit('not every name was shown where it may be')
    for line in bad[:60]:
        print(line)
    print('commands: %d secrets in %d places, %d places shown by %d outputs, %d found again (seed %d)' %
          (len(planter.values()), len(planter.words), len(seen), len(runs.said), len(bad), args.seed))
    if len(seen) < 60:
        sys.exit('too little was shown')
    if not args.keep:
        shutil.rmtree(folder)
    sys.exit(1 if bad else 0)


if __name__ == '__main__':
    main()
