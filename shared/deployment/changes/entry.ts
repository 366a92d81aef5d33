import type { StageName } from '../../pipeline.ts';

/** What becomes of a field once the load balancer stands. The stages act on the field; the first of them makes what it names. */
export type FieldChange = InPlace | Never;

export interface InPlace {
  kind: 'in-place';
  stages: readonly StageName[];
  /** The vendor's call, or what else takes the new value. */
  by: string;
  /** What a person has to know besides. */
  note?: string;
  /** Values that are refused all the same, with what to do instead. */
  refuses?: (before: unknown, after: unknown) => string | undefined;
  /** Why the cloud's value cannot be taken into the request; undefined: it can. */
  notAdopted?: string;
}

export interface Never {
  kind: 'never';
  stages: readonly StageName[];
  why: string;
  /** What to do, in the imperative; never to release what serves. */
  instead: string;
}

/** By field of the request; `*` stands for a member of a list, and `.**` at the end for everything below. */
export type ChangeTable = Record<string, FieldChange>;

export const inPlace = (
  stages: readonly StageName[],
  by: string,
  more: Pick<InPlace, 'note' | 'refuses' | 'notAdopted'> = {},
): InPlace => ({ kind: 'in-place', stages, by, ...more });

export const never = (stages: readonly StageName[], why: string, instead: string): Never => ({
  kind: 'never',
  stages,
  why,
  instead,
});

/** The cloud does not hold the value: it stands in our record alone. */
export const onlyOurs = { notAdopted: 'the cloud does not hold it' };

/** Of what is fixed the request and the cloud cannot come apart in a way that a request could follow. */
export const secondLoadBalancer =
  'ask for a second load balancer with it, and let that take the name over with dns.replaceExisting once it is ready';
