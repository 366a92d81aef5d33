/** The part of nginx's configuration that decides what the emulated guest answers: `listen` and `add_header`. */

interface Directive {
  words: string[];
  block: Directive[] | undefined;
}

export interface NginxConf {
  listens: { port: number; family: 4 | 6 }[];
  headers: Record<string, string>;
  /** What `nginx -t` would refuse. */
  problem?: string;
}

class ConfError extends Error {}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  // A quoted string, a comment, one of `{};`, or a bare word; quotes are kept to tell `";"` from `;`.
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|#[^\n]*|[{};]|[^\s{};"']+|["']/g)) {
    if (match[0] === '"' || match[0] === "'") throw new ConfError('unexpected end of file, a quote is not closed');
    if (!match[0].startsWith('#')) tokens.push(match[0]);
  }
  return tokens;
}

const unquote = (token: string): string =>
  /^["']/.test(token) ? token.slice(1, -1).replace(/\\(["'\\])/g, '$1') : token;

function parse(tokens: string[], isTop: boolean): Directive[] {
  const directives: Directive[] = [];
  let words: string[] = [];
  for (;;) {
    const token = tokens.shift();
    if (token === undefined) {
      if (words.length > 0) throw new ConfError(`directive "${words[0]}" is not terminated by ";"`);
      if (!isTop) throw new ConfError('unexpected end of file, expecting "}"');
      return directives;
    }
    if (token === ';' || token === '{') {
      if (words.length === 0) throw new ConfError(`unexpected "${token}"`);
      directives.push({ words, block: token === '{' ? parse(tokens, false) : undefined });
      words = [];
    } else if (token === '}') {
      if (words.length > 0) throw new ConfError(`directive "${words[0]}" is not terminated by ";"`);
      if (isTop) throw new ConfError('unexpected "}"');
      return directives;
    } else words.push(unquote(token));
  }
}

function readListen([address = '', ...options]: string[]): NginxConf['listens'] {
  // TLS is not emulated inside guests, unix sockets and loopback are out of everybody's reach.
  if (address.startsWith('unix:') || options.includes('ssl') || options.includes('quic')) return [];
  const match =
    /^(?:(\[[^\]]+\]|\*|[^:\s]+):)?(\d{1,5})$/.exec(address) ?? /^(\[[^\]]+\]|[\d.]*\.[\d.]*|\*)()$/.exec(address);
  const [host = '', port] = [match?.[1], match?.[2] === '' ? 80 : Number(match?.[2])];
  if (match === null || port < 1 || port > 65_535)
    throw new ConfError(`invalid parameter "${address}" of the "listen" directive`);
  if (host === '127.0.0.1' || host === '[::1]' || host === 'localhost') return [];
  if (!host.startsWith('[')) return [{ port, family: 4 }];
  return options.includes('ipv6only=off')
    ? [
        { port, family: 4 },
        { port, family: 6 },
      ]
    : [{ port, family: 6 }];
}

/** @param context - `http` for conf.d, whose files hold whole servers; `server` for default.d, included in the default server. */
export function readNginxConf(text: string, context: 'http' | 'server'): NginxConf {
  const conf: NginxConf = { listens: [], headers: {} };
  const walk = (directives: Directive[], inside: string) => {
    for (const { words, block } of directives) {
      const [name = '', ...rest] = words;
      if (name === 'listen') {
        if (inside !== 'server') throw new ConfError('"listen" directive is not allowed here');
        conf.listens.push(...readListen(rest));
      } else if (name === 'add_header') {
        if (rest.length < 2 || rest.length > 3 || (rest.length === 3 && rest[2] !== 'always'))
          throw new ConfError('invalid number of arguments in "add_header" directive');
        conf.headers[rest[0] as string] = rest[1] as string;
      } else if (name === 'server' && block !== undefined) {
        if (inside !== 'http' && inside !== 'upstream') throw new ConfError('"server" directive is not allowed here');
        // nginx listens on port 80 over IPv4 where a server says nothing.
        if (!block.some((directive) => directive.words[0] === 'listen')) conf.listens.push({ port: 80, family: 4 });
      }
      if (block !== undefined) walk(block, name);
    }
  };
  try {
    walk(parse(tokenize(text), true), context);
  } catch (error) {
    if (!(error instanceof ConfError)) throw error;
    conf.problem = `nginx: [emerg] ${error.message}`;
  }
  return conf;
}
