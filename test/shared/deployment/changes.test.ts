import { describe, expect, it } from 'vitest';
import { changesDocument } from '../../../cli/changes-document.ts';
import { differencesOf, refusalOf } from '../../../shared/deployment/changes/differences.ts';
import { changeOf, changeTable } from '../../../shared/deployment/changes/table.ts';
import { isField, leafFields } from '../../../shared/deployment/fields.ts';
import { parseSpec, type SpecInput } from '../../../shared/deployment/spec.ts';

const specOf = (input: SpecInput) => {
  const parsed = parseSpec({ name: 'web', ...input });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
};

describe('the table of changes', () => {
  it('says of every field of the request what becomes of it', () => {
    expect(leafFields.filter((field) => changeOf(field) === undefined)).toEqual([]);
  });

  it('lists no field that the request does not have', () => {
    const names = Object.keys(changeTable).map((field) => field.replace(/\.\*\*$/, ''));
    expect(names.filter((field) => !isField(field))).toEqual([]);
  });

  it('never advises to release', () => {
    const advice = Object.values(changeTable).map((change) => (change.kind === 'never' ? change.instead : ''));
    expect(advice.filter((text) => /releas/.test(text))).toEqual([]);
  });

  it('stands in docs/changes.md: update the file with `npx vitest run -u` of this test', async () => {
    await expect(changesDocument()).toMatchFileSnapshot('../../../docs/changes.md');
  });

  it.each(['constructor', '__proto__', 'listener.toString', 'backends.constructor.hasOwnProperty'])(
    'knows no field %s',
    (field) => {
      expect(changeOf(field)).toBeUndefined();
    },
  );
});

describe('what differs between two requests', () => {
  const two = [
    { name: 'a.b', family: 'ipv4' as const, page: 'one' },
    { name: 'cc', family: 'ipv6' as const, page: 'two' },
  ];

  it('is named by leaf, and servers by their names in whatever order', () => {
    const before = specOf({ backends: two });
    const after = specOf({
      backends: [{ name: 'cc', family: 'ipv6', page: 'two', weight: 3 }, ...two.slice(0, 1)],
      listener: { idleTimeoutSeconds: 30 },
    });
    expect(differencesOf(before, after).map(({ field, path }) => `${field} ${path}`)).toEqual([
      'backends backends',
      'backends.0.weight backends.cc.weight',
      'listener.idleTimeoutSeconds listener.idleTimeoutSeconds',
    ]);
    expect(differencesOf(before, before)).toEqual([]);
  });

  it('is refused with what to do instead', () => {
    const before = specOf({ backends: two });
    const after = specOf({ backends: [{ ...two[0], family: 'ipv6' } as never, ...two.slice(1)] });
    const [difference] = differencesOf(before, after);
    expect(difference).toMatchObject({ field: 'backends.0.family', path: 'backends.a.b.family' });
    expect(difference === undefined ? '' : refusalOf(difference)).toBe(
      'cannot change in place: a server keeps what it was made with. Instead give the new server another name: it is added, and the old one removed.',
    );
  });

  it('is one field where something optional is added or taken away as a whole', () => {
    const dns = { domain: 'example.com', icpFiled: true };
    expect(differencesOf(specOf({}), specOf({ dns, probe: { mostRequests: 9 } })).map(({ field }) => field)).toEqual([
      'dns',
      'probe',
    ]);
  });
});
