import type { WriteStream } from 'node:tty';
import type { Deployment } from './deployment.ts';
import { valueAt } from '../shared/dictionary.ts';

type Stage = Deployment['stages'][number];

const symbols: Record<string, string> = {
  done: '✔',
  running: '●',
  waiting: '●',
  queued: '●',
  failed: '✖',
  pending: '·',
};

const secondsOf = ({ startedAt, finishedAt }: Stage): string => {
  if (startedAt === undefined) return '';
  const end = finishedAt === undefined ? Date.now() : Date.parse(finishedAt);
  return `${(Math.max(0, end - Date.parse(startedAt)) / 1000).toFixed(1)} s`;
};

const clip = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);

/** One line of the stage list, at most `width` columns. */
export function stageLine(stage: Stage, width: number): string {
  const state = stage.status === 'waiting' || stage.status === 'queued' ? 'running' : stage.status;
  const note =
    stage.status === 'done'
      ? stage.waits === 0
        ? ''
        : `${stage.waits} ${stage.waits === 1 ? 'wait' : 'waits'}`
      : (stage.reason ?? (stage.status === 'pending' ? `after ${stage.needs.join(', ')}` : ''));
  return clip(
    `  ${valueAt(symbols, stage.status) ?? '?'} ${stage.name.padEnd(16)} ${state.padEnd(8)} ${secondsOf(stage).padStart(7)}  ${note}`.trimEnd(),
    width,
  );
}

/** What keeps a release from going on; empty where nothing does. */
export function blockedLines({ blocked }: Pick<Deployment, 'blocked'>): string[] {
  if (blocked === undefined) return [];
  const { stage, message, remedy } = blocked;
  return [`  blocked          ${stage}: ${message}`, ...(remedy === undefined ? [] : [`  what to do       ${remedy}`])];
}

/** Shows the stages: a list that is drawn anew on a terminal, one plain line per change elsewhere. */
export function createProgress(out: WriteStream | NodeJS.WriteStream): {
  show(deployment: Deployment): void;
  end(): void;
} {
  if (!out.isTTY) {
    const known = new Map<string, string>();
    let knownBlock = '';
    return {
      show(deployment) {
        const { stages, blocked } = deployment;
        for (const stage of stages) {
          const shown = stage.status === 'queued' || stage.status === 'waiting' ? 'running' : stage.status;
          if (shown === 'pending' || known.get(stage.name) === shown) continue;
          known.set(stage.name, shown);
          console.log(stageLine({ ...stage, reason: shown === 'running' ? '' : (stage.reason ?? '') }, 79));
        }
        const block = blocked === undefined ? '' : `${blocked.stage} ${blocked.code}`;
        if (block !== '' && block !== knownBlock) console.log(blockedLines(deployment).join('\n'));
        knownBlock = block;
      },
      end: () => console.log(''),
    };
  }
  let drawn = 0;
  return {
    show(deployment) {
      const width = Math.min(79, out.columns || 79);
      const lines = [
        ...deployment.stages.map((stage) => stageLine(stage, width)),
        ...blockedLines(deployment).map((line) => clip(line, width)),
      ];
      if (drawn > 0) out.write(`\x1b[${drawn}A`);
      for (const line of lines) out.write(`\x1b[2K${line}\n`);
      // There may have been more lines before.
      if (lines.length < drawn) out.write('\x1b[J');
      drawn = lines.length;
    },
    end: () => out.write('\n'),
  };
}
