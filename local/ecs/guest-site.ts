import { posix } from 'node:path';
import { type NginxServer, readNginxConf } from './nginx-conf.ts';

/** What the guest's nginx answers with its files. */
export interface GuestSite {
  /** Every port and family that some server listens on; empty when nginx is installed but nothing starts it. */
  listens: { port: number; family: 4 | 6 }[];
  /** In the order in which nginx reads them; the package's own server comes last. */
  servers: NginxServer[];
  /** Absolute path to content. */
  files: ReadonlyMap<string, string>;
  /** What cloud-init or nginx would complain about; a site with problems is not served. */
  problems: string[];
}

const packageRoot = '/usr/share/nginx/html';
const defaultPage =
  '<!DOCTYPE html>\n<html>\n<head><title>Test Page for the Nginx HTTP Server</title></head>\n<body>\n<h1>Welcome to nginx on Alibaba Cloud Linux!</h1>\n</body>\n</html>\n';

const both = [
  { port: 80, family: 4 as const },
  { port: 80, family: 6 as const },
];

/**
 * The site that the files of a guest make up. The package's configuration has one server of its own, the default one on
 * port 80 over both families, that includes default.d; it includes conf.d before that server.
 * Source: nginx.conf of the distribution's package (https://src.fedoraproject.org/rpms/nginx/blob/f33/f/nginx.conf).
 */
export function composeSite(files: ReadonlyMap<string, string>, isRunning: boolean, found: string[]): GuestSite {
  const problems = [...found];
  const own: NginxServer[] = [];
  const ofPackage: NginxServer = { listens: [...both], isDefault: true, names: ['_'], headers: new Map() };
  for (const [path, content] of files) {
    const folder = /^\/etc\/nginx\/(conf\.d|default\.d)\/[^/]+\.conf$/.exec(path)?.[1];
    if (folder === undefined) continue;
    const conf = readNginxConf(content, folder === 'conf.d' ? 'http' : 'server');
    if (conf.problem !== undefined) problems.push(`${conf.problem} in ${path}`);
    own.push(...conf.servers);
    if (conf.outside === undefined) continue;
    ofPackage.listens.push(...conf.outside.listens);
    for (const [name, value] of conf.outside.headers) ofPackage.headers.set(name, value);
    if (conf.outside.root !== undefined) problems.push(`nginx: [emerg] "root" directive is duplicate in ${path}`);
    if (conf.outside.charset !== undefined) ofPackage.charset = conf.outside.charset;
  }
  const servers = [...own, ofPackage];
  const listens = servers
    .flatMap((server) => server.listens)
    .filter(
      (one, index, all) => index === all.findIndex((other) => other.port === one.port && other.family === one.family),
    );
  return {
    listens: isRunning ? listens.map(({ port, family }) => ({ port, family })) : [],
    servers,
    files,
    problems,
  };
}

/**
 * The server that answers a request: by exact name, then by regular expression, then the default one of the port.
 * Source: https://nginx.org/en/docs/http/request_processing.html
 */
function serverFor(site: GuestSite, at: { port: number; family: 4 | 6 }, host: string): NginxServer | undefined {
  const there = site.servers.filter(({ listens }) =>
    listens.some(({ port, family }) => port === at.port && family === at.family),
  );
  const name = host.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase();
  return (
    there.find(({ names }) => name !== '' && names.includes(name)) ??
    there.find(({ names }) => names.some((one) => one.startsWith('~') && new RegExp(one.slice(1)).test(name))) ??
    there.find(({ isDefault }) => isDefault) ??
    there[0]
  );
}

export interface GuestAnswer {
  headers: Map<string, string>;
  charset: string | undefined;
  /** Undefined: 404. */
  page: string | undefined;
}

/** The answer of the site to a request for a decoded path without its query. */
export function answerOf(
  site: GuestSite,
  at: { port: number; family: 4 | 6 },
  request: { host: string; path: string },
): GuestAnswer | undefined {
  const server = serverFor(site, at, request.host);
  if (server === undefined) return undefined;
  const root = server.root ?? packageRoot;
  const path = request.path.endsWith('/') ? `${request.path}index.html` : request.path;
  const file = posix.join(root, path);
  const isBelow = file.startsWith(`${root}/`);
  const page =
    (isBelow ? site.files.get(file) : undefined) ?? (file === `${packageRoot}/index.html` ? defaultPage : undefined);
  return { headers: server.headers, charset: server.charset, page };
}
