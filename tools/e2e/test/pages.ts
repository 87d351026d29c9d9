import process from 'node:process'
import { findChromium, horizontalOverflow, launchBrowser, openPage } from '@breakwater/browser'
import type { Overflow, View } from '@breakwater/browser'

const found = findChromium()
if (found.path === undefined) {
  if (!found.maySkip) throw new Error(`browser: ${found.reason}. CI=true does not allow to leave these tests out`)
  process.stderr.write(`browser: tests of pages are skipped: ${found.reason}\n`)
}

/**
 * Whether tests that show pages are skipped; stderr then says why. Where skipping is not allowed (CI=true) the test
 * file fails instead.
 */
export const withoutBrowser: boolean = found.path === undefined

/** What a page shows with every details element open. */
export interface PageRecord {
  readonly problems: readonly string[]
  readonly requests: readonly string[]
  readonly overflow: Overflow
  /** Charts that are shown, in CSS pixels. */
  readonly charts: readonly {
    readonly label: string
    readonly width: number
    readonly height: number
    readonly right: number
  }[]
  /** Captions of tables that scroll sideways in their box. */
  readonly scrolling: readonly string[]
}

/** A browser for the tests of one file. */
export function chromiumForTests(): {
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
  readonly look: (url: string, view: View) => Promise<PageRecord>
} {
  let browser: Awaited<ReturnType<typeof launchBrowser>> | undefined
  return {
    start: async () => {
      browser = await launchBrowser(found.path ?? '')
    },
    stop: async () => browser?.close(),
    look: async (url, view) => {
      if (browser === undefined) throw new Error('start the browser first')
      const { page, problems, requests, close } = await openPage(browser, url, view)
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true
      })
      const overflow = await horizontalOverflow(page)
      const charts = await page.evaluate(() =>
        [...document.querySelectorAll('svg[role=img]')]
          .map((chart) => {
            const { width, height, right } = chart.getBoundingClientRect()
            return { label: chart.getAttribute('aria-label') ?? '', width, height, right }
          })
          .filter(({ width }) => width > 0),
      )
      const scrolling = await page.evaluate(() =>
        [...document.querySelectorAll('.scroll')]
          .filter((box) => box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX !== 'visible')
          .map((box) => box.getAttribute('aria-label') ?? ''),
      )
      await close()
      return { problems, requests, overflow, charts, scrolling }
    },
  }
}
