import { wordAt } from './random.ts'

const LOW_BYTES = 0x00ff00ff
const CARRY = 0x01000100

/**
 * Fills bytes with 1 (kept) or 0 (dropped, with chance of256 / 256), for samples one after another. A sample's bytes depend
 * on the key and on its place `first + i` alone, so that it does not matter how a batch is cut. Four bytes are made from
 * one random word: each of its bytes plus 256 - of256 carries where it is at least of256.
 */
export function fillDropout(bytes: Uint8Array, perSample: number, of256: number, key: number, first: number): void {
  const words = Math.ceil(perSample / 4)
  const add = (256 - of256) * 0x00010001
  const samples = bytes.length / perSample
  const whole = perSample % 4 === 0 && bytes.byteOffset % 4 === 0
  const target = whole ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4) : new Uint32Array(words)
  for (let sample = 0; sample < samples; sample++) {
    const start = (first + sample) * words
    const at = whole ? sample * words : 0
    for (let word = 0; word < words; word++) {
      const random = wordAt(key, start + word)
      const even = (((random & LOW_BYTES) + add) & CARRY) >>> 8
      const odd = (((random >>> 8) & LOW_BYTES) + add) & CARRY
      target[at + word] = even | odd
    }
    if (!whole) bytes.set(new Uint8Array(target.buffer).subarray(0, perSample), sample * perSample)
  }
}
