import type { SplitMoments } from './path-rows.ts'

/** Forecast of a head at a row of the moments. */
export type Forecast = (row: number, head: number) => number

/** Log losses of test rows, `[i * heads + head]`, NaN where masked, and the session of each. */
export interface Losses {
  readonly heads: number
  readonly losses: Float64Array
  readonly sessions: readonly number[]
}

const CLIP = 1e-7

export function lossesOf({ labels, sessions }: SplitMoments, rows: readonly number[], forecast: Forecast): Losses {
  const heads = labels.length / sessions.length
  const losses = new Float64Array(rows.length * heads).fill(Number.NaN)
  for (const [i, row] of rows.entries()) {
    for (let h = 0; h < heads; h++) {
      const label = labels[row * heads + h] as number
      if (label < 0) continue
      const p = Math.min(1 - CLIP, Math.max(CLIP, forecast(row, h)))
      losses[i * heads + h] = -Math.log(label === 1 ? p : 1 - p)
    }
  }
  return { heads, losses, sessions: rows.map((row) => sessions[row] as number) }
}

/** Mean log loss of the reach heads, of tradeable, and of direction. */
export type Score = readonly [reach: number, tradeable: number, direction: number]

/** Each head's mean loss over its rows; the mean of the reach heads, and the last two heads. */
export function scoreOf({ heads, losses }: Losses): Score {
  return combined(meansOf(heads, losses, () => 1))
}

function meansOf(heads: number, losses: Float64Array, weight: (row: number) => number): number[] {
  const [sums, counts] = [new Float64Array(heads), new Float64Array(heads)]
  for (let i = 0; i < losses.length; i++) {
    const loss = losses[i] as number
    if (Number.isNaN(loss)) continue
    const [h, w] = [i % heads, weight(Math.floor(i / heads))]
    sums[h] = (sums[h] as number) + w * loss
    counts[h] = (counts[h] as number) + w
  }
  return Array.from(sums, (sum, h) => sum / (counts[h] as number))
}

function combined(means: readonly number[]): Score {
  const reach = means.slice(0, -2)
  return [
    reach.reduce((sum, mean) => sum + mean, 0) / reach.length,
    means.at(-2) ?? Number.NaN,
    means.at(-1) ?? Number.NaN,
  ]
}

const DRAWS = 1000

/** 95% intervals of the differences a - b of {@link Score}, whole sessions drawn again. */
export function differenceOf(a: Losses, b: Losses, random: () => number): readonly (readonly [number, number])[] {
  const known = [...new Set(a.sessions)]
  const place = new Map(known.map((session, s) => [session, s]))
  const difference = a.losses.map((loss, i) => loss - (b.losses[i] as number))
  const draws = Array.from({ length: DRAWS }, () => {
    const times = new Float64Array(known.length)
    for (let s = 0; s < known.length; s++) {
      const drawn = Math.floor(random() * known.length)
      times[drawn] = (times[drawn] as number) + 1
    }
    return times
  })
  const perSession = known.map(() => ({ sums: new Float64Array(a.heads), counts: new Float64Array(a.heads) }))
  for (const [i, value] of difference.entries()) {
    if (Number.isNaN(value)) continue
    const one = perSession[place.get(a.sessions[Math.floor(i / a.heads)] as number) as number]
    if (one === undefined) continue
    const h = i % a.heads
    one.sums[h] = (one.sums[h] as number) + value
    one.counts[h] = (one.counts[h] as number) + 1
  }
  const scores = draws.map((times) =>
    combined(
      Array.from({ length: a.heads }, (_, h) => {
        let [sum, count] = [0, 0]
        for (const [s, { sums, counts }] of perSession.entries()) {
          sum += (times[s] as number) * (sums[h] as number)
          count += (times[s] as number) * (counts[h] as number)
        }
        return sum / Math.max(1, count)
      }),
    ),
  )
  return [0, 1, 2].map((part) => {
    const sorted = scores.map((score) => score[part] as number).toSorted((x, y) => x - y)
    return [sorted[Math.floor(0.025 * DRAWS)] as number, sorted[Math.floor(0.975 * DRAWS)] as number] as const
  })
}
