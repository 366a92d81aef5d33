// Known advisories of what package-lock.json names:
//   node .ci/advisories.mjs [LOCK]       against the dated list beside this file; needs no network
//   node .ci/advisories.mjs --registry   asks the registry (npm audit); exit status 3 where it does not answer
// An entry of "accepted" is { "package", "id", "why" }: it is shown, and fails nothing.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import semver from 'semver';

const list = JSON.parse(readFileSync(new URL('advisories.json', import.meta.url), 'utf8'));
const isAccepted = (name, ids) => list.accepted.some((one) => one.package === name && ids.includes(one.id));

/** Prints what was found; 1 when something of it is not accepted. */
function report(found, how) {
  for (const { name, version, id, isKnown, detail } of found)
    console.log(`${isKnown ? 'accepted' : 'FOUND'}: ${name} ${version}: ${id} ${detail}`);
  const open = found.filter((one) => !one.isKnown).length;
  console.log(`${how}: ${open} open, ${found.length - open} accepted`);
  return open === 0 ? 0 : 1;
}

function againstList(lockFile) {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8'));
  const found = [];
  for (const [path, { version, dev, name: alias }] of Object.entries(packages)) {
    const name = alias ?? path.replace(/^.*node_modules\//, '');
    for (const { package: affected, affected: range, id } of list.advisories)
      if (affected === name && semver.satisfies(version, range, { includePrerelease: true }))
        found.push({
          name,
          version,
          id,
          isKnown: isAccepted(name, [id]),
          detail: `affects ${range}${dev ? ' (development only)' : ''}`,
        });
  }
  return report(
    found,
    `${Object.keys(packages).length} packages against ${list.advisories.length} advisories of ${list.date}`,
  );
}

function askRegistry() {
  const { stdout } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', shell: process.platform === 'win32' });
  let answer;
  try {
    answer = JSON.parse(stdout);
  } catch {
    answer = {};
  }
  if (answer.vulnerabilities === undefined) {
    const why = answer.statusCode === undefined ? 'it cannot be reached' : `it answers ${answer.statusCode}`;
    console.log(
      `npm audit: NOT RUN: the registry has no answer on advisories (${why}); the dated list was checked instead.`,
    );
    return 3;
  }
  const found = Object.entries(answer.vulnerabilities).flatMap(([name, { range, via }]) =>
    via
      .filter((one) => typeof one === 'object')
      .map(({ url, title }) => {
        const id = url.split('/').at(-1);
        return { name, version: range, id, isKnown: isAccepted(name, [id]), detail: title };
      }),
  );
  return report(found, 'npm audit');
}

const [word = 'package-lock.json'] = process.argv.slice(2);
process.exitCode = word === '--registry' ? askRegistry() : againstList(word);
