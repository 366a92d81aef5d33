import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mergePatch } from '../../functions/api/merge-patch.ts';
import { patchSpec } from '../../functions/api/change.ts';
import { present } from '../../functions/api/present.ts';
import { readLetter } from '../../functions/dead-letter/letter.ts';
import { probeMessageSchema } from '../../functions/probe/messages.ts';
import { channelsSchema } from '../../shared/alert/channel.ts';
import { alertSettingsSchema } from '../../shared/alert/settings.ts';
import { setAt, valueAt, without } from '../../shared/dictionary.ts';
import { newRecord } from '../../shared/deployment/record.ts';
import { parseSpec } from '../../shared/deployment/spec.ts';
import { parseStageMessage, readDeliveries } from '../../shared/messages.ts';
import { sharesOf } from '../../shared/probe/shares.ts';
import { parseWatchSpec } from '../../shared/watch/spec.ts';
import { someInstallation } from '../support/message-keys.ts';
import { prototypeNames, prototypeWords, variantsOf } from '../support/prototype-words.ts';
import { existingNetwork, tutorial } from '../support/tutorial.ts';

const id = '01hzzzzzzzzzzzzzzzzzzzzzzz';

const request = {
  ...tutorial(),
  alerts: { rules: { slow: { failures: 3, mOfN: { bad: 1, of: 2 } } }, flapping: {}, maintenance: [] },
  probe: { vantage: 'auto', identifyBy: { by: 'header', header: 'X-Server' } },
};
const https = {
  ...tutorial(),
  listener: { protocol: 'HTTPS', port: 443, certificateIds: ['1234567-cn-shanghai'] },
  probe: { identifyBy: { by: 'pattern', pattern: 'one|two' } },
};
const watch = {
  name: 'watched',
  watchOnly: {
    loadBalancerId: 'alb-uf6existing0000000001',
    listener: { port: 80, protocol: 'HTTP' },
    domain: 'www.example.com',
    backends: [{ name: 'one', serverId: 'i-uf6existing0000000001' }],
    identifyBy: { by: 'header', header: 'X-Server' },
  },
  alerts: { rules: { drift: { failures: 2 } } },
};
const channels = [
  {
    type: 'dingtalk',
    name: 'ops',
    url: 'https://oapi.dingtalk.com/robot',
    secret: 's',
    keyword: 'k',
    atMobiles: ['123456'],
  },
  { type: 'webhook', name: 'hook', url: 'https://example.com/hook', secret: 's' },
];
const stageMessage = { v: 1, deploymentId: id, stage: 'network', action: 'apply', epoch: 1, turn: 0 };
const probeMessage = { v: 1, kind: 'collect', deploymentId: id, atMs: 1, invokeId: 't-1', look: 0 };
const read = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../events/${file}`, import.meta.url), 'utf8')) as unknown;

/** A text of Object.prototype that found its way into an answer. */
const leak = /\[native code\]|\[object |function /;

type Parse = (body: unknown) => { problems: { field: string }[] } | { reason: string } | object;

const bySchema =
  (schema: { safeParse(body: unknown): { success: boolean; data?: unknown; error?: { issues: object[] } } }): Parse =>
  (body) => {
    const result = schema.safeParse(body);
    return result.success ? { parsed: result.data } : { reason: JSON.stringify(result.error?.issues) };
  };

describe.each<[name: string, body: unknown, parse: Parse]>([
  ['a request', request, parseSpec],
  ['a request for HTTPS', https, parseSpec],
  ['a request that adopts', existingNetwork(), parseSpec],
  ['a request to watch', watch, parseWatchSpec],
  ['alert settings', request.alerts, bySchema(alertSettingsSchema)],
  ['alert channels', channels, bySchema(channelsSchema)],
  ['a message of a stage', stageMessage, parseStageMessage],
  ['a message of a probe', probeMessage, bySchema(probeMessageSchema)],
])('words of Object.prototype in %s', (_name, body, parse) => {
  it('are names like any other, or refused by their field', () => {
    expect(JSON.stringify(parse(body))).not.toContain('problems');
    let refused = 0;
    for (const { path, word, kind, body: variant } of variantsOf(body)) {
      const result = parse(variant);
      const text = JSON.stringify(result);
      expect(text, `${path} ${word}`).not.toMatch(leak);
      if (kind === 'value') continue;
      refused += 1;
      if ('problems' in result) {
        const fields = result.problems.map(({ field }) => field);
        expect(fields, `${path} ${word}`).toContain([path, word].filter((part) => part !== '').join('.'));
      } else expect(text).toContain(word);
    }
    expect(refused).toBeGreaterThan(0);
  });
});

const letterConfig = { ...someInstallation, messageKeys: [], stageQueue: undefined };

describe('words of Object.prototype in events', () => {
  it.each(['queue-single.json', 'queue-stream.json', 'queue-raw-data.json', 'dead-letter-destination.json'])(
    'are read as others are from %s',
    (file) => {
      for (const { body } of variantsOf(read(file)))
        for (const delivery of readDeliveries(JSON.stringify(body), 'id'))
          expect(JSON.stringify([delivery, readLetter(delivery, letterConfig)])).not.toMatch(leak);
    },
  );
});

const specOf = (backends: unknown[]) => {
  const parsed = parseSpec({ ...tutorial(), backends });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
};

const servers = prototypeNames.map((name) => ({ name, family: 'ipv6', page: name }));

describe('a PATCH with words of Object.prototype', () => {
  const spec = specOf(servers);

  it.each(prototypeWords)('merges %s as its own key', (word) => {
    const patch: unknown = JSON.parse(`{${JSON.stringify(word)}:{"a":1}}`);
    expect(JSON.stringify(mergePatch({}, patch))).toBe(JSON.stringify(patch));
    expect(Object.getPrototypeOf(mergePatch({}, patch))).toBe(Object.prototype);
    expect(mergePatch(patch, JSON.parse(`{${JSON.stringify(word)}:null}`))).toEqual({});
  });

  it('says something of every such key', () => {
    for (const { body, word } of variantsOf({}))
      expect(JSON.stringify(patchSpec({ spec }, body))).toContain(`"field":${JSON.stringify(word)}`);
  });

  it('knows each server by its name', () => {
    const backends = servers.map((server) => ({ ...server, weight: 50 }));
    expect(patchSpec({ spec }, { backends })).toMatchObject({ spec: { backends } });
  });
});

describe('servers with such names', () => {
  it('have shares of their own', () => {
    const weights = prototypeNames.map((name) => ({ name, weight: 1 }));
    const shares = sharesOf({ constructor: 3 }, weights, true);
    expect(shares.map(({ backend, seen }) => [backend, seen])).toEqual(
      prototypeNames.map((name) => [name, name === 'constructor' ? 3 : 0]),
    );
  });

  it('are shown as they are', () => {
    const record = newRecord(id, specOf(servers), 1);
    expect(JSON.stringify(present(record))).not.toMatch(leak);
  });
});

describe('a dictionary', () => {
  it.each(prototypeWords)('has %s only when it was put there', (word) => {
    const dictionary: Record<string, number> = {};
    expect(valueAt(dictionary, word)).toBeUndefined();
    setAt(dictionary, word, 1);
    expect(valueAt(dictionary, word)).toBe(1);
    expect(Object.keys(dictionary)).toEqual([word]);
    expect(Object.keys(without(dictionary, word))).toEqual([]);
  });
});
