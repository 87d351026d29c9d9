import { describe, expect, test } from 'vitest'
import type { Evaluation, EvaluationSet } from '@breakwater/evaluation'
import { renderReport } from '@breakwater/report'
import { textOf, unbalanced } from './markup.ts'
import { evaluation, headNamed, stageB, withHeads } from './report-parts.ts'

const text = textOf(await renderReport(evaluation))

describe('a report of hostile or poor data', () => {
  test('escapes every text that comes from outside', async () => {
    const evil = `<script>alert(1)</script><b a="'&amp;`
    const head = headNamed('direction')
    if (head.status !== 'scored') throw new Error('direction is scored')
    const hostile: Evaluation = {
      ...evaluation,
      data: { ...evaluation.data, symbol: evil, firstDate: evil },
      notes: [evil],
      provenance: { ...evaluation.provenance, sources: [evil], dataHash: evil, gitSha: evil, timestamp: evil },
      sets: [
        {
          ...stageB(),
          stage: evil,
          heads: [
            {
              ...head,
              importance: [{ column: evil, gain: 1, share: 1 }],
              attributions: { rows: 1, unit: 'log odds', columns: [{ column: evil, meanAbsolute: 1, mean: 1 }] },
              masked: [{ reason: evil, rows: 1 }],
            },
            { name: evil, anchor: '4min', task: 'binary', status: 'skipped', reason: evil, masked: [] },
            { ...head, name: evil },
          ],
          provenance: { ...stageB().provenance, files: [{ file: evil, sha256: evil }] },
          dataQuality: {
            columns: 1,
            missing: [{ column: evil, rows: 1, rate: 0.5 }],
            allMissing: [evil],
            unseenCategories: [{ column: evil, category: evil, rows: 1 }],
          },
        },
      ],
    }
    const markup = await renderReport(hostile)
    expect(markup).not.toContain('<script')
    expect(markup).not.toContain('<b a=')
    expect(unbalanced(markup)).toStrictEqual([])
    expect(textOf(markup)).toContain(evil)
  })

  test('shows no verdict without an interval, and the reason why', async () => {
    const head = headNamed('direction')
    if (head.status !== 'scored' || head.task !== 'binary') throw new Error('direction is scored')
    const reason = 'fewer than two sessions: nothing to resample'
    const beyond_law = { estimate: 0.7, low: null, high: null, reason }
    const none = { estimate: null, low: null, high: null, reason: 'the score does not exist on these rows' }
    const markup = textOf(
      await renderReport(
        withHeads([{ ...head, scores: { ...head.scores, beyond_law, log_loss: none }, folds: [], importance: [] }]),
      ),
    )
    expect(markup).toContain('No interval, so no verdict')
    expect(markup).toContain(reason)
    expect(markup).toContain('the score does not exist on these rows')
    expect(markup).not.toContain('Better than the law')
    expect(markup).not.toMatch(/NaN|undefined|Infinity/)
  })

  test('judges by the interval, not by the estimate', async () => {
    const head = headNamed('direction')
    if (head.status !== 'scored' || head.task !== 'binary') throw new Error('direction is scored')
    const judged = async (low: number, high: number): Promise<string> =>
      textOf(
        await renderReport(
          withHeads([{ ...head, scores: { ...head.scores, beyond_law: { estimate: 0.05, low, high } } }]),
        ),
      )
    expect(await judged(0.01, 0.1)).toContain('Better than the law')
    expect(await judged(-0.01, 0.1)).toContain('Not distinguishable from the law')
    expect(await judged(-0.1, -0.01)).toContain('Worse than the law')
    // A set without a law is judged against a constant.
    const beyond_law = { estimate: null, low: null, high: null, reason: 'the law does not forecast this head' }
    const beyond_base = { estimate: 0.02, low: 0.01, high: 0.03 }
    const without = withHeads([{ ...head, scores: { ...head.scores, beyond_law, beyond_base } }])
    expect(textOf(await renderReport(without))).toContain('Better than the base rate')
  })

  test('stands without sets, without heads, and without test dates', async () => {
    const [fold] = stageB().plan.folds
    if (fold === undefined) throw new Error('the sample has folds')
    const bare: EvaluationSet = {
      ...stageB(),
      heads: [],
      plan: { kind: 'explicit', folds: [{ ...fold, test: [], embargoed: [] }] },
    }
    for (const sets of [[], [bare]]) {
      const markup = await renderReport({ ...evaluation, sets })
      expect(unbalanced(markup)).toStrictEqual([])
      expect(markup).not.toMatch(/NaN|undefined|Infinity/)
    }
  })

  test('warns where scores are on validation dates', async () => {
    const source = 'validation (used for early stopping)'
    expect(textOf(await renderReport({ ...evaluation, sets: [{ ...stageB(), source }] }))).toContain(
      'they are optimistic',
    )
    expect(text).not.toContain('they are optimistic')
  })
})
