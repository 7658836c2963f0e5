# SPDX-License-Identifier: MIT
"""Signed with certificates that nobody keeps, time stamped by an authority of our own that sees only
files or is asked by HTTP, with a key that has a password, and by a key in a token: verifies, and a changed
byte is seen. What was signed is otherwise what is checked of the unsigned artefacts.

usage: check_sign.py ROOT BUILD...
"""
import glob
import http.server
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
import checklib

HERE = os.path.dirname(os.path.abspath(__file__))
PKCS11_MODULE = '/usr/lib/softhsm/libsofthsm2.so'
PIN = '1234'
PASSWORD = 'secret'
ANSWER_MISSING = 3
AUTHORITY = """[tsa]
default_tsa = ours
[ours]
serial = serial
signer_digest = sha256
digests = sha256
default_policy = 1.2.3.4
ess_cert_id_alg = sha256
"""


class Bench:
    """A folder with an authority for certificates, a certificate of a second one for signing, one for
    time stamps."""

    def __init__(self, root, builds, folder):
        self.root, self.builds, self.folder = root, builds, folder
        self.openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj',
                     '/CN=espdiag test root', '-keyout', 'root.key', '-out', 'root.pem')
        self.certificate('issuer', 'basicConstraints=critical,CA:true')
        self.certificate('sign', 'extendedKeyUsage=codeSigning', 'issuer')
        self.certificate('time', 'extendedKeyUsage=critical,timeStamping')
        self.openssl('pkcs12', '-export', '-in', 'sign.pem', '-inkey', 'sign.key', '-certfile',
                     'issuer.pem', '-passout', 'pass:' + PASSWORD, '-out', 'company.pfx')
        # as it is handed out: whoever checks knows only the root
        self.write('sign.pem', ''.join(checklib.read(self.path(name)).decode()
                                       for name in ('sign.pem', 'issuer.pem')))
        self.write('authority.cnf', AUTHORITY)
        self.write('serial', '01\n')

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(text)

    def openssl(self, *arguments):
        checklib.run('openssl', *arguments, cwd=self.folder)

    def certificate(self, name, extension, issuer='root'):
        self.write(name + '.ext', extension + '\n')
        self.openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=espdiag test ' + name,
                     '-keyout', name + '.key', '-out', name + '.csr')
        self.openssl('x509', '-req', '-in', name + '.csr', '-CA', issuer + '.pem', '-CAkey', issuer + '.key',
                     '-CAcreateserial', '-days', '2', '-extfile', name + '.ext', '-out',
                     name + '.pem')

    def call(self, script, *arguments, **environment):
        """Exit code and words of a script of packaging/, run in the folder."""
        result = subprocess.run([os.path.join(self.root, 'packaging', script)] + list(arguments),
                                cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                env=dict(os.environ, **environment), check=False)
        return result.returncode, result.stdout.decode('utf-8', 'replace')

    def release(self, *more):
        sources = [word for build in self.builds for word in ('--from', build)]
        return self.call('release', *sources, '--out', 'dist', '--sign', 'sign.pem', 'sign.key',
                         *more)

    def answer(self, question, name):
        self.openssl('ts', '-reply', '-config', 'authority.cnf', '-queryfile', question, '-signer',
                     'time.pem', '-inkey', 'time.key', '-out', name)

    def verify(self, path):
        """(does it verify, with a time stamp that does)"""
        result = subprocess.run(['osslsigncode', 'verify', '-CAfile', 'root.pem', '-TSA-CAfile',
                                 'root.pem', '-in', path], cwd=self.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return (result.returncode == 0,
                b'Timestamp Server Signature verification: ok' in result.stdout)


def changed(path, where):
    data = bytearray(checklib.read(path))
    data[where if where >= 0 else len(data) // 3] ^= 1
    with open(path, 'wb') as file:
        file.write(data)


def signed_files(bench):
    """The program of each zip, and the MSI."""
    found = [checklib.artefact(bench.path('dist'), '*-x64.msi')]
    for archive in glob.glob(bench.path('dist/espdiag-*.zip')):
        with zipfile.ZipFile(archive) as people:
            found.append(people.extract('espdiag.exe', archive[:-len('.zip')]))
    return found


def check_stamped(bench):
    """As the README says: run, have each question answered, run again."""
    problems = []
    # the programs, then the MSI, which holds one of them
    for count in (len(bench.builds), 1):
        code, said = bench.release('--timestamp', 'stamps')
        asked = re.findall(r"have '([^']+\.tsq)' answered .* as '([^']+)'", said)
        if not code or len(asked) != count:
            return ['release does not ask for %d time stamps: exit %d\n%s' % (count, code, said)]
        for question, answer in asked:
            bench.answer(question, answer)
    code, said = bench.release('--timestamp', 'stamps')
    if code:
        return ['release with all answers: exit %d\n%s' % (code, said)]
    problems += check_artefacts(bench)
    paths = signed_files(bench)
    if len(paths) != len(bench.builds) + 1:
        problems.append('%d signed files' % len(paths))
    for path in paths:
        name = os.path.basename(path)
        if bench.verify(path) != (True, True):
            problems.append('%s: signature, time stamp: %s' % (name, bench.verify(path)))
        changed(path, -1)
        if bench.verify(path)[0]:
            problems.append('%s: a changed byte is not noticed' % name)
    return problems


def check_artefacts(bench):
    """What holds of the unsigned artefacts holds of these."""
    problems, names = [], ' '.join(os.listdir(bench.path('dist')))
    checks = [['zip', architecture] for architecture in re.findall(r'-win-(\w+)\.zip', names)]
    for check, *more in checks + [['msi']]:
        run = subprocess.run([sys.executable, '-B', os.path.join(HERE, 'check_%s.py' % check),
                              bench.path('dist'), bench.root] + more, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, check=False)
        if run.returncode:
            problems.append('signed: %s: %s' % (' '.join([check] + more), run.stdout.decode()))
    return problems


def check_plain(bench, program):
    """Unsigned, signed without a time; the signature proper changed."""
    problems = []
    if bench.verify(program)[0]:
        problems.append('an unsigned program verifies')
    code, said = bench.call('sign/authenticode', 'sign.pem', 'sign.key', program, 'plain.exe')
    if code or bench.verify('plain.exe') != (True, False):
        problems.append('signed without a time: exit %d, %s %s' %
                        (code, bench.verify('plain.exe'), said))
    return problems


def authority_of(bench):
    """A server on this machine that answers questions, as those of authorities do."""
    class Authority(http.server.BaseHTTPRequestHandler):
        def do_POST(self):  # noqa: N802, the name is the library's
            with open(bench.path('asked.tsq'), 'wb') as file:
                file.write(self.rfile.read(int(self.headers['Content-Length'])))
            bench.answer('asked.tsq', 'asked.tsr')
            answer = checklib.read(bench.path('asked.tsr'))
            self.send_response(200)
            self.send_header('Content-Type', 'application/timestamp-reply')
            self.send_header('Content-Length', str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    return http.server.HTTPServer(('127.0.0.1', 0), Authority)


def check_server(bench, program):
    """The time of a server; of one that is gone, no file."""
    server, problems = authority_of(bench), []
    url = 'http://127.0.0.1:%d/' % server.server_address[1]
    quiet = {'no_proxy': '127.0.0.1', 'NO_PROXY': '127.0.0.1'}
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        code, said = bench.call('sign/authenticode', 'sign.pem', 'sign.key', program, 'asked.exe', url,
                                **quiet)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    if code or bench.verify('asked.exe') != (True, True):
        problems.append('time stamped by a server: exit %d, %s' % (code, said))
    code, said = bench.call('sign/authenticode', 'sign.pem', 'sign.key', program, 'gone.exe', url,
                            **quiet)
    if code != 1 or os.path.exists(bench.path('gone.exe')):
        problems.append('without its server: exit %d, %s' % (code, said))
    return problems


def check_pfx(bench, program):
    """A .pfx taken apart as the README says; the key keeps a password."""
    text = checklib.read(os.path.join(bench.root, 'packaging/sign/README.md')).decode()
    commands = re.findall(r'^openssl (pkcs12 .*)$', text, re.M)
    for line in commands:
        more = [] if '-nokeys' in line else ['-passout', 'pass:' + PASSWORD]
        bench.openssl(*line.split(), '-passin', 'pass:' + PASSWORD, *more)
    problems = []
    command = ('sign/authenticode', 'certificate.pem', 'key.pem', program, 'pfx.exe')
    for word, wanted in (('wrong', 1), (PASSWORD, 0)):
        bench.write('password', word + '\n')
        code, said = bench.call(*command, ED_SIGN_PASSWORD='password')
        if code != wanted or os.path.exists(bench.path('pfx.exe')) == bool(wanted):
            problems.append('password %s: exit %d, %s' % (word, code, said))
    if bench.verify('pfx.exe') != (True, False):
        problems.append('signed by what was in a .pfx: %s' % (bench.verify('pfx.exe'),))
    return problems


def check_answers(bench, program):
    """An answer that is none, one to another question, one with a changed byte, another program."""
    def again(source=program):
        return bench.call('sign/authenticode', 'sign.pem', 'sign.key', source, 'odd.exe', 'odd')

    problems = []
    question, answer = 'odd/odd.exe.tsq', bench.path('odd/odd.exe.tsr')
    if again()[0] != ANSWER_MISSING:
        problems.append('does not wait for an answer')
    bench.write('odd/odd.exe.tsr', '<html>not found</html>')
    if again()[0] != 1 or os.path.exists(bench.path('odd.exe')):
        problems.append('takes a page for an answer')
    bench.openssl('ts', '-query', '-sha256', '-cert', '-data', program, '-out', 'other.tsq')
    bench.answer('other.tsq', answer)
    code, said = again()
    if code != 1 or 'another question' not in said:
        problems.append('takes the answer to another question: exit %d, %s' % (code, said))
    bench.answer(question, answer)
    if again()[0] or bench.verify('odd.exe') != (True, True):
        problems.append('does not take the right answer')
    # of the authority's own signature, which ends the answer
    changed(answer, len(checklib.read(answer)) - 9)
    if again()[0] == 0 and bench.verify('odd.exe')[1]:
        problems.append('a changed byte of the time stamp is not noticed')
    shutil.copyfile(program, bench.path('other.exe'))
    changed(bench.path('other.exe'), -1)
    if again('other.exe')[0] != ANSWER_MISSING or os.path.exists(answer):
        problems.append('another program gets the time stamp of the first')
    return problems


def check_token(bench, program):
    """The key in SoftHSM, by OpenSSL's PKCS#11 engine."""
    bench.write('softhsm2.conf', 'directories.tokendir = %s\nobjectstore.backend = file\n' %
                bench.path('tokens'))
    os.mkdir(bench.path('tokens'))
    bench.write('pin', PIN)
    environment = {'SOFTHSM2_CONF': bench.path('softhsm2.conf')}
    both = dict(os.environ, **environment)
    bench.openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'sign.key', '-out', 'sign.p8')
    checklib.run('softhsm2-util', '--init-token', '--free', '--label', 'test', '--pin', PIN,
                 '--so-pin', PIN, env=both)
    checklib.run('softhsm2-util', '--import', bench.path('sign.p8'), '--token', 'test', '--label',
                 'sign', '--id', 'A1', '--pin', PIN, env=both)
    uri = 'pkcs11:token=test;object=sign;pin-source=file:' + bench.path('pin')
    command = ('sign/authenticode', 'sign.pem', uri, program, 'token.exe')
    problems = []
    code, said = bench.call(*command, **environment)
    if code != 1 or 'ED_PKCS11_MODULE' not in said:
        problems.append('signs with a token whose module nobody named: %s' % said)
    environment['ED_PKCS11_MODULE'] = PKCS11_MODULE
    code, said = bench.call(*command, **environment)
    if code or not bench.verify('token.exe')[0]:
        problems.append('signed by a token: exit %d, %s' % (code, said))
    bench.write('pin', '4321')
    if not bench.call(*command, **environment)[0]:
        problems.append('signs with the wrong PIN')
    return problems


def main():
    if len(sys.argv) < 3:
        sys.exit('usage: check_sign.py ROOT BUILD...')
    root, *builds = (os.path.realpath(word) for word in sys.argv[1:])
    program = os.path.join(builds[0], 'espdiag.exe')
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(root, builds, folder)
        checklib.finish(check_plain(bench, program) + check_answers(bench, program) +
                        check_server(bench, program) + check_pfx(bench, program) +
                        check_token(bench, program) + check_stamped(bench))


if __name__ == '__main__':
    main()
