import { spawnSync } from 'node:child_process';

/** Whether a command runs here and ends well. */
const works = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** The Python that has cloud-init's modules: Debian puts them beside its own one. */
export const pythonOfCloudInit = ['python3', '/usr/bin/python3'].find((python) =>
  works(python, '-c', 'import cloudinit, yaml'),
);

export const nginx = ['nginx', '/usr/sbin/nginx'].find((command) => works(command, '-v'));

export const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find((command) =>
  works(command, '--version'),
);

/** Says which of the outside programs are missing; their tests do not run then. */
for (const [name, found, hint] of [
  ['cloud-init', pythonOfCloudInit, 'apt-get install cloud-init'],
  ['nginx', nginx, 'apt-get install nginx-light'],
  ['Chromium', chromium, 'apt-get install chromium'],
] as const)
  if (found === undefined) console.warn(`NOT RUN: the tests with the real ${name}, which is not here (${hint})`);
