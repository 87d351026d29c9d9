import { interventionalExplainer, pathDependentExplainer, predictRaw } from '@breakwater/trees'
import type { Explainer, Matrix, TreeModel } from '@breakwater/trees'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

// Made by fixtures/make_shap.py, with the versions that the file names.
const number = z
  .union([z.number(), z.null(), z.literal('Infinity'), z.literal('-Infinity')])
  .transform((x) => (x === null ? Number.NaN : Number(x)))
const explained = z.object({ baseValue: z.number(), contributions: z.array(z.number()) })
const fixtures = z.object({
  made: z.record(z.string(), z.string()),
  cases: z.array(
    z.object({
      name: z.string(),
      model: z.object({
        columns: z.array(z.string()),
        baseScore: z.number(),
        treeStart: z.array(z.int()),
        feature: z.array(z.int()),
        threshold: z.array(number),
        left: z.array(z.int()),
        missingLeft: z.array(z.int()),
        value: z.array(number),
        cover: z.array(number),
      }),
      rows: z.array(number),
      background: z.array(number),
      tree_path_dependent: explained,
      interventional: explained,
      peer: z.array(z.number()),
    }),
  ),
})

type Case = z.infer<typeof fixtures>['cases'][number]

const { cases } = fixtures.parse(JSON.parse(readFileSync(new URL('fixtures/shap.json', import.meta.url), 'utf8')))

function modelOf({ model }: Case): TreeModel {
  const nodes = model.feature.length
  return {
    objective: 'squared',
    columns: model.columns,
    baseScore: model.baseScore,
    treeStart: Int32Array.from(model.treeStart),
    feature: Int32Array.from(model.feature),
    threshold: Float32Array.from(model.threshold),
    left: Int32Array.from(model.left),
    missingLeft: Uint8Array.from(model.missingLeft),
    categorySet: new Int32Array(nodes).fill(-1),
    categoryBits: new Uint32Array(),
    value: Float32Array.from(model.value),
    gain: new Float32Array(nodes),
    cover: Float32Array.from(model.cover),
  }
}

function matrixOf(columns: readonly string[], values: readonly number[]): Matrix {
  return { columns, rows: values.length / columns.length, values: Float32Array.from(values), layout: 'rows' }
}

/** The largest difference between what an explainer says of the rows and the expected numbers. */
function gapTo(explainer: Explainer, rows: Matrix, expected: z.infer<typeof explained>): number {
  const contributions = explainer.contributions(rows)
  expect(contributions.length).toBe(expected.contributions.length)
  const gaps = expected.contributions.map((x, i) => Math.abs(x - (contributions[i] ?? Number.NaN)))
  return Math.max(Math.abs(expected.baseValue - explainer.baseValue), ...gaps)
}

/** The peer's rows hold the base value behind the contributions. */
function peerNumbers({ peer, model }: Case): z.infer<typeof explained> {
  const width = model.columns.length
  return {
    baseValue: peer[width] ?? Number.NaN,
    contributions: peer.filter((_, i) => i % (width + 1) !== width),
  }
}

/** Whether a branch's column is asked about again right below it. */
function asksAgain({ feature, left }: TreeModel, node: number): boolean {
  const column = feature[node] ?? -1
  const child = left[node] ?? 0
  return column >= 0 && (feature[child] === column || feature[child + 1] === column)
}

describe.each(cases)('$name', (one) => {
  const model = modelOf(one)
  const rows = matrixOf(model.columns, one.rows)
  const background = matrixOf(model.columns, one.background)
  const scale = Math.max(...predictRaw(model, rows).map((score) => Math.abs(score)))

  it('has paths that ask of a column twice', () => {
    expect([...model.feature.keys()].some((node) => asksAgain(model, node))).toBe(true)
  })

  it('agrees with the shap package, path-dependent, to 1e-7 of the score', () => {
    // shap divides a child's 32-bit cover by its parent's, which need not be the sum of the children's.
    expect(gapTo(pathDependentExplainer(model), rows, one.tree_path_dependent)).toBeLessThan(1e-7 * scale)
  })

  it('agrees with the shap package, interventional, to 1e-6 of the score', () => {
    // shap keeps thresholds and weights in 32 bits here.
    expect(gapTo(interventionalExplainer(model, background), rows, one.interventional)).toBeLessThan(1e-6 * scale)
  })

  it('agrees with the library that trained the model, in its 32 bits', () => {
    expect(gapTo(pathDependentExplainer(model), rows, peerNumbers(one))).toBeLessThan(2e-6 * scale)
  })

  it('splits the raw score', () => {
    const raw = predictRaw(model, rows)
    for (const explainer of [pathDependentExplainer(model), interventionalExplainer(model, background)]) {
      const contributions = explainer.contributions(rows)
      for (const [r, score] of raw.entries()) {
        const own = contributions.subarray(r * model.columns.length, (r + 1) * model.columns.length)
        expect(own.reduce((sum, x) => sum + x, explainer.baseValue)).toBeCloseTo(score, 9)
      }
    }
  })
})
