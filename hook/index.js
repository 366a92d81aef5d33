// `s init` takes an application from its folder `src`; in this repository the application is the repository itself.
const { join } = require('node:path');

/** Stays where it is: what belongs to the package, not to the project that is made of it. */
const ofThePackage = ['hook', 'publish.yaml', 'version.md', 'readme_en.md', 'src'];

/** @see https://github.com/Serverless-Devs/Serverless-Devs/blob/master/docs/en/command/init.md (read 2026-11-29) */
exports.preInit = async ({ tempAppPath, fs }) => {
  const project = join(tempAppPath, 'src');
  fs.ensureDirSync(project);
  for (const name of fs.readdirSync(tempAppPath))
    if (!ofThePackage.includes(name)) fs.moveSync(join(tempAppPath, name), join(project, name));
};

exports.postInit = async ({ logger }) => {
  logger.info('Next: npm ci && npm start; then "Deploying" in README.md.');
};
