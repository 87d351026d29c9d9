/** A key for a stream of random words: the same numbers give the same key. */
export function streamKey(...parts: readonly number[]): number {
  return parts.reduce((key, part) => scramble((key ^ Math.imul(part | 0, 0x9e3779b1)) + 0x6d2b79f5), 0x243f6a88)
}

/** Word `at` of a stream, 32 random bits: a hash of key and place, so that any word can be made without the others. */
export function wordAt(key: number, at: number): number {
  return scramble(key ^ scramble(Math.imul(at, 0x9e3779b1) + 0x7f4a7c15)) >>> 0
}

/** A number in [0, 1) from word `at` of a stream. */
export function uniformAt(key: number, at: number): number {
  return wordAt(key, at) / 2 ** 32
}

/** Puts 0 .. order.length - 1 into `order` in random order (Fisher and Yates). */
export function shuffleInto(order: Int32Array, key: number): void {
  for (let i = 0; i < order.length; i++) order[i] = i
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(uniformAt(key, i) * (i + 1))
    const kept = order[i] ?? 0
    order[i] = order[other] ?? 0
    order[other] = kept
  }
}

/** The finaliser of MurmurHash3: every bit of the result depends on every bit given. */
function scramble(word: number): number {
  let h = word | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
