# SPDX-License-Identifier: MIT
"""Signed with a certificate that nobody keeps: verifies, and a changed byte is seen.

usage: check_sign.py ROOT BUILD
"""
import os
import subprocess
import sys
import tempfile
import zipfile
import checklib


def verifies(path, certificate):
    return subprocess.run(['osslsigncode', 'verify', '-CAfile', certificate, '-in', path],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def main():
    if len(sys.argv) != 3:
        sys.exit('usage: check_sign.py ROOT BUILD')
    root, build = sys.argv[1:]
    problems = []
    with tempfile.TemporaryDirectory() as work:
        certificate, key = work + '/cert.pem', work + '/key.pem'
        checklib.run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
                     '-subj', '/CN=espdiag test', '-addext', 'extendedKeyUsage=codeSigning',
                     '-keyout', key, '-out', certificate)
        # relative, as somebody would type it
        checklib.run(os.path.join(root, 'packaging/release'), '--from', build, '--out', 'dist',
                     '--sign', 'cert.pem', 'key.pem', cwd=work)
        archive = checklib.artefact(work + '/dist', 'espdiag-*-win-x64.zip')
        with zipfile.ZipFile(archive) as people:
            people.extract('espdiag.exe', work)
        for path in (work + '/espdiag.exe', checklib.artefact(work + '/dist', '*.msi')):
            name = os.path.basename(path)
            if not verifies(path, certificate):
                problems.append('%s: the signature does not verify' % name)
            data = bytearray(checklib.read(path))
            data[len(data) // 3] ^= 1
            with open(path, 'wb') as file:
                file.write(data)
            if verifies(path, certificate):
                problems.append('%s: a changed byte is not noticed' % name)
        if verifies(os.path.join(build, 'espdiag.exe'), certificate):
            problems.append('an unsigned program verifies')
        checklib.finish(problems)


if __name__ == '__main__':
    main()
