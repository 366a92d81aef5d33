// Entry of every npm script: checks the machine, bundles, then runs the command.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `dualstack-alb needs Node.js 20.19 or newer; this is ${process.versions.node}. Install a newer one from your system's packages or nodejs.org.`,
  );
  process.exit(1);
}

// No top-level await: a Node.js that is too old would stumble over it before it could say so.
async function run() {
  const { root, buildFunctions, buildTools } = await import('./build.mjs');
  if (!existsSync(join(root, 'node_modules', 'esbuild'))) {
    console.error('The dependencies are not installed. Run "npm ci" first.');
    process.exit(1);
  }
  await buildTools();
  const { main } = await import('../dist/tools/main.mjs');
  process.exitCode = await main(process.argv.slice(2), { root, buildFunctions });
}

run().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
