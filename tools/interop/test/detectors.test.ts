import { runPython, scratchFolder } from '@breakwater/interop'
import {
  beginProcess,
  changePointOf,
  createLiveScores,
  evidenceOf,
  type PublishedForecast,
  questionsOf,
  takeBallot,
} from '@breakwater/monitor'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { withoutPeers } from './peers.ts'

const folder = scratchFolder()
afterAll(folder.remove)

const ROWS = 6000
const CHANGE = 3000
const answer = z.object({
  brier: z.number(),
  log_loss: z.number(),
  rolling_brier: z.number(),
  rolling_log_loss: z.number(),
  adwin: z.number().nullable(),
  since: z.number().nullable(),
})

interface Stream {
  readonly forecasts: Float64Array
  readonly outcomes: Float64Array
}

/** Forecasts between 0.2 and 0.4, and outcomes that come `shift` more often from row {@link CHANGE} on. */
function streamOf(seed: number, shift: number): Stream {
  const random = xoroshiro128plus(seed)
  const forecasts = Float64Array.from({ length: ROWS }, () => 0.2 + 0.2 * uniformFloat64(random))
  const outcomes = forecasts.map((p, row) => Number(uniformFloat64(random) < p + (row < CHANGE ? 0 : shift)))
  return { forecasts, outcomes }
}

async function byRiver({ forecasts, outcomes }: Stream, rolling: number): Promise<z.infer<typeof answer>> {
  folder.writeArray('forecasts', { values: forecasts, shape: [ROWS] })
  folder.writeArray('outcomes', { values: outcomes, shape: [ROWS] })
  const [found] = await runPython(answer, new URL('detectors.py', import.meta.url), [
    folder.path,
    String(rolling),
    String(CHANGE + 1000),
  ])
  if (found === undefined) throw new Error('river said nothing')
  return found
}

/** The row at which the e-process of single forecasts first reaches 100, and the row at which its change point lies then. */
function byProcess({ forecasts, outcomes }: Stream): { readonly row: number; readonly since: number } | null {
  const process = beginProcess()
  for (const [row, p] of forecasts.entries()) {
    takeBallot(process, { tsNs: String(row), probabilities: [p], outcomes: [outcomes[row] as number] })
    if (evidenceOf(process) >= 100) return { row, since: Number(changePointOf(process)?.tsNs ?? 0) }
  }
  return null
}

describe.skipIf(withoutPeers)('river', () => {
  test('has the running Brier score and log loss of all sessions, and of the last twenty', async () => {
    const stream = streamOf(1, 0.1)
    const questions = questionsOf({ horizons: [60] })
    const place = questions.findIndex(({ name }) => name === 't1_60s')
    const ofOne = (value: number): Float64Array =>
      Float64Array.from(questions, (_, q) => (q === place ? value : Number.NaN))
    const [all, recent] = [createLiveScores(questions, { sessions: 30 }), createLiveScores(questions)]
    const perSession = ROWS / 30
    for (const [row, p] of stream.forecasts.entries()) {
      if (row % perSession === 0) for (const scores of [all, recent]) scores.begin(String(row))
      const forecast = { tsNs: 0n, fromNs: 0n, values: ofOne(p) } as unknown as PublishedForecast
      const outcomes = ofOne(stream.outcomes[row] as number)
      const resolved = { forecast, from: place, to: place + 1, outcomes, masks: [], startNs: 0n, knownNs: 0n }
      for (const scores of [all, recent]) scores.take([resolved])
    }
    const river = await byRiver(stream, 20 * perSession)
    const [own, last] = [all.score('t1_60s', 'recent'), recent.score('t1_60s', 'recent')]
    expect([own?.rows, last?.rows]).toEqual([ROWS, 20 * perSession])
    expect(own?.brier).toBeCloseTo(river.brier, 12)
    expect(own?.logLoss).toBeCloseTo(river.log_loss, 12)
    expect(last?.brier).toBeCloseTo(river.rolling_brier, 9)
    expect(last?.logLoss).toBeCloseTo(river.rolling_log_loss, 9)
  }, 300_000)

  test('finds a planted change with ADWIN sooner than the e-process, whose promise holds at every row; ours tells better since when', async () => {
    for (const seed of [2, 3, 4]) {
      const stream = streamOf(seed, 0.15)
      const { adwin, since } = await byRiver(stream, 100)
      const own = byProcess(stream)
      expect(adwin).toBeGreaterThan(CHANGE)
      expect(adwin).toBeLessThan(CHANGE + 1000)
      expect(own?.row).toBeGreaterThan(CHANGE)
      expect(own?.row).toBeLessThan(CHANGE + 1500)
      expect(adwin).toBeLessThan(own?.row ?? 0)
      // ADWIN's window ends at a bucket, and old buckets hold hundreds of rows.
      const [theirs, ours] = [since ?? 0, own?.since ?? 0].map((row) => Math.abs(row - CHANGE)) as [number, number]
      expect(ours).toBeLessThan(200)
      expect(ours).toBeLessThan(theirs)
    }
  }, 300_000)

  test('finds nothing where forecasts are true, and neither does the e-process', async () => {
    for (const seed of [5, 6]) {
      const stream = streamOf(seed, 0)
      expect(await byRiver(stream, 100)).toMatchObject({ adwin: null })
      expect(byProcess(stream)).toBeNull()
    }
  }, 300_000)
})
