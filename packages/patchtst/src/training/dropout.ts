import { streamKey } from './random.ts'

const LOW_BYTES = 0x00ff00ff
const CARRY = 0x01000100

/**
 * Fills bytes with 1 (kept) or 0 (dropped, with chance of256 / 256), for samples one after another. A sample's bytes depend
 * on the key and on its place `first + i` alone, so that it does not matter how a batch is cut. Each sample has a stream of
 * words of its own (xorshift, Marsaglia 2003); four bytes are made from one word: each of its bytes plus 256 - of256
 * carries where it is at least of256.
 */
export function fillDropout(bytes: Uint8Array, perSample: number, of256: number, key: number, first: number): void {
  const words = Math.ceil(perSample / 4)
  const samples = bytes.length / perSample
  const whole = perSample % 4 === 0 && bytes.byteOffset % 4 === 0
  const target = whole ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4) : new Uint32Array(words)
  for (let sample = 0; sample < samples; sample++) {
    const at = whole ? sample * words : 0
    fillWords(target, at, at + words, of256, streamKey(key, first + sample))
    if (!whole) bytes.set(new Uint8Array(target.buffer).subarray(0, perSample), sample * perSample)
  }
}

function fillWords(target: Uint32Array, from: number, to: number, of256: number, key: number): void {
  const add = (256 - of256) * 0x00010001
  // A stream of xorshift must not begin at 0.
  let random = key === 0 ? 1 : key
  for (let word = from; word < to; word++) {
    random ^= random << 13
    random ^= random >>> 17
    random ^= random << 5
    const even = (((random & LOW_BYTES) + add) & CARRY) >>> 8
    const odd = (((random >>> 8) & LOW_BYTES) + add) & CARRY
    target[word] = even | odd
  }
}
