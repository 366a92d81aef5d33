import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

/** Lists what the linter refuses of a file in `functions`, by line. */
function refusedIn(lines: string[]): number[] {
  const root = mkdtempSync(join(tmpdir(), 'raw-network-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'functions'));
  cpSync('.oxlintrc.json', join(root, '.oxlintrc.json'));
  writeFileSync(join(root, 'functions', 'stage.ts'), `${lines.join('\n')}\n`);
  const oxlint = join(process.cwd(), 'node_modules', '.bin', 'oxlint');
  const rules = ['-A', 'all', '-D', 'no-restricted-imports', '-D', 'no-restricted-globals'];
  const { stdout, stderr } = spawnSync(oxlint, ['--format', 'json', ...rules], { cwd: root, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(stdout || stderr) as { diagnostics: { labels: { span: { line: number } }[] }[] };
  return [...new Set(diagnostics.flatMap(({ labels }) => labels.map(({ span }) => span.line)))].sort((a, b) => a - b);
}

it('refuses in functions whatever would talk to a network past the budget', () => {
  const refused = [
    "import { connect } from 'node:net';",
    "import { request } from 'node:https';",
    "import http from 'http';",
    "import { connect as tls } from 'node:tls';",
    "import { resolve6 } from 'node:dns/promises';",
    "import { createSocket } from 'node:dgram';",
    "import { setTimeout as sleep } from 'node:timers/promises';",
    "import { systemDial } from '../shared/net/dial.ts';",
    "import { createResolver } from '../shared/net/resolver.ts';",
    "import { askServer } from '../shared/net/resolver.ts';",
    "import { createAlbClient } from '../shared/alibaba/alb-client.ts';",
    "import { createSend } from '../shared/alibaba/call.ts';",
    "import { createRuntime } from '../shared/runtime.ts';",
    "import { Budget } from '../shared/budget.ts';",
    "import core from '@alicloud/openapi-core';",
    "export const a = await fetch('https://example.com/');",
    'export const b = setTimeout(() => undefined, 1000);',
  ];
  const allowed = [
    "import { isIPv6 } from 'node:net';",
    "import { dialWithin } from '../shared/net/dial.ts';",
    "import { DnsError, dataOf } from '../shared/net/resolver.ts';",
    "import type { DnsRecord } from '../shared/alibaba/dns-client.ts';",
    "import { runtimeOf, type Runtime } from '../shared/runtime.ts';",
    "import { OutOfTimeError } from '../shared/budget.ts';",
  ];
  expect(refusedIn([...refused, ...allowed])).toEqual(refused.map((_, index) => index + 1));
});
