/**
 * The variables of `--write-out` that curl 7.61 knows, in the form in which it prints them.
 *
 * @see https://github.com/curl/curl/blob/curl-7_61_1/src/tool_writeout.c
 */
import { valueAt } from '../dictionary.ts';
export const writeOutVariables = [
  'url_effective',
  'http_code',
  'response_code',
  'http_connect',
  'time_total',
  'time_namelookup',
  'time_connect',
  'time_appconnect',
  'time_pretransfer',
  'time_starttransfer',
  'size_header',
  'size_request',
  'size_download',
  'size_upload',
  'speed_download',
  'speed_upload',
  'content_type',
  'num_connects',
  'time_redirect',
  'num_redirects',
  'ftp_entry_path',
  'redirect_url',
  'ssl_verify_result',
  'proxy_ssl_verify_result',
  'filename_effective',
  'remote_ip',
  'remote_port',
  'local_ip',
  'local_port',
  'http_version',
  'scheme',
] as const;

/** What one transfer came to, by variable. */
export type Transfer = Record<(typeof writeOutVariables)[number], string>;

const escapes: Record<string, string> = { '%%': '%', '\\n': '\n', '\\r': '\r', '\\t': '\t' };

/** @returns what curl 7.61 prints to standard output, and its complaints about variables of later versions. */
export function writeOut(format: string, transfer: Transfer): { text: string; complaints: string } {
  let complaints = '';
  const text = format.replaceAll(/%\{([^}]*)\}|%%|\\[nrt]/g, (part: string, name: string | undefined) => {
    if (name === undefined) return valueAt(escapes, part) ?? part;
    const known = writeOutVariables.find((variable) => variable === name.toLowerCase());
    if (known !== undefined) return transfer[known];
    complaints += `curl: unknown --write-out variable: '${name}'\n`;
    return '';
  });
  return { text, complaints };
}
