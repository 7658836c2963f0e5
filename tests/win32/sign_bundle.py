#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`collect --sign-by` of the shipped program, from the machine's store to openssl.

usage: sign_bundle.py OPTIONS --hold EXE
EXE keeps a certificate in the store (certificate_hold.c). A manifest changed by a byte must be
refused; when the certificate is gone the bundle is there all the same, unsigned, and it is said.
"""
import argparse
import os
import subprocess
import sys
import zipfile

import live_device
import sign
from live_device import Wrong, windows

SUBJECT = 'test signer'
SIGNATURE = 'manifest.p7s'


class Certificate:
    """In the machine's store, while it lasts."""

    def __init__(self, device, hold, path):
        self.path = path
        self.run = subprocess.Popen([live_device.WINE_RUN, device.prefix, hold, windows(path)],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        self.thumbprint = self.run.stdout.readline().strip().decode('ascii')
        if len(self.thumbprint) != 40:
            raise Wrong('no certificate in the store')
        return self

    def __exit__(self, *_):
        self.run.stdin.close()
        self.run.wait(timeout=60)
        self.run.stdout.close()


class Signer:
    def __init__(self, device, scratch, told):
        self.device, self.scratch, self.told = device, scratch, told
        self.problems = []
        self.runs = 0

    def collect(self, who):
        """(what was said, members) of a run that @who signs."""
        self.runs += 1
        out = os.path.join(self.scratch, 'out-%d' % self.runs)
        os.mkdir(out)
        done = live_device.run(self.device.command('--quiet', '--sign-by', who, '--out',
                                                   windows(out)),
                               env=dict(os.environ, **self.told))
        said = (done.stdout + done.stderr).decode('utf-8', 'replace')
        if done.returncode:
            raise Wrong('exit %d: %s' % (done.returncode, said[-300:]))
        bundle = self.device.only_bundle(out)
        with zipfile.ZipFile(bundle) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        verify = live_device.call([self.device.options.espdiag, 'verify', bundle]).decode()
        if (SIGNATURE in verify) != (SIGNATURE in members):
            self.problems.append('%s: verify says: %s' % (who, verify))
        return said, members

    def file(self, name, content):
        path = os.path.join(self.scratch, name)
        with open(path, 'wb') as file:
            file.write(content)
        return path

    def check_signed(self, who, ca):
        said, members = self.collect(who)
        if SIGNATURE not in members or 'Signed: yes' not in said:
            self.problems.append('%s: not signed: %s' % (who, said[-300:]))
            return
        manifest = members['manifest.json']
        signature = self.file('signature', members[SIGNATURE])
        done = sign.verify(signature, self.file('manifest', manifest), ca)
        if done.returncode:
            self.problems.append('%s: %s' % (who, done.stderr.decode('utf-8', 'replace')))
        changed = self.file('changed', manifest.replace(b'1', b'2', 1))
        if not sign.verify(signature, changed, ca).returncode:
            self.problems.append('%s: another manifest was accepted' % who)

    def check_unsigned(self, who):
        said, members = self.collect(who)
        if SIGNATURE in members or 'Signed: NO' not in said or 'not signed: ' not in said:
            self.problems.append('%s: nobody says that it is not signed: %s' % (who, said[-300:]))


def check(device, scratch, hold):
    evidence = os.path.join(scratch, 'evidence')
    device.build(live_device.case_path('restart-pending'), evidence)
    signer = Signer(device, scratch, device.put(evidence, scratch))
    with Certificate(device, hold, os.path.join(scratch, 'certificate.der')) as certificate:
        ca = os.path.join(scratch, 'ca.pem')
        live_device.call(['openssl', 'x509', '-inform', 'DER', '-in', certificate.path,
                          '-out', ca])
        for who in certificate.thumbprint, SUBJECT:
            signer.check_signed(who, ca)
        signer.check_unsigned('nobody of that name')
    signer.check_unsigned(certificate.thumbprint)
    print('%d bundles' % signer.runs)
    return signer.problems


def main():
    parser = argparse.ArgumentParser()
    live_device.add_options(parser)
    parser.add_argument('--hold', required=True)
    options = parser.parse_args()
    with live_device.Device(options) as device, live_device.scratch_folder() as scratch:
        problems = check(device, scratch, options.hold)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
