/** What a site must answer to count as well: one notion for `verify`, for every vantage of the probe, and for what is only watched. Pure. */

/** Both ends are in it. */
export type StatusRange = readonly [first: number, last: number];

/** What is asked, and which answers are well. */
export interface Well {
  method: 'GET' | 'HEAD';
  /** Host header, and server name of TLS. */
  host: string;
  /** The request names the host, rather than the name that leads to the load balancer. */
  isHostGiven?: boolean;
  /** Path and query, as they are sent. */
  path: string;
  /** In order, none touches the next. */
  acceptedStatus: StatusRange[];
  /** Where a redirect must lead: a URL, or a path of the same site. Absent: a redirect of an accepted status is well wherever it leads. */
  redirectTo?: string;
}

/** A question with the port that it goes to. */
export type Asked = Well & { port: number; tls: boolean };

/** `probe` of a request, as far as it says what is well. What it leaves out follows from the health check. */
export interface WellSettings {
  path?: string | undefined;
  method?: Well['method'] | undefined;
  host?: string | undefined;
  /** Such as `401` and `200-299`. */
  acceptedStatus?: readonly (string | number)[] | undefined;
  redirectTo?: string | undefined;
}

/** A health check over HTTP, as far as it says what is well. */
export interface CheckedAnswers {
  path: string;
  /** `http_2xx`... */
  codes: readonly string[];
  /** Not asked by: a visitor sends GET, which alone shows that a body comes. */
  method?: string | undefined;
}

const usual: readonly StatusRange[] = [[200, 399]];
const redirects: StatusRange = [300, 399];

/** Statuses that a load balancer answers by itself where no server does: a class of the health check has no such thing in mind. */
const withoutOwn: ReadonlyMap<string, readonly StatusRange[]> = new Map<string, StatusRange[]>([
  ['http_2xx', [[200, 299]]],
  ['http_3xx', [redirects]],
  ['http_4xx', [[400, 499]]],
  [
    'http_5xx',
    [
      [500, 501],
      [505, 599],
    ],
  ],
]);

/** Statuses that the health check takes for healthy, all of them. */
export const checkedStatus = (codes: readonly string[]): StatusRange[] =>
  merged(
    codes.flatMap((code): StatusRange[] => {
      const [, hundreds] = /^http_([1-5])xx$/.exec(code) ?? [];
      return hundreds === undefined ? [] : [[Number(hundreds) * 100, Number(hundreds) * 100 + 99]];
    }),
  );

/**
 * What is well by the settings of a request; by default what the health check asks for: its path, and there its codes. At
 * another path those say nothing, and 200-399 is well, as it is without a health check.
 *
 * @param check - undefined where there is no health check over HTTP.
 * @param host - of the site: its name, or an address in brackets.
 */
export function wellOf(settings: WellSettings | undefined, check: CheckedAnswers | undefined, host: string): Well {
  const { method = 'GET', acceptedStatus, redirectTo } = settings ?? {};
  const path = requestPath(settings?.path ?? check?.path ?? '/');
  const codes = check !== undefined && requestPath(check.path) === path ? check.codes : [];
  const byCheck = codes.flatMap((code) => withoutOwn.get(code) ?? []);
  const byDefault = redirectTo !== undefined ? [redirects] : byCheck.length > 0 ? byCheck : usual;
  return {
    method,
    host: settings?.host ?? host,
    ...(settings?.host === undefined ? {} : { isHostGiven: true }),
    path,
    acceptedStatus: merged(acceptedStatus === undefined ? byDefault : acceptedStatus.flatMap(readStatusRange)),
    ...(redirectTo === undefined ? {} : { redirectTo }),
  };
}

/** That part of a target alone. */
export const wellIn = ({ method, host, isHostGiven, path, acceptedStatus, redirectTo }: Well): Well => ({
  method,
  host,
  ...(isHostGiven === undefined ? {} : { isHostGiven }),
  path,
  acceptedStatus,
  ...(redirectTo === undefined ? {} : { redirectTo }),
});

/** @returns nothing where it is no status and no range of them. */
export function readStatusRange(given: string | number): StatusRange[] {
  const [, first, last = first] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(String(given)) ?? [];
  return first === undefined || Number(first) > Number(last) ? [] : [[Number(first), Number(last)]];
}

function merged(ranges: readonly StatusRange[]): StatusRange[] {
  const result: StatusRange[] = [];
  for (const [first, last] of ranges.toSorted(([a], [b]) => a - b)) {
    const before = result.at(-1);
    if (before !== undefined && first <= before[1] + 1)
      result[result.length - 1] = [before[0], Math.max(before[1], last)];
    else result.push([first, last]);
  }
  return result;
}

export const hasStatus = (ranges: readonly StatusRange[], status: number): boolean =>
  ranges.some(([first, last]) => status >= first && status <= last);

/** Whether some status is in both. */
export const overlap = (some: readonly StatusRange[], others: readonly StatusRange[]): boolean =>
  some.some(([first, last]) => others.some(([from, to]) => first <= to && from <= last));

export const statusText = (ranges: readonly StatusRange[]): string => listed(statusWords(ranges), 'or');

/** `200-299`, `401`. */
export const statusWords = (ranges: readonly StatusRange[]): string[] =>
  ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`));

const listed = (words: string[], joint: string): string =>
  words.length < 2 ? (words[0] ?? 'none') : `${words.slice(0, -1).join(', ')} ${joint} ${words.at(-1)}`;

/** Whether an answer is well. `location` is where it redirects to, as it says. */
export function isWell(asked: Asked, { status, location }: { status?: number; location?: string }): boolean {
  if (status === undefined || !hasStatus(asked.acceptedStatus, status)) return false;
  const { redirectTo } = asked;
  if (redirectTo === undefined || !hasStatus([redirects], status)) return true;
  return location !== undefined && leadsTo(asked, location, redirectTo);
}

/** `answered 404 at /healthz; wanted 200-299 or 401`, without the first word. */
export const toldUnwell = (well: Well, answers: string): string =>
  `${answers} ${placeOf(well)}; wanted ${wantedOf(well)}`;

/** `404`, `302 to /login`. */
export const toldAnswer = ({ status, location }: { status?: number; location?: string }): string =>
  location === undefined ? String(status) : `${status} to ${location}`;

const placeOf = ({ method, path, host, isHostGiven = false }: Well): string =>
  `${method === 'GET' ? '' : `to ${method} `}at ${path}${isHostGiven ? ` of ${host}` : ''}`;

const wantedOf = ({ acceptedStatus, redirectTo }: Well): string =>
  `${statusText(acceptedStatus)}${redirectTo === undefined ? '' : ` to ${redirectTo}`}`;

/** Where a redirect leads by a location, relative or not; a fragment is the browser's affair, a query counts where the wanted target has one. */
function leadsTo({ host, port, tls, path }: Asked, location: string, wanted: string): boolean {
  const from = `${tls ? 'https' : 'http'}://${host}:${port}${path}`;
  const [is, must] = [urlOf(location, from), urlOf(wanted, from)];
  if (is === undefined || must === undefined || is.origin !== must.origin) return false;
  if (sameEscapes(is.pathname) !== sameEscapes(must.pathname)) return false;
  return must.search === '' || sameEscapes(is.search) === sameEscapes(must.search);
}

const urlOf = (text: string, from: string): URL | undefined =>
  URL.canParse(text, from) ? new URL(text, from) : undefined;

/** `%7e` and `~` are the same, `%2f` and `/` are not (RFC 3986, section 6.2.2). */
const sameEscapes = (text: string): string =>
  text.replaceAll(/%[0-9a-f]{2}/gi, (escape) => {
    const letter = decodeByte(escape);
    return /[\w.~-]/.test(letter) ? letter : escape.toUpperCase();
  });

const decodeByte = (escape: string): string => String.fromCharCode(Number.parseInt(escape.slice(1), 16));

/**
 * A path and query in the one form in which every vantage sends it, however it is given: no fragment, no dot segments, and
 * percent-encoded where a URL cannot hold a character, or curl would take it for a pattern.
 */
export function requestPath(path: string): string {
  const url = urlOf(`http://any${path.startsWith('/') ? '' : '/'}${path}`, 'http://any');
  return url === undefined ? '/' : escapedPath(`${url.pathname}${url.search}`);
}

/** For a URL that is handed to curl, which takes brackets and braces for patterns. */
export const escapedPath = (path: string): string =>
  path.replaceAll(/[^\w\-.~!$&()*+,;=:@/?%]+/gu, (part) =>
    [...Buffer.from(part)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
