import type { BarChannels, SequenceData } from '@breakwater/patchtst'

/** Mulberry32: numbers in [0, 1) from a 32-bit seed. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Channels of some sessions of minutes, of which some lack a bar and some a value. */
export function sampleChannels(seed: number, perSession: readonly number[]): BarChannels {
  const random = randomNumbers(seed)
  const complete: bigint[] = []
  const sessions: number[] = []
  for (const [session, minutes] of perSession.entries()) {
    for (let minute = 0; minute < minutes; minute++) {
      if (random() < 0.1) continue
      complete.push(BigInt(session) * 86_400_000_000_000n + BigInt(minute + 1) * 60_000_000_000n)
      sessions.push(session)
    }
  }
  const column = (absent: number): Float64Array =>
    Float64Array.from(complete, () => (random() < absent ? Number.NaN : 100 * random()))
  return {
    rows: complete.length,
    completeNs: BigInt64Array.from(complete),
    sessions: Int32Array.from(sessions),
    names: ['close', 'volatility'],
    values: [column(0), column(0.15)],
  }
}

/** Two samples of three steps, two channels, two statics and one curve of two horizons. */
export function sampleData(changes: Partial<SequenceData> = {}): SequenceData {
  return {
    source: 'sample',
    samples: 2,
    length: 3,
    channelNames: ['close', 'volume'],
    x: Float32Array.of(0, 0, 100, 5, 101, 6, 102, 7, 103, 8, 104, 9),
    mask: Uint8Array.of(0, 1, 1, 1, 1, 1),
    staticNames: ['atr', 'direction=UP'],
    statics: Float32Array.of(0.5, 1, Number.NaN, 0),
    yBreak: Int8Array.of(1, -1),
    yStrength: Float32Array.of(2.5, Number.NaN),
    reach: { curves: ['t1'], horizons: [60, 120], values: Int8Array.of(0, 1, -1, -1) },
    eventIds: ['SPY-a', 'SPY-b'],
    tsNs: BigInt64Array.of(1_765_897_200_000_000_000n, 1_765_897_260_000_000_000n),
    metadata: '{"date":"2025-12-16"}',
    ...changes,
  }
}
