import type { ComparedGroup, ComparedRun, PairedFigures, RunComparison, WorkbenchRuns } from '../../workbench/data.ts'
import { byId, element, headings, row, say } from '../dom.ts'
import { percent, signedTo } from '../format.ts'
import { lazySection } from './lazy-section.ts'
import type { Loader } from './load.ts'
import type { WorkbenchSection } from './state.ts'

const GROUPS: readonly ComparedGroup[] = ['reach', 'tradeable', 'direction', 'strength']
const DIGITS = 4
/** Hex digits by which a run is told. */
const SHORT = 12

/** Two runs side by side: what B saves of A's losses on the same rows, by group and by head of the chosen anchor; what differs. */
export function runsView(loader: Loader): WorkbenchSection {
  let drawn = ''
  return lazySection<WorkbenchRuns>(loader, {
    id: 'runs',
    draw({ comparison }, { anchor }) {
      if (anchor === drawn) return
      drawn = anchor
      byId('runs-shown').hidden = comparison === null
      if (comparison === null)
        return say(byId('runs-text'), 'No runs were named. `breakwater ui --compare A B` shows two of them here.')
      say(byId('runs-text'), `${verdictOf(comparison)} ${pairedText(comparison)}`)
      byId('runs-names').replaceChildren(nameRow('A', comparison.a), nameRow('B', comparison.b))
      const groups = GROUPS.flatMap((name) => {
        const group = comparison.summary[name]
        return group === null ? [] : [{ ...group, name: name === 'strength' ? 'strength, $' : name }]
      })
      const heads = comparison.heads
        .filter((head) => head.anchor === anchor)
        .map((head) => ({ ...head, name: head.task === 'regression' ? `${head.name}, $` : head.name }))
      fill('runs-groups', groups)
      fill('runs-heads', heads)
      say(byId('runs-heads-title'), heads.length === 0 ? `No head at ${anchor} in both` : `Heads at ${anchor}`)
      sayDifferences(comparison)
    },
  })
}

type Line = PairedFigures & { readonly name: string }

/** Which side of 0 an interval lies on. */
const sideOf = ({ saved: { low, high } }: PairedFigures): 'better' | 'worse' | 'unclear' => {
  if (low !== null && low > 0) return 'better'
  return high !== null && high < 0 ? 'worse' : 'unclear'
}

function verdictOf({ summary }: RunComparison): string {
  const named = (side: 'better' | 'worse'): string =>
    GROUPS.filter((name) => summary[name] !== null && sideOf(summary[name]) === side).join(', ')
  const parts = [
    named('better') === '' ? '' : `B is better on ${named('better')}`,
    named('worse') === '' ? '' : `A is better on ${named('worse')}`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'No difference that these sessions can distinguish from 0.' : `${parts.join('; ')}.`
}

function pairedText({ a, b, common, method, summary }: RunComparison): string {
  const roles = [a, b].flatMap(({ scored }, at) => (scored.role === 'validation' ? [at === 0 ? 'A' : 'B'] : []))
  const warned =
    roles.length === 0
      ? ''
      : ` The rows of ${roles.join(' and ')} are validation rows, which chose the number of trees: the losses there are too low.`
  return `Paired on ${common.rows} touches in ${common.sessions.length} sessions that both predict; intervals of ${percent(method.level)} resample whole sessions, ${method.samples} times. Groups consist of the heads at ${summary.anchor}. Losses are in nats, those of strength in dollars.${warned}`
}

function nameRow(name: string, { id, stage, ablation, trained, data, scored }: ComparedRun): HTMLElement {
  return row(
    [
      name,
      id?.slice(0, SHORT) ?? 'without a version',
      `${stage} ${ablation}`,
      `trained ${trained.slice(0, 16).replace('T', ' ')} UTC`,
      `${data.rows} rows`,
      `${scored.sessions} ${scored.role} sessions`,
    ],
    'th',
  )
}

function fill(table: string, lines: readonly Line[]): void {
  byId(table).replaceChildren(
    ...(lines.length === 0
      ? []
      : [headings(['', 'B saves', 'interval', 'beside 0', 'loss of A', 'loss of B', 'rows'])]),
    ...lines.map((line) => {
      const { name, saved, loss_a: a, loss_b: b, rows } = line
      const range =
        saved.low === null || saved.high === null
          ? 'none'
          : `${signedTo(saved.low, DIGITS)} to ${signedTo(saved.high, DIGITS)}`
      const loss = (value: number | null): string => (value === null ? '–' : value.toFixed(DIGITS))
      return row([
        name,
        signedTo(saved.estimate, DIGITS),
        range,
        intervalBar(line),
        loss(a.estimate),
        loss(b.estimate),
        String(rows),
      ])
    }),
  )
}

const size = (value: number | null): number => Math.abs(value ?? 0)

/** An interval on a line whose middle is 0, on a scale of its own. */
function intervalBar(line: PairedFigures): HTMLElement {
  const { estimate, low, high } = line.saved
  const most = Math.max(...[estimate, low, high].map(size), Number.MIN_VALUE)
  const at = (value: number): number => 50 + (50 * value) / most
  const bar = element('span', { class: 'interval', attributes: { 'aria-hidden': 'true', 'data-side': sideOf(line) } })
  if (low !== null && high !== null) {
    const range = element('span', { class: 'range' })
    range.style.left = `${at(low)}%`
    range.style.width = `${Math.max(1, at(high) - at(low))}%`
    bar.append(range)
  }
  if (estimate !== null) {
    const dot = element('span', { class: 'dot' })
    dot.style.left = `${at(estimate)}%`
    bar.append(dot)
  }
  return bar
}

const valueText = (value: unknown): string => {
  if (value === undefined || value === null) return '–'
  if (Array.isArray(value)) return value.join(' ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const only = (name: string, dates: readonly string[]): string =>
  dates.length === 0 ? '' : ` Only ${name} has ${dates.length} sessions, ${dates[0] ?? ''} to ${dates.at(-1) ?? ''}.`

function sayDifferences({ settings, data, a, b }: RunComparison): void {
  byId('runs-settings').replaceChildren(
    ...(settings.length === 0 ? [] : [headings(['setting', 'A', 'B'])]),
    ...settings.map(({ name, a: one, b: other }) => row([name, valueText(one), valueText(other)])),
  )
  const same = `Both were trained on the same signals (${a.data.hash.slice(0, SHORT)}).`
  const other = `They were trained on different signals: A ${a.data.hash.slice(0, SHORT)}, B ${b.data.hash.slice(0, SHORT)}.${only('A', data.onlyA)}${only('B', data.onlyB)}`
  say(
    byId('runs-data'),
    `${data.same ? same : other} ${settings.length === 0 ? 'All settings are the same.' : 'Settings that differ:'}`,
  )
}
