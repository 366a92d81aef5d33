import { expect, it, vi } from 'vitest';
import type { WriteStream } from 'node:tty';
import type { Deployment } from '../../cli/deployment.ts';
import { createProgress } from '../../cli/progress.ts';

const stage = (name: string, status: string, more: object = {}) => ({
  name,
  status,
  needs: ['preflight'],
  action: 'apply',
  attempts: 1,
  waits: 0,
  ...more,
});
const of = (...stages: ReturnType<typeof stage>[]) => ({ stages }) as unknown as Deployment;

const escape = String.fromCharCode(27);
/** A line that is drawn, and how many the cursor went up before. */
const drawn = new RegExp(`^(?:${escape}\\[(\\d+)A)?${escape}\\[2K`);

/** What a terminal of 60 columns shows in the end. */
function screen(written: string): string[] {
  const lines: string[] = [];
  let row = 0;
  for (const part of written.split('\n')) {
    const up = drawn.exec(part);
    if (up === null) continue;
    row -= Number(up[1] ?? 0);
    lines[row] = part.slice(up[0].length);
    row += 1;
  }
  return lines;
}

it('draws the list of stages anew on a terminal, within its width', () => {
  let written = '';
  const terminal = { isTTY: true, columns: 60, write: (text: string) => void (written += text) } as unknown;
  const progress = createProgress(terminal as WriteStream);
  const times = { startedAt: '2026-11-22T08:00:00.000Z', finishedAt: '2026-11-22T08:00:01.500Z' };
  progress.show(of(stage('preflight', 'running', { startedAt: times.startedAt }), stage('network', 'pending')));
  progress.show(
    of(
      stage('preflight', 'done', times),
      stage('network', 'waiting', { ...times, reason: `VPC is Pending ${'x'.repeat(80)}` }),
    ),
  );
  progress.end();
  const lines = screen(written);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^ {2}✔ preflight +done +1\.5 s$/);
  expect(lines[1]).toMatch(/^ {2}● network +running +1\.5 s +VPC is Pending x+…$/);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
});

const blocked = { stage: 'network', code: 'Forbidden.RAM', message: 'vpc DeleteVpc was refused', remedy: 'Grant it.' };

it('shows under the stages what blocks a release', () => {
  let written = '';
  const terminal = { isTTY: true, columns: 60, write: (text: string) => void (written += text) } as unknown;
  const progress = createProgress(terminal as WriteStream);
  progress.show({ ...of(stage('network', 'waiting')), blocked });
  const lines = screen(written);
  expect(lines.slice(1)).toEqual([
    '  blocked          network: vpc DeleteVpc was refused',
    '  what to do       Grant it.',
  ]);
  progress.show(of(stage('network', 'running')));
  expect(written.endsWith(`${escape}[J`)).toBe(true);
});

it('says what blocks a release once where there is no terminal', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const progress = createProgress({ isTTY: false } as unknown as WriteStream);
  for (let look = 0; look < 3; look += 1) progress.show({ ...of(stage('network', 'waiting')), blocked });
  expect(log.mock.calls.flat().filter((line) => String(line).includes('blocked'))).toHaveLength(1);
  log.mockRestore();
});
