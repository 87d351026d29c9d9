import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { z } from 'zod'
import type { Run } from './mlflow-runs.ts'
import { sha256 } from './trained.ts'

const indexSchema = z.object({
  sha256: z.string(),
  features: z.array(z.string()),
  evaluation: z.object({
    scores: z.array(
      z.object({ question: z.string(), k: z.number(), rows: z.number(), brier: z.object({ neighbours: z.number() }) }),
    ),
  }),
})

/** The one run of an index says what its description beside it says. */
export function expectIndex([run, ...others]: readonly Run[], folder: string): void {
  expect(others).toEqual([])
  const path = join(folder, 'indexes', 'retrieval_index_stage_b_full.json')
  const { sha256: hash, evaluation } = indexSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  expect(run).toMatchObject({ status: 'FINISHED', params: { k: '50', anchor: '4min', episodeCap: '2' } })
  expect(run?.artifacts['index/retrieval_index_stage_b_full.safetensors']).toBe(hash)
  expect(run?.artifacts['index/retrieval_index_stage_b_full.json']).toBe(sha256(path))
  const scores = evaluation.scores.filter(({ question }) => question === 'p_break')
  expect(run?.metrics['p_break/brier/neighbours']).toEqual(scores.map(({ k, brier }) => [k, brier.neighbours]))
  expect(run?.metrics['p_break/rows']).toEqual(scores.map(({ k, rows }) => [k, rows]))
}

const score = z.object({ estimate: z.number(), low: z.number() })

const calibrationSchema = z.object({
  sets: z.array(
    z.object({
      summary: z.object({ reach: z.object({ mean_log_loss: score, beyond_law: score }) }),
      heads: z.array(
        z.looseObject({
          name: z.string(),
          scores: z.looseObject({ brier: z.object({ estimate: z.number(), low: z.number() }).optional() }).optional(),
          reliability: z.array(z.object({ binning: z.string(), ece: z.number() })).optional(),
        }),
      ),
    }),
  ),
})

/** The one run of a calibration says what its report says. */
export function expectCalibration([run, ...others]: readonly Run[], folder: string): void {
  expect(others).toEqual([])
  const path = join(folder, 'reports', 'calibration.json')
  const { sets } = calibrationSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  const direction = sets[0]?.heads.find(({ name }) => name === 'direction')
  expect(run).toMatchObject({ status: 'FINISHED', tags: { stage: 'stage_b', ablation: 'full', job: 'calibration' } })
  const ece = direction?.reliability?.find(({ binning }) => binning === 'quantile')?.ece
  expect(run?.tables['metrics/metrics.table.json']).toEqual(
    expect.arrayContaining([
      ['stage_b_full', 'direction', 'brier/estimate', direction?.scores?.brier?.estimate],
      ['stage_b_full', 'direction', 'brier/low', direction?.scores?.brier?.low],
      ['stage_b_full', 'direction', 'quantile/ece', ece],
    ]),
  )
  const reach = sets[0]?.summary.reach
  expect(run?.metrics).toMatchObject({
    'stage_b_full/reach/log_loss': [[0, reach?.mean_log_loss.estimate]],
    'stage_b_full/reach/beyond_law_low': [[0, reach?.beyond_law.low]],
  })
  expect(Object.keys(run?.metrics ?? {}).length).toBeGreaterThanOrEqual(10)
  expect(Object.keys(run?.metrics ?? {}).length).toBeLessThanOrEqual(20)
  expect(run?.artifacts['report/calibration.json']).toBe(sha256(path))
  expect(Object.keys(run?.artifacts ?? {})).toEqual(
    expect.arrayContaining(['report/calibration.html', 'curves/stage_b_full.json']),
  )
}
