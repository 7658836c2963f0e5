#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What of the page can be checked without a browser: its policy, its links, what it holds.

usage: page.py --espdiag PROGRAM --scenario PROGRAM --cases FOLDER
"""
import argparse
import base64
import hashlib
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile

CASES = ['restart-pending', 'recovered', 'clock-set-back', 'disk-full', 'not-detected', 'healthy', 'japanese']
OPEN = {'meta', 'br', 'input', 'th', 'td', 'tr'}  # elements that need no end tag
ATTRIBUTES = re.compile(r'^[a-z][a-zA-Z0-9-]*$')


class Page(html.parser.HTMLParser):
    """Elements balance, attributes are known names, and nothing points outside."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.problems, self.text = [], [], [], [], []
        self.policy = ''
        self.feed(text)
        self.close()
        if self.open:
            self.problems.append('not closed: %s' % self.open)

    def handle_starttag(self, tag, attrs):
        if tag not in OPEN and not self.get_starttag_text().endswith('/>'):
            self.open.append(tag)
        for name, value in attrs:
            if not ATTRIBUTES.match(name) or name.startswith('on') or name in ('style', 'src', 'xlink:href'):
                self.problems.append('attribute %s of %s' % (name, tag))
            if name == 'id':
                self.ids.append(value)
            if name == 'href':
                self.links.append(value)
            if value and '://' in value:
                self.problems.append('address in %s: %s' % (name, value))
        if ('http-equiv', 'Content-Security-Policy') in attrs:
            self.policy = dict(attrs)['content']

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        if tag in OPEN:
            return
        if not self.open or self.open.pop() != tag:
            self.problems.append('</%s> closes nothing' % tag)

    def handle_data(self, data):
        self.text.append(data)


def squeeze(text):
    return re.sub(r'\s+', ' ', text).strip()


def told(verdict):
    """Every text of the verdict that a reader must find."""
    yield verdict['summary']
    for link in verdict['chain']:
        yield link['claim']
    for finding in verdict['findings']:
        yield from [finding['id'], finding['title'], finding['because'], *finding['missing'], *finding['actions']]
    for action in verdict['actions']:
        yield from [action['title'], *action['steps'], action['cost'], action['source']]
    for row in verdict['ruled_out']:
        yield from [row['id'], row['because']]
    for row in verdict['coverage']:
        yield from [row['source'], row['why']]
    for proof in verdict['evidence']:
        yield from [proof['ref'], proof['source'], proof['provider'], *proof['fields'].values()]
    for app in verdict['esp']['apps']:
        yield from [app['name'], app['state'], app['error']]
    for product in verdict['store']['products']:
        yield from [product['id'], product['family'], product['last_error']]
    yield from verdict['sign_in']['correlation_ids']


def check_hashes(page, text):
    problems = []
    for kind in ('style', 'script'):
        body = re.search('<%s>(.*?)</%s>' % (kind, kind), text, re.S).group(1)
        digest = base64.b64encode(hashlib.sha256(body.encode('utf-8')).digest()).decode('ascii')
        if "%s-src 'sha256-%s'" % (kind, digest) not in page.policy:
            problems.append('html_%s_hash must be "%s"' % (kind, digest))
        if re.search(r'url\(|@import|https?:', body):
            problems.append('%s reaches out' % kind)
    if not page.policy.startswith("default-src 'none';"):
        problems.append('policy: ' + page.policy)
    return problems


def check_page(text, verdict):
    page = Page(text)
    problems = page.problems + check_hashes(page, text)
    seen = squeeze(' '.join(page.text))
    for wanted in told(verdict):
        # line ends are white space to a reader
        if wanted and squeeze(wanted) not in seen:
            problems.append('not in the page: %r' % wanted)
    for link in page.links:
        if not link.startswith('#') or link[1:] not in page.ids:
            problems.append('link to nothing: %s' % link)
    for name in set(page.ids):
        if page.ids.count(name) > 1:
            problems.append('id twice: %s' % name)
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--espdiag', required=True)
    parser.add_argument('--scenario', required=True)
    parser.add_argument('--cases', required=True)
    options = parser.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory() as place:
        os.mkdir(os.path.join(place, 'empty'))
        for case in CASES + ['empty']:
            path = os.path.join(place, case)
            if case != 'empty':
                source = os.path.join(options.cases, case + '.txt')
                subprocess.run([options.scenario, 'build', source, path], check=True, stdout=subprocess.DEVNULL)
            form = {}
            for kind in ('html', 'json'):
                done = subprocess.run([options.espdiag, 'analyze', '--at', '2026-09-14T08:42:07Z', '--format', kind,
                                       path], capture_output=True, timeout=60)
                form[kind] = done.stdout.decode('utf-8')
            for problem in check_page(form['html'], json.loads(form['json'])):
                bad += 1
                print('not ok: %s: %s' % (case, problem))
    print('%d pages, %d problems' % (len(CASES) + 1, bad))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
