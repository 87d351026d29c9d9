import { describe, expect, test } from 'vitest'
import type { Evaluation, SetCalibration } from '@breakwater/evaluation'
import { fixed, percent, whole } from './written.ts'
import { renderReport } from '@breakwater/report'
import { sideBySide } from './block-sample.ts'
import { cellsOf, textOf, unbalanced } from './markup.ts'
import { evaluation as sample } from './report-parts.ts'

const calibration = sideBySide()

const pageOf = (made: SetCalibration): Promise<string> => {
  const [set] = sample.sets
  if (set === undefined) throw new Error('the sample has sets')
  const evaluation: Evaluation = { ...sample, sets: [{ ...set, calibration: made }] }
  return renderReport(evaluation)
}

const page = await pageOf(calibration)
const section = page.split('Forecasts side by side')[1]?.split('Walk-forward timeline')[0] ?? ''

/** Cells of a table's rows below the heading of `group`, up to the next heading. */
function rowsUnder(caption: string, group: string): string[][] {
  const table = section.split('<table>').find((part) => textOf(part).trim().startsWith(caption)) ?? ''
  const rows = (table.split('</table>')[0] ?? '').split('<tr>').slice(2)
  const start = rows.findIndex((row) => row.includes('rowgroup') && textOf(row).includes(group))
  const rest = rows.slice(start + 1)
  const end = rest.findIndex((row) => row.includes('rowgroup'))
  return rest.slice(0, end === -1 ? undefined : end).map(cellsOf)
}

describe('the side-by-side section', () => {
  test('stands only where calibration was asked for', async () => {
    expect(await renderReport(sample)).not.toContain('side by side</h3>')
    expect(unbalanced(page)).toStrictEqual([])
    expect(page).not.toMatch(/NaN|undefined|Infinity/)
  })

  test('names every way and says what it is', () => {
    for (const { title, note } of calibration.columns) expect(textOf(section)).toContain(`${title} ${note}`.trim())
  })

  test('holds the figures of every head and way, on the rows that all have in common', () => {
    const rows = rowsUnder('Probabilities: tradeable, direction, break, bounce', 'direction')
    expect(rows.map(([way]) => way)).toStrictEqual(['Raw', 'Calibrated', 'Neighbours'])
    const direction = calibration.heads.find(({ name }) => name === 'direction')
    if (direction?.status !== 'scored') throw new Error('direction is scored')
    for (const [i, { id }] of calibration.columns.entries()) {
      const scores = direction.columns[id]
      if (scores?.task !== 'binary') throw new Error(`${id} is scored`)
      const [, count, brier, saved, loss, auc, ece, smooth, debiased, p, mean] = rows[i] ?? []
      expect(count).toBe(whole(direction.rows))
      expect(brier).toBe(
        `${fixed(scores.brier.estimate, 4)} ${fixed(scores.brier.low, 4)} to ${fixed(scores.brier.high, 4)}`,
      )
      expect(saved).toContain(scores.gain_brier === null ? '–' : fixed(scores.gain_brier.estimate, 4))
      expect(loss).toContain(fixed(scores.log_loss.estimate, 4))
      expect(auc).toContain(fixed(scores.auc.estimate, 3))
      expect(ece).toBe(
        `${percent(scores.ece.estimate)} ${percent(scores.null_ece.low)} to ${percent(scores.null_ece.high)}`,
      )
      expect(smooth).toContain(percent(scores.smooth_ece.estimate))
      expect(debiased).toContain(percent(scores.debiased_ece.value))
      expect(p).toContain(fixed(scores.spiegelhalter.p, 3))
      expect(mean).toBe(percent(scores.mean_prediction))
    }
  })

  test('marks what the interval says of the saving, in words too', () => {
    const saved = section
      .split('<tr>')
      .find((row) => cellsOf(row)[0] === 'Calibrated' && row.includes('class="better"'))
    expect(saved).toContain('aria-label="Better than the first forecast"')
  })

  test('draws one chart a probability head with all ways, and each way alone with its bins, all with their values', () => {
    const labels = [...section.matchAll(/<svg role="img" aria-label="([^"]*)"/g)].map(([, label]) => label ?? '')
    const together = labels.filter((label) => label.startsWith('Calibration of '))
    expect(together.map((label) => label.split(':')[0])).toStrictEqual(
      ['Tradeable', 'Direction', 'Break', 'Bounce'].map((name) => `Calibration of ${name}`),
    )
    expect(together[1]).toContain('Raw, mean forecast')
    expect(together[1]).toContain('Neighbours, mean forecast')
    expect(labels.filter((label) => label.startsWith('Reliability of '))).toHaveLength(2 + 3 + 2 + 2)
    expect(textOf(section)).toContain('direction, Neighbours, smooth curve with a kernel of')
    expect(textOf(section)).toContain('direction, Raw, bins by quantile')
    expect(textOf(section)).toContain('rows omitted, because some column does not forecast them')
  })

  test('shows what intervals of strength promise and cover', () => {
    const head = calibration.heads.find(({ name }) => name === 'strength_signed')
    const scores = head?.status === 'scored' ? head.columns['raw'] : undefined
    if (scores?.task !== 'regression' || 'reason' in scores.intervals) throw new Error('strength has intervals')
    const [row] = rowsUnder('Strength and the coverage of its intervals', 'strength_signed')
    expect(row?.slice(3, 5)).toStrictEqual([
      '80%',
      `${percent(scores.intervals.coverage.estimate)} ${percent(scores.intervals.coverage.low)} to ${percent(scores.intervals.coverage.high)}`,
    ])
    expect(row?.[7]).toBe(percent(scores.adaptive.coverage))
  })

  test('breaks heads down by kind of level, and says which calibrator each fold chose', () => {
    const rows = rowsUnder('Direction: break, not bounce, by kind of level', 'ROUND')
    expect(rows.map(([way]) => way)).toStrictEqual(['Raw', 'Calibrated', 'Neighbours'])
    expect(rowsUnder('The calibrator of each fold', 'direction')).toStrictEqual([
      ['1', 'temperature', 'saves 0.1 nats a row', '9', '3'],
    ])
  })

  test('gives the reason of a head that was not scored, and escapes all text', async () => {
    const evil = '<script>alert(1)</script>'
    const hostile = await pageOf({
      ...calibration,
      columns: calibration.columns.map((column) => ({ ...column, title: evil, note: evil })),
      heads: [...calibration.heads, { name: evil, anchor: '4min', task: 'binary', status: 'skipped', reason: evil }],
    })
    expect(hostile).not.toContain('<script')
    expect(unbalanced(hostile)).toStrictEqual([])
    expect(textOf(hostile)).toContain('Heads without scores')
  })
})
