/**
 * SHA-256 (FIPS 180-4) of one block, by hand: `crypto.subtle` answers by a promise, and a challenge takes a hundred thousand hashes.
 * docs/widgets.md has what both took.
 */

/** The first 32 bits of the fractions of the square (1/2) or cube (1/3) roots of the first primes, §4.2.2 and §5.3.3. */
function fractions(count: number, power: number): Int32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((p) => n % p)) primes.push(n);
  return Int32Array.from(primes, (p) => ((p ** power) % 1) * 2 ** 32);
}

const constants = fractions(64, 1 / 3);
const start = fractions(8, 1 / 2);
const words = new Int32Array(64);
const state = new Int32Array(8);

/** The eight words of a text's digest: of ASCII, at most 55 characters. The same array each time. */
export function sha256(text: string): Int32Array {
  const { length } = text;
  words.fill(0, 0, 16);
  for (let i = 0; i < length; i++) words[i >> 2]! |= text.charCodeAt(i) << (24 - (i & 3) * 8);
  words[length >> 2]! |= 0x80 << (24 - (length & 3) * 8);
  words[15] = length * 8;
  let [a, b, c, d, e, f, g, h] = start as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    if (i > 15) {
      const x = words[i - 15]!;
      const y = words[i - 2]!;
      words[i] = words[i - 16]! + words[i - 7]! + (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)) + (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10));
    }
    const one = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) + ((e & f) ^ (~e & g)) + constants[i]! + words[i]!) | 0;
    const two = (((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = start[i]! + word; });
  return state;
}
