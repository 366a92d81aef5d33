import type { CurlRun } from './curl.ts';
import type { Deployment } from './deployment.ts';

export const reportOf = (
  deployment: Deployment,
  runs: CurlRun[],
  wireCalls: number,
  released?: Deployment,
): object => ({
  deploymentId: deployment.id,
  status: deployment.status,
  ...(deployment.failure === undefined ? {} : { failure: deployment.failure }),
  conditions: deployment.conditions,
  // Of one that was rolled back: how far it got.
  stages: deployment.stages.map((stage) => {
    const { status, startedAt, finishedAt, attempts, waits } = stage.applied ?? stage;
    return { name: stage.name, status, startedAt, finishedAt, attempts, waits };
  }),
  resources: deployment.resources,
  curl: runs,
  readyAfterMs: deployment.readyAfterMs,
  wireCalls,
  ...(released === undefined ? {} : { released: { status: released.status, proof: released.proof } }),
});

export function printSummary(deployment: Deployment, url: string): void {
  console.log(`\n  ready after ${((deployment.readyAfterMs ?? 0) / 1000).toFixed(1)} s\n`);
  for (const { type, id, created } of deployment.resources)
    console.log(wrap(`${type.padEnd(14)} ${id}${created ? '' : '  (adopted)'}`, 17));
  console.log('');
  for (const { type, status, message } of deployment.conditions)
    console.log(wrap(`${type.padEnd(16)} ${status.padEnd(7)} ${message}`, 27));
  for (const { field, message } of deployment.warnings ?? []) console.log(wrap(`warning  ${field}: ${message}`, 11));
  console.log(`\n  go on:  curl ${url}`);
}

/** What was asked of every service at the end, twice, and that nothing was found. */
export function printProof({ status, proof }: Deployment): void {
  console.log(`  ${status}`);
  if (proof === undefined) return;
  for (const [index, { at, asked }] of proof.looks.entries()) {
    const found = asked.flatMap(({ found: ids }) => ids);
    console.log(
      `  look ${index + 1} at ${at}: ${asked.length} questions, ${found.length === 0 ? 'nothing found' : `found ${found.join(', ')}`}`,
    );
  }
  const kinds = proof.looks.at(-1)?.asked.map(({ what, by }) => (by === 'mark' ? what : undefined)) ?? [];
  console.log(
    wrap(`asked by mark for ${kinds.filter((what) => what !== undefined).join(', ')}; by id and name for the rest`, 4),
  );
}

export function printFailure(deployment: Deployment): void {
  const { failure } = deployment;
  console.log(`  the deployment is ${deployment.status}`);
  if (failure === undefined) return;
  console.log(`  stage    ${failure.stage}\n  code     ${failure.code}`);
  if (failure.problems === undefined) {
    console.log(wrap(`reason   ${failure.message}`, 11));
    if (failure.remedy !== undefined) console.log(wrap(`remedy   ${failure.remedy}`, 11));
  } else
    for (const { field, message, remedy } of failure.problems) {
      console.log(wrap(`- ${field}: ${message}`, 4));
      console.log(wrap(`  ${remedy}`, 4));
    }
  if (failure.requestId !== undefined) console.log(`  request  ${failure.requestId}`);
}

/** Breaks a line at blanks to 79 columns; later lines begin at column `indent`. */
function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  let line = ' ';
  for (const word of text.split(/ (?=\S)/)) {
    if (line.length + 1 + word.length > 79 && line.trim() !== '') {
      lines.push(line);
      line = ' '.repeat(indent - 1);
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}
