// SPDX-License-Identifier: MIT
// Drives the pages in FOLDER with Chromium, each beside its verdict as JSON. Screenshots and prints
// stay there.
// usage: node browser.js CHROMIUM FOLDER
'use strict';

const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const { chromium } = require('playwright-core');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [program, folder] = process.argv.slice(2);
// the order of the drawing is that of the corrected clock, not of the logged times
const CLOCK_JUMPS = /clock/;
// dark, and without script: the same style and markup for all
const THOROUGH = ['empty', 'recovered', 'restart-pending'];

let count = 0;
let bad = 0;

function check(name, holds, seen) {
	count++;
	if (holds)
		return;
	bad++;
	console.log('not ok: ' + name + (seen === undefined ? '' : ': ' + JSON.stringify(seen)));
}

function squeeze(text) {
	return text.replace(/\s+/g, ' ').trim();
}

// Every time of the verdict outside of the evidence's own fields.
function timesOf(value, key) {
	if (key === 'fields')
		return [];
	if (typeof value === 'string')
		return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? [value] : [];
	if (value === null || typeof value !== 'object')
		return [];
	return Object.keys(value).flatMap((k) => timesOf(value[k], k));
}

function textsOf(verdict) {
	return [verdict.summary, verdict.primary, verdict.certainty,
		...verdict.chain.map((l) => l.claim),
		...verdict.findings.flatMap((f) => [f.id, f.title, f.because, ...f.missing]),
		...verdict.actions.flatMap((a) => [a.title, a.cost, a.source, ...a.steps]),
		...verdict.ruled_out.flatMap((r) => [r.id, r.because]),
		...verdict.evidence.flatMap((e) => [e.ref, e.source, ...Object.values(e.fields)]),
		...verdict.coverage.flatMap((c) => [c.source, c.why]),
		...verdict.esp.apps.flatMap((a) => [a.name, a.error]),
		...verdict.store.products.map((p) => p.id),
		...verdict.sign_in.correlation_ids].filter((t) => t);
}

// What stands in the page, read in one go.
function readPage() {
	const all = (what, root) => Array.from((root || document).querySelectorAll(what));
	const drawings = all('svg.timeline').map((svg) => all('.mark', svg).map((m) => ({
		lane: m.dataset.lane, n: Number(m.dataset.n), x: Number(m.dataset.x), at: m.dataset.at,
		bar: !!m.querySelector('rect'),
	})));
	return {
		text: document.body.textContent,
		times: all('time').map((t) => t.dateTime),
		rows: all('#marks tbody tr').map((r) => all('td', r).map((c) => c.textContent)),
		drawings,
		badges: all('svg.wide .badge').map((b) => b.getAttribute('href')),
		links: all('a').map((a) => [a.getAttribute('href'), a.textContent]),
		broken: all('a').map((a) => a.getAttribute('href'))
			.filter((h) => !/^#./.test(h) || !document.getElementById(h.slice(1))),
	};
}

function checkContent(name, page, verdict) {
	const seen = squeeze(page.text);

	for (const text of textsOf(verdict))
		check(name + ' tells', seen.includes(squeeze(text)), text);
	for (const time of timesOf(verdict))
		check(name + ' has the time', page.times.includes(time), time);
	check(name + ' links resolve', page.broken.length === 0, page.broken);
	for (const e of verdict.evidence)
		check(name + ' links to its evidence', page.links.some((l) => l[0] === '#' + e.ref), e.ref);
}

function checkMarks(name, page, verdict) {
	const rows = (what, label) => page.rows.filter((r) => r[2].startsWith(what) &&
		(!label || r[3].startsWith(label))).length;
	const starts = page.rows.filter((r) => r[1] === 'Starts');

	if (verdict.store.attempts !== null)
		check(name + ' attempts', rows('attempt ') === verdict.store.attempts, page.rows);
	if (verdict.store.failures !== null)
		check(name + ' failures', rows('attempt failed') === verdict.store.failures);
	if (verdict.sign_in.denials !== null)
		check(name + ' denials', rows('sign-in denied', 'Store') === verdict.sign_in.denials);
	check(name + ' starts', starts.length === verdict.boots.length, starts);
	check(name + ' protection', (rows('protection on') > 0) || !verdict.bitlocker.protected_at);
	const timed = verdict.chain.map((l, i) => [l, i]).filter(([l]) => l.at);
	check(name + ' links are in the drawing', timed.every(([, i]) => page.badges.includes('#c' + (i + 1))) ||
		page.drawings.length === 0, page.badges);
}

function checkDrawing(name, marks, rows, jumps) {
	const total = marks.reduce((sum, m) => sum + m.n, 0);

	check(name + ' draws every mark', total === rows, [total, rows]);
	for (const lane of new Set(marks.map((m) => m.lane))) {
		for (const bar of [false, true]) {
			const some = marks.filter((m) => m.lane === lane && m.bar === bar);
			const at = some.map((m) => Date.parse(m.at));

			check(name + ' goes right in ' + lane, some.every((m, i) => !i || m.x >= some[i - 1].x), some);
			if (!jumps)
				check(name + ' goes with time in ' + lane, at.every((t, i) => !i || t >= at[i - 1]), some);
		}
	}
	if (jumps)
		return;
	// over all lanes, single marks: the earlier is never right of the later
	const single = marks.filter((m) => m.n === 1).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
	check(name + ' has one axis', single.every((m, i) => !i || m.x >= single[i - 1].x - 0.05), single);
}

async function checkAxe(name, page) {
	await page.evaluate(axe);
	const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
	const serious = found.violations.filter((v) => ['serious', 'critical'].includes(v.impact));

	check(name + ' axe', serious.length === 0, serious.map((v) => [v.id, v.nodes.slice(0, 3).map((n) => n.html)]));
}

// Tab from the top reaches everything that can be reached, and shows where it is.
async function checkKeyboard(name, page) {
	const total = await page.evaluate(() => {
		const what = 'a[href],button,input,summary,[tabindex="0"]';
		window.wanted = new Set(Array.from(document.querySelectorAll(what)).filter((el) =>
			el.checkVisibility() && !el.closest('[hidden]')));
		window.unseen = 0;
		document.addEventListener('focusin', (e) => {
			const known = window.wanted.delete(e.target);
			window.unseen += known && getComputedStyle(e.target).outlineStyle === 'none' ? 1 : 0;
		});
		document.body.tabIndex = -1;
		document.body.focus();
		return window.wanted.size;
	});
	for (let i = 0; i <= total; i++)
		await page.keyboard.press('Tab');
	const unseen = await page.evaluate(() => window.unseen);
	const left = await page.evaluate(() => Array.from(window.wanted).map((el) => el.outerHTML.slice(0, 120)));
	check(name + ' Tab reaches all', left.length === 0, left);
	check(name + ' shows the focus', unseen === 0, unseen);
}

async function checkEvidence(name, page) {
	const first = page.locator('ol.chain a.ref').first();

	if (!(await first.count()))
		return;
	const target = await first.getAttribute('href');
	await page.click('#fold');
	check(name + ' folds', await page.locator('details[open]').count() === 0);
	await first.click();
	check(name + ' opens its evidence', await page.locator(target).evaluate((d) => d.open &&
		d.querySelector('dd').checkVisibility() && d.getBoundingClientRect().top < innerHeight));
	await page.click('#fold');
	check(name + ' unfolds', await page.locator('details:not([open])').count() === 0);
}

async function checkScript(name, page, verdict) {
	const time = page.locator('header time');
	const utc = await time.textContent();

	check(name + ' says UTC', utc === verdict.evaluated_at.slice(0, 19).replace('T', ' '), utc);
	await page.click('#zone');
	const there = new Date(Date.parse(verdict.evaluated_at) + 9 * 3600 * 1000);
	check(name + ' local time', await time.textContent() ===
		there.toISOString().slice(0, 19).replace('T', ' '), await time.textContent());
	check(name + ' says so', (await page.textContent('#zone-note')).includes('this computer'));
	await page.click('#zone');
	check(name + ' UTC again', await time.textContent() === utc);
	if (!verdict.evidence.length)
		return;
	await page.fill('#filter', verdict.evidence[0].source);
	const shown = await page.locator('.proof:visible').count();
	check(name + ' filters', shown > 0 && shown <= verdict.evidence.length, shown);
	await page.fill('#filter', '');
	check(name + ' shows all again', await page.locator('.proof:visible').count() === verdict.evidence.length);
}

async function open(browser, file, options) {
	const context = await browser.newContext({ timezoneId: 'Asia/Tokyo', reducedMotion: 'reduce', ...options });
	const page = await context.newPage();
	const url = pathToFileURL(file).href;
	const trouble = [];

	page.on('console', (m) => trouble.push('console: ' + m.text()));
	page.on('pageerror', (e) => trouble.push('error: ' + e.message));
	page.on('request', (r) => {
		if (r.url().split('#')[0] !== url)
			trouble.push('request: ' + r.url());
	});
	await page.goto(url);
	page.trouble = trouble;
	return page;
}

async function fits(name, page) {
	const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
	check(name + ' does not scroll sideways', wide <= 0, wide);
}

async function checkWide(browser, name, file, verdict) {
	const page = await open(browser, file, { viewport: { width: 1280, height: 900 } });
	const seen = await page.evaluate(readPage);

	await fits(name + ' 1280', page);
	await page.screenshot({ path: file.replace('.html', '-1280.png'), fullPage: true });
	checkContent(name, seen, verdict);
	checkMarks(name, seen, verdict);
	seen.drawings.forEach((marks) => checkDrawing(name, marks, seen.rows.length, CLOCK_JUMPS.test(name)));
	await checkKeyboard(name, page);
	await checkAxe(name, page);
	await checkScript(name, page, verdict);
	await checkEvidence(name, page);
	for (const format of ['A4', 'Letter']) {
		const pdf = await page.pdf({ format, path: file.replace('.html', '-' + format + '.pdf') });
		const pages = (pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g) || []).length;
		check(name + ' prints on two pages of ' + format, pages >= 1 && pages <= 2, pages);
	}
	check(name + ' is quiet', page.trouble.length === 0, page.trouble);
	await page.context().close();
}

async function checkOthers(browser, name, file, thorough) {
	const narrow = await open(browser, file, { viewport: { width: 390, height: 844 } });
	await fits(name + ' 390', narrow);
	await narrow.screenshot({ path: file.replace('.html', '-390.png'), fullPage: true });
	await checkAxe(name + ' 390', narrow);
	check(name + ' 390 is quiet', narrow.trouble.length === 0, narrow.trouble);
	await narrow.context().close();

	if (!thorough)
		return;
	const dark = await open(browser, file, { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' });
	await dark.screenshot({ path: file.replace('.html', '-dark.png'), fullPage: true });
	await checkAxe(name + ' dark', dark);
	await dark.context().close();

	const still = await open(browser, file, { viewport: { width: 1280, height: 900 }, javaScriptEnabled: false });
	check(name + ' reads without script', await still.locator('h1').isVisible() &&
		!(await still.locator('#tools').isVisible()) && !(await still.locator('#filter').isVisible().catch(() => false)));
	await still.context().close();
}

async function main() {
	const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu',
		'--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
		'--disable-sync'] });
	const bases = fs.readdirSync(folder).filter((f) => f.endsWith('.html')).sort();
	for (const base of bases) {
		const file = path.join(folder, base);
		const name = base.replace('.html', '');
		const verdict = JSON.parse(fs.readFileSync(file.replace('.html', '.json'), 'utf8'));

		await checkWide(browser, name, file, verdict);
		await checkOthers(browser, name, file, THOROUGH.includes(name));
	}
	await browser.close();
	console.log(count + ' checks, ' + bad + ' failed');
	process.exit(bad || !count ? 1 : 0);
}

main().catch((e) => {
	console.log(e.stack);
	process.exit(1);
});
