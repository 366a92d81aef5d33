import type { InboxMessage } from './index.ts';

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2).replaceAll('\\n', '\n');
  } catch {
    return body;
  }
}

const one = ({ number, at, channel, method, target, headers, body, isTaken, answer }: InboxMessage): string => `
<details${isTaken ? '' : ' class="refused"'}>
  <summary>${number} · ${escape(at)} · <b>${channel}</b> · ${isTaken ? 'taken' : `refused: ${escape(answer.body)}`}</summary>
  <pre>${escape(
    `${method} ${target}\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n')}\n\n${pretty(body)}\n\n→ ${answer.status} ${answer.body}`,
  )}</pre>
</details>`;

/** All messages, newest first, each with its exact HTTP request. */
export const inboxPage = (messages: InboxMessage[]): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Channel inbox</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  details { border-bottom: 1px solid #ddd; padding: .4rem 0 } .refused summary { color: #b00 }
  pre { background: #f6f6f6; padding: 1rem; overflow-x: auto; white-space: pre-wrap }
</style></head>
<body><h1>Channel inbox</h1>
<p>${messages.length === 0 ? 'Nothing has been sent yet.' : `${messages.length} messages, newest first. Nothing left this machine.`}</p>
${[...messages].reverse().map(one).join('')}
</body></html>
`;
