import { createServer, type Server } from 'node:http';
import { answerOf } from '../ecs/guest-site.ts';
import type { EcsState, Instance } from '../ecs/state.ts';
import { type Endpoint, LoopbackServers } from './loopback-servers.ts';
import { valueAt } from '../dictionary.ts';

const nginxPage = (status: string): string =>
  `<html>\r\n<head><title>${status}</title></head>\r\n<body>\r\n<center><h1>${status}</h1></center>\r\n<hr><center>nginx/1.20.1</center>\r\n</body>\r\n</html>\r\n`;

const contentTypes: Record<string, string> = {
  css: 'text/css',
  html: 'text/html',
  js: 'application/javascript',
  json: 'application/json',
  svg: 'image/svg+xml',
  txt: 'text/plain',
};

const contentTypeOf = (path: string): string => {
  if (path.endsWith('/')) return 'text/html';
  return valueAt(contentTypes, /\.([a-z]+)$/.exec(path)?.[1] ?? '') ?? 'application/octet-stream';
};

/** The types that nginx names a charset for by default. Source: https://nginx.org/en/docs/http/ngx_http_charset_module.html#charset_types */
const charsetTypes = new Set(['text/html', 'text/xml', 'text/plain', 'application/javascript', 'application/rss+xml']);

const withCharset = (type: string, charset: string | undefined): string =>
  charset === undefined || charset === 'off' || !charsetTypes.has(type) ? type : `${type}; charset=${charset}`;

const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

/** The nginx of every instance, as its user data set it up: a real server for each port and family that is asked for. */
export class Guests {
  readonly #ecs: EcsState;
  readonly #servers = new LoopbackServers();

  constructor(ecs: EcsState) {
    this.#ecs = ecs;
  }

  async endpoint(instance: Instance, port: number, family: 4 | 6): Promise<Endpoint> {
    await this.#servers.prune((key) => this.#ecs.instances.find(key.split(' ', 1)[0] as string) !== undefined);
    return await this.#servers.endpoint(`${instance.id} ${port} ${family}`, family, () =>
      this.#serve(instance.id, port, family),
    );
  }

  async close(): Promise<void> {
    await this.#servers.close();
  }

  #serve(instanceId: string, port: number, family: 4 | 6): Server {
    return createServer((request, response) => {
      const instance = this.#ecs.instances.find(instanceId);
      const site = instance === undefined ? undefined : this.#ecs.siteOf(instance);
      const isListening = site?.listens.some((one) => one.port === port && one.family === family) ?? false;
      if (site === undefined || !isListening) {
        request.socket.destroy();
        return;
      }
      // A body that nobody reads would keep the connection from being used again.
      request.resume();
      const path = decoded((request.url ?? '/').split('?', 1)[0] as string);
      const answer = answerOf(site, { port, family }, { host: request.headers.host ?? '', path });
      const page = answer?.page;
      const set = instance?.answers?.get(path);
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      const status = set?.status ?? (!isRead ? 405 : page === undefined ? 404 : 200);
      const error = nginxPage(status === 405 ? '405 Not Allowed' : status === 404 ? '404 Not Found' : String(status));
      const body = Buffer.from(set?.body ?? (status === 200 ? (page ?? '') : error));
      response.writeHead(status, {
        server: 'nginx/1.20.1',
        'content-type': withCharset(status === 200 ? contentTypeOf(path) : 'text/html', answer?.charset),
        'content-length': String(body.length),
        ...(set?.location === undefined ? {} : { location: set.location }),
        ...Object.fromEntries(answer?.headers ?? []),
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
  }
}
