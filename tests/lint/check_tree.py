# SPDX-License-Identifier: MIT
"""The shape of the tree: names at the top, READMEs, the folder map, file heads, lengths, run bits,
and that every source is built."""
import os
import re
import lintlib

TOP_LEVEL = set('''agent collectors include packaging tests .ci .github .clang-format .clang-tidy
.editorconfig .gitattributes .gitignore CMakeLists.txt CMakePresets.json README.md LICENSE
CONTRIBUTING.md CHANGELOG.md'''.split())
# Folders whose inner folders the README's map names one by one.
MAPPED = ['agent', 'collectors', 'packaging', 'tests']
MAX_LINES = 800
# The house says about 60; what is far beyond is not one thought any more.
MAX_FUNCTION = 80
CODE = ('.c', '.h', '.py', '.cmake', '.sh')
SCRIPT_MARK = b'#!'


def check_top(files):
    names = {path.split('/')[0] for path in files}
    return ['%s: not one of the agreed names at the top level' % name
            for name in sorted(names - TOP_LEVEL)]


def folders_of(files, depth):
    found = set()
    for path in files:
        parts = path.split('/')[:-1]
        if len(parts) >= depth:
            found.add('/'.join(parts[:depth]))
    return found


def check_map(root, files):
    """The table of the README: `folder/` cells, against the folders there are."""
    problems = []
    if 'README.md' not in files:
        return ['README.md: missing']
    text = lintlib.read_text(root, 'README.md')
    named = {cell.rstrip('/') for cell in re.findall(r'^\|\s*`([\w./-]+/)`\s*\|', text, re.M)}
    real = {f for f in folders_of(files, 1) if not f.startswith('.')}
    real |= {f for f in folders_of(files, 2) if f.split('/')[0] in MAPPED}
    for folder in sorted(named - real):
        problems.append('README.md: the folder map names %s/, which is not there' % folder)
    for folder in sorted(real - named):
        problems.append('README.md: the folder map lacks %s/' % folder)
    return problems


def check_readmes(files):
    """Each folder that holds code explains itself."""
    wanted = {'agent', 'collectors', 'include', 'packaging', 'tests'}
    wanted |= {f for f in folders_of(files, 2) if f.split('/')[0] in ('agent', 'collectors')}
    return ['%s: no README.md (purpose, contract, why it is so, what was rejected)' % folder
            for folder in sorted(wanted) if folder + '/README.md' not in files]


def check_heads(root, files):
    problems = []
    for path in files:
        data = lintlib.read_bytes(root, path)
        script = data.startswith(SCRIPT_MARK)
        if script and not os.access(os.path.join(root, path), os.X_OK):
            problems.append('%s: a script without its run bit' % path)
        if not (script or path.endswith(CODE)):
            continue
        lines = data.decode('utf-8', 'replace').split('\n')
        if len(lines) - 1 > MAX_LINES:
            problems.append('%s: %d lines, the limit is %d' % (path, len(lines) - 1, MAX_LINES))
        if path.endswith('.cmake'):
            continue
        head = lines[1 if script else 0] if lines else ''
        if 'SPDX-License-Identifier: MIT' not in head:
            problems.append('%s: no SPDX line at the top' % path)
        elif path.endswith(('.c', '.h')) and not lines[1].startswith('/*'):
            problems.append('%s: no sentence after the SPDX line that says what it is for' % path)
    return problems


def check_functions(root, files):
    """Bodies between a brace that opens and one that closes a line of its own at the margin."""
    problems = []
    for path in files:
        if not path.endswith('.c'):
            continue
        start = 0
        for number, line in enumerate(lintlib.read_text(root, path).split('\n'), 1):
            if line == '{':
                start = number
            elif line == '}' and start:
                if number - start + 1 > MAX_FUNCTION:
                    problems.append('%s:%d: a function of %d lines, the limit is %d'
                                    % (path, start, number - start + 1, MAX_FUNCTION))
                start = 0
    return problems


def listed_sources(root, files):
    """Every .c the build names, as a path from the root."""
    found = {}
    for path in files:
        if os.path.basename(path) != 'CMakeLists.txt' and not path.endswith('.cmake'):
            continue
        text = re.sub(r'#[^\n]*', '', lintlib.read_text(root, path))
        for name in re.findall(r'[\w./${}-]+\.c\b', text):
            name = re.sub(r'^\$\{(PROJECT_SOURCE_DIR|CMAKE_SOURCE_DIR)\}/', '/', name)
            name = re.sub(r'^\$\{CMAKE_CURRENT_(SOURCE|LIST)_DIR\}/', '', name)
            inside = name[1:] if name.startswith('/') else os.path.join(os.path.dirname(path), name)
            found[os.path.normpath(inside)] = path
    return found


def check_sources(root, files):
    listed = listed_sources(root, files)
    # "test_${module}.c" in a loop stands for every name of that form
    forms = [re.compile(re.sub(r'\\\$\\\{\w+\\\}', r'\\w+', re.escape(name)) + '$')
             for name in listed if '$' in name]
    problems = ['%s: no CMakeLists.txt names it, so it is never built' % path
                for path in files if path.endswith('.c') and path not in listed and
                not any(form.match(path) for form in forms)]
    problems += ['%s: names %s, which is not there' % (where, path)
                 for path, where in sorted(listed.items())
                 if path not in files and '$' not in path]
    return problems


def main():
    root = lintlib.root_argument()
    listed = lintlib.tracked_files(root)
    files = dict.fromkeys(listed)
    lintlib.finish(check_top(files) + check_map(root, files) + check_readmes(files) +
                   check_heads(root, files) + check_functions(root, files) +
                   check_sources(root, files))


if __name__ == '__main__':
    main()
