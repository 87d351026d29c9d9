import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { checkCount, checkSeed, type Values } from './check.ts'
import type { SessionBlocks } from './session-scores.ts'

/** Numbers sessions from 0 in order of appearance. */
export function compactSessions(sessions: Values): SessionBlocks {
  const known = new Map<number, number>()
  const codes = Int32Array.from(sessions, (session, row) => {
    checkCount('sessions', session, 0, row)
    const code = known.get(session) ?? known.size
    known.set(session, code)
    return code
  })
  return { sessions: known.size, codes }
}

/** How often each session is drawn, for each resample; the array is reused. Throws on a seed that is not a whole number. */
export function resamples(sessions: number, samples: number, seed: number): Generator<Float64Array> {
  checkSeed(seed)
  return drawSessions(sessions, samples, seed)
}

function* drawSessions(sessions: number, samples: number, seed: number): Generator<Float64Array> {
  const random = xoroshiro128plus(seed)
  const draws = new Float64Array(sessions)
  for (let sample = 0; sample < samples; sample++) {
    draws.fill(0)
    for (let i = 0; i < sessions; i++) {
      const session = uniformInt(random, 0, sessions - 1)
      draws[session] = (draws[session] as number) + 1
    }
    yield draws
  }
}

/** Quantile q of rising values, by linear interpolation between order statistics (Hyndman and Fan 1996, type 7). */
export function interpolatedQuantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1)
  const below = Math.floor(position)
  const low = sorted[below] as number
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number
  return low + (position - below) * (high - low)
}
