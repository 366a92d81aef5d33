import { isIP } from 'node:net';

/**
 * Names that lead to this machine, or that only the vendor's own DNS can lead anywhere: a page that rebinds its own name to
 * 127.0.0.1 (DNS rebinding) sends that name. Names below localhost never leave the machine (RFC 6761, section 6.3).
 */
const ownNames = /^(127\.0\.0\.1|\[::1\]|([a-z0-9-]+\.)*localhost|([a-z0-9-]+\.)+(aliyuncs\.com|fcapp\.run))$/;

export interface Visit {
  headers: Record<string, string>;
}

/**
 * Returns why a request is not served that a web page of another origin may have sent, or that came by a foreign name;
 * undefined when it is served. Programs send neither `Origin` nor `Sec-Fetch-Site`; browsers send them with every request
 * that a page makes to another origin (https://www.w3.org/TR/fetch-metadata/, read 2026-11-30). Any port is taken, since a
 * proxy that ends TLS may stand before this one.
 *
 * @param hosts - names that are served besides, in lower case and without a port.
 */
export function refusalOf({ headers }: Visit, hosts: readonly string[]): string | undefined {
  const { host, origin, 'sec-fetch-site': site } = headers;
  const name = (host ?? '').toLowerCase().replace(/:\d*$/, '');
  if (!ownNames.test(name) && !hosts.includes(name))
    return `the Host header "${short(host ?? '')}" names another machine; use 127.0.0.1, localhost or [::1], or start with --host ${isIP(name) === 0 && name !== '' ? short(name) : 'NAME'}`;
  if (origin !== undefined && hostOf(origin) !== host?.toLowerCase())
    return `the request comes from a page of another origin (${short(origin)}); pages of this one and programs are served`;
  if (site === 'cross-site' || site === 'same-site')
    return 'the request comes from a page of another site; open the address itself, or use a program';
  return undefined;
}

const short = (text: string): string => text.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, 80);

const hostOf = (origin: string): string | undefined => {
  try {
    return new URL(origin).host;
  } catch {
    // `null`: a sandboxed page or a file.
    return undefined;
  }
};
