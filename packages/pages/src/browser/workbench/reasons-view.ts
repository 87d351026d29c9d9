import { atAnchor } from '@breakwater/features/vocabulary'
import type {
  AnchorNeighbours,
  HeadReasons,
  PastTouch,
  SessionReasons,
  SetReasons,
} from '../../workbench/reasons-data.ts'
import { byId, element, headings, optionOf, row, say } from '../dom.ts'
import { dollars, minuteOfDay, percent, signed, signedTo } from '../format.ts'
import type { Loader } from './load.ts'
import type { WorkbenchActions, WorkbenchSection, WorkbenchState } from './state.ts'

const MS_PER_MINUTE = 60_000
/** What is explained, by its name at the primary anchor, in the order of the choice. */
const HEADS: readonly (readonly [string, string])[] = [
  ['tilt', 'the law’s tilt'],
  ['tradeable_2', 'tradeable'],
  ['direction', 'break if tradeable'],
  ['strength_signed', 'strength, $'],
]

/** Why the forecasts of the chosen touch are what they are, and the past touches most like it; read when a person opens it. */
export function reasonsView(loader: Loader, { change }: WorkbenchActions): WorkbenchSection {
  const details = byId('reasons') as HTMLDetailsElement
  const head = byId('reasons-head') as HTMLSelectElement
  let latest: WorkbenchState | null = null
  let reasons: SessionReasons | null = null
  let drawn = ''
  const open = (date: string, touch: number | null): void => {
    byId('touch-title').focus()
    change({ date, touch })
  }
  const draw = (): void => {
    const { session, touch, set, anchor } = latest ?? {}
    if (!details.open || reasons === null || reasons.date !== session?.date || touch == null) return
    const own = reasons.sets[set ?? '']
    const found = HEADS.filter(
      ([kind]) => own !== undefined && anchor !== undefined && atAnchor(kind, anchor) in own.heads,
    )
    const before = head.value
    const key = `${reasons.date} ${touch} ${set} ${anchor} ${before}`
    if (key === drawn) return
    head.replaceChildren(...found.map(([kind, name]) => optionOf(kind, name)))
    head.value = found.some(([kind]) => kind === before) ? before : (found[0]?.[0] ?? '')
    drawn = `${reasons.date} ${touch} ${set} ${anchor} ${head.value}`
    byId('reasons-shown').hidden = own === undefined
    say(byId('reasons-text'), own === undefined ? 'No forecast: these models had seen this session.' : '')
    if (own === undefined || anchor === undefined) return
    const chosen = own.heads[atAnchor(head.value, anchor)]
    drawHead(chosen ?? { reason: `No head at ${anchor} was trained.` }, own, touch)
    drawNeighbours(own.neighbours[anchor] ?? { reason: `No head at ${anchor} was trained.` }, touch, open)
  }
  const read = async (): Promise<void> => {
    const { session, index } = latest ?? {}
    if (!details.open || session == null || reasons?.date === session.date) return draw()
    const { date } = session
    byId('reasons-shown').hidden = true
    drawn = ''
    if (index?.sessions.find((one) => one.date === date)?.explained !== true)
      return say(byId('reasons-text'), noReasons(index?.sessions.filter(({ explained }) => explained).length ?? 0))
    say(byId('reasons-text'), 'Loading the reasons.')
    try {
      const found = (await loader.load(`${date}-why`)) as SessionReasons
      if (latest?.session?.date !== date) return
      reasons = found
      draw()
    } catch (error) {
      say(byId('reasons-text'), `${(error as Error).message} Write the workbench again.`)
    }
  }
  details.addEventListener('toggle', () => void read())
  head.addEventListener('change', draw)
  return {
    show(state) {
      latest = state
      void read()
    },
  }
}

const noReasons = (count: number): string =>
  count === 0
    ? 'No session is explained. `breakwater ui --explain 20` explains the newest 20 with forecasts.'
    : `Only the newest ${count} sessions with forecasts are explained. \`breakwater ui --explain\` with a larger number explains more.`

function drawHead(head: SetReasons['heads'][string], { columns, serves, trained }: SetReasons, touch: number): void {
  const told = 'reason' in head ? null : (head.touches[touch] ?? null)
  const table = byId('reasons-columns')
  if ('reason' in head || told === null) {
    say(
      byId('reasons-score'),
      'reason' in head ? `Not computed: ${head.reason}.` : 'The anchor is not within the session.',
    )
    say(byId('reasons-note'), '')
    return table.replaceChildren()
  }
  const { score, top } = told
  const rest = top.reduce((sum, [, , contribution]) => sum - contribution, score - head.base)
  const most = Math.max(...[rest, ...top.map(([, , contribution]) => contribution)].map(Math.abs), Number.MIN_VALUE)
  say(byId('reasons-score'), scoreText(head, score))
  table.replaceChildren(
    headings(['column', 'value', head.unit, 'beside 0']),
    ...top.map(([column, value, contribution]) =>
      row([columns[column] ?? '', valueText(value), signedTo(contribution, 2), bar(contribution / most)]),
    ),
    row(['all other columns', '', signedTo(rest, 2), bar(rest / most)]),
  )
  say(byId('reasons-note'), `${WHAT} ${aboutTrees(head, serves, trained)}`)
}

const WHAT =
  'Exact Shapley values (TreeSHAP): they add up to the score. Columns that carry the same information share their contribution.'

function aboutTrees({ unit }: HeadReasons, serves: SetReasons['serves'], trained: boolean): string {
  const seen = trained ? ' These trees were trained on this session.' : ''
  if (unit === 'drift')
    return `The law forecasts from price, volatility and time; its tilt is what the features add.${serves === 'law' ? '' : ' This set serves its heads; the law is shown for comparison.'}${seen}`
  return `The contributions are those of the bundle’s trees, before calibration.${serves === 'law' ? ' This set serves the law with its tilt; these trees are shown for comparison.' : ''}${seen}`
}

/** A score and what is expected of any touch in words; log odds as the probability that they are. */
function scoreText({ unit, base }: HeadReasons, score: number): string {
  if (unit === 'drift')
    return `The tilt shifts the law’s drift by ${signed(base)} standard deviations for a touch about which nothing is known, and by ${signed(score)} for this one; a positive shift favours a break.`
  const said = (value: number): string =>
    unit === 'dollars' ? `${signed(value)} dollars` : `${percent(1 / (1 + Math.exp(-value)))} (${signedTo(value, 2)})`
  return `The trees of this head expect ${said(base)} for a touch about which nothing is known, and ${said(score)} for this one.`
}

const valueText = (value: number | null): string => (value === null ? 'missing' : String(Number(value.toPrecision(4))))

/** A contribution on a line whose middle is 0; `share` is that of the largest, signed. */
function bar(share: number): HTMLElement {
  const range = element('span', { class: 'range' })
  range.style.left = `${50 + Math.min(0, share) * 50}%`
  range.style.width = `${Math.max(1, Math.abs(share) * 50)}%`
  const side = share < 0 ? 'worse' : 'better'
  return element('span', {
    class: 'interval',
    children: [range],
    attributes: { 'aria-hidden': 'true', 'data-side': side },
  })
}

function drawNeighbours(
  neighbours: NonNullable<SetReasons['neighbours'][keyof SetReasons['neighbours']]>,
  touch: number,
  open: (date: string, place: number | null) => void,
): void {
  const told = 'reason' in neighbours ? undefined : neighbours.touches[touch]
  const table = byId('neighbours')
  if ('reason' in neighbours || told === undefined || told.nearest.length === 0) {
    say(byId('neighbours-text'), 'reason' in neighbours ? neighbours.reason : 'None: no past outcome was known yet.')
    return table.replaceChildren()
  }
  say(byId('neighbours-text'), neighboursText(neighbours, told))
  table.replaceChildren(
    headings(['when', 'level', 'outcome', 'strength', 'distance']),
    ...told.nearest.map((one) => neighbourRow(one, open)),
  )
}

function neighboursText(
  { indexed }: AnchorNeighbours,
  { found, breaks, bounces, farther }: AnchorNeighbours['touches'][number],
): string {
  const shares =
    breaks === null || bounces === null
      ? ''
      : ` ${percent(breaks)} of them broke and ${percent(bounces)} bounced; nearer touches count more.`
  const far =
    farther === null
      ? ''
      : ` This touch is farther from them than ${percent(farther)} of the touches in the index are from theirs.`
  return `The ${found} touches most like this one, of ${indexed} in the index, among those whose outcome was known at the anchor.${shares}${far} The nearest:`
}

function neighbourRow(
  [date, place, minute, kind, direction, outcome, strength, distance]: PastTouch,
  open: (date: string, place: number | null) => void,
): HTMLElement {
  const when = `${date} ${minuteOfDay(minute * MS_PER_MINUTE)}`
  const button = element('button', { class: 'link', text: when, attributes: { type: 'button' } })
  button.addEventListener('click', () => open(date, place))
  return row([
    place === null ? when : button,
    `${direction === 'UP' ? '↑' : '↓'} ${kind}`,
    outcome?.toLowerCase() ?? 'none',
    signed(strength),
    dollars(distance),
  ])
}
