import type { Channel } from './channel.ts';

/** What is shorter is a word of the vendor's path, such as `robot` and `send`, or no secret worth the name. */
const shortestSecret = 8;

/** Returns the text without what would let a reader write to the channel: its address, keys in it, its secret (P-188). */
export function withoutSecrets(channel: Channel, text: string): string {
  const { pathname, search, searchParams } = new URL(channel.url);
  const secret = 'secret' in channel ? [channel.secret ?? ''] : [];
  const parts = [
    channel.url,
    `${pathname}${search}`,
    ...pathname.split('/'),
    // As written, and as a server reads them.
    ...search.split(/[?&=]/),
    ...searchParams.values(),
    ...secret,
  ];
  const secrets = parts.filter(({ length }) => length >= shortestSecret);
  return secrets.reduce((left, secret) => left.replaceAll(secret, '…'), text);
}
