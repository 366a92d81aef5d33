import { sameName } from '../domain-name.ts';
import { dataOf, type DnsAnswer } from './resolver.ts';

/** Addresses, and links of a chain, that are kept of an answer: an answer may hold thousands. */
export const mostOfEach = 20;

/**
 * The chain of CNAMEs that begins at the name, and the records of the names in it: an answer may hold any others, which say
 * nothing of this name.
 */
export function followed(answer: DnsAnswer, name: string): Pick<DnsAnswer, 'answers'> & { cnames: string[] } {
  const chain = [name];
  for (const last of chain) {
    const [next] = dataOf({ ...answer, answers: answer.answers.filter((one) => sameName(one.name, last)) }, 'CNAME');
    if (next === undefined || chain.length > mostOfEach || chain.some((before) => sameName(before, next))) break;
    chain.push(next);
  }
  const answers = answer.answers.filter((one) => chain.some((link) => sameName(one.name, link)));
  return { cnames: chain.slice(1), answers };
}
