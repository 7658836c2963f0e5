# SPDX-License-Identifier: MIT
"""What test_sign signed, against openssl.

usage: sign.py FOLDER
The command is the one that `espdiag verify` names; what was changed by a byte must be refused.
"""
import os
import subprocess
import sys
import tempfile


def verify(signature, content, ca):
    return subprocess.run(['openssl', 'cms', '-verify', '-binary', '-inform', 'DER', '-in', signature,
                           '-content', content, '-CAfile', ca, '-purpose', 'any', '-out', '/dev/null'],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)


def main():
    folder = sys.argv[1]
    bad = []
    with tempfile.TemporaryDirectory() as scratch:
        ca, changed = os.path.join(scratch, 'ca.pem'), os.path.join(scratch, 'changed')
        subprocess.run(['openssl', 'x509', '-inform', 'DER', '-in', os.path.join(folder, 'certificate.der'),
                        '-out', ca], check=True)
        content = os.path.join(folder, 'content')
        with open(content, 'rb') as source, open(changed, 'wb') as target:
            target.write(source.read().replace(b'1', b'2', 1))
        for name in ('thumbprint.p7s', 'subject.p7s'):
            signature = os.path.join(folder, name)
            done = verify(signature, content, ca)
            if done.returncode:
                bad.append('%s: %s' % (name, done.stderr.decode('utf-8', 'replace')))
            if not verify(signature, changed, ca).returncode:
                bad.append('%s: other content was accepted' % name)
    print('\n'.join(bad) or 'two signatures, both accepted, and neither for other content')
    sys.exit(1 if bad else 0)


if __name__ == '__main__':
    main()
