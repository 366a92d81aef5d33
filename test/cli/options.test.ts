import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openForWriting } from '../../cli/options.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('a wire log or report is written for its owner alone, and never through a link that stands in its place', ({
  onTestFinished,
}) => {
  const folder = temporaryFolder(onTestFinished);
  const [precious, link] = [join(folder, 'precious'), join(folder, 'link')];
  writeFileSync(precious, 'kept', { mode: 0o644 });
  symlinkSync(precious, link);
  expect(() => openForWriting('wire-log', link)).toThrow(/^--wire-log: cannot write .*link/);
  expect(readFileSync(precious, 'utf8')).toBe('kept');
  openForWriting('wire-log', join(folder, 'log'));
  expect(statSync(join(folder, 'log')).mode & 0o777).toBe(0o600);
});
