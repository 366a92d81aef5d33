import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes a folder that only its owner can enter (mkdtemp gives it mode 0700), and removes it when the test ends. */
export function temporaryFolder(onTestFinished: (remove: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'dualstack-alb-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
