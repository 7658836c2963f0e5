# SPDX-License-Identifier: MIT
"""A row of the fleet, field by field, against table, stream and queries of Log Analytics.

usage: check_azure.py ROOT ESPDIAG SCENARIO LIVE_FOLDER
"""
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import checklib

CASE = 'restart-pending'
OF_SCHEMA = {'string': 'string', 'integer': 'int', 'boolean': 'boolean', 'array': 'dynamic'}
OPERATORS = {'where', 'summarize', 'order', 'extend', 'project'}
FUNCTIONS = {'ago', 'dcount', 'dcountif', 'countif', 'arg_max', 'bin', 'round', 'iif', 'isnull', 'now'}


def fits(kind, value):
    if value is None:
        return True
    if kind == 'datetime':
        datetime.datetime.strptime(value[:19], '%Y-%m-%dT%H:%M:%S')
        return value.endswith('Z')
    return type(value) is {'string': str, 'int': int, 'boolean': bool, 'dynamic': list}[kind]


def columns_of(root):
    """{name: type} of table and stream, and the transformation between them."""
    def names(columns):
        return {column['name']: column['type'] for column in columns}

    folder = os.path.join(root, 'packaging/azure')
    table = json.loads(checklib.read(os.path.join(folder, 'table.json')))['properties']['schema']
    rule = json.loads(checklib.read(os.path.join(folder, 'dcr.json')))['properties']
    flow, problems = rule['dataFlows'][0], []
    stream = rule['streamDeclarations'][flow['streams'][0]]['columns']
    if flow['outputStream'] != 'Custom-' + table['name']:
        problems.append('dcr.json: goes to another table')
    if flow['destinations'] != [d['name'] for d in rule['destinations']['logAnalytics']]:
        problems.append('dcr.json: a destination that nothing defines')
    made = re.findall(r'\b(\w+) = ', flow['transformKql'])
    if made != ['TimeGenerated']:
        problems.append('dcr.json: makes %s' % made)
    table = names(table['columns'])
    if {name: kind for name, kind in table.items() if name not in made} != names(stream):
        problems.append('dcr.json: other columns than table.json')
    return table, names(stream), flow['transformKql'], problems


def check_schema(root, stream):
    """Each key of the row's schema has a column of its type."""
    path = os.path.join(root, 'include/espdiag/report/fleet-row.schema.json')
    problems, wanted = [], {}
    for key, about in json.loads(checklib.read(path))['properties'].items():
        kinds = about.get('type', 'string')
        kind = next(k for k in ([kinds] if isinstance(kinds, str) else kinds) if k != 'null')
        name = ''.join(word.capitalize() for word in key.split('_'))
        wanted[name] = 'datetime' if key.endswith('_at') else OF_SCHEMA[kind]
    del wanted['Schema']
    problems += ['dcr.json: %s is not %s' % (name, kind) for name, kind in wanted.items()
                 if stream.get(name) != kind]
    return problems + ['dcr.json: no row has %s' % name for name in sorted(set(stream) - set(wanted))]


def check_request(script, work):
    """What the page says of many rows: a thousand are one request, ten thousand are refused whole."""
    with open(work + '/rows.ndjson', encoding='utf-8') as file:
        row = file.readline()
    problems = []
    for count, taken in ((1000, True), (10000, False)):
        with open(work + '/many.ndjson', 'w', encoding='utf-8') as file:
            file.write(row * count)
        run = subprocess.run([script, work + '/many.ndjson'], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, check=False)
        if (run.returncode == 0) != taken or bool(run.stdout) != taken:
            problems.append('%d rows: exit %d, %d bytes' % (count, run.returncode, len(run.stdout)))
        elif taken and len(json.loads(run.stdout)) != count:
            problems.append('%d rows: not all' % count)
    return problems


def check_rows(root, programs, stream):
    espdiag, scenario, live = programs
    case = os.path.join(root, 'tests/scenarios/cases', CASE + '.txt')
    with tempfile.TemporaryDirectory() as work:
        at = json.loads(checklib.run(scenario, 'expect', case))['at']
        checklib.run(scenario, 'build', case, work + '/device', '--wrap', 'xml')
        checklib.run(live, work + '/device', '--at', at, '--quiet', '--out', work + '/a.zip')
        with open(work + '/none.zip', 'wb') as file:
            file.write(b'no zip')
        checklib.run(espdiag, 'fleet', work + '/a.zip', work + '/none.zip', '--format', 'ndjson',
                     '-o', work + '/rows.ndjson')
        script = os.path.join(root, 'packaging/azure/to-table')
        body = json.loads(checklib.run(script, work + '/rows.ndjson'))
        problems = check_request(script, work)
    problems += ['%s is %r, which is no %s' % (name, row.get(name), kind)
                for row in body for name, kind in stream.items()
                if name not in row or not fits(kind, row[name])]
    found = {(row['Read'], row['Outcome'], row['Primary']) for row in body}
    if found != {(True, 'blocked', 'bitlocker-restart-pending'), (False, None, None)}:
        problems.append('the rows say %s' % sorted(found, key=str))
    empty = [name for name in stream if all(row[name] in (None, []) for row in body)]
    # what plays the device has no hardware and no build of Windows
    problems += ['no row tells %s' % name for name in empty
                 if name not in ('DeviceTag', 'Manufacturer', 'Model', 'Build')]
    return problems


def check_query(text, columns):
    code = re.sub(r"'[^']*'|//[^\n]*", '', text)
    lines = [line for line in code.strip().split('\n') if line.strip()]
    made = set(re.findall(r'(\w+) = ', code)) | {'EspDiag_CL'}
    problems = ['no column %s' % word for word in re.findall(r'\b[A-Z]\w+', code)
                if word not in columns and word not in made]
    problems += ['no operator %s' % word for word in re.findall(r'^\|\s*(\w+)', code, re.M)
                 if word not in OPERATORS]
    problems += ['no function %s' % word for word in re.findall(r'\b([a-z_]+)\(', code)
                 if word not in FUNCTIONS]
    if code.count('(') != code.count(')') or lines[0] != 'EspDiag_CL' or \
            not all(line.startswith(('|', ' ')) for line in lines[1:]):
        problems.append('not one query')
    return problems


def check_queries(root, columns):
    text = checklib.read(os.path.join(root, 'packaging/azure/queries.kql')).decode()
    queries = [part for part in text.split('\n\n') if 'EspDiag_CL\n' in part]
    problems = [] if len(queries) == 5 else ['queries.kql: %d queries' % len(queries)]
    for number, query in enumerate(queries, 1):
        problems += ['queries.kql: query %d: %s' % (number, problem)
                     for problem in check_query(query, columns)]
    # what is compared with is a word of the program
    known = set(json.loads(checklib.read(os.path.join(
        root, 'include/espdiag/report/fleet-row.schema.json')))['properties']['outcome']['enum'])
    words = {word for part in re.findall(r"Outcome (?:in|==) (\([^)]*\)|'\w+')", text)
             for word in re.findall(r"'([^']*)'", part)}
    return problems + ['queries.kql: no outcome %s' % word for word in sorted(words - known)]


def main():
    if len(sys.argv) != 5:
        sys.exit('usage: check_azure.py ROOT ESPDIAG SCENARIO LIVE_FOLDER')
    root = sys.argv[1]
    table, stream, transform, problems = columns_of(root)
    problems += check_schema(root, stream) + check_rows(root, sys.argv[2:], stream)
    problems += check_queries(root, table)
    problems += ['dcr.json: %s' % problem
                 for problem in check_query('EspDiag_CL\n' + transform.replace('source ', '', 1), table)]
    checklib.finish(problems)


if __name__ == '__main__':
    main()
