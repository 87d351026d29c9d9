import type { Score } from '@breakwater/evaluation'
import { describe, expect, test } from 'vitest'
import { fixed, percent, whole } from './written.ts'
import { evaluationTable, renderReport } from '@breakwater/report'
import { cellsOf, textOf, unbalanced } from './markup.ts'
import { evaluation, headNamed, stageB, withHeads } from './report-parts.ts'
import { sampleEvaluation } from './report-sample.ts'

const page = await renderReport(evaluation)
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

  test('gives the same bytes for the same evaluation, within one process too', async () => {
    expect(await renderReport(sampleEvaluation())).toBe(page)
  })

  test('tells what is served of every touch minute and of the touches that begin an episode, and so does the text', () => {
    const told = textOf(page)
    expect(told).toContain('every touch minute: mean log loss')
    expect(told).toContain(
      'only the touches that begin an episode: their level was not touched in the 4 minutes before',
    )
    const lines = evaluationTable(evaluation, { width: 120 }).split('\n')
    const from = lines.indexOf('one touch per episode: its level was not touched in the 4 minutes before')
    expect(lines[from + 1]).toMatch(/^at 4min +beyond law +beyond base +mean loss +rows/)
    expect(lines[from + 2]).toMatch(/^reach .* 0\.3100 +512 +24 +24$/)
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
      'breakwater-evaluation, version 4',
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

  test('are one for each reliability, place where price stands, fold, gain and contribution plot, and two widths of the timeline', () => {
    const plotted = binary.filter((head) => !head.name.startsWith('t1_') && !head.name.startsWith('t2_')).length
    const reach = binary.filter((head) => head.anchor === '4min' && /^t[12]_/.test(head.name)).length
    const places = binary.filter((head) => head.anchor === '4min').length
    expect(charts).toHaveLength(2 * (plotted + reach + places + 4 * 2 + 3 + 3 + 3 + 2))
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
        /Forecast probability, % .*|Price beyond the level|Recall, %|Lift|Threshold of the forecast, %|Session, New York date|Fold, scored from|Share of gain, %|Mean contribution, /,
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

/** A score and its interval as a cell holds them. */
const figures = ({ estimate, low, high }: Score, digits: number): string =>
  `${fixed(estimate, digits)} ${fixed(low, digits)} to ${fixed(high, digits)}`

describe('the tables', () => {
  test('hold the figures of every scored head', () => {
    const [section = ''] = page.split('<h2 id="set-2">').slice(1)
    for (const head of stageB().heads) {
      if (head.status !== 'scored' || head.task !== 'binary') continue
      const [, law, base, loss, auc, skill, overLaw, rate, ece, rows] = rowOf(section, head.name)
      const { scores } = head
      expect(law).toBe(figures(scores.beyond_law, 4))
      expect(base).toBe(figures(scores.beyond_base, 4))
      expect(loss).toBe(figures(scores.log_loss, 4))
      expect(auc).toBe(figures(scores.auc, 3))
      expect([skill, overLaw, rate, ece, rows]).toStrictEqual([
        percent(scores.brier_skill.estimate),
        percent(scores.brier_skill_law.estimate),
        percent(head.base_rate),
        percent(head.reliability[0]?.ece ?? null),
        whole(head.rows),
      ])
    }
  })

  test('hold the strength heads in dollars', () => {
    const head = headNamed('strength_signed')
    if (head.status !== 'scored' || head.task !== 'regression') throw new Error('strength is scored')
    const [, law, , mae, , , , mean] = rowOf(page.split('<h2 id="set-2">')[1] ?? '', 'strength_signed')
    expect(law).toBe('– the law does not forecast this head')
    expect(mean).toBe(`${fixed(head.mean_target, 2)} ± ${fixed(head.target_deviation, 2)}`)
    expect(mae?.split(' ')[0]).toBe(fixed(head.scores.mae.estimate, 3))
  })

  test('hold what was forecast and observed by where price stood', () => {
    const head = headNamed('tradeable_2')
    if (head.status !== 'scored' || head.task !== 'binary') throw new Error('tradeable is scored')
    const [section = ''] = page.split('<h2 id="set-2">').slice(1)
    const [, values = ''] = section.split('tradeable_2 by where price stands\n</caption>')
    const rows = values.split('</table>')[0]?.split('<tr>').slice(2).map(cellsOf) ?? []
    expect(rows.map(([, count, , forecast, observed]) => [count, forecast, observed])).toStrictEqual(
      head.places.map((cell) => [whole(cell.rows), percent(cell.mean_prediction), percent(cell.observed_rate)]),
    )
    expect(rows.map(([name]) => name)).toStrictEqual(['−$1 to −$0.50', '−$0.50 to $0', '$0 to $0.50', '$0.50 to $1'])
  })

  test('hold every bin of a curve, empty ones too', () => {
    const rows = tableOf('direction, bins by width').split('<tr>').slice(2).map(cellsOf)
    expect(rows).toHaveLength(20)
    expect(rows[0]).toStrictEqual(['[0.000, 0.050)', '0', '–', '–'])
    expect(rows.at(-1)?.[0]).toBe('[0.950, 1.000]')
  })

  test('give the reason of every skipped head, of masked rows, and what the data lacks', () => {
    expect(rowOf(page, 't2_break_60s')[1]).toBe('one class only: no fold has 20 positives in training')
    expect(text).toContain('3 of 81 heads skipped; the reasons are listed with the scores.')
    expect(text).toContain('4 columns of 78 have missing values; 1 of them have no values.')
    expect(text).toContain('3 values of 1 category that never occurred in training.')
    expect(text).toContain('14 rows purged over all folds')
    expect(text).toContain('threshold already passed at the anchor')
    expect(rowOf(tableOf('Columns with missing values'), 'wall_ratio_log').slice(1)).toStrictEqual(['1,412', '58.8%'])
  })

  test('follow a verdict of at most eight lines', () => {
    const [, verdict = ''] = /<h2 id="verdict">([\s\S]*?)<\/section>/.exec(page) ?? []
    const lines = [...verdict.matchAll(/<dt>/g)]
    expect(lines.length).toBeGreaterThan(4)
    expect(lines.length).toBeLessThanOrEqual(8)
    expect(textOf(verdict)).toContain('Skill beyond the law yes, on strength (stage_b full)')
    expect(textOf(page).match(/heads of fold 3 lost more: the law is served; heads in 1 of 4 folds/g)).toHaveLength(2)
    expect(page.indexOf('id="verdict"')).toBeLessThan(page.indexOf('<table'))
  })

  test('begin with the key figures of every set and their intervals', async () => {
    const rows = tableOf('Key heads with intervals').split('<tr>').slice(2).map(cellsOf)
    expect(rows.map(([set]) => set)).toStrictEqual(['Stage A, full', 'Stage B, full'])
    const head = headNamed('direction')
    if (head.status !== 'scored' || head.task !== 'binary') throw new Error('direction is scored')
    const { auc, beyond_law } = head.scores
    expect(rows[1]?.slice(3, 5)).toStrictEqual([
      `${fixed(beyond_law.estimate, 4)} ${fixed(beyond_law.low, 4)} to ${fixed(beyond_law.high, 4)}`,
      `${fixed(auc.estimate, 3)} ${fixed(auc.low, 3)} to ${fixed(auc.high, 3)}`,
    ])
    expect(text).toContain('Models side by side')
    expect(textOf(await renderReport(withHeads(stageB().heads)))).toContain('Headline figures')
  })

  test('say what each column contributes to the key heads, or why not', async () => {
    const head = headNamed('direction')
    if (head.status !== 'scored' || head.attributions === null || 'reason' in head.attributions)
      throw new Error('direction is explained')
    const [first] = head.attributions.columns
    const table = page.split('<h2 id="set-2">')[1]?.split('direction: contribution by column, log odds')[2] ?? ''
    expect(cellsOf(table.split('<tr>')[2] ?? '')).toStrictEqual([
      first?.column,
      fixed(first?.meanAbsolute ?? null, 4),
      fixed(first?.mean ?? null, 4),
    ])
    const unexplained = await renderReport(withHeads([{ ...head, attributions: { reason: 'tree 0 has no cover' } }]))
    expect(textOf(unexplained)).toContain('Not computed: tree 0 has no cover.')
  })

  test('give the dates of each fold', () => {
    expect(text.replaceAll('\u00A0', ' ')).toContain(
      'Fold 4 Jan 2, 2025 to Feb 10, 2025 Feb 12, 2025 to Feb 17, 2025 Feb 19, 2025 to Feb 26, 2025',
    )
  })
})
