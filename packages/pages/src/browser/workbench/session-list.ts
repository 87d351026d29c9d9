import { OUTCOMES } from '@breakwater/features/vocabulary'
import type { SessionSummary } from '../../workbench/data.ts'
import { byId, element, moveFocus, say } from '../dom.ts'
import { signed } from '../format.ts'
import type { WorkbenchActions, WorkbenchSection, WorkbenchState } from './state.ts'

/** The sessions, newest first; arrow keys, Home and End move between them. */
export function sessionList({ change }: WorkbenchActions): WorkbenchSection {
  const list = byId('sessions')
  const buttons = new Map<string, HTMLElement>()
  list.addEventListener('keydown', (event) => moveFocus([...buttons.values()], event))
  const fill = (sessions: readonly SessionSummary[]): void => {
    const items = sessions.toReversed().map((session) => {
      const button = sessionButton(session)
      button.addEventListener('click', () => change({ date: session.date, touch: null }))
      buttons.set(session.date, button)
      return element('li', { children: [button] })
    })
    list.replaceChildren(...items)
  }
  let filled = false
  return {
    show({ index, date }: WorkbenchState) {
      if (!filled) fill(index.sessions)
      filled = true
      for (const [one, button] of buttons) {
        const isChosen = one === date
        if ((button.getAttribute('aria-current') === 'true') === isChosen) continue
        button.setAttribute('aria-current', String(isChosen))
        if (isChosen) button.scrollIntoView({ block: 'nearest' })
      }
      const forecast = index.sessions.filter((session) => session.forecast > 0).length
      say(byId('sessions-note'), `${index.sessions.length} sessions, ${forecast} with forecasts.`)
    },
  }
}

function sessionButton({ date, open, close, touches, outcomes, forecast }: SessionSummary): HTMLElement {
  const share = (count: number): string => `${touches === 0 ? 0 : (100 * count) / touches}%`
  const bar = element('span', {
    class: 'bar',
    attributes: { 'aria-hidden': 'true' },
    children: [element('span', { class: 'break' }), element('span', { class: 'bounce' })],
  })
  const [broken, bounced] = bar.children as unknown as [HTMLElement, HTMLElement]
  broken.style.width = share(outcomes.BREAK)
  bounced.style.width = share(outcomes.BOUNCE)
  const said = OUTCOMES.map((name) => `${outcomes[name]} ${name.toLowerCase()}`).join(', ')
  return element('button', {
    attributes: { type: 'button', title: said },
    children: [
      element('span', { class: 'date', text: date }),
      element('span', {
        class: 'quiet',
        text: `${signed(close - open)}, ${touches} touches${forecast === 0 ? ', no forecasts' : ''}`,
      }),
      bar,
    ],
  })
}
