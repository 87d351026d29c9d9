import { join } from 'node:path'
import { findChromium, horizontalOverflow, launchBrowser, openPage } from '@breakwater/browser'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { launch, type Running } from './launch.ts'
import { SCORER } from './run.ts'

const folder = inject('models')
const chromium = findChromium()
const withoutBrowser = chromium.path === undefined && chromium.maySkip

type Page = Awaited<ReturnType<typeof openPage>>['page']

/** What the page shows of each target, from the top. */
const shown = async (page: Page): Promise<string[]> => {
  await page.waitForSelector('#ladder button')
  return page.$$eval('#ladder button', (buttons) => buttons.map((button) => button.getAttribute('aria-label') ?? ''))
}

interface SessionPart {
  readonly bars: readonly { readonly minute: number }[]
  readonly touches: readonly { readonly touchedAt: number; readonly result: { readonly outcome: string } | null }[]
}

async function readJson<T>(url: string, path: string): Promise<T> {
  const response = await fetch(`${url}${path}`)
  expect(response.headers.get('content-type')).toBe('application/json')
  return (await response.json()) as T
}

const minuteOf = (minute: number): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'America/New_York', timeStyle: 'short' }).format(minute * 60_000)

/** The middle of the leftmost patch of a colour of the style sheet in a chart, once it is drawn there. */
async function findColour(page: Page, chart: string, name: string): Promise<{ x: number; y: number }> {
  const found = await page.waitForFunction(
    ([selector, colour]) => {
      const text = getComputedStyle(document.documentElement).getPropertyValue(`--${colour}`).trim()
      const wanted = [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16))
      for (const canvas of document.querySelectorAll<HTMLCanvasElement>(`${selector} canvas`)) {
        const { width, height } = canvas
        const data = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray()
        const is = (x: number, y: number): boolean => wanted.every((part, i) => data[(y * width + x) * 4 + i] === part)
        for (let x = 2; x < width - 2; x++) {
          for (let y = 2; y < height - 2; y++) {
            if (!is(x, y) || !is(x + 1, y) || !is(x, y + 1)) continue
            const box = canvas.getBoundingClientRect()
            return { x: box.x + ((x + 2) * box.width) / width, y: box.y + ((y + 1) * box.height) / height }
          }
        }
      }
      return null
    },
    [chart, name] as const,
  )
  return (await found.jsonValue()) ?? { x: 0, y: 0 }
}

describe.skipIf(withoutBrowser)('the live page, against a replay', () => {
  let browser: Awaited<ReturnType<typeof launchBrowser>>
  let replay: Running
  let url: string

  beforeAll(async () => {
    browser = await launchBrowser(chromium.path ?? 'chromium')
    const models = ['--model-dir', join(folder, 'boosted_trees'), '--retrieval-index', folder]
    const market = ['--bars', join(folder, 'bars.parquet'), '--physics-file', join(folder, 'physics.parquet')]
    const pace = ['--speed', '0', '--interval-ms', '20000', '--ui', '--http-port', '0']
    replay = launch(SCORER, ['replay', ...market, '--physics', 'all', ...models, ...pace])
    url = (await replay.said(/^live page: /)).slice('live page: '.length)
    await replay.said(/replay ended/)
  })
  afterAll(async () => {
    replay.signal('SIGTERM')
    await Promise.all([replay.ended, browser.close()])
  })

  test('shows the last payload: spot among the levels by price, every target with its odds, and asks nobody else', async () => {
    const { page, problems, requests, close } = await openPage(browser, url, { width: 1280 })
    const labels = await shown(page)
    const payload = await page.evaluate(
      () =>
        new Promise<{
          spy: { spot: number }
          viewport: { targets: { level_kind_name: string; level_price: number; viewport_state: string }[] }
        }>((resolve) => {
          const events = new EventSource('/events')
          events.addEventListener('message', (event) => {
            events.close()
            resolve(JSON.parse(String(event.data)) as Parameters<typeof resolve>[0])
          })
        }),
    )
    const { targets } = payload.viewport
    expect(targets.length).toBeGreaterThan(0)
    expect(labels).toHaveLength(targets.length)
    for (const { level_kind_name: kind, level_price: price } of targets) {
      const own = new RegExp(
        `^${kind} ${price.toFixed(2)} from (above|below), [a-z ]+, break [<>]?\\d+%, bounce [<>]?\\d+%$`,
      )
      expect(labels.filter((label) => own.test(label))).toHaveLength(1)
    }
    const prices = await page.$$eval('#ladder > li', (items) =>
      items.map((item) => Number(item.querySelector('.price')?.textContent ?? item.textContent)),
    )
    const said = await page.textContent('#session-chart-text')
    for (const { level_kind_name: kind, level_price: price, viewport_state: state } of targets)
      expect(said?.includes(`${kind} ${price.toFixed(2)} `)).toBe(state !== 'FAR')
    expect(prices).toEqual(prices.toSorted((a, b) => b - a))
    expect(prices).toContain(Number(payload.spy.spot.toFixed(2)))
    expect(await page.textContent('#spot')).toBe(payload.spy.spot.toFixed(2))
    expect(problems).toEqual([])
    expect(requests.filter((one) => !one.startsWith(url))).toEqual([])
    await close()
  })

  test('the detail has figures, the whole reach surface, past touches and reasons', async () => {
    const { page, close } = await openPage(browser, url, { width: 1280 })
    await shown(page)
    expect(await page.$$eval('#figures dt', (terms) => terms.map(({ textContent }) => textContent))).toEqual([
      'Tradeable ($2)',
      'Break',
      'Bounce',
      'Break if tradeable',
      'Strength, $',
      'Strength ahead, $',
      'Expected move, $',
      'Less costs, $',
      'Utility, $',
      'Distance, $',
      'Touched',
      'Confirmed',
    ])
    const reach = await page.$$eval('#reach tr', (rows) =>
      rows.map((row) => [...row.children].map(({ textContent }) => textContent ?? '')),
    )
    expect(reach[0]).toEqual(['within', '60 s', '120 s', '180 s', '300 s'])
    expect(reach).toHaveLength(7)
    for (const [, ...cells] of reach.slice(1)) {
      const shares = cells.map((cell) => {
        const { side, share } = /^(?<side>[<>]?)(?<share>\d+)%/.exec(cell)?.groups ?? {}
        return Number(share) + (side === '<' ? -0.5 : side === '>' ? 0.5 : 0)
      })
      expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    }
    expect(await page.$$eval('#touches tr', (rows) => rows.length)).toBe(6)
    expect(await page.textContent('#why')).toContain('Relevance')
    // What the numbers are about stands above them.
    expect(await page.textContent('#detail-state')).toMatch(
      /, stage [AB]\. (?:Not touched yet|Touched at \d\d:\d\d:\d\d, )/,
    )
    await close()
  })

  test('the session so far is there when a page joins: bars, touches, and the state of each', async () => {
    const { page, problems, close } = await openPage(browser, url, { width: 1280 })
    await page.waitForSelector('#session-touches button')
    const session = await readJson<SessionPart>(url, '/session?since=0')
    expect(session.bars.length).toBeGreaterThanOrEqual(389)
    expect(session.touches.length).toBeGreaterThan(20)
    expect(await page.textContent('#session-chart-text')).toContain(
      `${session.bars.length} bars since 09:30 New York`.replace('09:30', minuteOf(session.bars[0]?.minute ?? 0)),
    )
    const rows = await page.$$eval('#session-touches tr', (found) =>
      found.slice(1).map((row) => [...row.children].map(({ textContent }) => textContent ?? '')),
    )
    const newest = session.touches.toSorted((a, b) => b.touchedAt - a.touchedAt).slice(0, 60)
    expect(rows.map((cells) => cells[4])).toEqual(newest.map(({ result }) => result?.outcome.toLowerCase() ?? 'open'))
    expect(new Set(rows.map((cells) => cells[4])).size).toBeGreaterThan(1)
    expect(problems).toEqual([])
    await close()
  })

  test('a dot that is clicked on the chart shows that touch with its forecast and its outcome, Escape closes it', async () => {
    const { page, problems, close } = await openPage(browser, url, { width: 1280 })
    await page.waitForSelector('#session-touches button')
    expect(await page.isVisible('#past-touch')).toBe(false)
    const dot = await findColour(page, '#session-chart', 'break')
    await page.mouse.click(dot.x, dot.y)
    await page.waitForSelector('#past-touch-figures dt')
    expect(await page.textContent('#past-touch-title')).toMatch(
      /^[A-Z_0-9]+ \d+\.\d\d, touched from (above|below) at \d\d:\d\d:\d\d$/,
    )
    expect(await page.textContent('#past-touch-outcome')).toMatch(
      /^Outcome: break\. In the label window, price was between \S+ and \+/,
    )
    expect(await page.textContent('#past-touch-about')).toMatch(/^The forecast .+, at \d\d:\d\d:\d\d:$/)
    expect(await page.$$eval('#past-touch-reach tr', (found) => found.length)).toBe(7)
    const title = await page.textContent('#past-touch-title')
    await page.focus('#session-chart')
    await page.keyboard.press('ArrowLeft')
    await page.waitForFunction((before) => document.querySelector('#past-touch-title')?.textContent !== before, title)
    await page.keyboard.press('Escape')
    await page.waitForSelector('#past-touch', { state: 'hidden' })
    expect(problems).toEqual([])
    await close()
  })

  test('the fan and the history are drawn, and the fan is said in words', async () => {
    const { page, problems, close } = await openPage(browser, url, { width: 1280 })
    await shown(page)
    await page.waitForSelector('#fan-chart canvas')
    expect(await page.textContent('#fan-text')).toMatch(
      /^Prices reached within 300 s with a probability of 10%: \d+\.\d\d/,
    )
    await findColour(page, '#history-chart', 'tradeable')
    expect(problems).toEqual([])
    await close()
  })

  test('is used by keyboard: arrows choose, focus stays, Escape follows the best target again', async () => {
    const { page, close } = await openPage(browser, url, { width: 1280 })
    const labels = await shown(page)
    const chosen = (): Promise<string | null> =>
      page.$eval('#ladder button[aria-current=true]', (button) => button.getAttribute('aria-label'))
    const best = await chosen()
    await page.focus('#ladder button')
    await page.keyboard.press('End')
    expect(await chosen()).toBe(labels.at(-1))
    const title = await page.textContent('#detail-title')
    expect(labels.at(-1)?.startsWith(title ?? 'none')).toBe(true)
    await page.keyboard.press('ArrowUp')
    expect(await chosen()).toBe(labels.at(-2) ?? labels.at(-1))
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-current'))).toBe('true')
    await page.keyboard.press('Escape')
    expect(await chosen()).toBe(best)
    await close()
  })

  test.each(['light', 'dark'] as const)('fits a phone and is readable in %s', async (colorScheme) => {
    const { page, close } = await openPage(browser, url, { width: 360, colorScheme })
    await shown(page)
    await page.click('#session-touches button')
    await page.waitForSelector('#past-touch-figures dt')
    expect(await horizontalOverflow(page)).toEqual({ pixels: 0, elements: [] })
    const [ladder, detail] = await page.$$eval('main > section', (sections) =>
      sections.map((section) => section.getBoundingClientRect()).map(({ top, bottom }) => ({ top, bottom })),
    )
    expect(detail?.top).toBeGreaterThanOrEqual(ladder?.bottom ?? Infinity)
    await close()
  })

  test('says how fresh it is, and that it is disconnected when the scorer has gone', async () => {
    const models = ['--model-dir', join(folder, 'boosted_trees'), '--physics', 'all']
    const pace = ['--speed', '0', '--interval-ms', '60000', '--ui', '--http-port', '0']
    const short = launch(SCORER, ['replay', '--bars', join(folder, 'bars.parquet'), ...models, ...pace])
    const own = (await short.said(/^live page: /)).slice('live page: '.length)
    await short.said(/replay ended/)
    const { page, close } = await openPage(browser, own, { width: 1280 })
    await shown(page)
    await page.waitForSelector('#fresh[data-state=live], #fresh[data-state=stale]')
    await page.waitForSelector('#fresh[data-state=stale]')
    short.signal('SIGTERM')
    expect((await short.ended).code).toBe(0)
    await page.waitForSelector('#fresh[data-state="disconnected"]')
    expect(await page.textContent('#no-touches')).toBe(
      'None: this stage has no index, or no past outcome is known yet.',
    )
    await close()
  })
})
