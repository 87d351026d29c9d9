import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findChromium, horizontalOverflow, launchBrowser, openPage } from '@breakwater/browser'
import { numbersOf, stringsOf, timesOf } from '@breakwater/features'
import { readTable } from '@breakwater/features/parquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withoutBrowser } from './pages.ts'
import { trainerJson } from './run-trainer.ts'
import type { Reasons, SetReasons } from './workbench-data.ts'
import { workbenchSample } from './workbench-sample.ts'

const { folder, dates, tested, signals, models, ui, train, write, dataOf, remove } = await workbenchSample()
const last = tested.at(-1) ?? ''
const reasonsOf = (date: string): SetReasons => {
  const { sets } = dataOf(`${date}-why`) as Reasons
  return sets['stage_b full'] as SetReasons
}

beforeAll(async () => {
  await train(10)
  const data = ['--model-dir', models, '--data-path', signals, '--output-dir', folder]
  await trainerJson(['index', '--stage', 'stage_b', ...data, '--evaluate-k', '10', '--tracking', 'none'])
  await write(ui, ['--retrieval-index', folder])
})
afterAll(remove)

/** The touches of a session in the order of its file: their ids, and their rows of the signals. */
async function touchesOf(date: string): Promise<{ readonly ids: readonly string[]; readonly rows: readonly number[] }> {
  const { table } = await readTable(signals)
  const rowOf = new Map(stringsOf(table, 'event_id').map((id, row) => [id, row]))
  const { touches } = dataOf(date) as { readonly touches: { readonly id: readonly string[] } }
  return { ids: touches.id, rows: touches.id.map((id) => rowOf.get(id) ?? -1) }
}

const reasonFiles = (of: string): string[] =>
  readdirSync(join(of, 'data'))
    .filter((name) => name.includes('-why'))
    .toSorted()

describe('the reasons of a session', () => {
  test('are there for the newest sessions with forecasts, as many as are asked for', async () => {
    expect(reasonFiles(ui)).toEqual(tested.map((date) => `${date}-why.js`))
    const [one, none] = ['one', 'none'].map((name) => join(folder, name)) as [string, string]
    await write(one, ['--explain', '1'])
    await write(none, ['--explain', '0'])
    expect([reasonFiles(one), reasonFiles(none)]).toEqual([[`${last}-why.js`], []])
  })

  test('explain the raw forecasts of the trees: those of the predictions, which this fold made', async () => {
    const { table } = await readTable(join(models, 'predictions_stage_b_full.parquet'))
    const placeOf = new Map(stringsOf(table, 'event_id').map((id, row) => [id, row]))
    const { ids } = await touchesOf(last)
    const { heads, trained } = reasonsOf(last)
    expect(trained).toBe(false)
    const explained = Object.keys(heads).filter((name) => !name.includes('min'))
    expect(explained.toSorted()).toEqual(['direction', 'strength_signed', 'tilt', 'tradeable_2'])
    for (const [name, { unit, touches }] of Object.entries(heads).filter(([, one]) => one.unit !== 'drift')) {
      const predicted = numbersOf(table, `p_${name}`)
      expect(touches).toHaveLength(ids.length)
      for (const [i, one] of touches.entries()) {
        const score = one?.score ?? Number.NaN
        const said = unit === 'dollars' ? score : 1 / (1 + Math.exp(-score))
        expect(said).toBeCloseTo(predicted[placeOf.get(ids[i] ?? '') ?? -1] ?? Number.NaN, 3)
      }
    }
  })

  test('explain the tilt of the law: where it shifts towards a break, the law says break with it more than without', async () => {
    const { table } = await readTable(join(models, 'predictions_stage_b_full.parquet'))
    const placeOf = new Map(stringsOf(table, 'event_id').map((id, row) => [id, row]))
    const [alone, tilted] = ['law_direction', 'tilted_direction'].map((name) => numbersOf(table, name))
    const { ids } = await touchesOf(last)
    const { unit, touches } = reasonsOf(last).heads['tilt'] ?? { touches: [] }
    expect(unit).toBe('drift')
    const shifts = touches.flatMap((one, i) => {
      const row = placeOf.get(ids[i] ?? '') ?? -1
      const more = (tilted?.[row] ?? Number.NaN) - (alone?.[row] ?? Number.NaN)
      return Math.abs(one?.score ?? 0) < 0.01 || !(Math.abs(more) > 1e-6) ? [] : [[one?.score ?? 0, more] as const]
    })
    expect(shifts.length).toBeGreaterThan(50)
    expect(shifts.filter(([score, more]) => Math.sign(score) !== Math.sign(more))).toEqual([])
  })

  test('name the columns that moved a forecast most, with the values of the signals', async () => {
    const { table } = await readTable(signals)
    const { rows } = await touchesOf(last)
    const { heads, columns } = reasonsOf(last)
    let compared = 0
    for (const [i, one] of (heads['tradeable_2']?.touches ?? []).entries()) {
      const top = one?.top ?? []
      expect(top.length).toBeLessThanOrEqual(6)
      const sizes = top.map(([, , contribution]) => Math.abs(contribution))
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
      for (const [column, value] of top) {
        const found = table.columns[columns[column] ?? '']
        if (found?.type !== 'number') continue
        const own = found.values[rows[i] ?? -1] ?? Number.NaN
        expect(value).toBe(Number.isNaN(own) ? null : Number(Math.fround(own).toPrecision(5)))
        compared += 1
      }
    }
    expect(compared).toBeGreaterThan(100)
  })

  test('list past touches with their own outcomes, all known at the anchor, at their place in the workbench', async () => {
    const { table } = await readTable(signals)
    const [outcome, kinds] = ['outcome', 'level_kind_name'].map((name) => stringsOf(table, name))
    const ts = timesOf(table, 'ts_ns')
    const { rows } = await touchesOf(last)
    const { neighbours } = reasonsOf(last)
    const inSession = new Map(await Promise.all(dates.map(async (date) => [date, await touchesOf(date)] as const)))
    let listed = 0
    for (const [i, { nearest }] of (neighbours['4min']?.touches ?? []).entries()) {
      expect(nearest.length).toBeLessThanOrEqual(8)
      for (const [date, place, minute, kind, , result] of nearest) {
        const row = inSession.get(date)?.rows[place ?? -1] ?? -1
        expect(minute).toBe(Number((ts[row] ?? 0n) / 60_000_000_000n))
        expect(kind).toBe(kinds?.[row])
        expect(result === null || result === outcome?.[row]).toBe(true)
        // An outcome is known eight minutes after the anchor, four after the touch; both touches are asked at their anchor.
        expect((ts[row] ?? 0n) + 480_000_000_000n).toBeLessThanOrEqual(ts[rows[i] ?? -1] ?? 0n)
        expect(tested).not.toContain(date)
        listed += 1
      }
    }
    expect(listed).toBeGreaterThan(100)
    expect(neighbours['8min']).toEqual({
      reason:
        'There is no retrieval index of stage_b full at 8min. `breakwater index --stage stage_b --ablation full --anchor 8min` writes one; then write the workbench again.',
    })
  })
})

describe.skipIf(withoutBrowser)('the reasons, on the page', () => {
  const url = pathToFileURL(join(ui, 'index.html')).href
  let browser: Awaited<ReturnType<typeof launchBrowser>>
  beforeAll(async () => {
    const found = findChromium()
    browser = await launchBrowser(found.path ?? 'chromium')
  })
  afterAll(() => browser.close())
  const open = async (
    hash: string,
    view: Partial<Parameters<typeof openPage>[2]> = {},
  ): ReturnType<typeof openPage> => {
    const opened = await openPage(browser, `${url}${hash}`, { width: 1280, ...view })
    await opened.page.waitForSelector('#touches button')
    return opened
  }

  test('are read when they are opened, follow touch, head and anchor, and lead to a past touch, by keyboard', async () => {
    const { page, problems, requests, close } = await open(`#${last}/40`)
    const isRead = (): boolean => requests.some((one) => one.endsWith(`/data/${last}-why.js`))
    expect(isRead()).toBe(false)
    await page.focus('#reasons summary')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#reasons-shown:not([hidden])')
    expect(isRead()).toBe(true)
    const { heads, columns, neighbours } = reasonsOf(last)
    const firstColumn = (): Promise<string | null> => page.textContent('#reasons-columns tr:nth-child(2) td')
    const told = (head: string, touch: number): string => columns[heads[head]?.touches[touch]?.top[0]?.[0] ?? -1] ?? ''
    expect(await firstColumn()).toBe(told('tilt', 40))
    expect(await page.textContent('#reasons-score')).toContain('a positive shift favours a break.')
    await page.focus('#reasons-head')
    await page.keyboard.press('ArrowDown')
    expect(await firstColumn()).toBe(told('tradeable_2', 40))
    await page.keyboard.press('ArrowDown')
    expect(await page.inputValue('#reasons-head')).toBe('direction')
    expect(await firstColumn()).toBe(told('direction', 40))
    await page.focus('#session-chart')
    await page.keyboard.press('ArrowRight')
    expect(await firstColumn()).toBe(told('direction', 41))
    const p = 1 / (1 + Math.exp(-(heads['direction']?.touches[41]?.score ?? 0)))
    expect(await page.textContent('#reasons-score')).toContain(`and ${Math.round(100 * p)}% (`)
    await page.selectOption('#anchor', '8min')
    expect(await page.textContent('#neighbours-text')).toContain('There is no retrieval index of stage_b full at 8min.')
    await page.selectOption('#anchor', '4min')
    const [date, place] = neighbours['4min']?.touches[41]?.nearest[0] ?? ['', 0]
    await page.focus('#neighbours button')
    await page.keyboard.press('Enter')
    await page.waitForFunction(
      (wanted) => document.querySelector('#session-title')?.textContent?.endsWith(wanted),
      date,
    )
    expect(await page.evaluate(() => location.hash)).toBe(`#${date}/${place}`)
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('touch-title')
    expect(await page.textContent('#reasons-text')).toBe(
      'Only the newest 2 sessions with forecasts are explained. `breakwater ui --explain` with a larger number explains more.',
    )
    expect(problems).toEqual([])
    await close()
  })

  test.each(['light', 'dark'] as const)('fit a phone in %s', async (colorScheme) => {
    const { page, problems, close } = await open(`#${last}/40`, { width: 390, colorScheme })
    await page.click('#reasons summary')
    await page.waitForSelector('#reasons-shown:not([hidden])')
    expect(await horizontalOverflow(page)).toEqual({ pixels: 0, elements: [] })
    expect(problems).toEqual([])
    await close()
  })
})
