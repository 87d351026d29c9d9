import { describe, expect, test } from 'vitest'
import type { Evaluation, EvaluationSet, HeadEvaluation } from '../src/report/evaluation.ts'
import { fixed, percent, whole } from '../src/report/format.ts'
import { renderReport } from '../src/report/render.ts'
import { cellsOf, textOf, unbalanced } from './markup.ts'
import { sampleEvaluation } from './report-sample.ts'

const evaluation = sampleEvaluation()
const page = renderReport(evaluation)
const text = textOf(page)

/** The cells of the first row whose heading holds the code `name`. */
function rowOf(markup: string, name: string): string[] {
  const row = markup.split('<tr>').find((candidate) => candidate.includes(`<code>${name}</code>`))
  return cellsOf(row ?? '')
}

/** The first table whose caption begins with these words. */
const tableOf = (caption: string): string =>
  page
    .split('<table>')
    .find((part) => textOf(part).trim().startsWith(caption))
    ?.split('</table>')[0] ?? ''

const withHeads = (heads: readonly HeadEvaluation[]): Evaluation => {
  const [set] = evaluation.sets
  if (set === undefined) throw new Error('the sample has sets')
  return { ...evaluation, sets: [{ ...set, heads }] }
}

const stageB = (): EvaluationSet => {
  const set = evaluation.sets[1]
  if (set === undefined) throw new Error('the sample has two sets')
  return set
}

const headNamed = (name: string): HeadEvaluation => {
  const head = stageB().heads.find((candidate) => candidate.name === name)
  if (head === undefined) throw new Error(`the sample has ${name}`)
  return head
}

describe('the report', () => {
  test('is one well-formed page', () => {
    expect(page.startsWith('<!doctype html>\n<html lang="en">')).toBe(true)
    expect(unbalanced(page)).toStrictEqual([])
  })

  test('loads nothing and runs nothing', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(\s*['"]?(?!#)/)
    expect(page).not.toMatch(/\s(?:src|srcset|action)=/)
    expect(page).not.toMatch(/\son\w+=/)
    expect([...page.matchAll(/href="([^"]*)"/g)].filter(([, href]) => href?.startsWith('#') !== true)).toStrictEqual([])
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
  })

  test('never says NaN, undefined, null or Infinity', () => {
    expect(text).not.toMatch(/\b(?:NaN|undefined|null|Infinity)\b|\[object/)
    expect(page).not.toMatch(/NaN|undefined|Infinity/)
  })

  test('gives the same bytes for the same evaluation, within one process too', () => {
    expect(renderReport(sampleEvaluation())).toBe(page)
  })

  test('has one first heading and skips no level', () => {
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level))
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    expect(levels[0]).toBe(1)
    expect(levels.filter((level, i) => level > (levels[i - 1] ?? 0) + 1)).toStrictEqual([])
  })

  test('uses every id once, and its links point to ids', () => {
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, target] of page.matchAll(/(?:href="#|url\(#|aria-labelledby=")([^")]*)/g))
      expect(ids).toContain(target)
  })

  test('says what was evaluated, and where it comes from', () => {
    for (const fact of [
      'SPY level touches, Jan 2, 2025 to Feb 26, 2025',
      '2,400 touches in 40 sessions',
      'Thresholds $1 and $2 from the level',
      'Stage A, full; Stage B, full',
      'out of fold',
      'Simulated data with planted effects',
      evaluation.provenance.dataHash,
      evaluation.provenance.gitSha ?? '',
      'breakwater-evaluation, version 2',
      'simulated, seed 7',
      'direction_stage_b_full.onnx',
      stageB().provenance.files[0]?.sha256 ?? '',
      'Trained 2025-03-03 20:00 UTC',
    ]) {
      expect(text).toContain(fact)
    }
  })
})

describe('the charts', () => {
  const charts = [...page.matchAll(/<svg[^>]*>/g)].map(([tag]) => tag)
  const binary = stageB().heads.filter((head) => head.status === 'scored' && head.task === 'binary')

  test('are one for each reliability, fold, gain and contribution plot, and two widths of the timeline', () => {
    const plotted = binary.filter((head) => !head.name.startsWith('t1_') && !head.name.startsWith('t2_')).length
    const reach = binary.filter((head) => head.anchor === '4min' && /^t[12]_/.test(head.name)).length
    expect(charts).toHaveLength(2 * (plotted + reach + 3 + 3 + 3 + 2))
  })

  test('each say in words what they show, and scale with the page', () => {
    for (const tag of charts) {
      expect(tag).toMatch(/role="img" aria-label="[^"]{20,}"/)
      expect(tag).toContain('viewBox=')
    }
    expect(page).toContain('Walk-forward timeline. fold 1: train 10 sessions, validation 4 sessions, test 6 sessions')
  })

  test('each have a title above and names on their axes', () => {
    const figures = [...page.matchAll(/<figure[\s\S]*?<\/figure>/g)].map(([figure]) => figure)
    expect(figures.length).toBeGreaterThan(60)
    for (const figure of figures) {
      expect(figure).toMatch(/<figcaption>\S/)
      expect(textOf(figure)).toMatch(
        /Forecast probability, % .*|Session, New York date|Fold, scored from|Share of gain, %|Mean contribution, /,
      )
    }
  })

  test('take their colours from the style sheet, so that they read in the light and in the dark', () => {
    const colours = [...page.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, colour]) => colour)
    expect(
      [...new Set(colours)].filter((colour) => colour !== 'none' && colour?.startsWith('var(--') !== true),
    ).toStrictEqual(['#000'])
    for (const name of new Set(colours.filter((colour) => colour?.startsWith('var(')))) {
      expect(page).toContain(`${name?.slice(4, -1)}:#`)
    }
  })
})

describe('the tables', () => {
  test('hold the figures of every scored head', () => {
    const [section = ''] = page.split('<h2 id="set-2">').slice(1)
    for (const head of stageB().heads) {
      if (head.status !== 'scored' || head.task !== 'binary') continue
      const [, auc, skill, base, brier, loss, ece, mce, rows] = rowOf(section, head.name)
      const { low, high, estimate } = head.scores.auc
      expect(auc).toBe(`${fixed(estimate, 3)} ${fixed(low, 3)} to ${fixed(high, 3)}`)
      expect(skill?.split(' ')[0]).toBe(percent(head.scores.brierSkill.estimate))
      expect([base, ece, mce, rows]).toStrictEqual([
        percent(head.baseRate),
        percent(head.reliability[0]?.ece ?? null),
        percent(head.reliability[0]?.mce ?? null),
        whole(head.rows),
      ])
      expect(brier?.split(' ')[0]).toBe(fixed(head.scores.brier.estimate, 4))
      expect(loss?.split(' ')[0]).toBe(fixed(head.scores.logLoss.estimate, 4))
    }
  })

  test('hold the strength heads in dollars', () => {
    const head = headNamed('strength_signed')
    if (head.status !== 'scored' || head.task !== 'regression') throw new Error('strength is scored')
    const [, , , mean, mae] = rowOf(page.split('<h2 id="set-2">')[1] ?? '', 'strength_signed')
    expect(mean).toBe(`${fixed(head.targetMean, 2)} ± ${fixed(head.targetDeviation, 2)}`)
    expect(mae?.split(' ')[0]).toBe(fixed(head.scores.mae.estimate, 3))
  })

  test('hold every bin of a curve, empty ones too', () => {
    const rows = tableOf('direction, bins by width').split('<tr>').slice(2).map(cellsOf)
    expect(rows).toHaveLength(20)
    expect(rows[0]).toStrictEqual(['[0.000, 0.050)', '0', '–', '–'])
    expect(rows.at(-1)?.[0]).toBe('[0.950, 1.000]')
  })

  test('give the reason of every skipped head, of masked rows, and what the data lacks', () => {
    expect(rowOf(page, 't2_break_60s')[1]).toBe('one class only: no fold has 20 positives in training')
    expect(text).toContain('3 of 81 heads skipped; reasons stand with the scores.')
    expect(text).toContain('4 columns of 78 have missing values; 1 of them hold no value at all.')
    expect(text).toContain('3 values of 1 category never seen in training.')
    expect(text).toContain('14 rows purged over all folds')
    expect(text).toContain('threshold already passed at the anchor')
    expect(rowOf(tableOf('Columns with missing values'), 'wall_ratio_log').slice(1)).toStrictEqual(['1,412', '58.8%'])
  })

  test('give the dates of each fold', () => {
    expect(text.replaceAll('\u00A0', ' ')).toContain(
      'Fold 4 Jan 2, 2025 to Feb 10, 2025 Feb 12, 2025 to Feb 17, 2025 Feb 19, 2025 to Feb 26, 2025',
    )
  })
})

describe('a report of hostile or poor data', () => {
  test('escapes every text that comes from outside', () => {
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
            { ...head, importance: [{ column: evil, gain: 1, share: 1 }], masked: [{ reason: evil, rows: 1 }] },
            { name: evil, anchor: '4min', task: 'binary', status: 'skipped', reason: evil, masked: [] },
            { ...head, name: evil },
          ],
          dataQuality: {
            columns: 1,
            missing: [{ column: evil, rows: 1, rate: 0.5 }],
            allMissing: [evil],
            unseenCategories: [{ column: evil, category: evil, rows: 1 }],
          },
        },
      ],
    }
    const markup = renderReport(hostile)
    expect(markup).not.toContain('<script')
    expect(markup).not.toContain('<b a=')
    expect(unbalanced(markup)).toStrictEqual([])
    expect(textOf(markup)).toContain(evil)
  })

  test('shows no verdict without an interval, and the reason why', () => {
    const head = headNamed('direction')
    if (head.status !== 'scored' || head.task !== 'binary') throw new Error('direction is scored')
    const reason = 'fewer than two sessions: nothing to resample'
    const auc = { estimate: 0.7, low: null, high: null, reason }
    const none = { estimate: null, low: null, high: null, reason: 'the score does not exist on these rows' }
    const markup = textOf(
      renderReport(
        withHeads([{ ...head, scores: { ...head.scores, auc, brierSkill: none }, folds: [], importance: [] }]),
      ),
    )
    expect(markup).toContain('No interval: not to be judged')
    expect(markup).toContain(reason)
    expect(markup).toContain('the score does not exist on these rows')
    expect(markup).not.toContain('Better than chance')
    expect(markup).not.toMatch(/NaN|undefined|Infinity/)
  })

  test('judges by the interval, not by the estimate', () => {
    const head = headNamed('direction')
    if (head.status !== 'scored' || head.task !== 'binary') throw new Error('direction is scored')
    const judged = (low: number, high: number): string =>
      textOf(renderReport(withHeads([{ ...head, scores: { ...head.scores, auc: { estimate: 0.55, low, high } } }])))
    expect(judged(0.51, 0.6)).toContain('Better than chance')
    expect(judged(0.49, 0.6)).toContain('Not distinguishable from chance')
    expect(judged(0.4, 0.49)).toContain('Worse than chance')
  })

  test('stands without sets, without heads, and without test dates', () => {
    const [fold] = stageB().plan.folds
    if (fold === undefined) throw new Error('the sample has folds')
    const bare: EvaluationSet = {
      ...stageB(),
      heads: [],
      plan: { kind: 'explicit', folds: [{ ...fold, test: [], embargoed: [] }] },
    }
    for (const sets of [[], [bare]]) {
      const markup = renderReport({ ...evaluation, sets })
      expect(unbalanced(markup)).toStrictEqual([])
      expect(markup).not.toMatch(/NaN|undefined|Infinity/)
    }
  })

  test('warns where scores are on validation dates', () => {
    const source = 'validation (used for early stopping)'
    expect(textOf(renderReport({ ...evaluation, sets: [{ ...stageB(), source }] }))).toContain('they are optimistic')
    expect(text).not.toContain('they are optimistic')
  })
})
