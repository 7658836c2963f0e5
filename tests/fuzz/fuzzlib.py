# SPDX-License-Identifier: MIT
"""What the commands of tests/fuzz share: the table of targets, and where things are."""
import fnmatch
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CORPUS = os.path.join(HERE, 'corpus')


class Target:
    def __init__(self, name, longest, files):
        self.name = name
        self.longest = int(longest)
        self.files = files.split()

    def corpus(self):
        return os.path.join(CORPUS, self.name)

    def seeds(self):
        return [os.path.join(self.corpus(), name) for name in sorted(os.listdir(self.corpus()))
                if name != 'README.md']

    def answers_for(self, path):
        return any(fnmatch.fnmatch(path, pattern) for pattern in self.files)

    def dictionary(self):
        path = os.path.join(HERE, 'dict', self.name)
        return path if os.path.exists(path) else None


def fail(text):
    print(f'{os.path.basename(sys.argv[0])}: {text}', file=sys.stderr)
    sys.exit(2)


def rows(name):
    """The rows of a table beside this file, without comments and empty lines."""
    with open(os.path.join(HERE, name), encoding='utf-8') as table:
        for line in table:
            line = line.rstrip('\n')
            if line and not line.startswith('#'):
                yield line.split('\t')


def targets(wanted=()):
    """All targets of the table, or those named, in the order of the table."""
    found = [Target(*row) for row in rows('targets.tsv')]
    there = {name[:-2] for name in os.listdir(HERE) if re.fullmatch(r'fuzz_\w+\.c', name)}
    if there != {target.name for target in found}:
        fail('targets.tsv and the fuzz_*.c beside it differ: '
             + ' '.join(sorted(there ^ {target.name for target in found})))
    unknown = set(wanted) - {target.name for target in found}
    if unknown:
        fail(f"no such target: {', '.join(sorted(unknown))}")
    return [target for target in found if not wanted or target.name in wanted]


def build(folder, names, source=ROOT, options=()):
    """Configures @folder when that was not done, and builds the programs @names there."""
    log = []
    if not os.path.exists(os.path.join(folder, 'build.ninja')):
        log.append(['cmake', '-S', source, '-B', folder, '-G', 'Ninja', '-DED_BUILD_TESTS=ON',
                    '-DCMAKE_C_COMPILER=clang', *options])
    log.append(['cmake', '--build', folder, '--target', *names])
    for command in log:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            sys.stderr.write(done.stdout.decode('utf-8', 'replace')[-4000:])
            fail(f"'{' '.join(command)}' failed")


# As in the preset "fuzz" of CMakePresets.json.
SANITIZED = ('-DCMAKE_BUILD_TYPE=RelWithDebInfo', '-DED_ARENA_DEBUG=ON',
             '-DED_SANITIZE=address,undefined', '-DED_LIBFUZZER=ON')


def program(folder, name):
    return os.path.join(folder, 'tests', 'fuzz', name)


def print_table(head, lines):
    cells = [head, *[[str(cell) for cell in line] for line in lines]]
    wide = [max(len(row[i]) for row in cells) for i in range(len(head))]
    for row in cells:
        first = row[0].ljust(wide[0])
        print('  '.join([first, *[row[i].rjust(wide[i]) for i in range(1, len(row))]]).rstrip())


# Counts how often each line is reached; no sanitizers, no fuzzer.
COUNTED = ('-DCMAKE_BUILD_TYPE=Debug',
           '-DCMAKE_C_FLAGS=-fprofile-instr-generate -fcoverage-mapping')


def tool(name):
    """Debian has the tools of clang's own version with a number behind, and often without."""
    found = shutil.which(f'{name}-14') or shutil.which(name)
    return found or fail(f'no {name}: packaging/install-packages coverage')


def replay(target, build, inputs):
    """Of each file that @target answers for, how often @inputs reach each line."""
    binary = program(build, target.name)
    raw = binary + '.profraw'
    merged = binary + '.profdata'
    done = subprocess.run([binary, *inputs], env={**os.environ, 'LLVM_PROFILE_FILE': raw},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        fail(f'{target.name} stopped: {done.stdout.decode("utf-8", "replace")[-500:]}')
    subprocess.run([tool('llvm-profdata'), 'merge', '-o', merged, raw], check=True)
    text = subprocess.run([tool('llvm-cov'), 'export', '-format=lcov', binary,
                           f'-instr-profile={merged}'],
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    files = {}
    for line in text.split('\n'):
        kind, _, rest = line.partition(':')
        if kind == 'SF':
            path = os.path.relpath(rest, ROOT)
            counts = files.setdefault(path, {}) if target.answers_for(path) else {}
        elif kind == 'DA':
            number, count = rest.split(',')[:2]
            counts[int(number)] = int(count)
    return files


def source_lines(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as source:
        return [line.strip() for line in source.read().split('\n')]
