import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'

/** How to show a page. */
export interface View {
  /** Width of the viewport in CSS pixels. */
  readonly width: number
  /** Default 900. */
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
  readonly media?: 'screen' | 'print'
}

/** A page that has loaded, with what it did meanwhile. */
export interface OpenPage {
  /** To look into it and act on it. */
  readonly page: Page
  /** Errors on the console and errors that nothing caught, so far. */
  readonly problems: readonly string[]
  /** URLs that the page asked for, itself left out, so far; `data:` and `blob:` reach no network and do not count. */
  readonly requests: readonly string[]
  readonly close: () => Promise<void>
}

/**
 * Starts headless Chromium. It resolves no name but localhost, so that a page that asks the network fails fast. Close
 * it when done.
 */
export function launchBrowser(path: string): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    // Root, as which containers run, cannot have the sandbox; the pages are our own.
    chromiumSandbox: false,
    args: ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost', '--disable-dev-shm-usage'],
  })
}

/** Opens `url` (http: or file:) in a context of its own and waits for its load event. */
export async function openPage(browser: Browser, url: string, view: View): Promise<OpenPage> {
  const { width, height = 900, colorScheme = 'light', media = 'screen' } = view
  const context = await browser.newContext({ viewport: { width, height }, colorScheme })
  const page = await context.newPage()
  await page.emulateMedia({ media, colorScheme })
  const problems: string[] = []
  const requests: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('request', (request) => {
    const asked = request.url()
    if (!request.isNavigationRequest() && !/^(?:data|blob):/.test(asked)) requests.push(asked)
  })
  await page.goto(url, { waitUntil: 'load' })
  return { page, problems, requests, close: () => context.close() }
}
