#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Validate verdicts against the shipped schema: values, and the order of the keys.

usage: validate.py SCHEMA FILE_OR_FOLDER...     a file holds one object, or one object a line

The schema itself is tried as well: from the first verdicts each key is taken away, and an unknown one
added, and the schema must refuse what is left.
"""
import copy
import json
import os
import sys

try:
    import jsonschema
except ImportError:
    print('schema: python3-jsonschema is not installed, nothing checked')
    sys.exit(77)


TRIED = 2


def documents(path):
    with open(path, encoding='utf-8') as file:
        text = file.read()
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.split('\n') if line]


def files(paths):
    for path in paths:
        if os.path.isdir(path):
            for name in sorted(os.listdir(path)):
                if name.endswith(('.json', '.ndjson')):
                    yield os.path.join(path, name)
        else:
            yield path


def resolve(schema, root):
    while '$ref' in schema:
        schema = root['$defs'][schema['$ref'].rsplit('/', 1)[1]]
    return schema


def fixed_objects(schema, root, value, path=()):
    """Every object within @value whose keys the schema fixes, with its keys in the schema's order."""
    schema = resolve(schema, root)
    if isinstance(value, dict) and 'properties' in schema:
        yield path, list(schema['properties'])
        for key, member in value.items():
            if key in schema['properties']:
                yield from fixed_objects(schema['properties'][key], root, member, path + (key,))
    elif isinstance(value, list) and 'items' in schema:
        for i, member in enumerate(value):
            yield from fixed_objects(schema['items'], root, member, path + (i,))


def at(value, path):
    for step in path:
        value = value[step]
    return value


def references(value):
    """Every e1, e2 … that a chain link, finding or ruled out row names."""
    for key in ('chain', 'findings', 'ruled_out'):
        for row in value[key]:
            yield from row['evidence']


def problems(validator, schema, value):
    out = ['%s: %s' % ('/'.join(map(str, e.absolute_path)), e.message[:200]) for e in validator.iter_errors(value)]
    for path, keys in fixed_objects(schema, schema, value):
        if list(at(value, path)) != keys:
            out.append('%s: keys %s, wanted %s' % ('/'.join(map(str, path)), list(at(value, path)), keys))
    if not out:
        have = [row['ref'] for row in value['evidence']]
        if have != ['e%d' % (i + 1) for i in range(len(have))]:
            out.append('evidence is not numbered e1, e2 …')
        out += ['%s names no evidence' % ref for ref in references(value) if ref not in have]
    return out


def too_lax(validator, schema, value):
    """Mutations of a valid verdict that the schema lets pass."""
    out = []
    seen = set()
    for path, keys in fixed_objects(schema, schema, value):
        kind = tuple(step for step in path if isinstance(step, str))
        if kind in seen:
            continue
        seen.add(kind)
        for key in keys:
            broken = copy.deepcopy(value)
            del at(broken, path)[key]
            if validator.is_valid(broken):
                out.append('%s without %s is accepted' % (path, key))
        broken = copy.deepcopy(value)
        at(broken, path)['unheard_of'] = None
        if validator.is_valid(broken):
            out.append('%s with an unknown key is accepted' % (path,))
    for key, bad in (('outcome', 'fine'), ('certainty', 'sure'), ('primary', 'my-finding'),
                     ('evaluated_at', '2026-09-14 08:00:00'), ('schema', 'espdiag.verdict/2'), ('summary', '')):
        if validator.is_valid(dict(value, **{key: bad})):
            out.append('%s %r is accepted' % (key, bad))
    return out


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    count = bad = 0
    for path in files(sys.argv[2:]):
        for value in documents(path):
            count += 1
            found = problems(validator, schema, value)
            if not found:
                found = too_lax(validator, schema, value) if count <= TRIED else []
            for text in found:
                print('%s: %s' % (path, text))
            bad += bool(found)
    print('schema: %d of %d verdicts are valid' % (count - bad, count))
    return 0 if count and not bad else 1


if __name__ == '__main__':
    sys.exit(main())
