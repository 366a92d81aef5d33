/** CRC-64 (ECMA-182, reflected) in two 32-bit halves: the checksum of OSS objects and of Function Compute's code packages. */
const high = new Uint32Array(256);
const low = new Uint32Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  let [h, l] = [0, byte];
  for (let bit = 0; bit < 8; bit += 1) {
    const isOdd = (l & 1) === 1;
    l = (l >>> 1) | ((h & 1) << 31);
    h >>>= 1;
    if (isOdd) {
      h ^= 0xc9_6c_57_95;
      l ^= 0xd7_87_0f_42;
    }
  }
  high[byte] = h >>> 0;
  low[byte] = l >>> 0;
}

/** @returns the checksum as an unsigned decimal number, as both services write it. */
export function crc64(data: Uint8Array): string {
  let [h, l] = [0xff_ff_ff_ff, 0xff_ff_ff_ff];
  for (const byte of data) {
    const at = (l ^ byte) & 0xff;
    l = ((l >>> 8) | (h << 24)) ^ (low[at] as number);
    h = (h >>> 8) ^ (high[at] as number);
  }
  return ((BigInt(~h >>> 0) << 32n) | BigInt(~l >>> 0)).toString();
}
