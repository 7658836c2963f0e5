#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Collects from devices whose name is a word that bundles are made of, and requires the same verdict.

usage: names.py --espdiag PROGRAM --scenario PROGRAM --live PROGRAM --roots FILE

Such a word is a part of a key that is read (from roots.def), of the text of a registry file, of an
event, or of the JSON that the program writes itself: replaced there, the bundle could not be read,
or would lack what it is about. Compared are the verdicts of the bundles at none and at standard,
and what each says was read.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
import plant_commands
import verdicts

# what the forms are made of
FORMS = '''windows registry editor version hkey local machine dword qword hex expand
event system provider guid eventid channel computer security userid timecreated systemtime
eventdata data name xmlns level task opcode keywords eventrecordid correlation execution
schema area rows path value records gap lost why state number source coverage tool device tag
manufacturer model edition build revision caller rights options redact raw replaced started_at
espdiag true false null none standard strict read absent denied damaged truncated
log component context date time type thread file'''.split()
# names of values, and of keys below those that are read
NAMES = '''firstsync syncfailuretimeout providerid enrollmentstate expectedmodernapppackages setup apps
tracking sidecar installationstate account licensing node protection accounts timeout algorithmtype azureadjoined'''.split()


def words_of(roots):
    with open(roots, encoding='utf-8') as file:
        rows = re.findall(r'^REGISTRY_ROOT\((.*)\)', file.read(), re.M)
    texts = re.findall(r'\w+', ' '.join(' '.join(re.findall(r'"([^"]*)"', row)) for row in rows))
    return {text.lower() for text in texts}


def keys_with(bundle, word):
    """How often keys and names of values hold @word."""
    with zipfile.ZipFile(bundle) as archive:
        lines = [line for name in archive.namelist() if name.endswith('.reg')
                 for line in archive.read(name).decode('utf-16' if archive.read(name)[:1] == b'\xff' else 'utf-8')
                 .splitlines()]
    names = [line if line.startswith('[') else line.split('=')[0] for line in lines]
    return len(re.findall(r'(?<![a-z0-9])%s(?![a-z0-9])' % word, '\n'.join(names).lower()))


class Device:
    def __init__(self, args, folder, word):
        self.args, self.word = args, word
        self.folder = os.path.join(folder, word)
        os.mkdir(self.folder)

    def call(self, command):
        done = subprocess.run(command, capture_output=True, timeout=120)
        if done.returncode:
            raise SystemExit('%s: exit %d: %s' % (self.word, done.returncode, done.stderr.decode()[:300]))
        return done.stdout

    def verdict(self, evidence, level):
        out = os.path.join(self.folder, level)
        os.mkdir(out)
        self.call([self.args.live, evidence, '--out', out, '--redact', level, '--format', 'json',
                   '--at', '2026-09-14T08:50:00Z'])
        bundle = os.path.join(out, os.listdir(out)[0])
        said = json.loads(self.call([self.args.espdiag, 'analyze', bundle, '--format', 'json']))
        essence = verdicts.essence(said)
        essence['keys'] = keys_with(bundle, self.word)
        essence['coverage'] = [(row['state'], row.get('lost')) for row in said['coverage']]
        return essence

    def differences(self):
        story, evidence = (os.path.join(self.folder, name) for name in ('story.txt', 'device'))
        with open(story, 'w', encoding='utf-8') as file:
            file.write(plant_commands.STORY % (self.word.upper(), 'one', 'two'))
        self.call([self.args.scenario, 'build', story, evidence, '--wrap', 'xml'])
        before, after = (self.verdict(evidence, level) for level in ('none', 'standard'))
        return ['%s: %s: %s became %s' % (self.word, key, before[key], after[key])
                for key in before if before[key] != after[key]]


def main():
    parser = argparse.ArgumentParser()
    for name in ('--espdiag', '--scenario', '--live', '--roots'):
        parser.add_argument(name, required=True)
    args = parser.parse_args()
    words = sorted(words_of(args.roots) | set(FORMS) | set(NAMES))
    if not {'provisioning', 'enrollments', 'autopilot'} <= set(words):
        sys.exit('the keys of %s were not found' % args.roots)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        bad = [line for lines in pool.map(lambda word: Device(args, folder, word).differences(), words)
               for line in lines]
    for line in bad:
        print(line)
    print('%d names, %d differences' % (len(words), len(bad)))
    sys.exit(1 if bad else 0)


if __name__ == '__main__':
    main()
