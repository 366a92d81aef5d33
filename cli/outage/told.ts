import type { Inbox } from '../../local/inbox/index.ts';

/** One change as the webhook of the inbox got it. */
export interface ToldChange {
  id: string;
  alertId: string;
  type: 'fired' | 'resolved' | 'reminder';
  kind: string;
  subject?: string;
  title: string;
  evidence: string;
  durationSeconds?: number;
  /** When the message came. */
  atMs: number;
}

/** Everything that was told so far, oldest first. */
export const toldChanges = ({ messages }: Inbox): ToldChange[] =>
  messages
    .filter(({ channel, isTaken }) => channel === 'webhook' && isTaken)
    .flatMap(({ at, body }) =>
      (JSON.parse(body) as { changes: ToldChange[] }).changes.map((change) => ({ ...change, atMs: Date.parse(at) })),
    );

export const sayChange = ({ type, kind, subject, evidence, durationSeconds }: ToldChange): string => {
  const what = `${kind}${subject === undefined ? '' : ` ${subject}`}`;
  if (type === 'resolved')
    return `RESOLVED ${what}${durationSeconds === undefined ? '' : ` after ${durationSeconds} s`}`;
  return `${type === 'fired' ? 'FIRING' : 'STILL FIRING'} ${what}: ${evidence}`;
};
