import { invalid } from './errors.ts';
import { setAt, valueAt } from '../dictionary.ts';

/** The part of the proto2 wire format that Tablestore's messages use: varints and length-delimited fields. */
interface Scalar<T> {
  readonly wire: 0 | 2;
  read(raw: bigint | Buffer): T;
  write(value: T): bigint | Buffer;
}

const malformed = () => invalid('Parse PBMessage from RawString failed.');

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws OTSParameterInvalid when the bytes are not UTF-8. */
export function strictUtf8(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed();
  }
}

export const int32: Scalar<number> = {
  wire: 0,
  read: (raw) => Number(BigInt.asIntN(32, raw as bigint)),
  write: (value) => BigInt.asUintN(64, BigInt(value)),
};
export const int64: Scalar<bigint> = {
  wire: 0,
  read: (raw) => BigInt.asIntN(64, raw as bigint),
  write: (value) => BigInt.asUintN(64, value),
};
export const bool: Scalar<boolean> = {
  wire: 0,
  read: (raw) => raw !== 0n,
  write: (value) => (value ? 1n : 0n),
};
export const bytes: Scalar<Buffer> = { wire: 2, read: (raw) => raw as Buffer, write: (value) => value };
export const string: Scalar<string> = {
  wire: 2,
  read: (raw) => strictUtf8(raw as Buffer),
  write: (value) => Buffer.from(value),
};

/** A number between the bounds of an enumeration. */
export const enumeration = (min: number, max: number): Scalar<number> => ({
  wire: 0,
  read(raw) {
    const value = Number(raw);
    if (value < min || value > max) throw malformed();
    return value;
  },
  write: (value) => int32.write(value),
});

interface Field<T> {
  readonly number: number;
  readonly type: Scalar<unknown>;
  readonly label: 'required' | 'optional' | 'repeated';
  /** Carries the type only. */
  readonly value?: T;
}

const field =
  (label: Field<unknown>['label']) =>
  (number: number, type: Scalar<unknown>): Field<unknown> => ({ number, type, label });

export const required = field('required') as <T>(number: number, type: Scalar<T>) => Field<T>;
export const optional = field('optional') as <T>(number: number, type: Scalar<T>) => Field<T | undefined>;
export const repeated = field('repeated') as <T>(number: number, type: Scalar<T>) => Field<T[]>;

type Fields = Record<string, Field<unknown>>;
type Decoded<F extends Fields> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never };
type OptionalKeys<M> = { [K in keyof M]: undefined extends M[K] ? K : never }[keyof M];
/** What `encode` takes: optional fields may be left out. */
type Encodable<M> = Omit<M, OptionalKeys<M>> & Partial<Pick<M, OptionalKeys<M>>>;

export interface Message<M> extends Scalar<M> {
  decode(data: Buffer): M;
  encode(value: Encodable<M>): Buffer;
}

export type MessageOf<T> = T extends Message<infer M> ? M : never;

function readVarint(data: Buffer, start: number): { value: bigint; end: number } {
  let value = 0n;
  for (let index = start; index < start + 10; index += 1) {
    const byte = data[index];
    if (byte === undefined) throw malformed();
    value |= BigInt(byte & 0x7f) << BigInt(7 * (index - start));
    if (byte < 0x80) return { value, end: index + 1 };
  }
  throw malformed();
}

function varint(value: bigint): Buffer {
  const out: number[] = [];
  let rest = value;
  while (rest >= 0x80n) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Buffer.from(out);
}

/**
 * A message by its fields. A field that the description does not have is refused, since it would ask for something that is
 * not emulated.
 *
 * @throws OTSParameterInvalid from `decode` when the bytes are not such a message.
 */
export function message<const F extends Fields>(name: string, fields: F): Message<Decoded<F>> {
  const byNumber = new Map(Object.entries(fields).map(([key, spec]) => [spec.number, { key, spec }]));
  const decode = (data: Buffer): Decoded<F> => {
    const out: Record<string, unknown> = {};
    for (const [key, spec] of Object.entries(fields)) setAt(out, key, spec.label === 'repeated' ? [] : undefined);
    let at = 0;
    while (at < data.length) {
      const tag = readVarint(data, at);
      const wire = Number(tag.value & 7n);
      const number = Number(tag.value >> 3n);
      const known = byNumber.get(number);
      if (wire !== 0 && wire !== 2) throw malformed();
      const head = readVarint(data, tag.end);
      at = wire === 0 ? head.end : head.end + Number(head.value);
      if (at > data.length) throw malformed();
      if (known === undefined) throw invalid(`Field ${number} of ${name} is not emulated by the embedded cloud.`);
      if (known.spec.type.wire !== wire) throw malformed();
      const value = known.spec.type.read(wire === 0 ? head.value : data.subarray(head.end, at));
      if (known.spec.label === 'repeated') (valueAt(out, known.key) as unknown[]).push(value);
      else setAt(out, known.key, value);
    }
    for (const [key, spec] of Object.entries(fields))
      if (spec.label === 'required' && valueAt(out, key) === undefined) throw malformed();
    return out as Decoded<F>;
  };
  const encode = (value: Encodable<Decoded<F>>): Buffer => {
    const parts: Buffer[] = [];
    for (const [key, spec] of Object.entries(fields)) {
      const given = valueAt(value, key);
      if (given === undefined) continue;
      for (const item of spec.label === 'repeated' ? (given as unknown[]) : [given]) {
        const raw = spec.type.write(item);
        parts.push(varint(BigInt(spec.number * 8 + spec.type.wire)));
        if (typeof raw === 'bigint') parts.push(varint(raw));
        else parts.push(varint(BigInt(raw.length)), raw);
      }
    }
    return Buffer.concat(parts);
  };
  return {
    wire: 2,
    read: (raw) => decode(raw as Buffer),
    write: (value) => encode(value),
    decode,
    encode,
  };
}
