import { stringify } from 'yaml';
import { backendHeader } from '../../shared/backend-header.ts';
import type { OwnBackend } from '../../shared/deployment/spec.ts';
import { quoteForUserData } from '../../shared/user-data.ts';

/**
 * A folder that no package writes to, so it does not matter whether files come before or after the package: `defer` of
 * `write_files` exists since cloud-init 21.4 only. Below /var/www, where SELinux policies let nginx read.
 */
const documentRoot = '/var/www/dualstack-alb';

/**
 * Returns what cloud-init does on a backend's first boot: it installs nginx, writes the page, names the backend in a
 * response header, and starts the service.
 *
 * The server has a name that fits every host, so it answers before the default server of the distribution's package, which
 * may stand on the same port.
 *
 * @see https://cloudinit.readthedocs.io/en/latest/reference/modules.html#write-files (read 2026-11-22)
 * @see https://nginx.org/en/docs/http/server_names.html (read 2026-11-30)
 */
export function cloudConfig(backend: OwnBackend): string {
  const { name, page, port } = backend;
  const configuration = `server {
  listen ${port};
  listen [::]:${port};
  server_name ~.;
  root ${documentRoot};
  charset utf-8;
  add_header ${backendHeader} "${name}" always;
}
`;
  const rest = {
    packages: ['nginx'],
    runcmd: [
      ['systemctl', 'enable', '--now', 'nginx'],
      ['systemctl', 'reload', 'nginx'],
    ],
  };
  const files = [
    { path: `${documentRoot}/index.html`, content: `${page}\n` },
    { path: '/etc/nginx/conf.d/dualstack-alb.conf', content: configuration },
  ].map(({ path, content }) => `  - path: ${path}\n    content: ${quoteForUserData(content)}\n`);
  return `#cloud-config\nwrite_files:\n${files.join('')}${stringify(rest, { lineWidth: 0 })}`;
}
