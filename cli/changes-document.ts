import { changeTable } from '../shared/deployment/changes/table.ts';
import type { FieldChange } from '../shared/deployment/changes/entry.ts';

/** docs/changes.md, written from the table; a test holds both together. */
export function changesDocument(): string {
  const entries = Object.entries(changeTable).map(([field, change]) => [`\`${field}\``, change] as const);
  const changing = entries.filter(([, { kind }]) => kind === 'in-place');
  const fixed = entries.filter(([, { kind }]) => kind === 'never');
  return (
    [
      introduction,
      '## In place',
      tableOf(
        ['Field', 'Changed by', 'Adopted', 'Remarks'],
        changing.map(([field, change]) => [field, byOf(change), adoptedOf(change), noteOf(change)]),
      ),
      '## Never in place',
      tableOf(
        ['Field', 'Why', 'Instead'],
        fixed.map(([field, change]) => [
          field,
          change.kind === 'never' ? sentence(change.why) : '',
          change.kind === 'never' ? sentence(change.instead) : '',
        ]),
      ),
    ].join('\n\n') + '\n'
  );
}

const introduction = `# What can change, and what an apply does about changes by hand

\`PATCH /load-balancers/{id}\` takes a part of the request: objects are merged, lists are replaced, \`null\` brings a field back
to its default (RFC 7396). The load balancer serves on while it changes. The first table lists what changes in place; the second
what never does, and what to do instead: such a \`PATCH\` is answered with 409 and the sentence of the table. A field that the
request does not have is answered with 400. \`*\` stands for a member of a list, \`**\` for everything below. What turns out
impossible later ends as \`failed\`, with the reason; the load balancer serves on, and another \`PATCH\` corrects it.

**Explicit is enforced, default is not.** The record knows which fields the request wrote; \`GET /load-balancers/{id}\` shows them
as \`explicit\`. \`POST /load-balancers/{id}/apply\` makes those again what the request says. A field that the request leaves to its
default, and that somebody changed by hand, is left as it is: \`apply\` and \`GET /load-balancers/{id}/drift\` show it under \`kept\`
with the default and the value that was found, and nobody is alerted. Health and probes go by what was kept. Resources are no
fields: one that the deployment made and somebody deleted is made again. A deployment that was made before records knew this
counts as if its request had written every field.

**Adopt.** \`POST /load-balancers/{id}/apply\` with \`{"adopt": ["listener.certificateIds"]}\` takes what the cloud has into the
request: from then on that is enforced. A name such as \`serverGroup.healthCheck\` stands for the fields below it that can be
adopted; a server goes by its name, \`backends.ECS01.weight\`.`;

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const byOf = (change: FieldChange): string => (change.kind === 'in-place' ? sentence(change.by) : '');
const noteOf = (change: FieldChange): string => (change.kind === 'in-place' ? (change.note ?? '') : '');
const adoptedOf = (change: FieldChange): string =>
  change.kind === 'in-place' && change.notAdopted === undefined ? 'yes' : 'no';

/** A table with columns as wide as their longest cell, as the formatter has it. */
function tableOf(head: string[], rows: string[][]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)));
  const line = (cells: string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
