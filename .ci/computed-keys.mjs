/**
 * Refuses `object[word]`, `word in object` and `const { [word]: x } = object` where the word is not known when the code is written: it may
 * be `constructor` or `__proto__`, and then what it finds is of Object.prototype. `shared/dictionary.ts` and its copy in `local/` look only
 * at what the object itself has. Keys that are numbers, symbols or literals by their type are let through, casts are not.
 *
 *   node .ci/computed-keys.mjs [FOLDER...]    checks functions, shared, local and cli; exit status 1 with one line for each place
 */
import { join, relative } from 'node:path';
import {
  isAsExpression,
  isBinaryExpression,
  isBindingElement,
  isComputedPropertyName,
  isElementAccessExpression,
  isNoSubstitutionTemplateLiteral,
  isPrivateIdentifier,
  isStringLiteral,
} from 'typescript/unstable/ast/is';
import { SyntaxKind } from 'typescript/unstable/ast';
import { API, TypeFlags } from 'typescript/unstable/sync';

/** The two places that may: they ask `Object.hasOwn` first. */
const exempt = new Set([join('shared', 'dictionary.ts'), join('local', 'dictionary.ts')]);

const knownKeys =
  TypeFlags.NumberLike |
  TypeFlags.StringLiteral |
  TypeFlags.ESSymbolLike |
  TypeFlags.UniqueESSymbol |
  TypeFlags.EnumLike |
  TypeFlags.Never;

/**
 * @param {string} root - the folder of `tsconfig.json`.
 * @param {(path: string) => boolean} isChecked - asked with each source file's path below the root.
 * @returns {string[]} `path:line: code` of every place.
 */
function findComputedKeys(root, isChecked) {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] }).getProjects();
    if (project === undefined) throw new Error(`there is no project in ${root}`);
    const { checker, program } = project;
    const isKnown = (key) => {
      if (isStringLiteral(key) || isNoSubstitutionTemplateLiteral(key)) return true;
      if (isAsExpression(key)) return false;
      const type = checker.getTypeAtLocation(key);
      const base = (type.flags & TypeFlags.Instantiable) === 0 ? type : (checker.getBaseConstraintOfType(type) ?? type);
      return (base.isUnionType() ? base.getTypes() : [base]).every(({ flags }) => (flags & knownKeys) !== 0);
    };
    const isRefused = (node) => {
      if (isElementAccessExpression(node)) return !isKnown(node.argumentExpression);
      if (isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.InKeyword)
        return !isPrivateIdentifier(node.left) && !isKnown(node.left);
      return (
        isBindingElement(node) &&
        node.propertyName !== undefined &&
        isComputedPropertyName(node.propertyName) &&
        !isKnown(node.propertyName.expression)
      );
    };
    return program.getSourceFileNames().flatMap((name) => {
      const path = relative(root, name);
      if (!isChecked(path)) return [];
      const file = program.getSourceFile(name);
      const found = [];
      const visit = (node) => {
        if (isRefused(node)) {
          const start = node.getStart(file);
          const line = file.text.slice(0, start).split('\n').length;
          found.push(`${path}:${line}: ${file.text.slice(start, node.end).replaceAll(/\s+/g, ' ')}`);
        }
        node.forEachChild(visit);
      };
      file.forEachChild(visit);
      return found;
    });
  } finally {
    api.close();
  }
}

const given = process.argv.slice(2);
const folders = given.length > 0 ? given : ['functions', 'shared', 'local', 'cli'];
const found = findComputedKeys(
  process.cwd(),
  (path) => folders.some((folder) => path.startsWith(`${folder}/`)) && !exempt.has(path),
);
for (const place of found) console.error(place);
if (found.length > 0) {
  console.error(
    '\nThe key may be "constructor". Use valueAt, setAt or without of dictionary.ts, a Map, or Object.hasOwn.',
  );
  process.exitCode = 1;
}
