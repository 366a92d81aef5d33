import { createHash } from 'node:crypto';
import { normalAddress } from '../../shared/net/cidr.ts';
import type { Exchange } from '../../shared/probe/exchange.ts';
import type { Certificate } from '../../shared/probe/certificate.ts';
import { backendOf } from '../../shared/probe/identify.ts';
import { isTrueIpv6 } from '../../shared/probe/ipv6-only.ts';
import type { Sample } from '../../shared/probe/observation.ts';
import type { ProbeCommand } from '../../shared/probe/pending.ts';
import type { ProbeTarget } from '../../shared/probe/target.ts';
import { isWell } from '../../shared/probe/well.ts';
import { failureOf } from './curl-failures.ts';
import { readsHead } from './curl-script.ts';

export interface CurlOutput {
  samples: Sample[];
  certificate?: Certificate;
  /** The first line that tells of no request; where there are no samples, it says why. */
  complaint?: string;
}

/** A body that is longer than what is looked at has been answered, however its transfer ends (in-process probes stop there too). */
const enoughBytes = 64 * 1024;
const untrusted = new Set([51, 60]);
/** Only the probe asks for the first bytes: whoever asks for all is answered 200, for an empty page too. */
const partial = 206;
const rangeRefused = 416;

/**
 * Reads what `curlScript` printed. Whatever else stands there is passed over: a request counts only with both of its lines,
 * so that of an output without its middle the requests at both ends remain.
 */
export function readCurlOutput(
  output: string,
  { mark, addresses, name }: Pick<ProbeCommand, 'mark' | 'addresses' | 'name'>,
  target: ProbeTarget,
): CurlOutput {
  const read: CurlOutput = { samples: [] };
  const identify = backendOf(target.identification, (sample) => isWell(target, sample));
  const isHead = readsHead(target);
  for (const request of requestsOf(output, mark)) {
    const { exitCode, index, complaint } = request;
    const address = index === undefined ? undefined : addresses[index];
    if (untrusted.has(exitCode)) {
      read.certificate = untrustedBecause(complaint);
      continue;
    }
    const sample = address === undefined ? undefined : sampleOf(request, address, target);
    if (sample === undefined) {
      read.complaint ??= complaint.slice(0, 200);
      continue;
    }
    sample.phases.dnsMs = name.dnsMs;
    if (!isHead && (request.status === partial || request.status === rangeRefused)) sample.status = 200;
    const backend = sample.error === undefined ? identify(answerOf(request, sample, isHead)) : undefined;
    if (backend !== undefined) sample.backend = backend;
    read.samples.push(sample);
  }
  if (read.samples.length === 0) read.complaint ??= firstLine(output);
  return read;
}

/** What curl says of a certificate, by OpenSSL's codes where it gives OpenSSL's words. */
const openSslCodes: [RegExp, string][] = [
  [/has expired/, 'CERT_HAS_EXPIRED'],
  [/self[- ]signed certificate in certificate chain/, 'SELF_SIGNED_CERT_IN_CHAIN'],
  [/self[- ]signed certificate/, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [/unable to get (local )?issuer certificate/, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
];

function untrustedBecause(complaint: string): Certificate {
  const text = complaint.replace(/^.*?certificate problem: /, '').slice(0, 200);
  if (/does not match|no alternative certificate subject name/.test(text)) return { nameProblem: text };
  return { chainProblem: openSslCodes.find(([words]) => words.test(text))?.[1] ?? text };
}

interface Request {
  exitCode: number;
  /** What curl said of a failure, or what stands in the place of its lines. */
  complaint: string;
  /** Headers or body. */
  answer: string;
  index?: number;
  status: number;
  remoteAddress: string;
  connectMs: number;
  tlsMs: number;
  firstByteMs: number;
  totalMs: number;
  bytes: number;
  location: string;
}

/** Between two exit codes stands what one curl printed, in whichever order its version and its buffers have it. */
function requestsOf(output: string, mark: string): Request[] {
  const seconds = String.raw`(\d+[.,]\d+)`;
  const ends = new RegExp(String.raw`^${mark} (\d{1,3})\r?$`, 'gm');
  const fields = new RegExp(
    String.raw`(?:^|\n)${mark} (\d{1,3}) (\d{3}) (\S*) ${seconds} ${seconds} ${seconds} ${seconds} (\d+) (.*)(?=\n|$)`,
    'g',
  );
  const requests: Request[] = [];
  let from = 0;
  for (const end of output.matchAll(ends)) {
    const text = output.slice(from, end.index);
    from = end.index + end[0].length + 1;
    const exitCode = Number(end[1]);
    // Where the middle of the output is missing, the last one belongs to this exit code.
    const found = [...text.matchAll(fields)].at(-1) ?? null;
    const [before, after] =
      found === null ? [text, ''] : [text.slice(0, found.index), text.slice(found.index + found[0].length)];
    const complaint = exitCode === 0 ? undefined : (complaintOf(after) ?? complaintOf(before));
    const [, index, status, remoteAddress = '', connect, appConnect, startTransfer, total, bytes, location = ''] =
      found ?? [];
    requests.push({
      exitCode,
      complaint: complaint ?? firstLine(text),
      answer: complaint === undefined ? before : before.replace(`curl: (${exitCode}) ${complaint}\n`, ''),
      ...(index === undefined ? {} : { index: Number(index) }),
      status: Number(status ?? 0),
      remoteAddress,
      connectMs: msOf(connect),
      tlsMs: msOf(appConnect),
      firstByteMs: msOf(startTransfer),
      totalMs: msOf(total),
      bytes: Number(bytes ?? 0),
      location,
    });
  }
  return requests;
}

const complaintOf = (text: string): string | undefined => /^curl: \(\d+\) (.*)$/m.exec(text)?.[1];
const firstLine = (text: string): string => text.trim().split('\n', 1)[0]?.trim() ?? '';
/** Some locales have a comma. */
const msOf = (seconds = '0'): number => Math.round(Number(seconds.replace(',', '.')) * 1_000_000) / 1000;

/** @returns undefined where curl itself went wrong. */
function sampleOf(request: Request, address: string, { tls, host }: ProbeTarget): Sample | undefined {
  const { exitCode, complaint, status, remoteAddress, connectMs, tlsMs, firstByteMs, totalMs, bytes, location } =
    request;
  const isConnected = connectMs > 0;
  const sample: Sample = { address, phases: { totalMs } };
  if (isConnected) {
    sample.phases.connectMs = connectMs;
    if (remoteAddress !== '') sample.remoteAddress = remoteAddress;
    if (tlsMs > 0) sample.phases.tlsMs = rounded(tlsMs - connectMs);
    if (firstByteMs > 0) sample.phases.firstByteMs = rounded(firstByteMs - Math.max(connectMs, tlsMs));
  }
  if (status > 0) sample.status = status;
  const isElsewhere = remoteAddress === '' ? exitCode === 0 : normalAddress(remoteAddress) !== address;
  if (isConnected && isElsewhere)
    sample.error = { code: isTrueIpv6(remoteAddress) ? 'OTHER_ADDRESS' : 'NOT_IPV6', phase: 'connect' };
  else if (exitCode !== 0 && !isEnough(exitCode, status, bytes)) {
    const error = failureOf(exitCode, complaint, { connect: isConnected, tls: !tls || tlsMs > 0 });
    if (error === undefined) return undefined;
    sample.error = error;
  }
  // Without a name each address is asked by itself, and a redirect within the site leads back to that address.
  if (location !== '') sample.location = location.replace(`://[${address}]`, `://${host}`).slice(0, 500);
  return sample;
}

const rounded = (ms: number): number => Math.max(0, Math.round(ms * 1000) / 1000);

const isEnough = (exitCode: number, status: number, bytes: number): boolean =>
  status > 0 && (exitCode === 63 || (exitCode === 28 && bytes >= enoughBytes));

function answerOf({ answer, exitCode, status }: Request, sample: Sample, isHead: boolean): Exchange {
  if (isHead) return { sample, headers: headersOf(answer) };
  if (exitCode !== 0) return { sample };
  const body = Buffer.from(status === rangeRefused ? '' : answer);
  sample.bodyHash = createHash('sha1').update(body).digest('base64url').slice(0, 12);
  return { sample, body };
}

/** Those of the last answer: interim ones come before it. */
function headersOf(head: string): Map<string, string> {
  const [last = ''] = head
    .split(/\r?\n\r?\n/)
    .filter((block) => /^\s*HTTP\//.test(block))
    .slice(-1);
  const headers = new Map<string, string>();
  for (const line of last.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}
