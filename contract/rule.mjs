// The rule of the contract: what breaks a client needs a higher version and a line in CHANGELOG.md.
//
// `baseline.yaml` is the document of the last release; `openapi.yaml` is compared with it. Additions pass. A breaking
// change passes when `info.version` is higher (the first number from 1.0 on, the second one before) and the section of
// that version, or [Unreleased], has a line that begins with `- Breaking:`.
//
//   node rule.mjs [baseline] [document] [changelog]    compares; exit code 1 with the reasons when the rule is broken
//   node rule.mjs release                              makes the document the baseline, which needs a higher version

import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** What two documents differ in, as the comparing tool reports it. A config would switch its verdicts off. */
export function compare(baseline, document) {
  const tool = here('node_modules/@redocly/cli/bin/cli.js');
  const args = [tool, 'diff', resolve(baseline), resolve(document), '--format', 'json', '--fail-on', 'none'];
  const env = { ...process.env, REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', REDOCLY_TELEMETRY: 'off' };
  const options = { cwd: here('node_modules'), encoding: 'utf8', env, maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] };
  return JSON.parse(execFileSync(process.execPath, args, options));
}

/** What breaks a client, in words. The tool does not judge an operation that begins to ask for a key; this does. */
export function breaks(report) {
  const found = report.changes.flatMap((change) => {
    const said = change.verdicts.filter((verdict) => verdict.impact === 'major').map((verdict) => verdict.message);
    const isOpened = change.kind === 'added' && JSON.stringify(change.revision.value) === '[]';
    if (said.length === 0 && change.path.endsWith('/security') && !isOpened) {
      said.push('What it asks of a key has changed.');
    }
    return said.map((message) => `${change.path}: ${message}`);
  });
  return [...new Set(found)];
}

/** Why the rule is broken; nothing when it is kept. */
export function judge(report, changelog) {
  const broken = breaks(report);
  const { base, revision } = report.infoVersions;
  if (isHigher(base, revision)) {
    return [`info.version ${revision} is lower than the released ${base}`];
  }
  if (broken.length === 0) {
    return [];
  }
  const reasons = [];
  if (!isBumped(base, revision)) {
    reasons.push(`info.version is ${revision}: what breaks clients of ${base} needs ${next(base)}`);
  }
  if (!sections(changelog, ['Unreleased', revision]).some((line) => /^- Breaking: \S/.test(line))) {
    reasons.push(`CHANGELOG.md has no line "- Breaking: ..." under [Unreleased] or [${revision}]`);
  }
  return reasons.length === 0 ? [] : [...reasons, ...broken];
}

const numbers = (version) => version.split('.').map(Number);

/** Whether version `a` is higher than `b`. */
export function isHigher(a, b) {
  const [left, right] = [numbers(a), numbers(b)];
  const at = left.findIndex((number, index) => number !== right[index]);
  return at >= 0 && left[at] > right[at];
}

/** The lowest version that may break clients of `base`. */
function next(base) {
  const [major, minor] = numbers(base);
  return major === 0 ? `0.${minor + 1}.0` : `${major + 1}.0.0`;
}

const isBumped = (base, revision) => !isHigher(next(base), revision);

/** The lines of some sections of the changelog. */
function sections(changelog, names) {
  const parts = changelog.split(/^## /m).filter((part) => names.some((name) => part.startsWith(`[${name}]`)));
  return parts.flatMap((part) => part.split('\n'));
}

function release(baseline, document) {
  const { base, revision } = compare(baseline, document).infoVersions;
  if (!isHigher(revision, base)) {
    return [`${base} is released already: a baseline only moves to a higher version than ${revision}`];
  }
  copyFileSync(document, baseline);
  return [];
}

function main(args) {
  if (args[0] === 'release') {
    return release(here('baseline.yaml'), here('../openapi.yaml'));
  }
  const [baseline = here('baseline.yaml'), document = here('../openapi.yaml'), log = here('../CHANGELOG.md')] = args;
  return judge(compare(baseline, document), readFileSync(log, 'utf8'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const reasons = main(process.argv.slice(2));
  if (reasons.length > 0) {
    console.error(['the contract is broken:', ...reasons].join('\n  '));
    process.exit(1);
  }
  console.log('contract: nothing breaks the clients of the last release unannounced');
}
