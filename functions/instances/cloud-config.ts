import { Scalar, stringify } from 'yaml';
import { backendHeader } from '../../shared/backend-header.ts';
import type { OwnBackend } from '../../shared/deployment/spec.ts';

const documentRoot = '/usr/share/nginx/html';

/**
 * What cloud-init does on a backend's first boot: installs nginx, writes the page, names the backend in a response header,
 * starts the service. Files are written after the package (`defer`), which would otherwise overwrite the page.
 *
 * @see https://cloudinit.readthedocs.io/en/latest/reference/modules.html#write-files (read 2026-11-22)
 */
export function cloudConfig(backend: OwnBackend): string {
  const header = `add_header ${backendHeader} "${backend.name}" always;\n`;
  // The package's own server listens on port 80 over both families and includes default.d; other ports need a server.
  const configuration =
    backend.port === 80
      ? { path: '/etc/nginx/default.d/dualstack-alb.conf', content: header }
      : {
          path: '/etc/nginx/conf.d/dualstack-alb.conf',
          content: `server {\n  listen ${backend.port};\n  listen [::]:${backend.port};\n  root ${documentRoot};\n  ${header}}\n`,
        };
  // As JSON has it, so that its size is known beforehand whatever it holds.
  const page = new Scalar(`${backend.page}\n`);
  page.type = Scalar.QUOTE_DOUBLE;
  const document = {
    packages: ['nginx'],
    write_files: [
      { path: `${documentRoot}/index.html`, content: page, defer: true },
      { ...configuration, defer: true },
    ],
    runcmd: [
      ['systemctl', 'enable', '--now', 'nginx'],
      ['systemctl', 'reload', 'nginx'],
    ],
  };
  return `#cloud-config\n${stringify(document, { lineWidth: 0, doubleQuotedAsJSON: true })}`;
}
