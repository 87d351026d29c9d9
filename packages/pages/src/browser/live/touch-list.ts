import type { TouchSummary } from '../../session/touches.ts'
import { byId, element, headings, row, say } from '../dom.ts'
import { dollars, minuteOfDay, percent } from '../format.ts'
import type { Actions, Section } from './state.ts'

/** Rows of the list; the chart has the others. */
const SHOWN = 60

/** The touches of the session, newest first. A button opens one. */
export function touchList({ chooseTouch }: Actions): Section {
  const table = byId('session-touches')
  let [touches, chosen]: [unknown, string | null] = [null, null]
  return {
    show({ session, chosenTouch }) {
      if (touches === session.touches && chosen === chosenTouch) return
      ;[touches, chosen] = [session.touches, chosenTouch]
      const focused = document.activeElement?.getAttribute('data-touch')
      const newest = [...session.touches.values()].toSorted((a, b) => b.touchedAt - a.touchedAt)
      const rows = newest.slice(0, SHOWN).map((touch) => touchRow(touch, touch.id === chosenTouch, chooseTouch))
      const head = headings(['touched', 'level', 'tradeable', 'break if tradeable', 'outcome'])
      table.replaceChildren(...(rows.length === 0 ? [] : [head, ...rows]))
      const hidden = newest.length - rows.length
      say(
        byId('session-touches-note'),
        newest.length === 0 ? 'None yet.' : hidden > 0 ? `${hidden} earlier ones are on the chart.` : '',
      )
      const again = [...table.querySelectorAll('button')].find((one) => one.getAttribute('data-touch') === focused)
      if (focused !== null && focused !== undefined) again?.focus()
    },
  }
}

function touchRow(touch: TouchSummary, isChosen: boolean, choose: (id: string) => void): HTMLElement {
  const { id, touchedAt, kind, price, direction, tradeable, breakGivenTradeable } = touch
  const button = element('button', {
    class: 'link',
    text: minuteOfDay(touchedAt),
    attributes: { type: 'button', 'data-touch': id, 'aria-pressed': String(isChosen) },
  })
  button.addEventListener('click', () => choose(id))
  const arrow = direction === 'UP' ? '↑' : direction === 'DOWN' ? '↓' : ''
  return row([
    button,
    `${arrow} ${kind} ${dollars(price)}`,
    percent(tradeable),
    percent(breakGivenTradeable),
    outcomeWord(touch),
  ])
}

/** What became of a touch, in a word. */
const outcomeWord = ({ result }: Pick<TouchSummary, 'result'>): string =>
  result === null ? 'open' : result.outcome.toLowerCase()
