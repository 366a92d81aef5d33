import { load, YAMLException } from 'js-yaml';
import { roleName } from './arn.ts';
import { cpuProblem, type FunctionSpec, functionSchema, issuesOf, SpecError, triggerListProblems } from './spec.ts';
import { setAt, valueAt } from '../dictionary.ts';
import { schemaWords } from '../schema-words.ts';

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Deep merge of maps; arrays and scalars of `over` replace (P-172). */
function merge(under: unknown, over: unknown): unknown {
  if (!isTree(under) || !isTree(over)) return over === undefined ? under : over;
  const merged: Tree = { ...under };
  for (const [key, value] of Object.entries(over)) setAt(merged, key, merge(valueAt(under, key), value));
  return merged;
}

/**
 * Props of component fc3: devsapp/fc3 src/schema.json (4ca1c1b), and `customDomain`, which its code reads.
 * The component itself lets any other name pass (P-162).
 */
const fc3Props = new Set(
  `region functionName description runtime handler code cpu memorySize diskSize timeout instanceConcurrency
   environmentVariables role logConfig vpcConfig internetAccess layers instanceLifecycleConfig asyncInvokeConfig
   concurrencyConfig provisionConfig scalingConfig vpcBinding nasConfig ossMountConfig tracingConfig customDNS tags
   resourceGroupId sessionAffinity sessionAffinityConfig instanceIsolationMode endpoint customDomain triggers
   customContainerConfig customRuntimeConfig gpuConfig disableOndemand idleTimeout disableInjectCredentials`.split(
    /\s+/,
  ),
);

/** Read by the embedded Function Compute; the other known props change nothing on a laptop. */
const readProps = [
  'functionName',
  'runtime',
  'handler',
  'memorySize',
  'cpu',
  'timeout',
  'environmentVariables',
  'instanceConcurrency',
  'asyncInvokeConfig',
  'triggers',
] as const;

const lookUp = (tree: unknown, path: string[]): unknown =>
  path.reduce<unknown>((at, key) => (isTree(at) || Array.isArray(at) ? valueAt(at as Tree, key) : undefined), tree);

interface Scope {
  vars: unknown;
  /** As the file has them; what a resource takes from a template is not seen from another one. */
  resources: unknown;
  env: Record<string, string>;
  accountId: string;
  /** The resource whose strings are read, for `${this...}`. */
  self?: unknown;
}

class Unresolved extends Error {}

/**
 * The texts between the parentheses of a call; none where something else stands there. `s` takes a lone name without quotes
 * for the name of a variable, but with a default beside it reads nothing but the default.
 */
function argumentsOf(called: string, text: string): string[] {
  if (called === 'env' && /^\s*[A-Za-z_]\w*\s*$/.test(text)) return [text.trim()];
  const quoted = /'([^']*)'|"([^"]*)"/g;
  if (text.replaceAll(quoted, '').replaceAll(/[\s,]/g, '') !== '') return [];
  return [...text.matchAll(quoted)].map((match) => match[1] ?? match[2] ?? '');
}

/** The value of what stands between `${` and `}`. */
function evaluate(expression: string, scope: Scope): unknown {
  const text = expression.trim();
  const call = /^(\w+)\((.*)\)$/s.exec(text);
  if (call !== null) {
    const [name, fallback] = argumentsOf(call[1] as string, call[2] as string);
    if (name === undefined || name === '')
      throw new Unresolved(`cannot read the arguments of \${${text}}; quote each of them`);
    if (call[1] === 'env') {
      // As in s, an empty variable counts as one that is not set.
      const set = valueAt(scope.env, name);
      const value = set === undefined || set === '' ? fallback : set;
      if (value === undefined)
        throw new Unresolved(
          `\${${text}}: the variable ${name} is ${set === '' ? 'empty' : 'not set'} and has no default; set it in the environment or in .env beside the file`,
        );
      if (/\$\{|<%/.test(value))
        throw new Unresolved(
          `\${${text}}: s evaluates "\${" and "<%" in the value of ${name}; use a value without them`,
        );
      return value;
    }
    if (call[1] === 'config') {
      if (name === 'AccountID') return scope.accountId;
      throw new Unresolved(`\${${text}}: only config('AccountID') is read here`);
    }
    throw new Unresolved(`\${${text}} is not read by the embedded Function Compute`);
  }
  if (/['"(]/.test(text)) throw new Unresolved(`cannot read \${${text}}: s ends it at the first "}"`);
  const [root, ...rest] = text.split('.');
  const value = lookUp(
    new Map<unknown, unknown>([
      ['vars', scope.vars],
      ['this', scope.self],
      ['resources', scope.resources],
    ]).get(root),
    rest,
  );
  if (value === undefined) throw new Unresolved(`\${${text}} is not defined`);
  return value;
}

/** Replaces every `${...}`; a text that is nothing but one keeps the value's type. */
function resolve(value: unknown, scope: Scope, where: string, problems: string[], depth = 0): unknown {
  if (Array.isArray(value))
    return value.map((item, index) => resolve(item, scope, `${where}.${index}`, problems, depth));
  if (isTree(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, resolve(item, scope, `${where}.${key}`, problems, depth)]),
    );
  if (typeof value !== 'string' || !value.includes('${')) return value;
  if (depth > 20) {
    problems.push(`${where}: ${value} refers to itself`);
    return value;
  }
  try {
    const whole = /^\$\{([^}]*)\}$/.exec(value);
    const replaced =
      whole === null
        ? value.replaceAll(/\$\{([^}]*)\}/g, (_, expression: string) => {
            const part = evaluate(expression, scope);
            if (typeof part === 'string') return part;
            if (typeof part === 'number' || typeof part === 'boolean') return String(part);
            throw new Unresolved(`\${${expression}} is not a scalar`);
          })
        : evaluate(whole[1] as string, scope);
    return replaced === value ? value : resolve(replaced, scope, where, problems, depth + 1);
  } catch (error) {
    if (!(error instanceof Unresolved)) throw error;
    problems.push(`${where}: ${error.message}`);
    return value;
  }
}

/** YAML as `s` reads it, which is js-yaml's: `1_000` and `0o10` are numbers, `yes` is a text, a date is no text. */
function read(text: string, problems: string[]): Tree {
  let file: unknown;
  try {
    file = load(text);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new SpecError([`the file is not YAML that s reads: ${error.reason} (line ${error.mark.line + 1})`]);
  }
  if (!isTree(file)) throw new SpecError(['the file is not a map']);
  problems.push(...mangled(file, ''));
  return file;
}

/** Values that `s` turns into something else: it deploys `{}` or `[object Object]` for a date and null for `.nan`. */
function mangled(value: unknown, where: string): string[] {
  if (value instanceof Date)
    return [`${where}: is a date, which s turns into an empty map; quote it: "${value.toISOString().slice(0, 10)}"`];
  if (typeof value === 'number' && !Number.isFinite(value))
    return [`${where}: is ${String(value)}, which s turns into null; quote it`];
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    return [`${where}: is a number with more digits than s keeps; quote it`];
  if (typeof value === 'string' && value.includes('<%')) return [`${where}: s evaluates what stands behind "<%"`];
  if (value instanceof Uint8Array) return [`${where}: is binary, which s does not keep; write it as a text`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => mangled(item, where === '' ? key : `${where}.${key}`));
}

/** Without entries that have no value: `s` leaves them out. */
function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === null ? [] : [[key, withoutNull(item)]])),
  );
}

const checked = (file: Tree, problems: string[]): Tree => {
  if (typeof file['extend'] === 'string')
    problems.push(`extend: s merges ${file['extend']} into this file, which is not read here; write one file of both`);
  else if (file['edition'] !== '3.0.0') problems.push('edition: must be 3.0.0');
  return file;
};

/** `template`, then `extend: {name, ignore}`, then the resource's own props, which win. */
function propsOf(id: string, resource: Tree, templates: Tree, problems: string[]): Tree {
  const { extend } = resource;
  const own = isTree(resource['props']) ? resource['props'] : {};
  if (extend === undefined) return own;
  const name = isTree(extend) ? extend['name'] : undefined;
  const template = typeof name === 'string' ? valueAt(templates, name) : undefined;
  if (!isTree(template)) {
    problems.push(`resources.${id}.extend: there is no template ${String(name)}`);
    return own;
  }
  const ignored = new Set((isTree(extend) && Array.isArray(extend['ignore']) ? extend['ignore'] : []).map(String));
  const base = Object.fromEntries(Object.entries(template).filter(([key]) => !ignored.has(key)));
  return merge(base, own) as Tree;
}

function codePath(code: unknown): unknown {
  return isTree(code) && typeof code['src'] === 'string' ? code['src'] : code;
}

/**
 * The functions of a Serverless Devs 3.0.0 file, in its order. Resources of other components are skipped.
 *
 * @param env - what `${env('NAME', 'default')}` reads.
 * @param options.accountId - what `${config('AccountID')}` is, default the embedded cloud's.
 * @throws SpecError with every problem of the file.
 * @see https://github.com/Serverless-Devs/Serverless-Devs/blob/master/docs/zh/yaml.md (read 2026-11-22)
 */
export function readFunctions(
  text: string,
  env: Record<string, string | undefined>,
  options: { accountId?: string } = {},
): FunctionSpec[] {
  const problems: string[] = [];
  const file = checked(read(text, problems), problems);
  const accountId = options.accountId ?? '1234567890123456';
  const set = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const scope: Scope = { vars: file['vars'], resources: file['resources'], env: set, accountId };
  const templates = isTree(file['template']) ? file['template'] : {};
  const functions: FunctionSpec[] = [];
  const regions = new Set<string>();
  for (const [id, resource] of Object.entries(isTree(file['resources']) ? file['resources'] : {})) {
    if (!isTree(resource) || !/^fc3(@|$)/.test(String(resource['component']))) continue;
    const where = `resources.${id}.props`;
    const raw = propsOf(id, resource, templates, problems);
    const props = withoutNull(resolve(raw, { ...scope, self: { ...resource, props: raw } }, where, problems)) as Tree;
    for (const name of Object.keys(props))
      if (!fc3Props.has(name)) problems.push(`${where}.${name}: is not a property of fc3 (P-162)`);
    for (const name of ['region', 'functionName', 'runtime', 'handler', 'code'])
      if (valueAt(props, name) === undefined) problems.push(`${where}.${name}: is required`);
    const regionId = String(props['region']);
    regions.add(regionId);
    const parsed = functionSchema.safeParse(
      {
        ...Object.fromEntries(readProps.filter((name) => props[name] !== undefined).map((name) => [name, props[name]])),
        ...(props['code'] === undefined ? {} : { code: codePath(props['code']) }),
        ...(typeof props['role'] === 'string' ? { role: roleArn(props['role'], accountId) } : { role: props['role'] }),
        ...(isTree(props['concurrencyConfig'])
          ? { reservedConcurrency: props['concurrencyConfig']['reservedConcurrency'] }
          : {}),
      },
      { error: schemaWords },
    );
    if (!parsed.success) {
      problems.push(...issuesOf(parsed.error, where));
      continue;
    }
    problems.push(...triggerListProblems(parsed.data.triggers, regionId, where, true));
    const cpu = props['cpu'] === undefined ? undefined : cpuProblem(parsed.data.cpu, parsed.data.memorySize);
    if (cpu !== undefined) problems.push(`${where}: ${cpu}`);
    if (!Number.isInteger(parsed.data.timeout)) problems.push(`${where}.timeout: must be whole seconds`);
    if (functions.some((other) => other.functionName === parsed.data.functionName))
      problems.push(`${where}.functionName: ${parsed.data.functionName} is named twice`);
    functions.push(parsed.data);
  }
  if (regions.size > 1) problems.push(`the functions are in several regions: ${[...regions].join(', ')}`);
  if (problems.length > 0) throw new SpecError(problems);
  return functions;
}

/** fc3 expands a bare name, and lower-cases the whole ARN (P-161). `auto` becomes the default role of Function Compute. */
const roleArn = (role: string, accountId: string): string =>
  `acs:ram::${/^acs:ram::(\d+):/.exec(role)?.[1] ?? accountId}:role/${role === 'auto' ? 'aliyunfcdefaultrole' : roleName(role)}`;
