import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findChromium, horizontalOverflow, launchBrowser, openPage } from '@breakwater/browser'
import { numbersOf, stringsOf, timesOf } from '@breakwater/features'
import { readTable } from '@breakwater/features/parquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withoutBrowser } from './pages.ts'
import { trainer, trainerJson } from './run-trainer.ts'
import { workbenchSample } from './workbench-sample.ts'

interface Score {
  readonly estimate: number | null
  readonly low: number | null
  readonly high: number | null
}

interface Equity {
  readonly sets: Readonly<
    Record<
      string,
      {
        readonly cost: number
        readonly dates: readonly string[]
        readonly rules: readonly {
          readonly anchor: string
          readonly least: number
          readonly trades: number
          readonly total: Score
          readonly cumulative: readonly number[]
        }[]
      }
    >
  >
}

interface Drift {
  readonly sets: Readonly<
    Record<
      string,
      {
        readonly dates: readonly string[]
        readonly trained: readonly boolean[]
        readonly features: readonly {
          readonly name: string
          readonly stability: readonly (number | null)[]
          readonly missing: readonly number[]
        }[]
      }
    >
  >
}

interface Runs {
  readonly comparison: { readonly heads: readonly { readonly name: string; readonly anchor: string }[] } | null
}

const { folder, dates, tested, signals, models, ui, train, write, dataOf, remove } = await workbenchSample()
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
    const { table: bars } = await readTable(join(folder, 'bars.parquet'))
    const { table: predicted } = await readTable(join(models, 'predictions_stage_b_full.parquet'))
    const { table } = await readTable(signals)
    const MINUTE = 60_000_000_000n
    const closes = numbersOf(bars, 'close')
    const closeOf = new Map([...timesOf(bars, 'ts_ns')].map((ts, i) => [ts, closes[i] ?? Number.NaN]))
    const [ids, dateOf, way] = ['event_id', 'date', 'direction'].map((name) => stringsOf(table, name))
    const [level, touched] = [numbersOf(table, 'level_price'), timesOf(table, 'ts_ns')]
    const rowOf = new Map((ids ?? []).map((id, row) => [id, row]))
    const [tradeable, breaks] = ['s_tradeable_2', 's_direction'].map((name) => numbersOf(predicted, name))
    const { cost, dates: told, rules } = (dataOf('equity') as Equity).sets['stage_b full'] ?? { rules: [] }
    expect([cost, told]).toEqual([0.03, tested])
    for (const least of [0, 0.1]) {
      const trades = stringsOf(predicted, 'event_id').flatMap((id, i) => {
        const row = rowOf.get(id) ?? -1
        const start = touched[row] ?? 0n
        // The bar that ends as the minute begins four minutes after the touch, and the one five minutes later.
        const [entry = Number.NaN, exit = Number.NaN] = [3n, 8n].map((minute) => closeOf.get(start + minute * MINUTE))
        if (!((tradeable?.[i] ?? 0) >= least) || !(Math.abs(entry - (level[row] ?? 0)) < 2 - 1e-8)) return []
        if (Number.isNaN(exit)) return []
        const up = (breaks?.[i] ?? 0) >= 0.5 === (way?.[row] === 'UP')
        return [{ date: dateOf?.[row] ?? '', dollars: (up ? exit - entry : entry - exit) - 0.03 }]
      })
      const rule = rules.find((one) => one.anchor === '4min' && one.least === least)
      expect(rule?.trades).toBe(trades.length)
      expect(trades.length).toBeGreaterThan(20)
      for (const [s, date] of tested.entries()) {
        const sum = trades.filter((trade) => trade.date <= date).reduce((total, { dollars }) => total + dollars, 0)
        expect(rule?.cumulative[s]).toBeCloseTo(sum, 3)
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
    const total = rule?.total.estimate ?? 0
    expect(await page.textContent('#equity-place')).toContain(
      `Up to ${tested[1]}: ${total < 0 ? '−' : '+'}${Math.abs(total).toFixed(2)} (`,
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
    expect(await page.textContent('#runs-heads-title')).toBe('Heads of 8min')
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
    for (const id of ['equity', 'drift', 'runs']) {
      await page.click(`#${id} summary`)
      await page.waitForSelector(`#${id}-shown:not([hidden])`)
    }
    expect(await horizontalOverflow(page)).toEqual({ pixels: 0, elements: [] })
    expect(problems).toEqual([])
    await close()
  })
})
