# SPDX-License-Identifier: MIT
"""Runs fuzz targets one after the other, each until some minutes of processor time bring no new
edge, and prints what each reached. Inputs that were found stay in a work folder outside the tree,
and a later run of the same program goes on from there, with the quiet minutes it had."""
import argparse
import glob
import hashlib
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time

import fuzzlib

TICKS = os.sysconf('SC_CLK_TCK')
STATUS = re.compile(rb'#(\d+)\s+\w+\s+cov: (\d+)')


def processor_seconds(pid):
    with open(f'/proc/{pid}/stat', encoding='ascii', errors='replace') as stat:
        fields = stat.read().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Campaign:
    def __init__(self, target, program, work):
        self.target = target
        self.program = program
        self.folder = os.path.join(work, target.name)
        self.found = os.path.join(self.folder, 'corpus')
        self.broken = os.path.join(self.folder, 'crashes')
        for folder in (self.found, self.broken):
            os.makedirs(folder, exist_ok=True)
        with open(program, 'rb') as file:
            self.digest = hashlib.sha256(file.read()).hexdigest()
        self.state = {'program': self.digest, 'edges': 0, 'execs': 0, 'cpu': 0.0, 'last': 0.0}
        self.file = os.path.join(self.folder, 'state.json')
        if os.path.exists(self.file):
            with open(self.file, encoding='utf-8') as file:
                before = json.load(file)
            if before['program'] == self.digest:
                self.state = before

    def quiet(self):
        return (self.state['cpu'] - self.state['last']) / 60

    def crashes(self):
        return len(os.listdir(self.broken))

    def command(self):
        line = [self.program, f'-max_len={self.target.longest}', '-timeout=30', '-reload=0',
                '-rss_limit_mb=2560', f'-artifact_prefix={self.broken}/']
        if self.target.dictionary():
            line.append(f'-dict={self.target.dictionary()}')
        return [*line, self.found, self.target.corpus()]

    def line_seen(self, line, start, used):
        seen = STATUS.match(line)
        self.state['cpu'] = start['cpu'] + used
        if not seen:
            return
        self.state['execs'] = start['execs'] + int(seen.group(1))
        if int(seen.group(2)) > self.state['edges']:
            self.state['edges'] = int(seen.group(2))
            self.state['last'] = self.state['cpu']

    def follow(self, process, log, quiet_minutes, most_minutes):
        start = dict(self.state)
        used = 0.0
        rest = b''
        chooser = selectors.DefaultSelector()
        chooser.register(process.stderr, selectors.EVENT_READ)
        while True:
            chooser.select(timeout=5)
            bytes_read = process.stderr.read1(65536) if chooser.select(timeout=0) else None
            if bytes_read == b'':
                break
            if process.poll() is None:
                used = processor_seconds(process.pid)
            log.write(bytes_read or b'')
            *lines, rest = (rest + (bytes_read or b'')).split(b'\n')
            for line in lines:
                self.line_seen(line, start, used)
            self.state['cpu'] = start['cpu'] + used
            if self.quiet() >= quiet_minutes or used >= most_minutes * 60:
                process.send_signal(signal.SIGINT)
                rest += process.stderr.read()
                break
        log.write(rest)
        stopped = process.wait()
        total = re.search(rb'stat::number_of_executed_units: (\d+)', rest)
        if total:
            self.state['execs'] = start['execs'] + int(total.group(1))
        return stopped

    def save(self):
        with open(self.file, 'w', encoding='utf-8') as file:
            json.dump(self.state, file)

    def run(self, quiet_minutes, most_minutes):
        environment = {**os.environ, 'TMPDIR': self.folder}
        with open(os.path.join(self.folder, 'log'), 'wb') as log:
            process = subprocess.Popen([*self.command(), '-print_final_stats=1'], cwd=self.folder,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.PIPE, env=environment)
            try:
                self.follow(process, log, quiet_minutes, most_minutes)
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
                # a fuzzer that is stopped tidies up nothing
                for place in ('/dev/shm', '/tmp'):
                    for left in glob.glob(f'{place}/espdiag-fuzz-{process.pid}-*'):
                        shutil.rmtree(left, ignore_errors=True)
                self.save()

    def row(self):
        return [self.target.name, self.state['execs'], self.state['edges'],
                f"{self.state['cpu'] / 60:.1f}", f'{self.quiet():.1f}', self.crashes()]


def main():
    words = argparse.ArgumentParser(prog='tests/fuzz/run')
    words.add_argument('--quiet-minutes', type=float, default=30)
    words.add_argument('--most-minutes', type=float, default=1e9,
                       help='processor time a target gets at most in this run')
    words.add_argument('--work', default='build/fuzz-work', help='where what was found is kept')
    words.add_argument('--build', default='build/fuzz', help='where the programs are built')
    words.add_argument('--no-build', action='store_true', help='take the programs as they are')
    words.add_argument('target', nargs='*')
    given = words.parse_args()
    chosen = fuzzlib.targets(given.target)
    if not given.no_build:
        fuzzlib.build(given.build, [t.name for t in chosen], options=fuzzlib.SANITIZED)
    lines = []
    for target in chosen:
        campaign = Campaign(target, os.path.abspath(fuzzlib.program(given.build, target.name)),
                            os.path.abspath(given.work))
        if campaign.quiet() < given.quiet_minutes or not campaign.state['execs']:
            campaign.run(given.quiet_minutes, given.most_minutes)
        lines.append(campaign.row())
        print(f"{time.strftime('%H:%M')} {' '.join(map(str, lines[-1]))}", file=sys.stderr)
    fuzzlib.print_table(['target', 'execs', 'edges', 'cpu min', 'quiet min', 'crashes'], lines)
    return 1 if any(line[-1] for line in lines) else 0


if __name__ == '__main__':
    sys.exit(main())
