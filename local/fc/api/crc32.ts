const table = new Uint32Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ 0xed_b8_83_20 : value >>> 1;
  table[byte] = value >>> 0;
}

/** CRC-32 of ZIP entries; Node's own (`zlib.crc32`) is younger than the oldest Node that is supported. */
export function crc32(data: Uint8Array): number {
  let value = 0xff_ff_ff_ff;
  for (const byte of data) value = (value >>> 8) ^ (table[(value ^ byte) & 0xff] as number);
  return ~value >>> 0;
}
