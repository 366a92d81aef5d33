/** Blocks, ports and protocols as the vendor takes them, each read in one spelling. */
import { isIPv4 } from 'node:net';
import * as z from 'zod';
import { covers, hasHostBits, isBlock, mappedBlock, normalCidr } from '../net/cidr.ts';
import { noPorts, normalPortRange, portRangeOf } from '../net/port-range.ts';
import { normalProtocol, ruleKeyOf } from '../rule-key.ts';

const prefixOf = (block: string): number => Number(block.split('/')[1]);

/** What is wrong with how a block is written; undefined where nothing is. */
function writingProblem(text: string): string | undefined {
  const meant = normalCidr(text);
  if (!text.includes('/')) return `is one address, and a block is wanted: did you mean ${meant}?`;
  if (hasHostBits(text)) return `is not the first address of its block: did you mean ${meant}?`;
  return prefixOf(text).toString() === text.split('/')[1]
    ? undefined
    : `has a prefix with zeros in front: did you mean ${meant}?`;
}

/** Taken by nobody's network. Source: CreateVpc and CreateVSwitch as below. */
const reserved = ['100.64.0.0/10', '224.0.0.0/4', '127.0.0.0/8', '169.254.0.0/16'];

const ownBlock = (rule: (block: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const network = reserved.find((one) => covers(one, text));
    const message =
      !isBlock(text) || !isIPv4(text.split('/')[0] ?? '')
        ? 'must be an IPv4 block such as 192.168.0.0/16'
        : (writingProblem(text) ??
          (network === undefined ? rule(text) : `lies in ${network}, which no VPC may use: choose another block`));
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/** Larger than the mask that the page asks for, but its own advice, and taken. */
const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/**
 * The block of a VPC: /16 to /28, or a private block as a whole.
 *
 * @see https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-createvpc (as in SDK 7.3.2)
 */
export const vpcBlock = ownBlock((block) =>
  (prefixOf(block) >= 16 && prefixOf(block) <= 28) || privateBlocks.includes(block)
    ? undefined
    : `has a mask of /${prefixOf(block)}, and a VPC takes /16 to /28, or ${privateBlocks.join(', ')}`,
);

/**
 * The block of a vSwitch: /16 to /29.
 *
 * @see https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-createvswitch (as in SDK 7.3.2)
 */
export const vSwitchBlock = ownBlock((block) =>
  prefixOf(block) >= 16 && prefixOf(block) <= 29
    ? undefined
    : `has a mask of /${prefixOf(block)}, and a vSwitch takes /16 to /29`,
);

/**
 * The source of a security-group rule: a block of either family, read in the spelling in which the service answers. That it
 * takes no host bits is the embedded cloud's word; whatever it does, a block that is meant otherwise is worth a question.
 *
 * @see https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-authorizesecuritygroup (as in SDK 7.11.6)
 */
export const ruleSource = z.string().transform((text, context) => {
  const mapped = mappedBlock(text);
  const message = !isBlock(text)
    ? 'must be an IPv4 or IPv6 block such as 10.0.0.0/8 or 2001:db8::/32'
    : mapped === undefined
      ? writingProblem(text)
      : `stands for IPv4 addresses, whose packets are IPv4: did you mean ${mapped}?`;
  if (message === undefined) return normalCidr(text);
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** The ports of a rule as text; which protocol takes which is a matter of both fields. Source as for `ruleSource`. */
export const rulePorts = z.string().superRefine((text, context) => {
  const range = portRangeOf(text);
  const message =
    text === noPorts
      ? undefined
      : range === undefined
        ? `must be FROM/TO such as 80/80, or ${noPorts} for a protocol without ports`
        : range.last > 65_535 || range.first > 65_535
          ? 'has a port above 65535'
          : normalPortRange(text) === text
            ? undefined
            : range.first > range.last
              ? `has the higher port first: did you mean ${normalPortRange(text)}?`
              : `has zeros in front: did you mean ${normalPortRange(text)}?`;
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** Each rule once, however often and in whichever spellings it was given. */
export const distinctRules = <Rule extends Parameters<typeof ruleKeyOf>[0]>(rules: Rule[]): Rule[] => [
  ...new Map(rules.map((rule) => [ruleKeyOf(rule), rule])).values(),
];

/** In any letter case, as the service takes it. Source as for `ruleSource`. */
export const ruleProtocol = z
  .string()
  .transform(normalProtocol)
  .pipe(z.enum(['TCP', 'UDP', 'ICMP', 'ICMPv6', 'GRE', 'ALL'], 'must be TCP, UDP, ICMP, ICMPv6, GRE or ALL'));
