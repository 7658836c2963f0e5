#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Analyses real logs of devices that no page waited on: nothing above "info" may be found.

usage: healthy_logs.py ESPDIAG FOLDER

FOLDER holds one folder a device. Each is analysed whole, as of several times, and each log of it alone.
SUPPORTED names what the logs do support, each with its reason. Ends with 77 when FOLDER is not there.
"""
import json
import os
import subprocess
import sys

# folder -> findings above "info" that its logs support. None do, and this is why:
#
# fukusuket+evtx-parser: a Windows 11 virtual machine, installed 2022-06-08 and never managed by Intune.
#   Device encryption began 33 seconds after the last start of the setup (768, 24660), so "encrypted
#   after the last start" is true from then to 2022-06-10 05:56; but the Store was never refused, and
#   without a denial that is the normal state of a new device. AAD holds 1097 (0x8AA500DB, cache) and
#   1215, no error of the broker and no AADSTS. 360 of Device Registration says what Hello lacks, no
#   join failed. The clock jumps by hours (Kernel-General 1) as on every paused machine: a jump alone
#   is nothing. 813 floods and 844 are the first start of Windows.
# Yamato-Security+hayabusa-sample-evtx: single logs of several machines. BitLocker was turned on by hand
#   (768, 775, 793, 796, 817, 840) and 4122 lists DMA buses beside it, which is no failure. No Store, no
#   sign-in, no page.
# omerbenamram+evtx: single logs of several machines of 2015 to 2022, some damaged on purpose: System,
#   Shell-Core, HelloForBusiness, AppXDeployment (325 only). No Store, no sign-in, no enrolment, no
#   BitLocker; the clock changes are those of time servers and of machines that slept.
SUPPORTED = {
    'fukusuket+evtx-parser': set(),
    'Yamato-Security+hayabusa-sample-evtx': set(),
    'omerbenamram+evtx': set(),
}
# between device encryption and the next start, at the newest event of the sign-in log, and later
TIMES = ['2022-06-08T23:48:30Z', '2022-06-08T23:55:00Z', '2022-06-10T05:50:00Z',
         '2022-06-10T06:30:00Z', '2022-07-04T12:00:00Z']
SKIPPED = 77


def verdict(espdiag, path, at=None):
    command = [espdiag, 'analyze', '--format', 'json', path] + (['--at', at] if at else [])
    done = subprocess.run(command, capture_output=True, timeout=300)
    if done.returncode not in (0, 3):
        raise SystemExit('%s: exit %d' % (path, done.returncode))
    return json.loads(done.stdout)


def unsupported(got, supported):
    return ['%s (%s): %s' % (f['id'], f['severity'], f['because'])
            for f in got.get('findings') or []
            if f['severity'] != 'info' and f['id'] not in supported]


def main():
    espdiag, place = sys.argv[1:3]
    if not os.path.isdir(place):
        print('skipped: no folder with real event logs (ED_SHARED)')
        return SKIPPED
    found, runs = [], 0
    for name in sorted(os.listdir(place)):
        folder = os.path.join(place, name)
        if not os.path.isdir(folder):
            continue
        if name not in SUPPORTED:
            found.append('%s: nobody has said what its logs support' % name)
            continue
        asked = [(folder, None)] + [(folder, at) for at in TIMES]
        asked += [(os.path.join(folder, log), None) for log in sorted(os.listdir(folder))]
        for path, at in asked:
            runs += 1
            got = verdict(espdiag, path, at)
            said = unsupported(got, SUPPORTED[name])
            if not said and got.get('outcome') in ('blocked', 'failed', 'waiting', 'recovered'):
                said = ['outcome %s' % got['outcome']]
            found += ['%s%s: %s' % (os.path.relpath(path, place), ' at ' + at if at else '', one)
                      for one in said]
    print('%d verdicts over real logs' % runs)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
