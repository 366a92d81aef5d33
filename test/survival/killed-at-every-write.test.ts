import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../local/faults.ts';
import { latencies } from '../../local/latency.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { batchesOf, type CallClass, type Cell, cellsOf, classesOf } from '../chaos/cells.ts';
import { notExactlyOne, standing } from '../chaos/invariants.ts';
import { scenarios, type ScenarioName } from '../chaos/scenarios.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { askedOf, expectNothingLeft } from '../support/releasing.ts';
import { remainsOf } from '../support/remains.ts';

/** The rows of the matrix that kill a function at a write, through the real bundles and triggers. */
const kills = ['kill-before', 'kill-after'];
const lifeDirections = ['apply', 'release'] as const;
type LifeDirection = (typeof lifeDirections)[number];
type Life = Record<LifeDirection, Cell[]>;

const seed = Number(process.env['CHAOS_SEED'] ?? 20_261_129);
const random = seededRandom(seed);

/** Who has sent, maybe to one of several, and then dies sends again, as nothing can tell it that it has; nobody else does. */
const mayHaveSent = ({ rule, fault }: Cell): boolean =>
  rule?.action === 'SendMessage' && (fault === 'kill-after' || (rule.skip ?? 0) > 0);

let installation: TestInstallation;
/** What stands there before, and would be counted as ours. */
let before: string[] = [];
let remainsBefore: string[] = [];
let spec: SpecInput;
let lives = 0;
/** Names of the cells of the tutorial's request. */
const shown = new Set<string>();

beforeAll(async () => {
  installation = await TestInstallation.start({
    latency: { ...latencies.none, healthCheckIntervalMs: 2000 },
    environment: { DUALSTACK_ALB_ALLOW_MANAGE_ADOPTED: 'true' },
  });
}, patienceMs);
afterAll(async () => {
  await installation.close();
});

/** Cells whose fault has come about. */
function struckOf(cells: Cell[]): Cell[] {
  const struck = installation.cloud.faults.list();
  return cells.filter(({ rule }) =>
    struck.some(
      (one) =>
        one.struck > 0 &&
        one.kind === rule?.kind &&
        one.functionName === rule.functionName &&
        one.service === rule.service &&
        one.action === rule.action,
    ),
  );
}

/** One deployment under the faults, to its end. @returns the cells that have struck. */
async function live(name: ScenarioName, faults: Life, classes?: CallClass[]): Promise<Cell[]> {
  const { cloud } = installation;
  const { wanted = {}, query = '' } = scenarios[name];
  const struck: Cell[] = [];
  lives += 1;
  let id = '';
  const adopted = remainsOf(cloud)
    .map((kindAndId) => kindAndId.split(' '))
    .flatMap(([kind, one = '']) => (kind === 'record' ? [] : [one]));
  for (const direction of lifeDirections) {
    const from = cloud.wireLog.length;
    cloud.faults.clear();
    cloud.faults.add(...faults[direction].flatMap(({ rule }) => rule ?? []));
    if (direction === 'apply') {
      id = await installation.request({ ...spec, name: `life-${lives}` });
      const [record] = await installation.runUntilSettled(id);
      expect(record?.failure).toBeUndefined();
      expect(record?.status).toBe('ready');
      if (record !== undefined) expect(notExactlyOne(cloud, record, { wanted, adopted })).toEqual([]);
    } else {
      // A client that heard nothing asks again.
      let answer: Response;
      do answer = await installation.api('DELETE', `/load-balancers/${id}${query}`);
      while (answer.status >= 500);
      expect(answer.status).toBe(202);
      await installation.runUntilSettled(id);
      await askedOf(installation, id);
      await expectNothingLeft(installation, remainsBefore);
      // A service takes back by itself what it keeps in a network that stays.
      installation.clock.advance(5000);
      expect(standing(cloud)).toEqual(before);
    }
    struck.push(...struckOf(faults[direction]));
    classes?.push(...classesOf(cloud.wireLog.slice(from), name, direction));
  }
  cloud.faults.clear();
  return struck;
}

describe.each(['tutorial', 'https', 'adopted'] as const)('%s', (name) => {
  const classes: CallClass[] = [];
  let cells: Cell[] = [];

  it('becomes ready and is released when none is killed', { timeout: patienceMs }, async () => {
    spec = scenarios[name].prepare(installation.cloud);
    before = standing(installation.cloud);
    remainsBefore = remainsOf(installation.cloud);
    await live(name, { apply: [], release: [] }, classes);
    cells = cellsOf(classes, (count) => Math.floor(random() * count)).filter(
      ({ rule, fault, impossible }) => rule !== undefined && impossible === undefined && kills.includes(fault),
    );
    const isWrite = ({ rule }: Cell): boolean => !/^(Describe|List|Get)/.test(rule?.action ?? '');
    // Where the tutorial's request makes the call too, its own deployments show it.
    const isOwn = (cell: Cell): boolean =>
      name === 'tutorial' || (!/tablestore|mns/.test(cell.name) && !shown.has(cell.name.slice(name.length + 1)));
    cells = cells.filter((cell) => isWrite(cell) && isOwn(cell));
    if (name === 'tutorial') for (const cell of cells) shown.add(cell.name);
    expect(cells).not.toEqual([]);
  });

  it(
    'survives the death of each function before and after each of its writes',
    { timeout: 2 * patienceMs },
    async () => {
      const left = [
        ...(await survive(cells.filter((cell) => !mayHaveSent(cell)))),
        ...(await survive(cells.filter(mayHaveSent))),
      ];
      expect(left.map(({ name: cell, fault }) => `${cell} ${fault}`)).toEqual([]);
      console.log(`${name}: killed at ${cells.length} writes, each time ready or released (CHAOS_SEED=${seed})`);
    },
  );

  /** Lives under all of these faults, with several in each life. @returns those that have not struck. */
  async function survive(faults: Cell[]): Promise<Cell[]> {
    let left = faults;
    const struck = new Set<string>();
    installation.doubles.clear();
    // Which calls are made depends on the course of a run: what did not come about is tried again, at the first such call.
    for (let round = 0; round < 3 && left.length > 0; round += 1) {
      const [applies = [], releases = []] = lifeDirections.map((direction) =>
        batchesOf(
          left.filter((cell) => cell.direction === direction),
          24,
        ),
      );
      for (let index = 0; index < Math.max(applies.length, releases.length); index += 1)
        for (const cell of await live(name, { apply: applies[index] ?? [], release: releases[index] ?? [] }))
          struck.add(`${cell.name} ${cell.fault}`);
      left = left
        .filter((cell) => !struck.has(`${cell.name} ${cell.fault}`))
        .map((cell) => ({ ...cell, ...(cell.rule === undefined ? {} : { rule: { ...cell.rule, skip: 0 } }) }));
    }
    if (!faults.some(mayHaveSent)) expect([...installation.doubles]).toEqual([]);
    return left;
  }
});
