# SPDX-License-Identifier: MIT
"""Opens an .intunewin with the keys of its own Detection.xml, all sums checked.

usage: open_intunewin.py PACKAGE FOLDER

The files of the app go into FOLDER. Exit code 1 and one line: not a package that Intune would take.
"""
import base64
import binascii
import hashlib
import io
import subprocess
import sys
import xml.etree.ElementTree
import zipfile

CONTENTS = 'IntuneWinPackage/Contents/IntunePackage.intunewin'
METADATA = 'IntuneWinPackage/Metadata/Detection.xml'
BLOCK = 16
# HMAC and IV stand before the encrypted bytes
HEAD = 32 + BLOCK
FIXED = {'ProfileIdentifier': 'ProfileVersion1', 'FileDigestAlgorithm': 'SHA256',
         'FileName': 'IntunePackage.intunewin'}


class Refused(Exception):
    pass


def openssl(data, *arguments):
    run = subprocess.run(('openssl',) + arguments, input=data, capture_output=True, check=False)
    if run.returncode:
        raise Refused('does not decrypt' if arguments[0] == 'enc' else 'no HMAC')
    return run.stdout


class Description:
    def __init__(self, data):
        self.root = xml.etree.ElementTree.fromstring(data)

    def text(self, name):
        found = self.root.findall('.//' + name)
        if len(found) != 1 or not found[0].text:
            raise Refused('Detection.xml: not one %s' % name)
        return found[0].text

    def binary(self, name, size):
        try:
            data = base64.b64decode(self.text(name), validate=True)
        except binascii.Error:
            data = b''
        if len(data) != size:
            raise Refused('Detection.xml: %s is not %d bytes in base64' % (name, size))
        return data


def decrypted(data, about):
    """The zip inside, held to every sum and size there is."""
    mac = openssl(data[32:], 'dgst', '-sha256', '-mac', 'HMAC', '-macopt',
                  'hexkey:' + about.binary('MacKey', 32).hex(), '-r').split()[0].decode()
    if not data[:32].hex() == about.binary('Mac', 32).hex() == mac:
        raise Refused('the HMAC is wrong')
    if data[32:HEAD] != about.binary('InitializationVector', BLOCK):
        raise Refused('the IV is wrong')
    plain = openssl(data[HEAD:], 'enc', '-d', '-aes-256-cbc', '-K',
                    about.binary('EncryptionKey', 32).hex(), '-iv', data[32:HEAD].hex())
    if hashlib.sha256(plain).digest() != about.binary('FileDigest', 32):
        raise Refused('the digest is wrong')
    if about.text('UnencryptedContentSize') != str(len(plain)) or \
            len(data) != HEAD + (len(plain) // BLOCK + 1) * BLOCK:
        raise Refused('the size is wrong')
    return plain


def open_package(path):
    """The zip file inside."""
    with zipfile.ZipFile(path) as outer:
        if [(info.filename, info.compress_type) for info in outer.infolist()] != \
                [(CONTENTS, zipfile.ZIP_STORED), (METADATA, zipfile.ZIP_STORED)]:
            raise Refused('the outer zip does not hold the two members, stored')
        data, about = outer.read(CONTENTS), Description(outer.read(METADATA))
    for name, wanted in FIXED.items():
        if about.text(name) != wanted:
            raise Refused('Detection.xml: %s is not %s' % (name, wanted))
    inner = zipfile.ZipFile(io.BytesIO(decrypted(data, about)))
    if inner.testzip() or about.text('SetupFile') not in inner.namelist():
        raise Refused('the setup file is not in it')
    return inner


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.split('\n\n')[1])
    try:
        open_package(sys.argv[1]).extractall(sys.argv[2])
    except (Refused, zipfile.BadZipFile, xml.etree.ElementTree.ParseError) as why:
        print('%s: %s' % (sys.argv[1], why))
        sys.exit(1)


if __name__ == '__main__':
    main()
