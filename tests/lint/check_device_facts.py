# SPDX-License-Identifier: MIT
"""The README names every fact that only a real device can show, as selftest checks it."""
import re
import lintlib

TABLE = 'agent/app/selftest.def'
SECTION = '## Not yet seen on a device'
ROW = re.compile(r'^CHECK\((.*)\)$', re.M)
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
CELLS = re.compile(r'^\| `([\w-]+)` \| (.*) \| `(.*)` \|$', re.M)


def plain(text):
    return text.replace('\\"', '"').replace('\\\\', '\\')


def rows_of_table(text):
    """[id, relies, by hand], in the table's order."""
    rows = [[plain(part) for part in TEXT.findall(row)] for row in ROW.findall(text)]
    return [(row[0], row[3], row[4]) for row in rows]


def section_of(readme):
    """The section, up to the next heading of its rank."""
    start = readme.find(SECTION)
    if start < 0:
        return ''
    end = readme.find('\n## ', start + 1)
    return readme[start:end if end >= 0 else len(readme)]


def check(root):
    listed = lintlib.tracked_files(root)
    known = rows_of_table(lintlib.read_text(root, TABLE)) if TABLE in listed else []
    told = CELLS.findall(section_of(lintlib.read_text(root, 'README.md')))
    if known == told:
        return []
    problems = ['README.md: "%s" lacks or differs in %s' % (SECTION[3:], row[0])
                for row in known if row not in told]
    problems += ['README.md: "%s" names %s, which %s does not' % (SECTION[3:], row[0], TABLE)
                 for row in told if row not in known]
    return problems or ['README.md: the rows of "%s" stand in another order' % SECTION[3:]]


def main():
    root = lintlib.root_argument()
    lintlib.finish(check(root))


if __name__ == '__main__':
    main()
