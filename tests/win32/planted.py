#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""DLLs that somebody planted where the program is started, reads, writes or lies: none is loaded.

usage: planted.py OPTIONS --plant DLL --careless EXE

Planted under the name of everything that the program loads, by itself or through what it loads
(Wine tells), and of everything that it names: in the current folder, on PATH, in the folders of
evidence and output, and beside a copy of the program. The system has neither wevtapi.dll nor
tbs.dll meanwhile, as an older one, so that a search for them would come to the planted ones; a
careless program shows that it would.
"""
import argparse
import os
import re
import shutil
import sys

import live_device
from live_device import Wrong, windows

# what the system loads before any program's own code, from its own folder alone
SYSTEM = {'ntdll.dll', 'kernel32.dll', 'kernelbase.dll'}
ABSENT = ['tbs.dll', 'wevtapi.dll']


class Plants:
    def __init__(self, device, scratch, plant, careless):
        self.device, self.scratch, self.plant, self.careless = device, scratch, plant, careless
        self.marks = self.folder('marks')
        self.here = self.folder('here')
        self.out = self.folder('out')
        self.evidence = self.folder('evidence')
        self.beside = self.folder('beside')
        self.exe = shutil.copy(device.options.exe, self.beside)

    def folder(self, name):
        path = os.path.join(self.scratch, name)
        os.mkdir(path)
        return path

    def run(self, *command, debug='-all'):
        """What went to standard error; started among the plants."""
        with open(live_device.WINE_RUN, encoding='utf-8') as file:
            overrides = re.search('WINEDLLOVERRIDES="([^"]*)"', file.read()).group(1)
        environment = dict(os.environ, WINEPREFIX=self.device.prefix, WINEDEBUG=debug,
                           WINEDLLOVERRIDES=overrides, WINEPATH=windows(self.here),
                           ESPDIAG_PLANTED=windows(self.marks))
        environment.pop('DISPLAY', None)
        done = live_device.run(['wine', *command], cwd=self.here, env=environment)
        return done.returncode, done.stderr.decode('utf-8', 'replace')

    def commands(self, exe):
        bundle = os.path.join(self.out, 'bundle.zip')
        return ([exe, 'collect', '--quiet', '--out', windows(bundle)],
                [exe, 'analyze', windows(self.evidence)],
                [exe, 'verify', windows(bundle)],
                [exe, 'collect', '--quiet', '--sign-by', 'nobody', '--out', windows(self.out)])

    def names(self):
        """Of all DLLs that the program loads or names, but those that are never searched for."""
        _, said = self.run(*self.commands(self.exe)[0], debug='+loaddll')
        loaded = set(re.findall(r'Loaded L"[^"]*?([^"\\]+\.(?:dll|drv))"', said, re.I))
        with open(self.exe, 'rb') as file:
            named = {name.decode() for name in re.findall(rb'[A-Za-z0-9_-]{2,}\.dll', file.read())}
        if len(loaded) < 10 or len(named) < 10:
            raise Wrong('only %s are loaded and %s named' % (sorted(loaded), sorted(named)))
        return {name.lower() for name in loaded | named} - SYSTEM

    def put(self, names):
        for folder in self.here, self.out, self.evidence, self.beside:
            for name in names:
                shutil.copyfile(self.plant, os.path.join(folder, name))

    def take(self):
        """The marks that are there, which then go."""
        found = sorted(os.listdir(self.marks))
        for name in found:
            os.remove(os.path.join(self.marks, name))
        return found


def check(device, scratch, options):
    plants = Plants(device, scratch, options.plant, options.careless)
    names = plants.names()
    for name in ABSENT:
        os.remove(device.folder('drive_c/windows/system32/' + name))
    plants.put(names)
    plants.run(options.careless, *ABSENT)
    problems = []
    if plants.take() != ABSENT:
        problems.append('a careless program does not load what is planted: nothing is shown')
    runs = 0
    for exe in device.options.exe, plants.exe:
        for command in plants.commands(exe):
            code, said = plants.run(*command)
            runs += 1
            found = plants.take()
            if found:
                problems.append('%s loads %s' % (command[:2], ', '.join(found)))
            if code not in (0, 3):
                problems.append('%s: exit %d: %s' % (command[:2], code, said[-200:]))
    print('%d names planted in 4 folders, %d runs' % (len(names), runs))
    return problems


def main():
    parser = argparse.ArgumentParser()
    live_device.add_options(parser)
    parser.add_argument('--plant', required=True)
    parser.add_argument('--careless', required=True)
    options = parser.parse_args()
    with live_device.Device(options) as device, live_device.scratch_folder() as scratch:
        problems = check(device, scratch, options)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
