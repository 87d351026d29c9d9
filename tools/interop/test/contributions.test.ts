import { runPython, scratchFolder } from '@breakwater/interop'
import {
  interventionalExplainer,
  pathDependentExplainer,
  predictRaw,
  toXgboostUbj,
  trainBoosted,
} from '@breakwater/trees'
import type { Explainer, Matrix, TreeModel } from '@breakwater/trees'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { withoutPeers } from './peers.ts'

const folder = scratchFolder()
afterAll(folder.remove)

const ROWS = 1500
const EXPLAINED = 200

/** Row after row: four columns of numbers with missing ones, and with `categories` a fifth of 12 categories. */
function problem(seed: number, categories: boolean): { matrix: Matrix; labels: Float32Array } {
  const random = xoroshiro128plus(seed)
  const next = (): number => uniformFloat64(random)
  const columns = ['a', 'b', 'c', 'd', ...(categories ? ['e'] : [])]
  const values = Float32Array.from({ length: ROWS * columns.length }, (_, i) => {
    if (next() < 0.1) return Number.NaN
    return i % columns.length === 4 ? Math.floor(12 * next()) : next()
  })
  const labels = Float32Array.from({ length: ROWS }, (_, r) => {
    const [a = 0, b = 0, , , e = 0] = values.subarray(r * columns.length, (r + 1) * columns.length)
    return Number((a || 0.4) * (b || 0.8) + (e % 3 === 1 ? 0.4 : 0) + 0.4 * next() > 0.6)
  })
  return { matrix: { columns, rows: ROWS, values, layout: 'rows' }, labels }
}

function someRows(matrix: Matrix, from: number, to: number): Matrix {
  const width = matrix.columns.length
  return { ...matrix, rows: to - from, values: matrix.values.slice(from * width, to * width) }
}

/** The largest difference from a peer's contributions, which have the base value behind each row. */
function gapTo(explainer: Explainer, rows: Matrix, peer: ArrayLike<number | bigint>): number {
  const own = explainer.contributions(rows)
  const width = rows.columns.length
  expect(peer.length).toBe(rows.rows * (width + 1))
  return Array.from(peer).reduce<number>((worst, expected, i) => {
    const c = i % (width + 1)
    const x = c === width ? explainer.baseValue : own[Math.floor(i / (width + 1)) * width + c]
    return Math.max(worst, Math.abs(Number(expected) - (x ?? Number.NaN)))
  }, 0)
}

async function ask(model: TreeModel, rows: Matrix, types: string, background?: Matrix): Promise<void> {
  writeFileSync(join(folder.path, 'model.ubj'), toXgboostUbj(model))
  const width = model.columns.length
  for (const [name, matrix] of Object.entries({ rows, background })) {
    if (matrix) folder.writeArray(name, { values: matrix.values, shape: [matrix.rows, width] })
  }
  const line = z.object({ names: z.array(z.string()) })
  const script = new URL('contributions.py', import.meta.url)
  await runPython(line, script, [folder.path, types, background ? 'yes' : 'no'])
}

describe.skipIf(withoutPeers)('contributions of our own models', () => {
  test.each(['logistic', 'squared'] as const)(
    'agree with XGBoost and, against a background, with the shap package: %s',
    async (objective) => {
      const { matrix, labels } = problem(1, false)
      const result = await trainBoosted(matrix, labels, { rounds: 40, maxDepth: 5, objective })
      if (result.status !== 'trained') throw new Error(result.reason)
      const rows = someRows(matrix, 0, EXPLAINED)
      const background = someRows(matrix, 1000, 1050)
      await ask(result.model, rows, 'qqqq', background)
      const scale = Math.max(1, ...predictRaw(result.model, rows).map((score) => Math.abs(score)))
      const xgboost = folder.readArray('xgboost').values
      expect(gapTo(pathDependentExplainer(result.model), rows, xgboost)).toBeLessThan(1e-5 * scale)
      const shap = folder.readArray('shap').values
      expect(gapTo(interventionalExplainer(result.model, background), rows, shap)).toBeLessThan(1e-5 * scale)
    },
  )

  test('agree with XGBoost on questions about categories', async () => {
    const { matrix, labels } = problem(2, true)
    const result = await trainBoosted(matrix, labels, { rounds: 40, maxDepth: 5, categorical: ['e'] })
    if (result.status !== 'trained') throw new Error(result.reason)
    expect(result.model.categorySet.some((set) => set >= 0)).toBe(true)
    const rows = someRows(matrix, 0, EXPLAINED)
    await ask(result.model, rows, 'qqqqc')
    const scale = Math.max(1, ...predictRaw(result.model, rows).map((score) => Math.abs(score)))
    const xgboost = folder.readArray('xgboost').values
    expect(gapTo(pathDependentExplainer(result.model), rows, xgboost)).toBeLessThan(1e-5 * scale)
  })
})
