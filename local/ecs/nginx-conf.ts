/**
 * The part of nginx's configuration that decides what the emulated guest answers: `listen`, `server_name`, `root`, `charset`
 * and `add_header` of servers.
 */

interface Directive {
  words: string[];
  block: Directive[] | undefined;
}

export interface NginxServer {
  listens: { port: number; family: 4 | 6 }[];
  /** One of its `listen` lines says `default_server`. */
  isDefault: boolean;
  names: string[];
  headers: Map<string, string>;
  root?: string;
  charset?: string;
}

export interface NginxConf {
  servers: NginxServer[];
  /** What stands outside of any server: in default.d it belongs to the server that includes the file. */
  outside?: NginxServer;
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

function readListen([address = '', ...options]: string[]): NginxServer['listens'] {
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

const newServer = (): NginxServer => ({ listens: [], isDefault: false, names: [], headers: new Map() });

/** @param context - `http` for conf.d, whose files hold whole servers; `server` for default.d, included in the default server. */
export function readNginxConf(text: string, context: 'http' | 'server'): NginxConf {
  const outside = newServer();
  const conf: NginxConf = { servers: [], outside };
  const walk = (directives: Directive[], inside: string, server: NginxServer) => {
    const isServerLevel = inside === 'server' || inside === 'http';
    for (const { words, block } of directives) {
      const [name = '', ...rest] = words;
      if (name === 'listen') {
        if (inside !== 'server') throw new ConfError('"listen" directive is not allowed here');
        server.listens.push(...readListen(rest));
        if (rest.includes('default_server')) server.isDefault = true;
      } else if (name === 'server_name') {
        if (inside !== 'server') throw new ConfError('"server_name" directive is not allowed here');
        server.names.push(...rest);
      } else if ((name === 'root' || name === 'charset') && isServerLevel) {
        if (rest.length !== 1) throw new ConfError(`invalid number of arguments in "${name}" directive`);
        if (server[name] !== undefined) throw new ConfError(`"${name}" directive is duplicate`);
        server[name] = (rest[0] as string).replace(/(.)\/+$/, '$1');
      } else if (name === 'add_header') {
        if (rest.length < 2 || rest.length > 3 || (rest.length === 3 && rest[2] !== 'always'))
          throw new ConfError('invalid number of arguments in "add_header" directive');
        server.headers.set(rest[0] as string, rest[1] as string);
      } else if (name === 'server' && block !== undefined) {
        if (inside !== 'http' && inside !== 'upstream') throw new ConfError('"server" directive is not allowed here');
        const made = newServer();
        conf.servers.push(made);
        walk(block, 'server', made);
        // nginx listens on port 80 over IPv4 where a server says nothing.
        if (!block.some((directive) => directive.words[0] === 'listen')) made.listens.push({ port: 80, family: 4 });
        continue;
      }
      if (block !== undefined) walk(block, name, server);
    }
  };
  try {
    walk(parse(tokenize(text), true), context, outside);
    if (context === 'http') inherit(conf);
  } catch (error) {
    if (!(error instanceof ConfError)) throw error;
    conf.problem = `nginx: [emerg] ${error.message}`;
  }
  return conf;
}

/** What stands beside the servers of a file holds for them where they say nothing themselves. */
function inherit(conf: NginxConf): void {
  const { outside, servers } = conf;
  delete conf.outside;
  if (outside === undefined) return;
  for (const server of servers) {
    if (outside.root !== undefined) server.root ??= outside.root;
    if (outside.charset !== undefined) server.charset ??= outside.charset;
    if (server.headers.size === 0) server.headers = new Map(outside.headers);
  }
}
