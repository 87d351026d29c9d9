import type { Page } from 'playwright-core'

/** What sticks out of a page sideways. */
export interface Overflow {
  /** Pixels by which the document is wider than the viewport; 0 where nothing sticks out. */
  readonly pixels: number
  /** The elements that reach past the right edge, outermost first, as tag.class: for the message of a failed test. */
  readonly elements: readonly string[]
}

/**
 * Measures how far a page can be scrolled sideways. Boxes that scroll in themselves (wide tables) do not count, nor do
 * the shapes of a drawing, which may be clipped: the drawing's own box does.
 */
export function horizontalOverflow(page: Page): Promise<Overflow> {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    const scrolls = (element: Element | null): boolean =>
      element !== null &&
      (['auto', 'scroll', 'hidden'].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
    const elements = [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 0.5)
      .filter((element) => !scrolls(element.parentElement) && element.parentElement?.closest('svg') == null)
      .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''}`)
    return { pixels: scrollWidth - clientWidth, elements: elements.slice(0, 10) }
  })
}
