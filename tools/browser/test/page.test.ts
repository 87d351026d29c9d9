import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, horizontalOverflow, launchBrowser, openPage } from '@breakwater/browser'

const found = findChromium()
if (found.path === undefined) {
  if (!found.maySkip) throw new Error(`browser: ${found.reason}. CI=true does not allow to leave these tests out`)
  process.stderr.write(`browser: tests of pages are skipped: ${found.reason}\n`)
}

const PAGES: Readonly<Record<string, string>> = {
  '/quiet': '<!doctype html><title>q</title><link rel="icon" href="data:,"><p>Nothing happens here.',
  '/loud': `<!doctype html><title>l</title><link rel="icon" href="data:,"><img src="/absent.png">
    <script>console.error('first'); console.warn('no error'); throw new Error('second')</script>`,
  '/wide': `<!doctype html><title>w</title><link rel="icon" href="data:,"><style>body { margin: 0 }</style>
    <div style="overflow-x: auto"><div style="width: 900px">scrolls in itself</div></div>
    <div class="culprit" style="width: 500px">sticks out</div>`,
  '/scheme': `<!doctype html><title>s</title><link rel="icon" href="data:,"><p>a
    <style>p { color: rgb(1, 1, 1) } @media (prefers-color-scheme: dark) { p { color: rgb(2, 2, 2) } }
    @media print { p { color: rgb(3, 3, 3) } }</style>`,
}

describe.skipIf(found.path === undefined)('a page', () => {
  const server = createServer((request, response) => {
    const page = PAGES[request.url ?? '']
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html' }).end(page)
  })
  let browser: Awaited<ReturnType<typeof launchBrowser>>
  let base = ''

  beforeAll(async () => {
    browser = await launchBrowser(found.path ?? '')
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    await browser.close()
    server.close()
  })

  test('that keeps quiet has no problems, asks for nothing and does not stick out', async () => {
    const { page, problems, requests, close } = await openPage(browser, `${base}/quiet`, { width: 390 })
    expect(await page.title()).toBe('q')
    expect([problems, requests]).toEqual([[], []])
    expect(await horizontalOverflow(page)).toEqual({ pixels: 0, elements: [] })
    await close()
  })

  test('has its console errors, uncaught errors and requests listed', async () => {
    const { problems, requests, close } = await openPage(browser, `${base}/loud`, { width: 390 })
    expect(requests).toEqual([`${base}/absent.png`])
    expect(problems.toSorted()).toEqual([
      'Failed to load resource: the server responded with a status of 404 (Not Found)',
      'first',
      'second',
    ])
    await close()
  })

  test('that is too wide names the element, and none that scrolls in a box of its own', async () => {
    const narrow = await openPage(browser, `${base}/wide`, { width: 390 })
    expect(await horizontalOverflow(narrow.page)).toEqual({ pixels: 110, elements: ['div.culprit'] })
    await narrow.close()
    const wide = await openPage(browser, `${base}/wide`, { width: 1440 })
    expect(await horizontalOverflow(wide.page)).toEqual({ pixels: 0, elements: [] })
    await wide.close()
  })

  test('is shown light, dark or as printed', async () => {
    const views = [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { media: 'print' }] as const
    const colours: string[] = []
    for (const view of views) {
      const { page, close } = await openPage(browser, `${base}/scheme`, { width: 390, ...view })
      colours.push(await page.locator('p').evaluate((p) => getComputedStyle(p).color))
      await close()
    }
    expect(colours).toEqual(['rgb(1, 1, 1)', 'rgb(2, 2, 2)', 'rgb(3, 3, 3)'])
  })
})
