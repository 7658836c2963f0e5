#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds relations between the verdicts of evidence and of the same evidence, changed.

usage: relations.py --espdiag PROGRAM --scenario PROGRAM [--relation NAME...] [--long]
                    CASE...

No relation needs to know the right verdict of a case: what changes nothing must change nothing, what
takes evidence away must not make anything surer, and what happened later must not be known earlier.
The variants of a case are cases of their own. Without --long each relation is tried on a share of
the cases, the same ones each time.
"""
import argparse
import collections
import concurrent.futures
import copy
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import zlib

from evidence import (
    AAD, APPX, BITLOCKER, KERNEL, LOG_STAMP, MDM, SHELL, STAMP, STORE, TICKS, XML_FORMS, Event, Evidence, denial_fields,
    dump_of, event_file, event_xml, no_record, plain_files, rewritten, shift_text, text_of, ticks_of, with_jump, write_folder,
    write_zip)

JOBS = 2
BATCH = 40
SEED = 20261123
CERTAINTY = {'possible': 0, 'likely': 1, 'confirmed': 2}
# Verdicts.

class Job:
    """Evidence to be analysed as of a time; None: as of its end."""

    def __init__(self, evidence, at, write=write_folder):
        self.files = list(plain_files(evidence)) if isinstance(evidence, Evidence) else list(evidence)
        self.at, self.write = at, write


class Runner:
    def __init__(self, args, folder):
        self.espdiag, self.scenario, self.folder, self.long = args.espdiag, args.scenario, folder, args.long

    def call(self, command, allowed=(0,)):
        done = subprocess.run(command, capture_output=True, timeout=120)
        if done.returncode not in allowed:
            raise RuntimeError('%s: exit %d: %s' % (
                ' '.join(command), done.returncode, done.stderr.decode('utf-8', 'replace')[:300]))
        return done.stdout.decode('utf-8')

    def cases(self, path):
        """(name, evidence, at) of a case and its variants"""
        told = [[]]
        told += [['--variant', v] for v in json.loads(
            self.call([self.scenario, 'expect', path]))['variants']]
        for options in told:
            at = json.loads(self.call([self.scenario, 'expect', path, *options]))['at']
            folder = tempfile.mkdtemp(dir=self.folder)
            self.call([self.scenario, 'build', path, folder, '--wrap', 'xml', *options])
            name = '/'.join([os.path.basename(path)[:-4]] + options[1:])
            yield name, Evidence.read(folder), at
            shutil.rmtree(folder)

    def verdicts(self, jobs):
        """Of many pieces of evidence, in their order; those as of one time by one process."""
        out = [None] * len(jobs)
        for at in {j.at for j in jobs}:
            mine = [i for i, j in enumerate(jobs) if j.at == at]
            for first in range(0, len(mine), BATCH):
                some = mine[first:first + BATCH]
                for i, verdict in zip(some, self.batch([jobs[i] for i in some], at)):
                    out[i] = verdict
        return out

    def batch(self, jobs, at):
        folder = tempfile.mkdtemp(dir=self.folder)
        paths = [j.write(j.files, os.path.join(folder, str(i))) for i, j in enumerate(jobs)]
        options = ['--at', at] if at else []
        try:
            text = self.call([self.espdiag, 'analyze', '--format', 'ndjson', *options, *paths], (0, 3))
        finally:
            shutil.rmtree(folder)
        return [json.loads(line) for line in text.splitlines()]


def ids(verdict, key):
    return [x['id'] for x in verdict.get(key) or []]


def relative(verdict, text):
    return (ticks_of(text) - ticks_of(verdict['evaluated_at'])) / TICKS if text else None


def strip(verdict, value):
    """Times become seconds before the evaluation."""
    if isinstance(value, dict):
        return {k: strip(verdict, v) for k, v in value.items()}
    if isinstance(value, list):
        return [strip(verdict, v) for v in value]
    if isinstance(value, str) and STAMP.fullmatch(value):
        return relative(verdict, value)
    return value


FACTS = ['esp', 'store', 'sign_in', 'bitlocker', 'attestation', 'boots']


def skeleton(verdict, parts=()):
    refs = {e['ref']: e for e in verdict['evidence']}

    def proof(item):
        return sorted(str([(refs[r]['provider'] or '').lower(), refs[r]['event'], relative(verdict, refs[r]['at'])])
                      for r in item['evidence'])

    out = {
        'outcome': verdict['outcome'], 'primary': verdict['primary'],
        'certainty': verdict['certainty'], 'actions': ids(verdict, 'actions'),
        'findings': [[f['id'], f['severity'], f['certainty'], proof(f)]
                     for f in verdict['findings']],
        'ruled_out': [[f['id'], proof(f)] for f in verdict['ruled_out']],
        'chain': [[relative(verdict, c['at']), proof(c)] for c in verdict['chain']],
    }
    for key in FACTS:
        out[key] = strip(verdict, verdict[key])
    return {k: out[k] for k in parts} if parts else out


def difference(before, after):
    return ['%s: %s became %s' % (k, json.dumps(before[k])[:600], json.dumps(after[k])[:600])
            for k in before if before[k] != after.get(k)]


def same(runner, case, changed, at=None, parts=(), neutral=lambda s: s, write=write_folder):
    base = neutral(skeleton(runner.base(case), parts))
    return [Job(changed, at or case[2], write)], lambda got: difference(base, neutral(skeleton(got, parts)))


# Relations. Each yields what was changed, the evidence to analyse, and what tells the problems of the verdicts.

SHIFTS = {  # seconds from 2026-09-14T08:00 to a time worth trying
    'leap day': ticks_of('2028-02-29T23:50:00Z'), 'year end': ticks_of('2026-12-31T23:40:00Z'),
    'summer time ends': ticks_of('2026-10-25T00:50:00Z'), 'month end': ticks_of('2027-02-28T23:45:00Z'),
    'summer time begins': ticks_of('2027-03-28T00:40:00Z'), 'epoch of Unix': ticks_of('1969-12-31T23:30:00Z'),
}


def shifted(runner, case, rng):
    name, evidence, at = case
    for label, target in SHIFTS.items():
        seconds = (target - ticks_of('2026-09-14T08:00:00Z')) // TICKS
        changed = evidence.texts_changed(lambda t: shift_text(t, seconds))
        yield (label, *same(runner, case, changed, shift_text(at, seconds)))


def forms(runner, case, rng):
    name, evidence, at = case

    def held(files, write=write_folder):
        return same(runner, case, files, write=write)

    files = list(plain_files(evidence))
    yield ('zip', *held(files, write_zip))
    turned = [('%s/%s/%s' % (chr(97 + i), 'x' * (i % 3 + 1), 'f%d.bin' % i), data)
              for i, (_, data) in enumerate(rng.sample(files, len(files)))
              if data or True]
    if all(es for es in evidence.channels.values()):  # an empty file has only its name
        yield ('other names and folders', *held(turned))
    yield ('deep', *held([('a/b/c/d/e/f/' + p, d) for p, d in files]))
    for form in XML_FORMS:
        yield (form.__name__, *held(plain_files(rewritten(evidence, form))))
    if not has_jump(evidence):
        yield ('no_record', *same(runner, case, rewritten(evidence, no_record), parts=ESSENCE + ('actions', *FACTS)))
    for label, options in (('utf-16', {'encoding': 'utf-16'}), ('no declaration', {'declared': False}),
                           ('no root', {'declared': False, 'root': False})):
        if options.get('root', True) or all(evidence.channels.values()):  # of an empty one nothing is left
            yield (label, *held([f for f in files if not f[0].startswith('events/')] + [
                ('events/%s.xml' % c.replace('/', '%4'), event_file(es, **options))
                for c, es in evidence.channels.items()]))
    rest = [f for f in files if not f[0].startswith('events/')]
    channels = evidence.channels
    yield ('newest first', *held(rest + [
        ('events/%s.xml' % c.replace('/', '%4'), event_file(es[::-1])) for c, es in channels.items()]))
    yield ('shuffled', *held(rest + [
        ('events/%s.xml' % c.replace('/', '%4'), event_file(rng.sample(es, len(es))))
        for c, es in channels.items()]))
    if all(channels.values()):
        yield ('one file for all', *held(rest + [
            ('all.xml', event_file([e for _, e in evidence.events()]))]))
    yield ('twice', *held(files + [('copy/' + p, d) for p, d in files]))
    yield ('half twice', *held(files + [
        ('half/%s.xml' % c.replace('/', '%4'), event_file(es[len(es) // 2:]))
        for c, es in channels.items() if es]))
    yield ('in two parts', *held(rest + [
        ('part%d/%s.xml' % (i, c.replace('/', '%4')), event_file(part))
        for c, es in channels.items()
        for i, part in enumerate([es[:len(es) // 2 + 1], es[len(es) // 2:]])]))
    if evidence.registry:
        events = [f for f in files if not f[0].startswith('registry/')]
        for label, text in (('headerless dump', dump_of(evidence.registry)), ):
            yield (label, *held(events + [('MdmDiagReport_RegistryDump.reg', text.encode())]))
        yield ('registry in utf-8', *held(events + [('x.reg', evidence.registry.encode())]))
        keys = re.split(r'(?=\r\n\[)', evidence.registry)
        mixed = keys[0] + ''.join(rng.sample(keys[1:], len(keys) - 1))
        yield ('registry keys shuffled', *held(events + [('x.reg', mixed.encode())]))
        yield ('registry a key a file', *held(events + [
            ('reg/%d.reg' % i, (keys[0] + k).encode()) for i, k in enumerate(keys[1:])]))


def noise_rows(rng, when):
    """(name, channel, event): nothing of which has to do with a Store app."""
    guid = '%08x-0000-4000-8000-%012x' % (rng.getrandbits(32), rng.getrandbits(48))
    bl, aad = 'Microsoft-Windows-BitLocker-API', 'Microsoft-Windows-AAD'
    mdm = 'Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider'
    appx = 'Microsoft-Windows-AppXDeployment-Server'

    def volume(mount, *more):
        return [('IdentificationGUID', '{%s}' % guid), ('VolumeName', '\\\\?\\Volume{%s}\\' % guid),
                ('VolumeMountPoint', mount), *more]

    yield 'unknown provider', 'System', event_xml('System', 'Contoso-Thing', 12, when, [('a', '1')])
    yield 'unknown id', STORE, event_xml(STORE, 'Microsoft-Windows-Install-Agent', 2999, when, [])
    yield 'unknown id of AAD', AAD, event_xml(AAD, aad, 1999, when, denial_fields(
        53000, '268761a2-03f3-40df-8a8b-c3db24145b6b', 'x', guid))
    yield 'other channel', 'Contoso/Operational', event_xml(
        'Contoso/Operational', aad, 7, when, [('a', 'AADSTS53000')])
    yield 'licence manager', STORE, event_xml(STORE, 'Microsoft-Windows-Store', 8002, when, [
        ('Message', 'NewState = Working ProductId = 9NBLGGGZM6WM HResult = 5'), ('Function', 'x')])
    yield 'other client denied', AAD, event_xml(AAD, aad, 1098, when, denial_fields(
        53000, '26a7ee05-5602-4d76-a7ba-eae8b7b67941', '00000003-0000-0000-c000-000000000000', guid),
        level=2)
    yield 'other client denied otherwise', AAD, event_xml(AAD, aad, 1098, when, denial_fields(
        53003, '1b3c667f-cde3-4090-b60b-3d2abd0117f0', '00000003-0000-0000-c000-000000000000', guid),
        level=2)
    yield 'cache news', AAD, event_xml(AAD, aad, 1097, when, [
        ('Error', '2326069467'), ('ErrorMessage', 'x'), ('AdditionalInformation', 'Logged at x.cpp')])
    for mount in ('D:', 'E:\\'):
        for number, more in ((768, [('AlgorithmType', '0x8004')]), (769, [('AlgorithmType', '0x8004')]),
                             (770, []), (773, []), (774, []), (778, []), (846, [('ErrorCode', '-2147023436')]),
                             (775, [('ProtectorGUID', '{%s}' % guid), ('ProtectorType', '0x1')]),
                             (776, [('ProtectorGUID', '{%s}' % guid), ('ProtectorType', '0x1')]),
                             (845, [('ProtectorGUID', '{%s}' % guid)])):
            yield 'BitLocker %d of %s' % (number, mount), BITLOCKER, event_xml(
                BITLOCKER, bl, number, when, volume(mount, *more))
    yield 'driver on D:', 'System', event_xml('System', 'Microsoft-Windows-BitLocker-Driver', 24667, when, [
        ('ErrorCode', '0x0'), ('Volume', 'D:'), ('WritePhase', '')])
    yield 'not encrypted D:', MDM, event_xml(MDM, mdm, 2752, when, [('Message1', 'D:'), ('HRESULT', '0x0')])
    yield 'DMA noise', BITLOCKER, event_xml(BITLOCKER, bl, 4122, when, [('LocalizedText', 'x')])
    yield 'Secure Boot noise', BITLOCKER, event_xml(BITLOCKER, bl, 810, when, [])
    yield 'recovery protector', BITLOCKER, event_xml(BITLOCKER, bl, 776, when, volume(
        'C:', ('ProtectorGUID', '{%s}' % guid), ('ProtectorType', '0x3')))
    yield 'fake policy', MDM, event_xml(MDM, mdm, 404, when, [
        ('Message1', guid), ('Message2', 'x'), ('Message3', 'ADMXInstall'), ('InternalCmdType', '1'),
        ('Message5', './Device/Vendor/MSFT/Policy/ConfigOperations/ADMXInstall/Receiver/Properties/Policy/'
         'FakePolicy/Version'), ('HexInt1', '0x80070002')], level=2)
    yield 'policy set', MDM, event_xml(MDM, mdm, 813, when, [
        ('Message1', 'AllowCamera'), ('Message2', 'Camera'), ('Message3', guid), ('Message4', 'device'),
        ('HexInt1', '0x1'), ('HexInt2', '0x6'), ('HexInt3', '0x0')])
    yield 'another package failed', APPX, event_xml(APPX, appx, 404, when, [
        ('SummaryError', ''), ('PackageFullName', 'Contoso.Thing_1.0.0.0_x64__8wekyb3d8bbwe'),
        ('ErrorCode', '0x80073d02'), ('CallingProcess', 'C:\\Windows\\explorer.exe')], level=2)
    yield 'another package came', APPX, event_xml(APPX, appx, 400, when, [
        ('DeploymentOperation', '6'), ('PackageFullName', 'Contoso.Thing_1.0.0.0_x64__8wekyb3d8bbwe'),
        ('CallingProcess', 'C:\\Windows\\explorer.exe')])
    yield 'logon packages', 'Microsoft-Windows-AppXDeployment/Operational', event_xml(
        'Microsoft-Windows-AppXDeployment/Operational', 'Microsoft-Windows-AppXDeployment', 328, when, [
            ('ErrorCode', '0x80070539')])
    yield 'small clock correction', 'System', event_xml(
        'System', 'Microsoft-Windows-Kernel-General', 1, when, [
            ('NewTime', text_of(when)), ('OldTime', text_of(when - 500 * 10000)), ('Reason', '1')])
    yield 'boot manager entry', 'System', event_xml('System', 'Microsoft-Windows-Kernel-Boot', 32, when, [
        ('BitlockerUserInputTime', '0')])
    yield 'noise of Autopilot', 'Microsoft-Windows-ModernDeployment-Diagnostics-Provider/Autopilot', event_xml(
        'Microsoft-Windows-ModernDeployment-Diagnostics-Provider/Autopilot',
        'Microsoft-Windows-ModernDeployment-Diagnostics-Provider', 100, when, [('Message1', 'x')], level=3)
    yield 'web app of the start', SHELL, event_xml(SHELL, 'Microsoft-Windows-Shell-Core', 62404, when, [
        ('CXID', 'OobeWelcome')])
    yield 'plug-in call', AAD, event_xml(AAD, aad, 1104, when, [('API', 'x'), ('Result', '0xc0000001')], level=2)
    yield 'Hello snapshot', 'Microsoft-Windows-User Device Registration/Admin', event_xml(
        'Microsoft-Windows-User Device Registration/Admin', 'Microsoft-Windows-User Device Registration',
        360, when, [('Message', 'x')], level=3)
    yield 'another cleaned report', 'Application', event_xml('Application', 'Windows Error Reporting', 1001, when, [
        ('EventName', 'APPCRASH'), ('P1', 'x.exe')])


def free_times(evidence, at, rng, count):
    """Times within the story that do not stand between two records of a channel that are one."""
    times = sorted(e.time for _, e in evidence.events() if e.time < ticks_of(at))
    if len(times) < 2:
        return []
    return [rng.randrange(times[0] + 1, max(times[-1], times[0] + 2)) for _ in range(count)]


def has_jump(evidence):
    return any(e.id == 1 and e.provider.endswith('Kernel-General') for e in evidence.channels.get('System', ()))


ESSENCE = ('outcome', 'primary', 'certainty')


def noise(runner, case, rng):
    name, evidence, at = case
    if has_jump(evidence):
        return
    for when in free_times(evidence, at, rng, 1 if not runner.long else 3):
        for label, channel, xml in noise_rows(rng, when):
            if channel not in evidence.channels and channel in (AAD, STORE, BITLOCKER, 'System', MDM, SHELL, APPX):
                continue  # it would make a source of what is none
            if not evidence.channels.get(channel, True):
                continue
            changed = evidence.copy()
            changed.add(channel, xml, when)
            yield ('%s at %s' % (label, text_of(when)), *same(runner, case, changed, parts=ESSENCE + ('actions', *FACTS)))


def taken_away(evidence):
    for channel in evidence.channels:
        new = evidence.copy()
        del new.channels[channel]
        yield channel, new
    if evidence.registry is not None:
        new = evidence.copy()
        new.registry = None
        yield 'registry', new
    if evidence.bytes:
        new = evidence.copy()
        new.bytes = {}
        yield 'boot logs', new
    for path in evidence.texts:
        new = evidence.copy()
        del new.texts[path]
        yield path, new


WANTED = (AAD, STORE, BITLOCKER, 'System', MDM, SHELL, APPX, 'registry')


# Another primary that nothing less would tell: (relation, case) and why that is right.
KNOWN = {
    ('less', 'another-deployment/by-the-store'): 'without the page\'s list any package may be waited for',
    ('less', 'clock-years-behind/then-well'): 'only the log that is gone told of the failures',
    ('less', 'enrolled-anew/came'): 'what tells one enrolment from the next is gone',
    ('rolled', 'enrolled-anew/came'): 'what tells one enrolment from the next is gone',
    ('holes', 'enrolled-anew/came'): 'what tells one enrolment from the next is gone',
    ('less', 'enrolled-anew/linked'): 'the boot log that contradicts is gone',
    ('less', 'enrolment-denied/with-the-refusal'): 'the refusal is logged by itself',
    ('less', 'store-unreachable/then-listed'): 'the list that shows the app is gone',
    ('less', 'suspended/resumed'): 'the start is no longer known to have measured it, or 2900 says that it is off',
    ('less', 'suspended/resumed-unmeasured'): '2900 says that it is off',
    ('less', 'timeout-with-a-cause/other-cause'): 'the cause is gone, the symptom stays',
    ('less', 'two-products/one-came'): 'which app was refused is gone',
    ('less', 'two-products/one-came-later'): 'which app was refused is gone',
    ('holes', 'two-products/one-came'): 'which app came is gone',
    ('holes', 'two-products/one-came-later'): 'which app was refused is gone',
    ('less', 'two-products/both-listed'): 'the list that shows the apps is gone',
    ('less', 'live-encrypting/no-check-in'): 'the logs tell another story than the device did',
    ('less', 'live-encrypting/finished'): 'the logs tell another story than the device did',
}
CAME = {('microsoft-windows-install-agent', 2006), ('microsoft-windows-appxdeployment-server', 400)}


def proves_health(verdict):
    refs = {e['ref']: ((e['provider'] or '').lower(), e['event']) for e in verdict['evidence']}
    cited = {refs[r] for c in verdict['chain'] for r in c['evidence']}
    return verdict['esp']['phase'] == 'done' or cited & CAME


def weaker(relation, name, before, after):
    """With less evidence nothing is surer, and what was not seen before is not confirmed."""
    out = []
    if after['outcome'] == 'healthy' and before['outcome'] != 'healthy' and not proves_health(after):
        out.append('%s became healthy' % before['outcome'])
    if after['primary'] and after['primary'] == before['primary'] and \
            CERTAINTY[after['certainty']] > CERTAINTY[before['certainty']]:
        out.append('%s became %s' % (before['certainty'], after['certainty']))
    if after['primary'] not in ids(before, 'findings') + [None] and after['certainty'] == 'confirmed' and \
            (relation, name) not in KNOWN:
        out.append('%s (%s) became %s (confirmed)' % (before['primary'], before['certainty'], after['primary']))
    return out


def less(runner, case, rng):
    name, evidence, at = case
    before = runner.base(case)

    def told(label):
        def check(after):
            rows = {c['source']: c['state'] for c in after['coverage']}
            return weaker('less', name, before, after) + (['coverage says %s of it' % rows.get(label)] if label in WANTED and
                                            rows.get(label) != 'absent' else [])
        return check

    for label, changed in taken_away(evidence):
        yield 'without ' + label, [Job(changed, at)], told(label)
        for other, both in taken_away(changed) if runner.long else ():
            if other > label:
                yield 'without %s and %s' % (label, other), [Job(both, at)], lambda after: weaker('less', name, before, after)


def rolled(runner, case, rng):
    """The oldest records of one channel are gone."""
    name, evidence, at = case
    before = runner.base(case)
    for channel, events in evidence.channels.items():
        cuts = range(1, len(events)) if runner.long else [len(events) // 2]
        for cut in cuts:
            if not 0 < cut < len(events):
                continue
            changed = evidence.copy()
            changed.channels[channel] = events[cut:]
            yield ('%s from record %d on' % (channel, events[cut].record), [Job(changed, at)],
                   lambda after: weaker('rolled', name, before, after))


def holes(runner, case, rng):
    """One record is damaged: a gap in a channel."""
    name, evidence, at = case
    before = runner.base(case)
    for channel, events in evidence.channels.items():
        picks = range(len(events)) if runner.long or channel == BITLOCKER else (
            [rng.randrange(len(events))] if events else [])
        for i in picks:
            damaged = event_file(events).replace(events[i].xml.encode(), events[i].xml[:200].encode())
            files = [f for f in plain_files(evidence) if f[0] != 'events/%s.xml' % channel.replace('/', '%4')]
            files.append(('events/%s.xml' % channel.replace('/', '%4'), damaged))
            yield ('%s without record %d (%s/%d)' % (channel, events[i].record, events[i].provider, events[i].id),
                   [Job(files, at)], lambda after: weaker('holes', name, before, after))


def boot_logs_until(evidence, at):
    """The logs of the starts up to @at."""
    later = sum(1 for e in evidence.channels.get('System', ())
                if e.id == 12 and e.provider.endswith('Kernel-General') and e.time > at)
    names = sorted(evidence.bytes)
    return {n: evidence.bytes[n] for n in names[:len(names) - later]} if later else dict(evidence.bytes)


def log_lines_until(text, at):
    def keep(line):
        m = LOG_STAMP.search(line)
        if not m or not m[3]:  # local time of an unknown zone
            return True
        when = ticks_of('%s-%02d-%02dT%sZ' % (m[6], int(m[4]), int(m[5]), m[1]))
        return when + int(m[3] or '0') * 60 * TICKS <= at
    return ''.join(x for x in text.splitlines(True) if keep(x))


def nameless(skeleton):
    """What an app is called is no event: names serve from later lines, too."""
    for app in skeleton['esp']['apps']:
        app['name'] = re.sub(r'.*\((.*)\)$', r'\1', app['name'])
    return skeleton


def earlier(runner, case, rng):
    name, evidence, at = case

    def alike(cut, whole):
        return difference(nameless(skeleton(cut)), nameless(skeleton(whole)))

    if has_jump(evidence):
        return
    end = ticks_of(at)
    times = sorted({e.time for _, e in evidence.events() if e.time < end})
    for when in times if runner.long else rng.sample(times, min(2, len(times))):
        when = when // TICKS * TICKS + TICKS
        cut = evidence.copy()
        for channel, events in evidence.channels.items():
            cut.channels[channel] = [e for e in events if e.time <= when]
        cut.bytes = boot_logs_until(evidence, when)
        cut.texts = {p: log_lines_until(t, when) if 'log' in p else t for p, t in cut.texts.items()}
        stamp = text_of(when)
        yield stamp, [Job(cut, stamp), Job(evidence, stamp)], alike
    newest = max([e.time for _, e in evidence.events()], default=0)
    if newest and newest <= end:
        yield 'no --at', [Job(evidence, text_of(newest)), Job(evidence, None)], alike


def renamed(runner, case, rng):
    name, evidence, at = case
    keep = {'268761a2-03f3-40df-8a8b-c3db24145b6b', '45a330b1-b1ec-4cc1-9161-9f03992aa49f',
            'd4ebce55-015a-49b5-a083-c84d1797ae8c', '0000000a-0000-0000-c000-000000000000'}
    guid = re.compile('[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}')

    def neutral(s):
        return json.loads(re.sub(r'\b9[A-Za-z0-9]{11}\b', '<product>', re.sub('S-1-12-1-[0-9-]+', '<user>', guid.sub(
            '<guid>', json.dumps(s)))))

    def users(text):
        return re.sub('S-1-12-1-[0-9-]+', lambda m: 'S-1-12-1-3987654321-12345-4294967295-%d' % zlib.crc32(m[0].encode()), text)

    def products(text):
        for old, new in (('9WZDNCRFJ3PZ', '9PM860492SZD'), ('9NBLGGGZM6WM', '9MZ95KL8MR0L')):
            text = text.replace(old, new)
        return text

    def product_case(text):
        return text.replace('9WZDNCRFJ3PZ', '9wzdncrfj3pz')

    def upper(text):
        return guid.sub(lambda m: m[0].upper(), text)

    def lower(text):
        return guid.sub(lambda m: m[0].lower(), text)

    def other_guids(text):
        return guid.sub(lambda m: m[0] if m[0].lower() in keep else
                        '%08x%s' % (zlib.crc32(m[0].lower().encode()), m[0][8:]), text)

    def computer(text):
        return text.replace('DESKTOP-EXAMPLE1', 'KIOSK-7')

    def hex_codes(text):
        """Signed numbers as hex."""
        return re.sub(r"(<Data Name='(?:Error ?Code|Result|HResult|HRESULT|Error)'>)(-?\d{5,})<",
                      lambda m: '%s0x%08x<' % (m[1], int(m[2]) & 0xFFFFFFFF), text)

    def decimals(text):
        return re.sub(r"(<Data Name='(?:Error ?Code|HexInt\d|HRESULT|ProtectorType|AlgorithmType)'>)0x([0-9a-fA-F]+)<",
                      lambda m: '%s%d<' % (m[1], int(m[2], 16)), text)

    def field_names(text):
        return re.sub(r"<Data Name='([^']*)'>", lambda m: "<Data Name='%s'>" % m[1].replace(' ', '').lower(), text)

    def mounts(text):
        return text.replace("<Data Name='VolumeMountPoint'>C:<", "<Data Name='VolumeMountPoint'>C:\\<")

    def providers(text):
        return re.sub(r"Provider Name='([^']*)'", lambda m: "Provider Name='%s'" % m[1].upper(), text)

    for change in (users, products, product_case, upper, lower, other_guids, computer, hex_codes, decimals, field_names,
                   mounts, providers):
        changed = evidence.texts_changed(change)
        yield (change.__name__, *same(runner, case, changed, neutral=neutral))


# What comes later, and what must become of the verdict by the rules of the findings.

COMPLIANCE = {'bitlocker-restart-pending', 'bitlocker-not-armed', 'bitlocker-encrypting', 'bitlocker-not-enabled',
              'bitlocker-escrow-failed', 'bitlocker-method-mismatch', 'attestation-unavailable',
              'compliance-pending', 'compliance-other'}
STORE_CAUSES = {'store-network', 'store-license', 'appx-deployment', 'store-conditional-access'}
VOLUME = [('IdentificationGUID', '{6a1b2c3d-0000-4000-8000-00000000000c}'),
          ('VolumeName', '\\\\?\\Volume{6a1b2c3d-0000-4000-8000-00000000000c}\\'), ('VolumeMountPoint', 'C:')]


class Story:
    """Evidence that goes on: each step is logged some seconds after the one before."""

    def __init__(self, case):
        self.name, evidence, at = case
        self.evidence = evidence.copy()
        self.now = max([ticks_of(at)] + [e.time for _, e in evidence.events()]) + 20 * TICKS

    def log(self, channel, provider, number, data, after=1, **kwargs):
        self.now += after * TICKS
        self.evidence.add(channel, event_xml(channel, provider, number, self.now, data, **kwargs), self.now)
        return self

    def bitlocker(self, number, *data, **kwargs):
        return self.log(BITLOCKER, 'Microsoft-Windows-BitLocker-API', number, VOLUME + list(data), **kwargs)

    def came(self, product):
        message = '%s :: ProductId = %s  HResult = 0'
        for text in ('StateTransition :: ProductId = %s  PreviousState = Pending  NewState = Working  HResult = 0'
                     % product, message % ('FulfillmentComplete', product)):
            self.log(STORE, 'Microsoft-Windows-Install-Agent', 2006, [
                ('Message', text), ('Function', 'x'), ('Error Code', '0'), ('Source', 'x'), ('Line Number', '1'),
                ('CorrelationVector', 'x.1'), ('ProductId', product)], after=20)
        return self

    def denied(self, code=53000, **kwargs):
        return self.log(AAD, 'Microsoft-Windows-AAD', 1098, denial_fields(
            code, '268761a2-03f3-40df-8a8b-c3db24145b6b', 'https://onestore.example',
            '%08x-0000-4000-8000-000000000000' % zlib.crc32(str(self.now).encode())), level=2, **kwargs)

    def start(self, after=60):
        self.log('System', KERNEL, 13, [('StopTime', text_of(self.now))], after=after)
        return self.log('System', KERNEL, 12, [('MajorVersion', '10'), ('StartTime', text_of(self.now))], after=45)

    def fast_startup(self):
        return self.log('System', 'Microsoft-Windows-Kernel-Boot', 27, [('BootType', '1'), ('LoadOptions', '')],
                        after=600)

    def attested(self, number, **kwargs):
        data = [('HealthAttestationServer', 'https://has.example')]
        if number == 1538:
            data += [('HResult', '-2147012867')]
        return self.log('System', 'Microsoft-Windows-TPM-WMI', number, data, **kwargs)

    def waits(self, seconds):
        self.now += seconds * TICKS
        return self

    def tells(self, label, unadvised=None, **want):
        """What a relation yields: as it stands now the verdict says @want and does not advise @unadvised."""
        def check(got):
            return expected(got, **want) + (not_advised(got, unadvised) if unadvised else [])
        return label, [Job(self.evidence.copy(), text_of(self.now + 10 * TICKS))], check


def expected(got, **want):
    return ['%s is %s, wanted %s' % (k, got[k], v) for k, v in want.items()
            if got[k] not in (v if isinstance(v, (list, set, tuple)) else [v])]


def not_advised(got, action):
    return ['%s is advised' % action] if action in ids(got, 'actions') else []


def later(runner, case, rng):
    base = runner.base(case)
    primary = base['primary']
    name, evidence, at = case
    products = [p['id'] for p in base['store']['products'] or []]
    live = any('volume' in p for p in evidence.texts)
    whole = {AAD, STORE, BITLOCKER, MDM, 'System'} <= {c for c, es in evidence.channels.items() if es}
    after_at = any(e.time > ticks_of(at) + 120 * TICKS for _, e in evidence.events())
    if has_jump(evidence) or not whole or live or after_at:
        return
    if primary in COMPLIANCE | STORE_CAUSES and products and base['sign_in']['denials']:
        story = Story(case)
        for product in products:
            story.came(product)
        yield story.tells('the app comes', 'restart-device', outcome='recovered',
                          primary='compliance-recovered' if primary in COMPLIANCE else None)
        for _ in range(3):
            story.denied(after=180)
        yield story.tells('it comes, and is refused again', outcome=['blocked', 'waiting', 'failed'])
    if primary == 'bitlocker-restart-pending':
        yield from after_protection(case, base)
    if primary in COMPLIANCE:
        story = Story(case).bitlocker(846, ('TraceGUID', 'x'), ('ErrorCode', '-2147012889')).denied()
        yield story.tells('backup fails', 'restart-device', primary='bitlocker-escrow-failed')
        if primary not in ('bitlocker-escrow-failed', 'compliance-pending'):
            story.bitlocker(845, ('ProtectorGUID', 'x'), ('TraceGUID', 'x'))
            yield story.tells('backup fails, then works', primary=primary)
    if primary in ('compliance-pending', 'compliance-other', 'attestation-unavailable'):
        story = Story(case).log(MDM, 'Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider', 2902, [
            ('HexInt1', '0x6'), ('HexInt2', '0x7')]).denied()
        yield story.tells('another cipher', primary='bitlocker-method-mismatch')
    if primary in COMPLIANCE | STORE_CAUSES:
        for code in (53003, 53001, 530003, 50076):
            story = Story(case).denied(code, after=60).denied(code, after=60)
            yield story.tells('then refused with %d' % code, 'restart-device', primary='store-conditional-access')


def after_protection(case, base):
    """A restart is pending: what ends it, and what does not."""
    name, evidence, at = case
    tpm = [e for e in evidence.channels[BITLOCKER] if e.id == 775 and e.field('ProtectorType') == '0x1']
    ends = [('suspended', 773, [])]
    if tpm:
        ends += [('clear key', 778, []), ('decrypted', 770, []),
                 ('protector removed', 776, [('ProtectorGUID', tpm[-1].field('ProtectorGUID')), ('ProtectorType', '0x1')])]
    for label, number, more in ends:
        story = Story(case).bitlocker(number, *more).denied()
        yield story.tells(label, 'restart-device', primary='bitlocker-not-armed', outcome=base['outcome'])
    yield Story(case).bitlocker(773).bitlocker(774).denied().tells('resumed', primary='bitlocker-restart-pending')
    yield Story(case).fast_startup().denied().tells('fast startup', primary='bitlocker-restart-pending')
    if not base['bitlocker']['protected_at']:
        return  # it waits for the start to begin
    story = Story(case).start().waits(60).denied()
    story.evidence.bytes = {}
    yield story.tells('restarted', 'restart-device', primary='compliance-pending', outcome=['waiting', 'failed'])
    yield story.waits(1800).denied().tells('and time passed', 'restart-device', primary='compliance-other')
    yield story.attested(1538).denied().tells('and attestation failed', primary='attestation-unavailable')
    yield story.attested(1537).denied().tells('and then not', primary='compliance-other')
    yield story.start().denied().waits(120).tells('and started again', primary='compliance-pending')


def one_denial(code):
    def change(text):
        return re.sub(r'AADSTS530(?:00|002)(?!\d)', 'AADSTS%d' % code, text)
    return change


def denials_changed(runner, case, rng):
    base = runner.base(case)
    name, evidence, at = case
    if not base['sign_in']['denials'] or set(base['sign_in']['codes']) - {'53000', '530002'}:
        return
    others = any('AADSTS5300' in e.xml and '268761a2' not in e.xml and '45a330b1' not in e.xml
                 for e in evidence.channels.get(AAD, ()))
    for code in (53000, 530002):
        yield (str(code), *same(runner, case, evidence.texts_changed(one_denial(code)), parts=ESSENCE + (
            'actions', 'findings', 'bitlocker', 'attestation', 'chain')))
    if base['outcome'] == 'recovered' or others or base['primary'] in ('enrollment-conditional-access', None):
        return

    def other_code(code):
        def check(got):
            out = ['%s holds' % x for x in sorted(COMPLIANCE & set(ids(got, 'findings')))]
            if base['primary'] in COMPLIANCE:
                out += expected(got, primary='store-conditional-access') + not_advised(got, 'restart-device')
            if got['sign_in']['codes'] != {str(code): base['sign_in']['denials']}:
                out.append('codes are %s' % got['sign_in']['codes'])
            return out
        return check

    for code in (53001, 53002, 53003, 53004, 530003, 530032, 50076, 50079, 50097, 65001):
        yield str(code), [Job(evidence.texts_changed(one_denial(code)), at)], other_code(code)

    def other_client(text):
        return text.replace('268761a2-03f3-40df-8a8b-c3db24145b6b', '26a7ee05-5602-4d76-a7ba-eae8b7b67941').replace(
            '45a330b1-b1ec-4cc1-9161-9f03992aa49f', '00000003-0000-0000-c000-000000000000')

    def nobody_of_the_store(got):
        bad = COMPLIANCE & set(ids(got, 'findings'))
        # a sign-in log that does not reach back leaves the Store's own loop
        by_loop = bad == {'bitlocker-restart-pending'} and got['certainty'] != 'confirmed'
        return ['%s holds (%s)' % (sorted(bad), got['certainty'])] if bad and not by_loop else []

    yield 'another client', [Job(evidence.texts_changed(other_client), at)], nobody_of_the_store


def slower(runner, case, rng):
    """All times from the first on are twice as far apart."""
    name, evidence, at = case
    base = runner.base(case)
    first = min(e.time for _, e in evidence.events()) if evidence.events() else 0
    if has_jump(evidence) or evidence.texts:
        return

    def change(text):
        return STAMP.sub(lambda m: text_of(2 * ticks_of(m[0]) - first)[:19] + 'Z', text)
    def check(got):
        before, after = base['store'], got['store']
        out = ['%s: %s became %s' % (k, before[k], after[k]) for k in ('attempts', 'failures') if before[k] != after[k]]
        if before['median_interval_seconds'] is not None and after['median_interval_seconds'] is not None and \
                abs(after['median_interval_seconds'] - 2 * before['median_interval_seconds']) > 2:
            out.append('median %s became %s' % (before['median_interval_seconds'], after['median_interval_seconds']))
        out += ['%s became %s' % (base['sign_in'][k], got['sign_in'][k]) for k in ('denials', 'codes')
                if base['sign_in'][k] != got['sign_in'][k]]
        out += difference({'kinds': [b['kind'] for b in base['boots']]}, {'kinds': [b['kind'] for b in got['boots']]})
        return out

    yield 'twice as slow', [Job(evidence.texts_changed(change), change(at))], check


# Less than the story takes: then both clocks can have shown a time, and nobody can tell which did.
JUMPS = [3 * 3600, 30 * 86400, 700 * 86400]


def clockless(skeleton, forward):
    """What a clock that was set must leave as it is."""
    out = {k: skeleton[k] for k in ESSENCE}
    out['findings'] = sorted([f[0], f[2]] for f in skeleton['findings'] if f[0] != 'clock-skew')
    out['store'] = {k: skeleton['store'][k] for k in ('attempts', 'failures')}
    out['sign_in'] = {k: skeleton['sign_in'][k] for k in ('denials', 'codes')}
    out['bitlocker'] = {k: skeleton['bitlocker'][k] for k in ('state', 'method')}
    out['attestation'] = {k: skeleton['attestation'][k] for k in (
        'last_boot_kind', 'boot_measured_bitlocker', 'predicted_require_bitlocker')}
    out['boots'] = [b['kind'] for b in skeleton['boots']]
    out['esp'] = skeleton['esp']['phase']
    if forward and not out['primary']:
        del out['outcome'], out['certainty']  # how much of the limit is gone is not known
    return out


def jumped(runner, case, rng):
    name, evidence, at = case
    end = ticks_of(at)
    if has_jump(evidence) or not evidence.channels.get('System'):
        return

    def near(before, after):
        return difference(clockless(skeleton(before), False), clockless(skeleton(after), False))

    def far(before, after):
        return difference(clockless(skeleton(before), True), clockless(skeleton(after), True))

    times = sorted({e.time for _, e in evidence.events() if e.time < end})
    for size in JUMPS if runner.long else rng.sample(JUMPS, 1):
        for when in rng.sample(times, min(len(times), 12 if runner.long else 1)):
            changed = with_jump(evidence, when, size)
            label = '%d s ahead until %s' % (size, text_of(when))
            yield label, [Job(evidence, at), Job(changed, at)], near
            cut = text_of(rng.randrange(when, end))
            yield label + ', at ' + cut, [Job(evidence, cut), Job(changed, cut)], near
            yield '%d s behind until %s' % (size, text_of(when)), [
                Job(evidence, at), Job(with_jump(evidence, when, -size), at)], far


def agent_event(number, when, message, error, product, level=4):
    return event_xml(STORE, 'Microsoft-Windows-Install-Agent', number, when, [
        ('Message', message), ('Function', 'x'), ('Error Code', str(error)), ('Source', 'x'), ('Line Number', '1'),
        ('CorrelationVector', 'x.1'), ('ProductId', product)], level=level)


def attempts_of(evidence):
    """(product, time of going to work, time of the error, code) of the failed attempts"""
    began = {}
    for e in evidence.channels.get(STORE, ()):
        product = e.field('ProductId')
        if 'NewState = Working' in (e.field('Message') or ''):
            began[product] = e.time
        elif e.id == 2008 and product in began:
            yield product, began.pop(product), e.time, int(e.field('Error Code') or e.field('ErrorCode'))


def layers(runner, case, rng):
    """Further witnesses of the same attempts and denials count nothing twice."""
    name, evidence, at = case
    base = runner.base(case)
    if has_jump(evidence) or not base['store']['attempts']:
        return
    parts = ESSENCE + ('store', 'sign_in')
    tries = [t for t in attempts_of(evidence) if t[1] < t[2] - TICKS]

    def added(*makers):
        new = evidence.copy()
        for product, began, failed, code in tries:
            for channel, after, make in makers:
                when = (began + (failed - began) // 2 if after is None else failed + after * TICKS // 10)
                new.add(channel, make(when, product, code), when)
        return new

    def progress(when, product, code):
        return agent_event(2006, when, 'Progress Update: Item = %s Progress Stage = DownloadingProduct, '
                           'Completed = 1, Total = 2, Total = 50' % product, 0, product)

    def heartbeat(when, product, code):
        return agent_event(2006, when, 'InstallQueueHeartbeat :: ProductId = %s CurrentPercentDownloaded = 1' % product,
                           0, product)

    def warning(when, product, code):
        return agent_event(2007, when, 'something failed', code, product, level=3)

    def trailing_error(when, product, code):
        return agent_event(2008, when, 'something failed', code, product, level=2)

    def state_error(when, product, code):
        return agent_event(2006, when, 'StateTransition :: ProductId = %s  PreviousState = Working  '
                           'NewState = Error  HResult = %d' % (product, code), 0, product)

    def deployment(number):
        def make(when, product, code):
            data = [('DeploymentOperation', '4'), ('PackageFullName', 'Microsoft.CompanyPortal_11.2.0_x64__8wekyb3d8bbwe')]
            data += [('ErrorCode', '0x%08x' % (code & 0xFFFFFFFF))] if number != 603 else []
            return event_xml(APPX, 'Microsoft-Windows-AppXDeployment-Server', number, when, data + [
                ('CallingProcess', 'svchost.exe,InstallService')], level=2)
        return make

    def error_report(when, product, code):
        return event_xml('Application', 'Windows Error Reporting', 1001, when, [
            ('EventName', 'StoreAgentDownloadFailure1'), ('P1', 'Update;'), ('P2', '%08x' % (code & 0xFFFFFFFF)),
            ('P3', '26100'), ('P4', '1')])

    def tracking(number):
        def make(when, product, code):
            return event_xml(MDM.replace('Admin', 'Autopilot'),
                             'Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider', number, when, [
                                 ('Message1', 'Apps'), ('Message2', product), ('Message3', 'ModernApp')])
        return make

    if tries:
        for label, makers in (('progress', [(STORE, None, progress)]), ('heartbeat', [(STORE, None, heartbeat)]),
                              ('warning', [(STORE, None, warning)]), ('error state', [(STORE, 5, state_error)]),
                              ('trailing error', [(STORE, 20, trailing_error)]),
                              ('error report', [('Application', 5, error_report)]),
                              ('tracking', [(MDM.replace('Admin', 'Autopilot'), 5, tracking(1304)),
                                            (MDM.replace('Admin', 'Autopilot'), 10, tracking(1303))])):
            yield (label, *same(runner, case, added(*makers), parts=parts))
        if base['primary'] in COMPLIANCE:
            def familiar(s):
                for product in s['store']['products']:
                    product['family'] = None
                return s
            yield ('deployment', *same(runner, case, added((APPX, None, deployment(603)), (APPX, 5, deployment(401)),
                                                           (APPX, 6, deployment(404))), parts=parts, neutral=familiar))

    def without(pattern):
        new = evidence.copy()
        kept = [e for e in evidence.channels[STORE] if not re.search(pattern, e.xml)]
        first = evidence.channels[STORE][0].record
        new.channels[STORE] = [e.with_record(first + i) for i, e in enumerate(kept)]
        return new

    def counted(got):
        out = ['%s: %s became %s' % (k, base['store'][k], got['store'][k]) for k in ('attempts', 'failures')
               if base['store'][k] != got['store'][k]]
        before, after = (v['store']['median_interval_seconds'] for v in (base, got))
        if (before is None) != (after is None) or before is not None and abs(before - after) > 6:
            out.append('median %s became %s' % (before, after))
        return out

    if tries and len(tries) == base['store']['attempts']:
        yield 'without Working', [Job(without('NewState = Working'), at)], counted
        yield 'without FulfillmentComplete', [Job(without('FulfillmentComplete'), at)], counted
        yield 'without 2008', [Job(without('<EventID>2008<'), at)], counted

    def twin(number, seconds):
        new = evidence.copy()
        for e in evidence.channels.get(AAD, ()):
            info = e.field('AdditionalInformation') or ''
            code, id = re.search(r'AADSTS(\d+)', info), re.search(r'Correlation ID: (\S{36})', info)
            if e.id == 1098 and code and id:
                when = e.time + seconds * TICKS
                if number == 1081:
                    data = [('Error', 'interaction_required'), ('ErrorDescription', 'AADSTS%s: text' % code[1]),
                            ('CorrelationID', id[1])]
                else:
                    data = [('Error', e.field('Error')), ('ErrorMessage', 'x'), ('AdditionalInformation', info)]
                new.add(AAD, event_xml(AAD, 'Microsoft-Windows-AAD', number, when, data, level=2), when)
        return new

    if base['sign_in']['denials']:
        for number, seconds in ((1081, -1), (1081, 1), (1097, 2), (1108, 3), (1101, 0)):
            yield ('denial also as %d' % number, *same(runner, case, twin(number, seconds), parts=ESSENCE + ('store', ),
                                                       neutral=lambda s: s))
            yield 'denials also as %d, counts' % number, [Job(twin(number, seconds), at)], lambda got: difference(
                {k: base['sign_in'][k] for k in ('denials', 'codes', 'client_id', 'resource_id')},
                {k: got['sign_in'][k] for k in ('denials', 'codes', 'client_id', 'resource_id')})


# By how much the short run is thinned out.
SHARES = {'shifted': 9, 'forms': 16, 'noise': 18, 'less': 4, 'rolled': 3, 'holes': 2, 'earlier': 3, 'renamed': 8, 'later': 4,
          'denials': 6, 'slower': 4, 'jumped': 3, 'layers': 8}
RELATIONS = {'shifted': shifted, 'forms': forms, 'noise': noise, 'less': less, 'rolled': rolled,
             'holes': holes, 'earlier': earlier, 'renamed': renamed,
             'later': later, 'denials': denials_changed, 'slower': slower,
             'jumped': jumped, 'layers': layers}


def tried(runner, name, case):
    rng = random.Random('%d %s %s' % (SEED, name, case[0]))
    changes = list(RELATIONS[name](runner, case, rng))
    verdicts = iter(runner.verdicts([job for _, jobs, _ in changes for job in jobs]))
    found = []
    for label, jobs, check in changes:
        found += ['%s, %s, %s: %s' % (name, case[0], label, p) for p in check(*[next(verdicts) for _ in jobs])]
    return len(changes), found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--espdiag', required=True)
    parser.add_argument('--scenario', required=True)
    parser.add_argument('--relation', action='append', choices=list(RELATIONS))
    parser.add_argument('--long', action='store_true')
    parser.add_argument('case', nargs='+')
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='espdiag-relations-') as folder:
        runner = Runner(args, folder)
        bases = {}
        runner.base = lambda case: copy.deepcopy(bases[case[0]])
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            cases = [c for found in pool.map(lambda p: list(runner.cases(p)), args.case) for c in found]
            bases.update(zip([c[0] for c in cases], runner.verdicts([Job(c[1], c[2]) for c in cases])))
            failed = 0
            for name in args.relation or RELATIONS:
                count = 0
                chosen = [c for c in cases if args.long or not zlib.crc32((name + c[0]).encode()) % SHARES[name]]
                for done, found in pool.map(lambda c: tried(runner, name, c), chosen):
                    count += done
                    failed += bool(found)
                    for line in found:
                        print(line)
                print('%s: %d changes of %d cases' % (name, count, len(chosen)), flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
