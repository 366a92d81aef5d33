import { describe, expect, it } from 'vitest';
import { guestSite } from '../../../local/ecs/cloud-config.ts';
import { answerOf, type GuestSite } from '../../../local/ecs/guest-site.ts';
import { splitScript } from '../../../local/ecs/shell.ts';
import { base64, start } from './fixture.ts';

const both = [
  { port: 80, family: 4 },
  { port: 80, family: 6 },
];

const get = (site: GuestSite | undefined, path: string, { port = 80, host = '192.168.1.5' } = {}) =>
  site && answerOf(site, { port, family: 4 }, { host, path });

const config = (more: string) => `#cloud-config
packages:
  - nginx
${more}
runcmd:
  - [systemctl, enable, --now, nginx]
`;

describe('cloud-config', () => {
  it('is no site without nginx', () => {
    expect(guestSite('')).toBeUndefined();
    expect(guestSite('#cloud-config\npackages: [httpd]\n')).toBeUndefined();
    expect(guestSite('packages: [nginx]\n')).toBeUndefined();
  });

  it('listens on port 80 over both families by default', () => {
    expect(guestSite(config(''))).toMatchObject({ listens: both, problems: [] });
  });

  it('does not serve an nginx that nobody starts', () => {
    expect(guestSite('#cloud-config\npackages: [nginx]\n')?.listens).toEqual([]);
    expect(guestSite('#cloud-config\nruncmd: [systemctl start nginx, yum install -y nginx]\n')?.listens).toEqual([]);
    expect(guestSite('#cloud-config\nruncmd: [yum install -y nginx, systemctl start nginx]\n')?.listens).toEqual(both);
  });

  it('does not serve after a restart what was started but not enabled', () => {
    const started = '#cloud-config\npackages: [nginx]\nruncmd: [systemctl start nginx]\n';
    expect(guestSite(started, 'first')?.listens).toEqual(both);
    expect(guestSite(started, 'later')?.listens).toEqual([]);
    expect(guestSite(config(''), 'later')?.listens).toEqual(both);
  });

  it('serves the written pages with the written headers', () => {
    const site = guestSite(
      config(`write_files:
  - path: /usr/share/nginx/html/index.html
    content: |
      Hello from ECS01
  - path: /usr/share/nginx/html/health
    encoding: b64
    content: ${base64('ok')}
  - path: /usr/share/nginx/html/health
    content: " again"
    append: true
  - path: /etc/nginx/default.d/backend.conf
    permissions: '0644'
    content: |
      # which backend answered
      add_header X-Backend "ecs01; a" always;`),
    );
    expect(site).toMatchObject({ listens: both, problems: [] });
    expect(get(site, '/')).toEqual({
      headers: new Map([['X-Backend', 'ecs01; a']]),
      charset: undefined,
      page: 'Hello from ECS01\n',
    });
    expect(get(site, '/index.html')?.page).toBe('Hello from ECS01\n');
    expect(get(site, '/health')?.page).toBe('ok again');
    expect(get(site, '/../../../../etc/nginx/default.d/backend.conf')?.page).toBeUndefined();
  });

  it('serves a server of its own beside that of the package', () => {
    const site = guestSite(
      config(`write_files:
  - path: /var/www/app/index.html
    content: the app
  - path: /etc/nginx/conf.d/app.conf
    content: |
      server {
        listen 80;
        listen 8080;
        server_name ~.;
        root /var/www/app;
        charset utf-8;
        add_header X-Backend app always;
      }`),
    );
    expect(get(site, '/')).toEqual({ headers: new Map([['X-Backend', 'app']]), charset: 'utf-8', page: 'the app' });
    expect(get(site, '/', { port: 8080, host: '' })?.page).toBe('the app');
    expect(get(site, '/', { host: '' })?.page).toContain('Test Page');
  });

  it('listens where its servers do, beside the default one', () => {
    const site = guestSite(
      config(`write_files:
  - path: /etc/nginx/conf.d/app.conf
    content: |
      server {
        listen 8080;
        listen [::]:8081 default_server;
        listen [::]:8082 ipv6only=off;
        listen 127.0.0.1:9000;
      }`),
    );
    expect(site?.listens).toEqual([
      { port: 8080, family: 4 },
      { port: 8081, family: 6 },
      { port: 8082, family: 4 },
      { port: 8082, family: 6 },
      ...both,
    ]);
  });

  it.each([
    ['malformed YAML', '#cloud-config\npackages: [nginx\nruncmd: {'],
    ['a list at the root', '#cloud-config\n- nginx\n'],
    ['packages that are no list', '#cloud-config\npackages: {nginx: 1}\n'],
    ['a file without a path', config('write_files:\n  - content: x')],
    ['content that is not Base64', config('write_files:\n  - {path: /a, encoding: b64, content: "!"}')],
    ['a missing semicolon', config('write_files:\n  - {path: /etc/nginx/default.d/a.conf, content: "add_header A b"}')],
    ['listen outside of a server', config('write_files:\n  - {path: /etc/nginx/conf.d/a.conf, content: "listen 80;"}')],
    [
      'a root beside that of the package',
      config('write_files:\n  - {path: /etc/nginx/default.d/a.conf, content: "root /a;"}'),
    ],
    [
      'a second charset',
      config('write_files:\n  - {path: /etc/nginx/conf.d/a.conf, content: "charset a; charset b;"}'),
    ],
    ['a control character', config('write_files:\n  - {path: /a, content: "a\u007fb"}')],
    ['U+FFFE', config('write_files:\n  - {path: /a, content: "a\ufffeb"}')],
    ['a raw line separator', config('write_files:\n  - {path: /a, content: "a\u2028b"}')],
    ['a lone surrogate', config('write_files:\n  - {path: /a, content: "a\\ud800b"}')],
    ['a pair of escaped surrogates', config('write_files:\n  - {path: /a, content: "a\\ud83d\\ude00b"}')],
    ['a command that is no text', '#cloud-config\npackages: [nginx]\nruncmd:\n  - {a: b}\n'],
  ])('reports %s', (_name, userData) => {
    expect(guestSite(userData)?.problems).toHaveLength(1);
  });

  it('reads escaped characters and U+0085 as PyYAML does', () => {
    const site = guestSite(
      config('write_files:\n  - {path: /usr/share/nginx/html/a, content: "\\u007f\\uffff\\\\ud800 a\u0085      b"}'),
    );
    expect(site?.problems).toEqual([]);
    expect(get(site, '/a')?.page).toBe('\u007f\uffff\\ud800 a b');
  });

  it('follows the shell script of the tutorial', () => {
    const site = guestSite(
      '#!/bin/bash\nyum install -y nginx\nsystemctl start nginx.service\ncd /usr/share/nginx/html/\necho "Hello World! This is ipv6 rs." > index.html\n',
    );
    expect(site?.listens).toEqual(both);
    expect(get(site, '/')?.page).toBe('Hello World! This is ipv6 rs.\n');
  });
});

describe('the site of an instance', () => {
  it('is served from the end of cloud-init on, not while stopped', async () => {
    const { context, createGroup, run, ecs } = await start();
    const id = await run(await createGroup(), { userData: base64(config('')) });
    const instance = ecs.instance(id);
    context.clock.advance(64_000);
    expect(ecs.siteOf(instance)).toBeUndefined();
    context.clock.advance(1000);
    expect(ecs.siteOf(instance)?.listens).toEqual(both);
    ecs.stop(id);
    expect(ecs.siteOf(instance)).toBeUndefined();
    context.clock.advance(5000);
    ecs.start(id);
    context.clock.advance(12_500 + 40_000);
    expect(ecs.siteOf(instance)?.listens).toEqual(both);
  });
});

describe('shell text', () => {
  it('keeps quoted words together', () => {
    expect(splitScript(`echo 'a b' "c \\" d" e\\ f # no\n`)).toEqual([
      { words: ['echo', 'a b', 'c " d', 'e f'], joint: ';' },
    ]);
  });

  it('tells what joins two commands', () => {
    expect(splitScript('a&&b || c | d; e 2>&1 >/dev/null').map((one) => [one.joint, ...one.words])).toEqual([
      [';', 'a'],
      ['&&', 'b'],
      ['||', 'c'],
      ['|', 'd'],
      [';', 'e'],
    ]);
  });

  it('reads where the output goes', () => {
    expect(splitScript('echo a >> /tmp/x 2>/dev/null')).toEqual([
      { words: ['echo', 'a'], joint: ';', redirect: { path: '/tmp/x', append: true } },
    ]);
  });
});
