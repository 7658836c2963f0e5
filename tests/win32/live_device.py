# SPDX-License-Identifier: MIT
"""A wine prefix of its own that plays a device for the shipped program, until it is closed.

Events come from the double of wevtapi.dll, the newest boot log from that of tbs.dll, BitLocker's
state from that of WMI, keys from the registry and logs from the folders of the prefix. Scripts that
use it take the options of add_options and can run side by side.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

import wmi_double

HERE = os.path.dirname(os.path.abspath(__file__))
WINE_RUN = os.path.join(HERE, 'wine-run')
WINE_PREFIX = os.path.join(HERE, '..', '..', 'packaging', 'win64', 'wine-prefix')
# by its path: a bare name goes by way of Wine's start.exe and its shell, which once in a while start nothing
REG = r'C:\windows\system32\reg.exe'
WMI_KEY = r'HKCR\CLSID\{4590f811-1d3a-11d0-891f-00aa004b2e24}\InprocServer32'
BOOT_LOGS = 'drive_c/windows/Logs/MeasuredBoot'
IME_LOGS = 'drive_c/ProgramData/Microsoft/IntuneManagementExtension/Logs'
KEY_LINE = re.compile(r'^\[(HKEY_[^\]]+)\]\s*$', re.M)
SECONDS_MOST = 150


class Wrong(Exception):
    """A program did not do its part at all."""


def run(command, **settings):
    """What subprocess.run gives, output in files: the desktop that Wine starts beside a program
    outlives it by seconds, or by as long as another program runs, and holds the ends of pipes."""
    # what goes wrong in Wine itself is told
    settings['env'] = {'ED_WINE_SAYS': 'err+all', **settings.get('env', os.environ)}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        done = subprocess.run(command, stdout=out, stderr=said, check=False, timeout=SECONDS_MOST,
                              stdin=subprocess.DEVNULL, **settings)
        for file in out, said:
            file.seek(0)
        done.stdout, done.stderr = out.read(), said.read()
    return done


def call(command, allowed=(0,), **settings):
    done = run(command, **settings)
    if done.returncode not in allowed:
        # Wine's own programs tell what went wrong where others print results
        told = (done.stderr + (done.stdout or b'')[-300:]).decode('utf-8', 'replace')
        raise Wrong('%s: exit %d: %s' % (' '.join(command[:4]), done.returncode, told[:600]))
    return done.stdout


def windows(path):
    return 'Z:' + path.replace('/', '\\')


def add_options(parser):
    parser.add_argument('--exe', required=True, help='espdiag.exe')
    parser.add_argument('--espdiag', required=True, help='the same program for this machine')
    parser.add_argument('--scenario', required=True, help='the program that makes evidence')
    parser.add_argument('--base', required=True, help='the prefix that is copied')
    parser.add_argument('--prefix', required=True, help='the copy, for this run alone')
    parser.add_argument('--doubles', required=True, help='the folder of the doubles')


def files_below(folder):
    return sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)


class Device:
    """The prefix as a device: one state at a time."""

    def __init__(self, options):
        self.options = options
        self.prefix = os.path.abspath(options.prefix)
        self.keys = set()

    def __enter__(self):
        self.close()
        call([WINE_PREFIX, 'clone', self.options.base, self.prefix])
        for name in ['wevtapi.dll', 'tbs.dll']:
            target = self.folder('drive_c/windows/system32/' + name)
            if os.path.lexists(target):
                os.remove(target)
            shutil.copyfile(os.path.join(self.options.doubles, name), target)
        call([WINE_PREFIX, 'up', self.prefix])
        wmi = os.path.join(self.options.doubles, 'wbem_double.dll')
        self.wine(REG, 'add', WMI_KEY, '/ve', '/d', windows(os.path.abspath(wmi)), '/f')
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        call([WINE_PREFIX, 'down', self.prefix])
        shutil.rmtree(self.prefix, ignore_errors=True)

    def folder(self, name):
        return os.path.join(self.prefix, name)

    def wine(self, *command, environment=None, allowed=(0,)):
        return call([WINE_RUN, self.prefix, *command], allowed,
                    env=dict(os.environ, **(environment or {})))

    def put_registry(self, evidence, scratch):
        """What the state before left goes, then the new keys come."""
        text = 'Windows Registry Editor Version 5.00\r\n\r\n'
        text += ''.join('[-%s]\r\n' % key for key in sorted(self.keys, reverse=True))
        self.keys = set()
        for path in evidence:
            with open(path, 'rb') as file:
                data = file.read()
            part = data.decode('utf-16' if data[:2] in (b'\xff\xfe', b'\xfe\xff') else 'utf-8-sig')
            self.keys |= set(KEY_LINE.findall(part))
            text += part.split('\n', 1)[1]
        merged = os.path.join(scratch, 'case.reg')
        with open(merged, 'w', encoding='utf-16', newline='') as file:
            file.write(text)
        self.wine(REG, 'import', windows(merged))

    def put_files(self, evidence, name):
        folder = self.folder(name)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for path in evidence:
            shutil.copy(path, folder)

    def put_volume(self, evidence, scratch):
        told = os.path.join(scratch, 'wmi.txt')
        with open(told, 'w', encoding='utf-8') as out:
            for path in evidence[:1]:
                with open(path, encoding='utf-8') as file:
                    out.write(wmi_double.volume_text(json.load(file)))
            if not evidence:
                out.write('namespace none\n')
        return windows(told)

    def put(self, evidence, scratch):
        """Returns what the doubles have to be told: environment variables."""
        found = files_below(evidence)
        boot = [p for p in found if '/MeasuredBoot/' in p]
        self.put_registry([p for p in found if p.endswith('.reg')], scratch)
        self.put_files(boot, BOOT_LOGS)
        self.put_files([p for p in found if p.endswith('.log') and p not in boot], IME_LOGS)
        events = os.path.join(scratch, 'events')
        call([sys.executable, '-B', os.path.join(HERE, 'prepare_events.py'),
              self.options.espdiag, events, evidence])
        volume = [p for p in found if re.search(r'state.volume\.json$', p)]
        return {'ESPDIAG_DOUBLE_EVENTS': events,
                'ESPDIAG_DOUBLE_TBS': boot[-1] if boot else '',
                'ESPDIAG_DOUBLE_WMI': self.put_volume(volume, scratch)}

    def build(self, case, evidence):
        """The evidence of a case of tests/scenarios; returns the time to judge it at."""
        call([self.options.scenario, 'build', case, evidence, '--wrap', 'evtx'])
        return json.loads(call([self.options.scenario, 'expect', case]))['at']

    def command(self, *arguments):
        return [WINE_RUN, self.prefix, self.options.exe, 'collect', *arguments]

    def collect(self, told, *arguments, allowed=(0, 3)):
        return self.wine(self.options.exe, 'collect', *arguments, environment=told,
                         allowed=allowed)

    def verify(self, bundle):
        """Raises when what stands there is no whole bundle."""
        with zipfile.ZipFile(bundle) as archive:
            if archive.testzip():
                raise Wrong('%s has a damaged member' % bundle)
        call([self.options.espdiag, 'verify', bundle])

    def only_bundle(self, folder):
        names = os.listdir(folder)
        if len(names) != 1 or not names[0].endswith('.zip'):
            raise Wrong('a run left %s' % names)
        bundle = os.path.join(folder, names[0])
        self.verify(bundle)
        return bundle


def member(bundle, name):
    with zipfile.ZipFile(bundle) as archive:
        return json.loads(archive.read(name))


def scratch_folder():
    return tempfile.TemporaryDirectory(prefix='espdiag-live-')


def case_path(name):
    return os.path.join(HERE, '..', 'scenarios', 'cases', name + '.txt')
