import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findChromium, horizontalOverflow, launchBrowser, openPage } from '@breakwater/browser'
import { numbersOf, stringsOf } from '@breakwater/features'
import { readTable } from '@breakwater/features/parquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withoutBrowser } from './pages.ts'
import { hashes, trainer } from './run-trainer.ts'
import { workbenchSample } from './workbench-sample.ts'

interface Session {
  readonly date: string
  readonly bars: Readonly<Record<'minute' | 'open' | 'high' | 'low' | 'close', readonly number[]>>
  readonly touches: {
    readonly id: readonly string[]
    readonly price: readonly number[]
    readonly byAnchor: Readonly<
      Record<string, { readonly outcome: readonly string[]; readonly most: readonly (number | null)[] }>
    >
  }
  readonly forecasts: Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>
}

interface Index {
  readonly sets: readonly { readonly name: string; readonly heads: readonly string[] }[]
  readonly sessions: readonly {
    readonly date: string
    readonly touches: number
    readonly bars: number
    readonly forecast: number
  }[]
}

interface Curves {
  readonly sets: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly rows: number
            readonly positives: number
            readonly ranking: readonly { readonly selected: number }[]
          }
        >
      >
    >
  >
}

const { folder, dates, tested, signals, models, ui, train, write, dataOf, remove } = await workbenchSample()
const indexOf = (): Index => dataOf('index') as Index
const sessionOf = (date: string): Session => dataOf(date) as Session

beforeAll(async () => {
  await train(10)
  await write(ui)
})
afterAll(remove)

describe('the data of a workbench', () => {
  test('are the touches, labels and bars of each session, as their files have them', async () => {
    const { table } = await readTable(signals)
    const { table: bars } = await readTable(join(folder, 'bars.parquet'))
    const [allDates, ids, outcomes] = ['date', 'event_id', 'outcome'].map((name) => stringsOf(table, name))
    const [price, most] = ['level_price', 'excursion_max'].map((name) => numbersOf(table, name))
    const placeOf = new Map((ids ?? []).map((id, row) => [id, row]))
    const close = numbersOf(bars, 'close')
    const index = indexOf()
    expect(index.sessions.map(({ date }) => date)).toEqual(dates)
    let bar = 0
    for (const summary of index.sessions) {
      const session = sessionOf(summary.date)
      const own = (ids ?? []).filter((_, row) => allDates?.[row] === summary.date)
      expect(session.touches.id.toSorted()).toEqual(own.toSorted())
      const rows = session.touches.id.map((id) => placeOf.get(id) ?? -1)
      expect(session.touches.price).toEqual(rows.map((row) => Number(price?.[row]?.toFixed(4))))
      expect(session.touches.byAnchor['4min']?.outcome).toEqual(rows.map((row) => outcomes?.[row]))
      const told = session.touches.byAnchor['4min']?.most
      expect(told).toEqual(rows.map((row) => (Number.isNaN(most?.[row]) ? null : Number(most?.[row]?.toFixed(4)))))
      expect(session.bars.close).toEqual(
        session.bars.close.map((_, i) => Number((close[bar + i] ?? Number.NaN).toFixed(4))),
      )
      bar += session.bars.close.length
      expect(summary).toMatchObject({ touches: rows.length, bars: session.bars.minute.length })
    }
    expect(bar).toBe(bars.rows)
  })

  test('hold the served forecasts of test sessions, and none of sessions that the models saw', async () => {
    const { table } = await readTable(join(models, 'predictions_stage_b_full.parquet'))
    const placeOf = new Map(stringsOf(table, 'event_id').map((id, row) => [id, row]))
    for (const { date, forecast, touches } of indexOf().sessions) {
      const { forecasts, touches: shown } = sessionOf(date)
      expect(forecast).toBe(tested.includes(date) ? touches : 0)
      expect(Object.keys(forecasts)).toEqual(tested.includes(date) ? ['stage_b full'] : [])
      for (const [head, values] of Object.entries(forecasts['stage_b full'] ?? {})) {
        const column = numbersOf(table, `s_${head}`)
        const expected = shown.id.map((id) => column[placeOf.get(id) ?? -1] ?? Number.NaN)
        expect(values).toEqual(expected.map((p) => (Number.isNaN(p) ? null : Number(p.toFixed(4)))))
      }
    }
  })

  test('count for a head the test rows that have an outcome, and their positives', async () => {
    const { table } = await readTable(signals)
    const [allDates, outcomes] = ['date', 'outcome'].map((name) => stringsOf(table, name))
    const rows = (allDates ?? []).flatMap((date, row) => (tested.includes(date) ? [row] : []))
    const [spot, level] = ['anchor_spot', 'level_price'].map((name) => numbersOf(table, name))
    // Price that is $2 away at the anchor leaves nothing to ask.
    const isOpen = (row: number): boolean => Math.abs((spot?.[row] ?? 0) - (level?.[row] ?? 0)) < 2 - 1e-8
    const decided = rows.filter((row) => ['BREAK', 'BOUNCE'].includes(outcomes?.[row] ?? '') && isOpen(row))
    expect((dataOf('curves') as Curves).sets['stage_b full']?.['direction']).toMatchObject({
      rows: decided.length,
      positives: decided.filter((row) => outcomes?.[row] === 'BREAK').length,
    })
  })

  test('written twice are the same bytes, and say where the page is', async () => {
    const again = join(folder, 'again')
    const { files, url } = await write(again)
    expect(hashes(join(again, 'data'))).toEqual(hashes(join(ui, 'data')))
    expect(hashes(again)).toEqual(hashes(ui))
    expect(readdirSync(again).toSorted()).toEqual(['data', 'index.html', 'page.css', 'workbench.js'])
    expect(files).toBe(dates.length + tested.length + 8)
    expect(url).toBe(pathToFileURL(join(again, 'index.html')).href)
  })

  test('end with what to open', async () => {
    const page = join(folder, 'told')
    const args = ['ui', '--model-dir', models, '--data-path', signals, '--output-dir', page]
    const { code, out } = await trainer(args)
    expect([code, out]).toEqual([
      0,
      `Workbench written: ${dates.length} sessions, 1 trained set, ${dates.length + tested.length + 8} files\n` +
        `Next: open ${join(page, 'index.html')} in a browser\n`,
    ])
  })

  test('need a trained set', async () => {
    const { code, err } = await trainer(['ui', '--model-dir', folder, '--data-path', signals, '--output-dir', ui])
    expect(code).toBe(1)
    expect(err).toContain('model bundle missing')
  })
})

describe.skipIf(withoutBrowser)('the workbench, opened from its folder', () => {
  const url = pathToFileURL(join(ui, 'index.html')).href
  let browser: Awaited<ReturnType<typeof launchBrowser>>
  beforeAll(async () => {
    const found = findChromium()
    browser = await launchBrowser(found.path ?? 'chromium')
  })
  afterAll(() => browser.close())
  const open = async (hash = '', view: Partial<Parameters<typeof openPage>[2]> = {}): ReturnType<typeof openPage> => {
    const opened = await openPage(browser, `${url}${hash}`, { width: 1280, ...view })
    await opened.page.waitForSelector('#touches button')
    return opened
  }

  test('shows the newest session with forecasts, and reads nothing but its folder', async () => {
    const { page, problems, requests, close } = await open()
    const last = tested.at(-1) ?? ''
    expect(await page.textContent('#session-title')).toBe(`SPY, ${last}`)
    expect(await page.textContent('#sessions-note')).toBe(`${dates.length} sessions, ${tested.length} with forecasts.`)
    const { touches, bars } = sessionOf(last)
    expect(await page.textContent('#session-text')).toContain(`${bars.minute.length} bars, `)
    expect(await page.$$eval('#touches tr', (rows) => rows.length)).toBe(touches.id.length + 1)
    expect(problems).toEqual([])
    const root = url.replace('index.html', '')
    expect(requests.toSorted()).toEqual(
      [`data/${last}.js`, 'data/index.js', 'page.css', 'workbench.js'].map((name) => root + name),
    )
    await close()
  })

  test('by keyboard: arrows walk through sessions and touches, Escape closes, and the address keeps the place', async () => {
    const { page, problems, close } = await open()
    await page.focus('#sessions button')
    await page.keyboard.press('ArrowDown')
    const before = tested.at(-2) ?? ''
    await page.waitForFunction((date) => document.querySelector('#session-title')?.textContent?.endsWith(date), before)
    await page.focus('#session-chart')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    expect(await page.evaluate(() => location.hash)).toBe(`#${before}/1`)
    expect(await page.isVisible('#touch')).toBe(true)
    await page.keyboard.press('Escape')
    expect(await page.isVisible('#touch')).toBe(false)
    expect(problems).toEqual([])
    await close()
  })

  test('a touch has its outcome, its forecasts and a fan; without forecasts it says so', async () => {
    const last = tested.at(-1) ?? ''
    const { touches, forecasts } = sessionOf(last)
    const place = touches.byAnchor['4min']?.outcome.indexOf('BOUNCE') ?? 0
    const { page, close } = await open(`#${last}/${place}`)
    expect(await page.textContent('#touch-outcome')).toMatch(/^Outcome: bounce\. From \d\d:\d\d on, price was between /)
    const p = forecasts['stage_b full']?.['tradeable_2']?.[place] ?? 0
    const figures = await page.$$eval('#touch-figures dd', (found) => found.map(({ textContent }) => textContent))
    expect(figures[0]).toBe(`${Math.round(p * 100)}%`)
    expect(await page.textContent('#touch-fan-text')).toMatch(
      /^Prices reached within 300 s with a probability of 10%: /,
    )
    expect(await page.$$eval('#touch-reach tr', (rows) => rows.length)).toBe(7)
    await close()
    const seen = await open(`#${dates[0]}/0`)
    expect(await seen.page.textContent('#touch-fan-text')).toBe('No forecast: these models had seen this session.')
    await seen.close()
  })

  test('colours touches by outcome and by forecast', async () => {
    const { page, close } = await open()
    const picture = async (): Promise<string> => (await page.locator('#session-chart').screenshot()).toString('base64')
    const byOutcome = await picture()
    await page.selectOption('#colouring', 'direction')
    const byForecast = await picture()
    await page.selectOption('#colouring', 'tradeable')
    expect(new Set([byOutcome, byForecast, await picture()]).size).toBe(3)
    await close()
  })

  test('curves of all sessions are read when they are opened, and follow the head', async () => {
    const { page, requests, problems, close } = await open()
    const isRead = (): boolean => requests.some((one) => one.endsWith('/data/curves.js'))
    expect(isRead()).toBe(false)
    await page.click('#curves summary')
    await page.waitForSelector('#curves-plots svg')
    expect(isRead()).toBe(true)
    const own = (dataOf('curves') as Curves).sets['stage_b full'] ?? {}
    const heads = await page.$$eval('#curves-head option', (options) =>
      options.map(({ textContent }) => textContent ?? ''),
    )
    expect(heads).toEqual(Object.keys(own))
    for (const head of ['tradeable_2', 'direction']) {
      await page.selectOption('#curves-head', head)
      const { rows, ranking } = own[head] ?? { rows: 0, ranking: [] }
      expect(await page.textContent('#curves-text')).toContain(`${rows} touches of ${tested.length} sessions`)
      const [, first] = await page.$$eval('#curves-thresholds tr', (found) =>
        found.map((one) => [...one.children].map(({ textContent }) => textContent)),
      )
      expect(first?.[1]).toBe(String(Math.round((ranking[0]?.selected ?? 0) * rows)))
    }
    expect(await page.$$eval('#curves-plots figcaption', (found) => found.length)).toBe(4)
    expect(problems).toEqual([])
    await close()
  })

  test.each(['light', 'dark'] as const)('fits a phone in %s', async (colorScheme) => {
    const { page, close } = await open(`#${tested.at(-1)}/3`, { width: 390, colorScheme })
    await page.click('#curves summary')
    await page.waitForSelector('#curves-plots svg')
    expect(await horizontalOverflow(page)).toEqual({ pixels: 0, elements: [] })
    await close()
  })

  test('says which file is absent', async () => {
    const torn = join(folder, 'torn')
    await write(torn)
    rmSync(join(torn, 'data', `${tested.at(-1)}.js`))
    const { page, close } = await openPage(browser, pathToFileURL(join(torn, 'index.html')).href, { width: 1280 })
    await page.waitForSelector('#problem:not([hidden])')
    expect(await page.textContent('#problem')).toBe(`data/${tested.at(-1)}.js is absent. Write the workbench again.`)
    await close()
  })
})
