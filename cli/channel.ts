import { readFileSync } from 'node:fs';
import { readChannel } from '../shared/alert/stored-channel.ts';
import { isRecord } from '../shared/is-record.ts';
import { type Account, accountOf, type Environment } from './account/account.ts';
import type { Checkout } from './checkout.ts';
import { CommandError } from './command-error.ts';
import { parseWords } from './options.ts';

const help = `npm run channel -- list | put FILE | seal | remove NAME
Channels of alerts in the table "channels" of an installation:

  list         names, vendors, and how each keeps its secret; never the secret
  put FILE     writes the channel that FILE holds as JSON ("-": standard input); its URL
               and its secret are encrypted with DUALSTACK_ALB_CHANNEL_KEY, or stand in
               the variable of the function alert that "secretRef" names
  seal         encrypts rows that are not, or that the key before has encrypted
  remove NAME  deletes a channel
  --help       this text

A new key: "openssl rand -base64 32". Settings and keys: as those of "npm run bootstrap".`;

export async function runChannel(
  args: string[],
  { root }: Pick<Checkout, 'root'>,
  env: Environment = process.env,
): Promise<number> {
  const { values: options, positionals } = parseWords(args, {
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (options.help) {
    console.log(help);
    return 0;
  }
  const [action = '', word, ...more] = positionals;
  const command = commandOf(action);
  if (command === undefined || more.length > 0 || (word !== undefined) !== command.takesWord)
    throw new CommandError(`What to do is list, put FILE, seal or remove NAME.\n\n${help}`);
  const found = await accountOf(root, env);
  if ('problems' in found)
    throw new CommandError(
      `This is missing or wrong:\n${found.problems.map(({ problem, mend }) => `  ${problem}. ${mend}`).join('\n')}`,
    );
  return await command.run(found.account, word ?? '');
}

interface Command {
  takesWord: boolean;
  run(account: Account, word: string): Promise<number>;
}

function commandOf(action: string): Command | undefined {
  if (action === 'list') return { takesWord: false, run: list };
  if (action === 'put') return { takesWord: true, run: put };
  if (action === 'seal') return { takesWord: false, run: sealAll };
  return action === 'remove' ? { takesWord: true, run: remove } : undefined;
}

async function list({ runtime }: Account): Promise<number> {
  const { channels, forms, refused } = await runtime.channels.list();
  for (const { name, type } of channels) console.log(`  ${name}  ${type}  ${forms.get(name)}`);
  for (const { name, reason } of refused) console.log(`  ${name}  invalid: ${reason}`);
  return refused.length === 0 ? 0 : 1;
}

async function put({ runtime }: Account, file: string): Promise<number> {
  const { channelSecrets } = runtime.config;
  const document = readDocument(file);
  const { secretRef, type } = document;
  // The variable is the function's: it need not stand in the environment of who writes the row.
  const url = 'https://example.com/';
  const sample = type === 'webhook' ? JSON.stringify({ url, secret: 'sample' }) : url;
  const samples = typeof secretRef === 'string' ? [[secretRef, sample] as const] : [];
  const read = readChannel(document, { ...channelSecrets, named: new Map([...samples, ...channelSecrets.named]) });
  if ('problems' in read)
    throw new CommandError(
      `${file} holds no channel:\n${read.problems.map(({ path, message }) => `  ${path.join('.')}: ${message}`).join('\n')}`,
    );
  const { channel, form } = read;
  if (form === 'reference') await runtime.channels.putReference(document as { name: string; secretRef: string });
  else if (channelSecrets.key === undefined) throw new CommandError(noKey);
  else await runtime.channels.put(channel);
  console.log(
    `  ${channel.name}: written, its secret ${form === 'reference' ? `is in ${String(secretRef)}` : 'encrypted'}`,
  );
  return 0;
}

async function sealAll({ runtime }: Account): Promise<number> {
  if (runtime.config.channelSecrets.key === undefined) throw new CommandError(noKey);
  const { forms, refused } = await runtime.channels.list();
  for (const name of forms.keys()) if (await runtime.channels.sealAnew(name)) console.log(`  ${name}: encrypted`);
  for (const { name, reason } of refused) console.log(`  ${name}  invalid: ${reason}`);
  return refused.length === 0 ? 0 : 1;
}

async function remove({ runtime }: Account, name: string): Promise<number> {
  await runtime.channels.remove(name);
  console.log(`  ${name}: removed`);
  return 0;
}

const noKey =
  'DUALSTACK_ALB_CHANNEL_KEY is not set, so nothing can be encrypted. Create one with "openssl rand -base64 32", deploy the function alert with it, and set it here.';

function readDocument(file: string): Record<string, unknown> {
  try {
    const document = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8')) as unknown;
    if (isRecord(document)) return document;
  } catch (error) {
    // The parser's message quotes what it reads, which is secret.
    if (!(error instanceof SyntaxError)) throw new CommandError(`${file} cannot be read.`);
  }
  throw new CommandError(`${file} is no JSON object.`);
}
