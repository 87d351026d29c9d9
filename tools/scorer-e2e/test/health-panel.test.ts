import { createServer, type Server } from 'node:http'
import { type AddressInfo } from 'node:net'
import { createLivePage, type LivePage } from '@breakwater/pages/live'
import { findChromium, horizontalOverflow, launchBrowser, openPage } from '@breakwater/browser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const chromium = findChromium()
const score = (meanOutcome: number) => ({
  rows: 240,
  meanForecast: 0.3,
  meanOutcome,
  brier: 0.2051,
  smoothEce: 0.0132,
  coverage: 0.91,
  curve: [
    { rows: 120, meanForecast: 0.2, meanOutcome: 0.3 },
    { rows: 120, meanForecast: 0.4, meanOutcome: 0.5 },
  ],
})
const TESTED = { served: { brier: 0.2013, smoothEce: 0.0098 }, law: { brier: 0.2044, smoothEce: 0.0121 } }
const HEALTH = {
  alarms: [{ ts: 1_767_364_200_250, message: 't1_60s: no longer calibrated.', action: 'Roll back.' }],
  heads: [
    { head: 't1_60s', evidence: 131, alarmed: true, today: score(0.4), recent: score(0.35), tested: TESTED },
    { head: 'direction', evidence: 0.7, alarmed: false, today: null, recent: score(0.3), tested: null },
  ],
  features: {
    drift: [
      { name: 'atr', evidence: 240, alarmed: true },
      { name: 'sma_spread', evidence: 0.4, alarmed: false },
    ],
    outOfDistribution: 0.25,
    skew: { same: 40, skewed: 2 },
  },
  challenger: { gain: { votes: 812, mean: 0.0042, low: -0.0011, high: 0.0095 } },
  audit: { written: 93_600, lost: 12, failure: null },
}

describe.skipIf(chromium.path === undefined && chromium.maySkip)('the health panel', () => {
  let browser: Awaited<ReturnType<typeof launchBrowser>>
  let server: Server
  let page: LivePage
  let [url, health]: [string, object | null] = ['', HEALTH]
  beforeAll(async () => {
    browser = await launchBrowser(chromium.path ?? 'chromium')
    page = await createLivePage()
    server = createServer((request, response) => {
      const path = (request.url ?? '/').split('?')[0] ?? '/'
      if (path === '/events') {
        page.follow(response)
        return
      }
      const file = path === '/health.json' ? null : page.read(request.url ?? '/')
      if (path === '/health.json')
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(health))
      else if (file === null) response.writeHead(404).end()
      else response.writeHead(200, { 'content-type': file.type }).end(file.body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const payload = { ts: 1_767_364_200_250, spy: { spot: 687.12 }, levels: [] }
    page.push(payload, () => JSON.stringify(payload))
  })
  afterAll(async () => {
    page.close()
    server.closeAllConnections()
    server.close()
    await browser.close()
  })

  test.each([1280, 390])(
    'says at a width of %i what is wrong, by how much, and what the challenger gains',
    async (width) => {
      health = HEALTH
      const opened = await openPage(browser, url, { width })
      await opened.page.waitForSelector('#health:not([hidden])')
      const text = await opened.page.textContent('#health')
      for (const part of [
        't1_60s: no longer calibrated. Roll back.',
        '131 alarm',
        '+10.0 points of 240',
        '+5.0 points of 240',
        '0.2051, 0.0132',
        '0.2013, 0.0098',
        '0.2044, 0.0121',
        'Drifted since training: atr. 25% of touches today are unlike any in the index. 2 of 42 live rows differ from batch.',
        'The challenger saves 0.0042 of Brier score [-0.0011, 0.0095] over 812 moments.',
        'Audit log: 93600 records written, 12 lost.',
      ]) {
        expect(text).toContain(part)
      }
      expect(await opened.page.$$eval('#health circle', (circles) => circles.length)).toBe(4)
      expect(await horizontalOverflow(opened.page)).toEqual({ pixels: 0, elements: [] })
      expect(opened.problems).toEqual([])
      await opened.close()
    },
  )

  test('is not there where nothing is watched', async () => {
    health = null
    const opened = await openPage(browser, url, { width: 1280 })
    await opened.page.waitForSelector('#health', { state: 'hidden' })
    expect(opened.problems).toEqual([])
    await opened.close()
  })
})
