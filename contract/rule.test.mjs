// The rule itself: planted changes of the document, judged as in CI.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { breaks, compare, isHigher, judge } from './rule.mjs';

const folder = mkdtempSync(join(tmpdir(), 'contract-'));
after(() => rmSync(folder, { recursive: true }));

/** The released document, as an object to change. */
const released = JSON.parse(
  execFileSync(
    process.execPath,
    ['node_modules/@redocly/cli/bin/cli.js', 'bundle', 'baseline.yaml', '--ext', 'json'],
    { cwd: import.meta.dirname, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] },
  ),
);
const base = write('base', released);
const silent = '# Changelog\n\n## [Unreleased]\n\n### Added\n- Something.\n';
const told = '# Changelog\n\n## [Unreleased]\n\n### Changed\n- Breaking: runs are named otherwise.\n';

function write(name, document) {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(document));
  return path;
}

/** The report after a change of the document. */
function after_change(name, change) {
  const document = structuredClone(released);
  change(document);
  return compare(base, write(name, document));
}

const schema = (document, name) => document.components.schemas[name];
const limit = (document) => document.paths['/runs'].get.parameters.find((parameter) => parameter.name === 'limit');

/** What breaks clients, and what is said of it. */
const breaking = {
  'a path is gone': [(d) => delete d.paths['/runs/{run_id}/events'], /Path `\/runs\/{run_id}\/events` was removed/],
  'a method is gone': [(d) => delete d.paths['/runs/{run_id}/cancel'].post, /`POST \/runs\/{run_id}\/cancel` was removed/],
  'an operation has another id': [(d) => (d.paths['/status'].get.operationId = 'get_state'), /get_state/],
  'a field of an answer is gone': [(d) => delete schema(d, 'Job').properties.attempt, /Property `attempt` of `Job` was removed/],
  'a field of an answer may be missing': [(d) => schema(d, 'ErrorBody').required.shift(), /no longer required: `error`/],
  'a field of an answer may be null': [(d) => (schema(d, 'Job').properties.run_id.nullable = true), /run_id: Type of `run_id`/],
  'a field of an answer has another type': [(d) => (schema(d, 'Meta').properties.version.type = 'integer'), /Type of `version`/],
  'a closed list of an answer has grown': [(d) => schema(d, 'RunState').enum.push('paused'), /`RunState`.*paused/],
  'a word is no longer taken': [(d) => schema(d, 'OnConflict').enum.pop(), /`OnConflict` lost/],
  'a field of a request is demanded': [(d) => (schema(d, 'CancelRequest').required = ['reason']), /became required: `reason`/],
  'a parameter is gone': [(d) => d.paths['/signals'].get.parameters.pop(), /`offset` query parameter was removed/],
  'a parameter is demanded': [(d) => (limit(d).required = true), /`limit` query parameter became required/],
  'a range is narrower': [(d) => (limit(d).schema.maximum = 50), /'<= 100' to '<= 50'/],
  'a status is gone': [(d) => delete d.paths['/analyze'].post.responses['200'], /Response `200` was removed/],
  'a header is gone': [(d) => delete d.paths['/analyze'].post.responses['202'].headers.Location, /`Location` was removed/],
  'an open operation asks for a key': [(d) => delete d.paths['/livez'].get.security, /livez\/get\/security/],
};
const broken = after_change('broken', (d) => Object.values(breaking).forEach(([change]) => change(d)));

for (const [name, [, words]] of Object.entries(breaking)) {
  test(`seen: ${name}`, () => {
    assert.match(breaks(broken).join('\n'), words);
  });
}

test('refused: all of that without a version and a line', () => {
  const reasons = judge(broken, silent);
  assert.match(reasons[0], /info.version/);
  assert.match(reasons[1], /CHANGELOG/);
});

test('allowed: additions, and words for people', () => {
  const report = after_change('grown', (d) => {
    d.paths['/again'] = { get: { ...d.paths['/livez'].get, operationId: 'get_again' } };
    schema(d, 'Job').properties.more = { type: 'string', description: 'More.' };
    schema(d, 'Job').required.push('more');
    schema(d, 'CancelRequest').properties.more = { type: 'string', description: 'More.' };
    d.paths['/runs'].get.parameters.push({ name: 'more', in: 'query', schema: { type: 'string' } });
    d.paths['/livez'].get.description = 'Other words.';
    limit(d).schema.maximum = 200;
  });
  assert.deepEqual(judge(report, silent), []);
});

test('allowed: the same document', () => {
  assert.deepEqual(judge(after_change('same', () => {}), silent), []);
});

const report = (from, to, broken) => ({
  infoVersions: { base: from, revision: to },
  changes: broken ? [{ path: '#/paths', kind: 'removed', verdicts: [{ impact: 'major', message: 'gone' }] }] : [],
});

test('a breaking change needs the version and the line, one is not enough', () => {
  assert.deepEqual(judge(report('0.1.0', '0.2.0', true), told), []);
  assert.equal(judge(report('0.1.0', '0.2.0', true), silent).length, 2);
  assert.equal(judge(report('0.1.0', '0.1.0', true), told).length, 2);
  assert.equal(judge(report('0.1.0', '0.1.1', true), told).length, 2, 'the third number is for mends');
  assert.deepEqual(judge(report('1.4.2', '2.0.0', true), told), []);
  assert.equal(judge(report('1.4.2', '1.5.0', true), told).length, 2, 'from 1.0 on the first number');
});

test('the line may stand in the section of the new version, not in that of an old one', () => {
  const under = (version) => `## [Unreleased]\n\n## [${version}]\n- Breaking: something.\n\n## [0.0.9]\n`;
  assert.deepEqual(judge(report('0.1.0', '0.2.0', true), under('0.2.0')), []);
  assert.equal(judge(report('0.1.0', '0.2.0', true), under('0.1.0')).length, 2);
});

test('a version never goes back', () => {
  assert.equal(judge(report('0.2.0', '0.1.9', false), told).length, 1);
  assert.equal(isHigher('0.10.0', '0.9.9'), true);
  assert.equal(isHigher('1.0.0', '1.0.0'), false);
});
