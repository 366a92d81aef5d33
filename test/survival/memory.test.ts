import { expect, it } from 'vitest';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildFunctions, buildTools, functionNames, root } from '../../cli/build.mjs';
import { eventsOf } from '../../cli/event-files.ts';
import { measureAll, soldMemoryMb } from '../../cli/measure.ts';

it('s.yaml asks for no more than twice the memory that a function needs, and for a quarter more at least', async () => {
  const [codeDir] = await Promise.all([buildFunctions(), buildTools()]);
  const measures = await measureAll(root, codeDir);
  expect(measures.map(({ name }) => name).sort()).toEqual(functionNames().sort());
  for (const { name, problem, memoryMb, peakMemoryMb } of measures)
    expect({
      name,
      problem,
      isEnough: 1.25 * peakMemoryMb < memoryMb,
      isModest: memoryMb <= soldMemoryMb(2 * peakMemoryMb),
    }).toEqual({ name, problem: undefined, isEnough: true, isModest: true });
  // All stages in one function: it alone has turns enough for every form of its event.
  const stages = measures.find(({ name }) => name === 'stages');
  expect([...(stages?.events ?? [])].sort()).toEqual(eventsOf('stages', readdirSync(join(root, 'events'))).sort());
}, 240_000);
