import { connect as tlsConnect } from 'node:tls';
import type { Dial } from '../net/dial.ts';
import { type Certificate, certificateOf, tlsOptions } from './certificate.ts';

const timeoutMs = 3000;

/** Returns the certificate that a listener shows for the name; undefined where none can be seen from here. */
export async function shownCertificate(
  dial: Dial,
  target: { address: string; port: number },
  name: string,
): Promise<Certificate | undefined> {
  return await new Promise((resolve) => {
    const raw = dial(target);
    const end = (certificate?: Certificate) => {
      clearTimeout(timer);
      raw.destroy();
      resolve(certificate);
    };
    const timer = setTimeout(end, timeoutMs);
    raw.once('error', () => end());
    const socket = tlsConnect({ socket: raw, ...tlsOptions(name) }, () => end(certificateOf(socket, name)));
    socket.once('error', () => end());
  });
}
