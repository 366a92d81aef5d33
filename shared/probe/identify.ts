import type { Exchange } from './exchange.ts';
import type { Identification } from './target.ts';

/** Longest part of a body or header that a pattern is tried on. */
const longestSearched = 8 * 1024;

/** Compiles once per probe. @returns undefined where the answer does not say who gave it. */
export function backendOf(identification: Identification): (answer: Exchange) => string | undefined {
  switch (identification.by) {
    case 'header': {
      const header = identification.header.toLowerCase();
      return ({ headers }) => named(headers?.get(header));
    }
    case 'pattern': {
      const expression = new RegExp(identification.pattern);
      const header = identification.header?.toLowerCase();
      return ({ headers, body }) => {
        const text = header === undefined ? body?.toString('utf8', 0, longestSearched) : headers?.get(header);
        const found = text === undefined ? null : expression.exec(text.slice(0, longestSearched));
        return named(found?.[1] ?? found?.[0]);
      };
    }
    default:
      // Other answers than good ones are the load balancer's own, or an error page that any backend may give.
      return ({ sample }) =>
        sample.status !== undefined && sample.status < 300 && sample.bodyHash !== undefined
          ? `answer ${sample.bodyHash}`
          : undefined;
  }
}

const named = (text: string | undefined): string | undefined => {
  const name = text?.trim().slice(0, 100);
  return name === undefined || name === '' ? undefined : name;
};
