/** What must hold in every world of the model, and between a world and the next. */
import { actionOf } from '../../../shared/deployment/progress.ts';
import { pipeline, prerequisites, stageNames } from '../../../shared/pipeline.ts';
import type { World } from './model.ts';

const dependentsOf = new Map(
  stageNames.map((stage) => [stage, stageNames.filter((name) => pipeline[name].needs.includes(stage))]),
);
const needsOf = {
  apply: new Map(stageNames.map((stage) => [stage, prerequisites(stage, 'apply')])),
  release: new Map(stageNames.map((stage) => [stage, prerequisites(stage, 'release')])),
};

/** What is wrong with a world; empty as it should be. */
export function wrongIn(world: World): string[] {
  const { record, turns, ghosts, cloud, nowMs } = world;
  const wrong: string[] = [];
  for (const stage of stageNames)
    for (const action of ['apply', 'release'] as const) {
      const { state, lease } = record.stages[stage][action];
      if (state === 'done' && action === actionOf(record) && lease !== undefined)
        wrong.push(`${action} of ${stage} is done and holds a lease`);
      if (state === 'running' && lease === undefined) wrong.push(`${action} of ${stage} runs without a lease`);
      if (action !== actionOf(record) || state === 'pending') continue;
      const missing = needsOf[action].get(stage)?.filter((need) => record.stages[need][action].state !== 'done');
      if (missing !== undefined && missing.length > 0)
        wrong.push(`${action} of ${stage} is ${state} before ${missing.join(', ')}`);
    }
  const current = turns.filter(({ message }) => message.epoch === record.epoch);
  for (const { id, message } of current) {
    // One message that is delivered twice at once may be at an older turn still: its calls bear the same tokens.
    const other = current.find(
      ({ id: otherId, message: { stage, turn } }) => otherId !== id && stage === message.stage && turn === message.turn,
    );
    if (other !== undefined) wrong.push(`turn ${message.turn} of ${message.stage} is run by ${id} and by ${other.id}`);
    if (message.action !== 'release') continue;
    for (const dependent of dependentsOf.get(message.stage) ?? [])
      if (cloud.has(dependent)) wrong.push(`${message.stage} releases while ${dependent} is there`);
  }
  if (record.desired === 'released') {
    const live = [
      ...turns.filter(({ message }) => message.action === 'apply').map(({ message }) => message.stage),
      ...ghosts.filter(({ untilMs }) => untilMs > nowMs).map(({ stage }) => stage),
    ];
    for (const stage of live) {
      const { state, turn } = record.stages[stage].release;
      if (turn > 0 || (state !== 'pending' && state !== 'queued'))
        wrong.push(`${stage} releases while a call of its apply may take effect`);
    }
  }
  const isEmptied = record.status === 'released' || (record.status === 'failed' && record.rolledBack === true);
  if (isEmptied && cloud.size > 0) wrong.push(`${record.status}, and ${[...cloud].join(', ')} is there`);
  if (record.status === 'released' && record.stages.preflight.outputs['proof'] === undefined)
    wrong.push('released without a proof');
  if (record.status === 'ready' && stageNames.some((name) => record.stages[name].apply.state !== 'done'))
    wrong.push('ready before all stages are done');
  if (record.status === 'ready' && record.failure !== undefined) wrong.push('ready with a failure');
  if (record.status === 'failed' && record.failure === undefined) wrong.push('failed without a reason');
  return wrong;
}

/** What is wrong with a step. */
export function wrongBetween(before: World, after: World, name: string): string[] {
  const wrong: string[] = [];
  const [was, is] = [before.record, after.record];
  if (is.epoch < was.epoch) wrong.push('the epoch went back');
  if (is.epoch === was.epoch)
    for (const stage of stageNames)
      for (const action of ['apply', 'release'] as const) {
        const [from, to] = [was.stages[stage][action], is.stages[stage][action]];
        if (to.turn < from.turn) wrong.push(`the turn of ${stage} went back`);
        // So no stage is queued twice: it could be so only from pending.
        if (to.state === 'pending' && from.state !== 'pending') wrong.push(`${stage} went back from ${from.state}`);
        if ((from.state === 'done' || from.state === 'failed') && to.state !== from.state)
          wrong.push(`${stage} left ${from.state} for ${to.state}`);
      }
  // Whoever serves a message of an older epoch, or an older turn, changes nothing but what is remembered as orphans.
  const id = /^(?:deliver )?(\S+#\d+)/.exec(name)?.[1];
  const message =
    before.letters.find((letter) => letter.id === id)?.message ?? before.turns.find((turn) => turn.id === id)?.message;
  if (message !== undefined && message.epoch < was.epoch) {
    if (was !== is && JSON.stringify(essence(was)) !== JSON.stringify(essence(is)))
      wrong.push(`a message of epoch ${message.epoch} had an effect`);
    const begun = was.begunBy?.messageId === id ? (was.begunBy?.sends.length ?? 0) : 0;
    const grown = after.letters.filter((letter) => !before.letters.some((known) => known.id === letter.id)).length;
    if (grown > begun) wrong.push(`a message of epoch ${message.epoch} made ${grown} messages`);
  }
  return wrong;
}

/** All of a record but its orphans, the leases of turns that ended, and when it was written. */
function essence(record: World['record']): unknown {
  const stages = Object.fromEntries(
    stageNames.map((name) => {
      const { apply, release, ...rest } = record.stages[name];
      return [name, { ...rest, apply: { ...apply, lease: undefined }, release: { ...release, lease: undefined } }];
    }),
  );
  return { ...record, stages, orphans: undefined, updatedAtMs: undefined };
}
