import { describe, expect, it } from 'vitest';
import { CloudError } from '../../shared/alibaba/cloud-error.ts';
import { freshProgress, type Obstacle, type Progress } from '../../shared/deployment/record.ts';
import { cutOffTooOften, failed, outcomeOfError, outOfTime, type Turn, waiting } from '../../shared/outcome.ts';
import type { Action } from '../../shared/pipeline.ts';
import { blockedDelayMs } from '../../shared/retry.ts';
import type { Stage } from '../../shared/stage.ts';

const turn = (action: Action, more: { waitedMs?: number; progress?: Partial<Progress> } = {}): Turn => ({
  stage: { name: 'network', longestWaitMs: 60_000 } as Stage,
  action,
  progress: { ...freshProgress(), ...more.progress },
  waitedMs: more.waitedMs ?? 0,
  random: () => 1,
});

const refused = (code: string, httpStatus = 400) =>
  new CloudError({ service: 'vpc', action: 'DeleteVpc', code, httpStatus, message: 'refused', requestId: 'r-1' });

const obstacle = (times: number): Obstacle => ({ code: 'c', message: 'm', sinceMs: 0, atMs: 0, times, isShown: true });

describe('a refusal for good', () => {
  it('fails an apply', () => {
    expect(outcomeOfError(turn('apply'), refused('Forbidden.RAM', 403))).toMatchObject({
      kind: 'fail',
      failure: { code: 'Forbidden.RAM', requestId: 'r-1', remedy: expect.stringContaining('permission') as string },
    });
  });

  it('blocks a release, and is tried again after some seconds', () => {
    expect(outcomeOfError(turn('release'), refused('Forbidden.RAM', 403))).toMatchObject({
      kind: 'blocked',
      isCertain: false,
      delayMs: 10_000,
      failure: { code: 'Forbidden.RAM', requestId: 'r-1' },
    });
  });

  it('that nobody knows blocks a release with what to do', () => {
    const outcome = outcomeOfError(turn('release'), refused('Some.NewCode', 409));
    expect(outcome).toMatchObject({
      kind: 'blocked',
      failure: { remedy: 'Fix what the message says: the release goes on by itself.' },
    });
  });
});

describe('a release that is blocked', () => {
  it('is tried again with growing pauses', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((times) =>
      blockedDelayMs(times, { isCertain: false, random: () => 1 }),
    );
    expect(pauses).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000, 900_000, 900_000]);
  });

  it('never pauses longer than a quarter of an hour, whatever the service asks for', () => {
    expect(blockedDelayMs(40, { isCertain: true, hintMs: 86_400_000, random: () => 1 })).toBe(900_000);
  });

  it('counts from what it met before', () => {
    const outcome = failed(turn('release', { progress: { obstacle: obstacle(3) } }), { code: 'c', message: 'm' });
    expect(outcome).toMatchObject({ kind: 'blocked', isCertain: true, delayMs: 480_000 });
  });
});

describe('a wait', () => {
  it('within its bound is another look', () => {
    expect(waiting(turn('release', { waitedMs: 60_000 }), 'cards are there')).toMatchObject({ kind: 'wait' });
  });

  it('that takes too long fails an apply', () => {
    expect(waiting(turn('apply', { waitedMs: 60_001 }), 'cards are there')).toMatchObject({
      kind: 'fail',
      failure: { code: 'network.timeout' },
    });
  });

  it('that takes too long blocks a release, which says what it waits for', () => {
    expect(waiting(turn('release', { waitedMs: 60_001 }), 'cards are there')).toMatchObject({
      kind: 'blocked',
      isCertain: true,
      waitsFor: 'cards are there',
      failure: { code: 'network.timeout', message: 'waited 60 s, longer than network may take: cards are there' },
    });
  });

  it('for something else is a wait again', () => {
    const late = turn('release', { waitedMs: 600_000, progress: { obstacle: obstacle(2) } });
    expect(waiting(late, 'the VPC is being deleted', { isProgress: true })).toMatchObject({
      kind: 'wait',
      isProgress: true,
      delayMs: 1000,
    });
  });
});

describe('a call that may work later', () => {
  it.each(['apply', 'release'] as const)('is repeated in an %s', (action) => {
    expect(outcomeOfError(turn(action), refused('OperationFailed.SystemBusy'))).toMatchObject({
      kind: 'retry',
      delayMs: 1000,
    });
  });

  it('fails an apply after so many times', () => {
    const outcome = outcomeOfError(
      turn('apply', { progress: { attempts: 13 } }),
      refused('OperationFailed.SystemBusy'),
    );
    expect(outcome).toMatchObject({ kind: 'fail', failure: { message: 'refused (tried 14 times)' } });
  });

  it('blocks a release after so many times, and is shown at once', () => {
    const late = turn('release', { progress: { attempts: 13 } });
    expect(outcomeOfError(late, refused('OperationFailed.SystemBusy'))).toMatchObject({
      kind: 'blocked',
      isCertain: true,
      delayMs: 60_000,
    });
  });
});

describe('a turn whose time ended', () => {
  it('goes on with another, with a pause that grows', () => {
    expect(outOfTime(turn('apply'), 'verify asked 40 of 300')).toEqual({
      kind: 'out-of-time',
      reason: 'the time of the turn ended: verify asked 40 of 300',
      delayMs: 1000,
      isProgress: false,
    });
    expect(outOfTime(turn('apply', { progress: { attempts: 3, cutOffs: 1 } }), 'slow')).toMatchObject({
      delayMs: 16_000,
    });
  });

  it('fails an apply after fourteen in a row, those that were cut off included', () => {
    const progress = { attempts: 10, cutOffs: 3 };
    expect(outOfTime(turn('apply', { progress }), 'slow')).toMatchObject({
      kind: 'fail',
      failure: { code: 'network.out-of-time', message: 'the time of 14 turns in a row ended: slow' },
    });
    expect(outOfTime(turn('release', { progress }), 'slow')).toMatchObject({ kind: 'blocked' });
    expect(outOfTime(turn('apply', { progress }), 'slow', { isProgress: true })).toMatchObject({ kind: 'out-of-time' });
  });

  it('ends as it found out, where more time would not have changed that', () => {
    const progress = { attempts: 13 };
    const ending = failed(turn('apply'), { code: 'health.unhealthy', message: 'm' });
    expect(outOfTime(turn('apply'), 'slow', { ending })).toMatchObject({ kind: 'out-of-time' });
    expect(outOfTime(turn('apply', { progress }), 'slow', { ending })).toBe(ending);
  });
});

describe('a turn that is cut off', () => {
  const cutOff = (times: number) => ({ beganMs: 0, times });

  it('is tried again while that has not happened too often', () => {
    expect(cutOffTooOften(turn('apply', { progress: { cutOffs: 13 } }), cutOff(13))).toBeUndefined();
  });

  it('fails an apply then, and blocks a release', () => {
    const progress = { attempts: 2, cutOffs: 12 };
    expect(cutOffTooOften(turn('apply', { progress }), cutOff(12))).toMatchObject({
      kind: 'fail',
      failure: {
        code: 'network.cut-off',
        message: 'the function was cut off 12 times in a row before its turn had ended (tried 14 times)',
      },
    });
    expect(cutOffTooOften(turn('release', { progress }), cutOff(12))).toMatchObject({ kind: 'blocked' });
  });
});
