import type { HeadEvaluation, HeadInput } from '@breakwater/evaluation'
import { evaluateHead } from '@breakwater/evaluation'
import { type HeadsOptions, withHeadEvaluator } from '@breakwater/evaluation/sets'
import { describe, expect, test } from 'vitest'
import { forecastsOf } from './forecast-sample.ts'
import { uniforms } from './seeded.ts'

const ROWS = 60

function input(number: number, targetOf: (p: number) => number): HeadInput {
  const random = uniforms(number)
  const p = Float64Array.from({ length: ROWS }, random)
  return {
    forecasts: forecastsOf({
      head: `t${number}_60s`,
      targets: p.map(targetOf),
      columns: new Map([['served', p]]),
      sessions: Int32Array.from({ length: ROWS }, (_, row) => row % 6),
      folds: new Int32Array(ROWS),
    }),
    anchor: '4min',
    column: 'served',
    resampling: { seed: number, samples: 20 },
  }
}

const inputs = [1, 2, 3, 4, 5].map((number) => input(number, (p) => Number(p > number / 10)))
/** Of labels that are no outcomes. */
const wrong = input(6, () => 0.5)

const evaluateHeads = (given: readonly HeadInput[], options: HeadsOptions): Promise<HeadEvaluation[]> =>
  withHeadEvaluator(options, (evaluate) => evaluate(given))

describe('heads', () => {
  test.each([1, 2, 3, 16])('are evaluated by %i threads as one after another', async (threads) => {
    expect(await evaluateHeads(inputs, { threads })).toEqual(inputs.map((each) => evaluateHead(each)))
  })

  test.each([1, 2])('of which one cannot be evaluated say on %i threads what it says alone', async (threads) => {
    let message = ''
    try {
      evaluateHead(wrong)
    } catch (error) {
      ;({ message } = error as Error)
    }
    expect(message).toMatch(/^(?:calibration|evaluation): /)
    await expect(evaluateHeads([...inputs, wrong], { threads })).rejects.toThrow(message)
  })

  test('of several sets are evaluated by the same threads', async () => {
    const twice = await withHeadEvaluator({ threads: 2 }, async (evaluate) => [
      await evaluate(inputs.slice(0, 1)),
      await evaluate(inputs.slice(1)),
    ])
    expect(twice.flat()).toEqual(inputs.map((each) => evaluateHead(each)))
  })

  test('none give none', async () => {
    expect(await evaluateHeads([], { threads: 2 })).toEqual([])
  })

  test('stop when asked to', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const stopped = evaluateHeads(inputs, { threads: 2, signal: abort.signal })
    abort.abort(reason)
    await expect(stopped).rejects.toBe(reason)
    await expect(evaluateHeads(inputs, { signal: abort.signal })).rejects.toBe(reason)
  })

  test.each([0, 1.5])('are not evaluated by %d threads', async (threads) => {
    await expect(evaluateHeads(inputs, { threads })).rejects.toThrow(
      `evaluation: threads=${threads}: must be an integer of at least 1.`,
    )
  })
})
