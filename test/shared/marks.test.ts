import { describe, expect, it } from 'vitest';
import { clientTokenOf, fingerprint, hasMark, markedBy, markOf, markText } from '../../shared/marks.ts';
import { stageNames } from '../../shared/pipeline.ts';

const deploymentId = '01jd9xk3v5h2m8q4t7w0y6zabc';
/** The longest name that the settings and a request take. */
const installation = 'a'.repeat(31);
const part = 'b'.repeat(60);

describe('a mark', () => {
  it('P-020: keeps keys and values within 64 characters', () => {
    for (const stage of stageNames)
      for (const [key, value] of Object.entries(markOf(installation, deploymentId, stage, part))) {
        expect(key.length).toBeLessThanOrEqual(64);
        expect(value.length).toBeLessThanOrEqual(64);
        expect(value).not.toBe('');
        expect(key).not.toMatch(/^(aliyun|acs:)|https?:\/\//i);
      }
  });

  it('names deployment, stage and part', () => {
    expect(markOf('mine', deploymentId, 'instances', 'ECS01')).toEqual({
      'mine-deployment': deploymentId,
      'mine-stage': 'instances',
      'mine-part': 'ECS01',
    });
  });

  it('P-084: is two tags where there is one of a kind', () => {
    expect(Object.keys(markOf('mine', deploymentId, 'server-group'))).toHaveLength(2);
  });

  it('is found among other tags', () => {
    const mark = markOf('mine', deploymentId, 'network');
    expect(hasMark({ ...mark, owner: 'someone' }, mark)).toBe(true);
  });

  it.each([
    ['no tags', {}],
    ['half of it', { 'mine-deployment': deploymentId }],
    ['the mark of another stage', markOf('mine', deploymentId, 'listener')],
    ['the mark of another deployment', markOf('mine', '01jd9xk3v5h2m8q4t7w0y6zabd', 'network')],
    ['the mark of another installation', markOf('other', deploymentId, 'network')],
  ])('is not found in %s', (_, tags: Record<string, string>) => {
    expect(hasMark(tags, markOf('mine', deploymentId, 'network'))).toBe(false);
  });

  it('fits into a description of 256 characters as text', () => {
    for (const stage of stageNames) {
      const description = markText(installation, deploymentId, stage);
      expect(description.length).toBeLessThanOrEqual(128);
      expect(description).toMatch(/^[a-z0-9/-]{2,}$/);
    }
  });

  it('of a description names the deployment, of this installation and stage only', () => {
    const description = markText('mine', deploymentId, 'security-group');
    expect(markedBy('mine', 'security-group', description)).toBe(deploymentId);
    expect(markedBy('mine', 'backend-servers', description)).toBeUndefined();
    expect(markedBy('other', 'security-group', description)).toBeUndefined();
    for (const theirs of ['', 'mine', `${description}/more`, `not ${description}`])
      expect(markedBy('mine', 'security-group', theirs)).toBeUndefined();
  });
});

describe('a client token', () => {
  const token = clientTokenOf(deploymentId, 'instances', 'create ECS01', 0);

  it('P-015: is 64 ASCII characters', () => {
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(clientTokenOf(deploymentId, 'instances', 'x'.repeat(500), 10_000)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is the same for the same generation of the same purpose', () => {
    expect(clientTokenOf(deploymentId, 'instances', 'create ECS01', 0)).toBe(token);
  });

  it('differs by deployment, stage, purpose, generation', () => {
    const others = [
      clientTokenOf('01jd9xk3v5h2m8q4t7w0y6zabd', 'instances', 'create ECS01', 0),
      clientTokenOf(deploymentId, 'network', 'create ECS01', 0),
      clientTokenOf(deploymentId, 'instances', 'create ECS02', 0),
      clientTokenOf(deploymentId, 'instances', 'create ECS01', 1),
    ];
    expect(new Set([token, ...others]).size).toBe(5);
  });

  it('does not run purpose into generation', () => {
    expect(clientTokenOf(deploymentId, 'network', 'create 1', 0)).not.toBe(
      clientTokenOf(deploymentId, 'network', 'create ', 10),
    );
  });
});

describe('the fingerprint of parameters', () => {
  it('is the same for the same parameters', () => {
    expect(fingerprint({ a: 1, b: ['x'] })).toBe(fingerprint({ a: 1, b: ['x'] }));
  });

  it('P-012: changes with any parameter', () => {
    const all = [{ a: 1 }, { a: 2 }, { a: '1' }, { b: 1 }, { a: 1, b: undefined, c: null }].map(fingerprint);
    expect(new Set(all).size).toBe(5);
  });
});
