import { expect } from 'vitest';
import { readFileSync } from 'node:fs';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import type { TestInstallation } from './installation.ts';
import { inventoryOf, nothing, oneOfEverything } from './inventory.ts';
import { askedOf, expectNothingLeft } from './releasing.ts';

/** The tutorial's request. */
export const tutorialEvent = JSON.parse(
  readFileSync(new URL('../../events/create-load-balancer.json', import.meta.url), 'utf8'),
) as SpecInput & { dns: object };

/** Asks for the tutorial's load balancer at a name of its own, and holds the end to the promise: ready, one of everything. */
export async function becomesReady(installation: TestInstallation, rr: string): Promise<DeploymentRecord> {
  const id = await installation.request({ ...tutorialEvent, name: rr, dns: { ...tutorialEvent.dns, rr } });
  const [record] = await installation.runUntilSettled(id);
  expect(record?.failure).toBeUndefined();
  expect(record?.status).toBe('ready');
  expect(inventoryOf(installation.cloud, id)).toEqual(oneOfEverything);
  expect(inventoryOf(installation.cloud, undefined)).toEqual(nothing);
  return installation.record(id);
}

/** Asks for its release, and holds the end to the promise: proved, and nothing left. */
export async function isReleased(installation: TestInstallation, id: string): Promise<void> {
  expect((await installation.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
  await installation.runUntilSettled(id);
  await askedOf(installation, id);
  await expectNothingLeft(installation);
}
