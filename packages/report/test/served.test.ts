import type { PublishedCell, PublishedHead, ServedEvaluation } from '@breakwater/evaluation'
import { evaluationTable, renderReport } from '@breakwater/report'
import { describe, expect, test } from 'vitest'
import { textOf, unbalanced } from './markup.ts'
import { evaluation } from './report-parts.ts'

const rates = { sessions: 9, effective_rows: 120, mean_prediction: 0.3, observed_rate: 0.31, log_loss: 0.6 }
const band = { low: 0.25, median: 0.3, high: 0.35 }
const cell = (more: Partial<PublishedCell>): PublishedCell => ({
  state: 'CONFIRMATION',
  from: -0.5,
  to: 0,
  rows: 400,
  ...rates,
  band,
  ...more,
})

const group = (name: string) => ({ name, rows: 400, ...rates, band })

const direction: PublishedHead = {
  name: 'direction',
  task: 'binary',
  rows: 900,
  sessions: 9,
  effective_rows: 300.4,
  mean_prediction: 0.3,
  mean_outcome: 0.31,
  loss: { estimate: 0.61, low: 0.58, high: 0.64 },
  ece: 0.02,
  null_ece: { low: 0.01, median: 0.02, high: 0.04 },
  groups: {
    state: [group('CONFIRMATION')],
    basis: [group('confirmation')],
    stage: [group('stage_b')],
    age: [group('240 to 480 s')],
    distance: [group('0.1 to 0.25 $')],
    episode: [group('first')],
  },
  cells: [
    cell({}),
    cell({ from: 0, to: 0.5, observed_rate: 0.5 }),
    // Outside, but with too few rows to be judged.
    cell({ from: 0.5, to: 1, rows: 90, observed_rate: 0.9 }),
  ],
  masked: { 'not reached': 70 },
}

const served: ServedEvaluation = {
  format: 'breakwater-served',
  version: 1,
  source: 'replay <x>.jsonl',
  payloads: { read: 960, scored: 240, refused: 1, versions: { 2: 241 } },
  targets: 1200,
  sessions: ['2025-03-03'],
  in_sample: [],
  thresholds: [1, 2],
  method: { level: 0.95, samples: 1000, seed: 7, judgedRows: 200 },
  heads: [
    direction,
    { ...direction, name: 'touch_60s', cells: [] },
    { ...direction, name: 'strength_signed', task: 'regression', ece: null, null_ece: null, groups: null, cells: [] },
  ],
  ranking: [
    {
      order: 'utility_score',
      sessions: 9,
      agreement: { estimate: 0.26, low: 0.2, high: 0.32 },
      gain: null,
      lead: { estimate: 0.1, low: 0.05, high: 0.15 },
    },
    {
      order: 'expected_move',
      sessions: 9,
      agreement: { estimate: 0.41, low: 0.35, high: 0.47 },
      gain: { estimate: 0.15, low: 0.1, high: 0.2 },
      lead: { estimate: 0.2, low: 0.15, high: 0.25 },
    },
  ],
  touch: {
    kind: 'ROUND',
    price: 500,
    direction: 'UP',
    touched: '2025-03-03T15:00:00.000Z',
    questions: (['break', 'bounce'] as const).flatMap((side) =>
      [60, 300].map((horizon) => ({ name: `t1_${side}_${horizon}s`, threshold: 1 as const, side, horizon })),
    ),
    moments: Array.from({ length: 8 }, (_, i) => ({
      elapsed_s: 60 * (i + 4),
      moved: 0.1 * i,
      probabilities: [0.1 + 0.1 * i, 0.2 + 0.1 * i, i === 7 ? null : 0.3, 0.4],
    })),
  },
}
const document = { ...evaluation, served }

describe('what was published', () => {
  test('is judged in text cell by cell, and the cell that is off is named', () => {
    const text = evaluationTable(document, { width: 120 })
    const agreement = '1 of 2 cells (state, place of price, question) of 200 rows or more agree within their 95% band'
    expect(text).toContain(agreement)
    expect(text.split('\n\n')[0]).toContain('1 of 2 cells')
    const off = text.split('\n').filter((line) => /^direction +CONFIRMATION/.test(line))
    expect(off.map((line) => line.split(/ {2,}/))).toEqual([
      ['direction', 'CONFIRMATION', '$0 to $0.50', '0.300', '0.500', '0.250 to 0.350', '400'],
    ])
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'Ordering targets by expected_move agrees best with how far price moved from their levels (Spearman 0.410 [0.350, 0.470]), 0.150 [0.100, 0.200] more than by utility_score',
    )
    expect(text).toMatch(/^direction +age +240 to 480 s +0\.300 +0\.310/m)
  })

  test.each([
    [0.19, '1 of 2'],
    [0.2, '2 of 2'],
  ])('counts the published intervals where cells have them: half of %f', (half, told) => {
    const [head] = served.heads
    if (head === undefined) throw new Error('direction is there')
    const cells = head.cells.map((each) => ({ ...each, half_interval: half }))
    const known = { ...evaluation, served: { ...served, heads: [{ ...head, cells }] } }
    expect(evaluationTable(known, { width: 400 })).toContain(
      `; ${told} agree within the band and the published intervals together`,
    )
    expect(evaluationTable(document, { width: 400 })).not.toContain('published intervals')
  })

  test('says which sessions the models were fitted on, as text and on the page', async () => {
    const seen = {
      ...evaluation,
      served: { ...served, sessions: ['2025-03-03', '2025-03-04'], in_sample: ['2025-03-03'] },
    }
    const text = evaluationTable(seen, { width: 400 })
    expect(text).toContain('1 of these 2 sessions (2025-03-03 to 2025-03-03) are among those that the models')
    expect(text).toContain('and nothing about skill')
    expect(await renderReport(seen)).toContain('<p class="warning" role="note">1 of these 2 sessions')
    expect(evaluationTable(document, { width: 400 })).not.toContain('nothing about skill')
  })

  test.each([60, 80, 100])('has no line above %i characters', (width) => {
    const lines = evaluationTable(document, { width }).split('\n')
    expect(lines.filter((line) => line.length > width)).toEqual([])
  })

  test('has a section of the page with every question, its groups and its cells, and all text escaped', async () => {
    const page = await renderReport(document)
    expect(unbalanced(page)).toStrictEqual([])
    expect(page).not.toContain('replay <x>')
    const [, section = ''] = page.split('<h2 id="published">')
    const text = textOf(section.split('</section>')[0] ?? '')
    for (const fact of [
      'replay <x>.jsonl: 240 of 960 payloads (241 of version 2)',
      '1 cell outside the band',
      'Direction: break, not bounce direction CONFIRMATION $0 to $0.50 400 120 30.0% 50.0% 25.0% to 35.0%',
      'Touched within 60',
      'age 240 to 480 s',
      'episode first',
      'expected_move 0.410',
      'Not compared: not reached 70.',
    ])
      expect(text.replaceAll('\u00A0', ' ')).toContain(fact)
  })

  test('shows a touch as it evolved, said in words, a cell for each number', async () => {
    const page = await renderReport(document)
    expect(page).toContain(
      'aria-label="ROUND 500.00 from below: chance of break as it evolved: $1 in 60\u00A0s 10% at first, 80% at last; $1 in 300\u00A0s 20% at first, 90% at last."',
    )
    const figure = (side: string): string =>
      page.split(`chance of ${side} as it evolved</figcaption>`)[1]?.split('<div class="narrow">')[0] ?? ''
    const shades = (side: string): number =>
      [...figure(side).matchAll(/fill-opacity="0\.\d+"|opacity="0\.\d+"/g)].length
    expect([shades('break'), shades('bounce')]).toEqual([16, 15])
    expect(textOf(page)).toContain('Touched 2025-03-03 15:00 UTC')
  })

  test('has no section where it was not evaluated', async () => {
    expect(await renderReport(evaluation)).not.toContain('id="published"')
  })
})
