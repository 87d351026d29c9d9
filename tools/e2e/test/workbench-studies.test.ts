import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findChromium, horizontalOverflow, launchBrowser, openPage } from '@breakwater/browser'
import { numbersOf, stringsOf } from '@breakwater/features'
import { readTable } from '@breakwater/features/parquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withoutBrowser } from './pages.ts'
import { trainer, trainerJson } from './run-trainer.ts'
import type { Curves, Drift, Equity, Runs } from './workbench-data.ts'
import { tradesByHand, workbenchSample } from './workbench-sample.ts'

const sample = await workbenchSample()
const { folder, dates, tested, signals, models, ui, train, write, dataOf, remove } = sample
/** The runs: what was trained first, and what replaced it. */
let runs: readonly [string, string] = ['', '']

beforeAll(async () => {
  await train(4)
  await train(10)
  const listed = await trainerJson<{ runs: readonly { id: string; current: boolean }[] }>([
    'runs',
    '--model-dir',
    models,
  ])
  runs = [false, true].map((current) => listed.runs.find((run) => run.current === current)?.id ?? '') as [
    string,
    string,
  ]
  await write(ui, ['--compare', ...runs, '--cost', '0.03'])
})
afterAll(remove)

describe('the studies of a workbench', () => {
  test('have the equity of the rule that bars and predictions give by hand', async () => {
    const { cost, dates: told, rules } = (dataOf('equity') as Equity).sets['stage_b full'] ?? { rules: [] }
    expect([cost, told]).toEqual([0.03, tested])
    const trades = await tradesByHand(sample, 'tradeable_2', 0.03)
    for (const least of [0, 0.1]) {
      const rule = rules.find((one) => one.anchor === '4min' && one.least === least)
      expect(rule?.trades).toBe(trades(least).length)
      expect(trades(least).length).toBeGreaterThan(20)
      for (const [s, date] of tested.entries()) {
        const sum = trades(least).reduce((total, trade) => total + (trade.date <= date ? trade.dollars : 0), 0)
        expect(rule?.cumulative[s]).toBeCloseTo(sum, 3)
      }
    }
  })

  test('have for each threshold what acting on it makes, after each cost, that bars and predictions give by hand', async () => {
    const { sets, acting } = dataOf('curves') as Curves
    const { cost, costs = [] } = acting['stage_b full'] ?? {}
    expect([cost, costs]).toEqual([0.03, [0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2]])
    for (const head of ['direction', 't1_120s']) {
      const thresholds = sets['stage_b full']?.[head]?.thresholds ?? []
      expect(thresholds.length).toBeGreaterThan(5)
      for (const at of [0.03, 0.2]) {
        const byHand = await tradesByHand(sample, head, at)
        for (const { point, acting: told } of thresholds) {
          // A threshold is a forecast, and the file rounds it to five digits.
          const trades = byHand(point.threshold - 5e-6)
          const sum = trades.reduce((all, { dollars }) => all + dollars, 0)
          const [perTrade, total] = [told.perTrade, told.total].map((scores) => scores[costs.indexOf(at)])
          expect(told.trades).toBe(trades.length)
          expect(trades.length).toBeGreaterThan(0)
          expect(total?.[0]).toBeCloseTo(sum, 1)
          expect(perTrade?.[0]).toBeCloseTo(sum / trades.length, 3)
          expect(total?.[1]).toBeLessThanOrEqual(total?.[0] ?? 0)
          expect(total?.[2]).toBeGreaterThanOrEqual(total?.[0] ?? 0)
        }
      }
    }
  })

  test('have the share of missing values of each feature and session', async () => {
    const { table } = await readTable(signals)
    const allDates = stringsOf(table, 'date')
    const { dates: told, trained, features } = (dataOf('drift') as Drift).sets['stage_b full'] ?? { features: [] }
    expect(told).toEqual(dates)
    expect(trained).toEqual(dates.map((_, s) => s < 6))
    const gappy = features.filter(({ missing }) => missing.some((share) => share > 0 && share < 1))
    expect(gappy.length).toBeGreaterThan(3)
    for (const { name, missing } of gappy) {
      const values = numbersOf(table, name)
      const shares = dates.map((date) => {
        const rows = allDates.flatMap((one, row) => (one === date ? [row] : []))
        return Number((rows.filter((row) => Number.isNaN(values[row])).length / rows.length).toFixed(3))
      })
      expect(missing).toEqual(shares)
    }
  })

  test('have the comparison that runs diff computes; without two runs there is none', async () => {
    const difference = await trainerJson(['runs', 'diff', ...runs, '--model-dir', models, '--data-path', signals])
    expect(dataOf('runs')).toEqual({ comparison: difference })
    const args = ['ui', '--model-dir', models, '--data-path', signals, '--output-dir', join(folder, 'one')]
    const { code, err } = await trainer([...args, '--compare', runs[0]])
    expect(code).toBe(1)
    expect(err).toContain(`--compare ${runs[0]}: must be two runs.`)
  })
})

const signed = (value: number, digits: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`

/** The cells of a score with its interval. */
function saidScore(score: readonly [number, number, number] | undefined, digits: number): string[] {
  const [estimate = '', low = '', high = ''] = score?.map((value) => signed(value, digits)) ?? []
  return [estimate, `${low} to ${high}`]
}

describe.skipIf(withoutBrowser)('the studies, opened from their folder', () => {
  const url = pathToFileURL(join(ui, 'index.html')).href
  let browser: Awaited<ReturnType<typeof launchBrowser>>
  beforeAll(async () => {
    const found = findChromium()
    browser = await launchBrowser(found.path ?? 'chromium')
  })
  afterAll(() => browser.close())
  const open = async (view: Partial<Parameters<typeof openPage>[2]> = {}): ReturnType<typeof openPage> => {
    const opened = await openPage(browser, url, { width: 1280, ...view })
    await opened.page.waitForSelector('#touches button')
    return opened
  }

  test('tells a rule with its warning; its chart is walked by keyboard, and Enter shows a session', async () => {
    const { page, problems, close } = await open()
    await page.focus('#equity summary')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#equity-shown:not([hidden])')
    const rules = ((dataOf('equity') as Equity).sets['stage_b full']?.rules ?? []).filter(
      ({ anchor }) => anchor === '4min',
    )
    expect(
      await page.$$eval('#equity-least option', (all) => all.map((one) => Number(one.getAttribute('value')))),
    ).toEqual(rules.map(({ least }) => least))
    await page.selectOption('#equity-least', '0.1')
    const rule = rules.find(({ least }) => least === 0.1)
    expect(await page.textContent('#equity-rule')).toContain(
      'where the forecast that price gets $2 away from the level is at least 10%, take one share',
    )
    expect(await page.textContent('#equity-rule')).toContain('A trade costs $0.03')
    expect(await page.textContent('#equity-warning')).toContain(`of ${rule?.trades} trades begin while an earlier one`)
    expect(await page.textContent('#equity-text')).toContain(`${rule?.trades} trades in ${tested.length} sessions`)
    await page.focus('#equity-chart')
    await page.keyboard.press('Home')
    expect(await page.textContent('#equity-place')).toMatch(new RegExp(`^Up to ${tested[0]}: .*no interval`))
    await page.keyboard.press('ArrowRight')
    expect(await page.textContent('#equity-place')).toContain(
      `Up to ${tested[1]}: ${signed(rule?.total.estimate ?? 0, 2)} (`,
    )
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await page.waitForFunction(
      (date) => document.querySelector('#session-title')?.textContent?.endsWith(date),
      tested[0] ?? '',
    )
    expect(problems).toEqual([])
    await close()
  })

  test('tells what acting on each threshold comes to, with its warning, and follows the cost by keyboard', async () => {
    const { page, problems, close } = await open()
    await page.focus('#curves summary')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#curves-acting:not([hidden])')
    const { sets, acting } = dataOf('curves') as Curves
    const { costs = [] } = acting['stage_b full'] ?? {}
    await page.selectOption('#curves-head', 'direction')
    const last = sets['stage_b full']?.['direction']?.thresholds.at(-1)?.acting
    const shown = async (): Promise<(string | null)[]> =>
      page.$eval('#curves-thresholds tr:last-child', (row) => [...row.children].map(({ textContent }) => textContent))
    const expected = (at: number): string[] => [
      String(last?.trades),
      ...saidScore(last?.perTrade[at], 3),
      ...saidScore(last?.total[at], 2),
    ]
    expect((await shown()).slice(6)).toEqual(expected(costs.indexOf(0.03)))
    expect(await page.textContent('#curves-warning')).toContain(`of ${last?.trades} trades begin while an earlier one`)
    await page.focus('#curves-cost')
    await page.keyboard.press('ArrowDown')
    expect(await page.inputValue('#curves-cost')).toBe('0.05')
    expect((await shown()).slice(6)).toEqual(expected(costs.indexOf(0.05)))
    expect(problems).toEqual([])
    await close()
  })

  test('tells what has moved and what is missing, cell by cell, by keyboard', async () => {
    const { page, problems, close } = await open()
    await page.click('#drift summary')
    await page.waitForSelector('#drift-shown:not([hidden])')
    const picture = async (): Promise<string> => (await page.locator('#drift-map').screenshot()).toString('base64')
    await page.focus('#drift-map')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('End')
    const { features } = (dataOf('drift') as Drift).sets['stage_b full'] ?? { features: [] }
    const name = (await page.textContent('#drift-features tr:nth-child(2) button')) ?? ''
    const index = features.find((feature) => feature.name === name)?.stability.at(-1) ?? null
    expect(await page.textContent('#drift-cell')).toContain(
      `${name}, ${dates.at(-1)}: stability index ${index === null ? 'none' : index.toFixed(2)}, `,
    )
    expect(await page.$$eval('#drift-features tr', (rows) => rows.length)).toBe(features.length + 1)
    const before = await picture()
    await page.selectOption('#drift-measure', 'missing')
    expect(await picture()).not.toBe(before)
    await page.click('#drift-features button')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('drift-map')
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await page.waitForFunction(
      (date) => document.querySelector('#session-title')?.textContent?.endsWith(date),
      dates[0] ?? '',
    )
    expect(problems).toEqual([])
    await close()
  })

  test('shows two runs side by side, and says how where none were named', async () => {
    const { page, close } = await open()
    await page.click('#runs summary')
    await page.waitForSelector('#runs-shown:not([hidden])')
    const names = await page.$$eval('#runs-names tr', (rows) => rows.map((one) => one.children[1]?.textContent))
    expect(names).toEqual(runs.map((id) => id.slice(0, 12)))
    const { comparison } = dataOf('runs') as Runs
    const heads = (comparison?.heads ?? []).filter(({ anchor }) => anchor === '4min').length
    expect(await page.$$eval('#runs-heads tr', (rows) => rows.length)).toBe(heads + 1)
    await page.selectOption('#anchor', '8min')
    expect(await page.textContent('#runs-heads-title')).toBe('Heads at 8min')
    const settings = await page.$$eval('#runs-settings tr', (rows) => rows.map(({ textContent }) => textContent))
    expect(settings).toContain('trees.rounds410')
    await close()
    const alone = join(folder, 'alone')
    await write(alone)
    const without = await openPage(browser, pathToFileURL(join(alone, 'index.html')).href, { width: 1280 })
    await without.page.waitForSelector('#touches button')
    await without.page.click('#runs summary')
    await without.page.waitForFunction(() => document.querySelector('#runs-text')?.textContent?.startsWith('No runs'))
    expect(await without.page.isVisible('#runs-shown')).toBe(false)
    await without.close()
  })

  test.each(['light', 'dark'] as const)('fit a phone in %s', async (colorScheme) => {
    const { page, problems, close } = await open({ width: 390, colorScheme })
    for (const [id, part] of [
      ['curves', 'acting'],
      ['equity', 'shown'],
      ['drift', 'shown'],
      ['runs', 'shown'],
    ]) {
      await page.click(`#${id} summary`)
      await page.waitForSelector(`#${id}-${part}:not([hidden])`)
    }
    expect(await horizontalOverflow(page)).toEqual({ pixels: 0, elements: [] })
    expect(problems).toEqual([])
    await close()
  })
})
