import { priceText } from '@breakwater/features/vocabulary'
import type { RuleCurve, WorkbenchEquities, WorkbenchEquity } from '../../workbench/data.ts'
import { bandChart } from '../charts/band-chart.ts'
import { byId, headings, optionOf, row, say } from '../dom.ts'
import { percent, signed } from '../format.ts'
import { lazySection } from './lazy-section.ts'
import type { Loader } from './load.ts'
import { fine, intervalText, range, ruleText, unresolvedText, warningText } from './rule-text.ts'
import type { WorkbenchActions, WorkbenchSection, WorkbenchState } from './state.ts'

interface ShownRule {
  readonly equity: WorkbenchEquity
  readonly rule: RuleCurve
}

/** The equity of a stated rule over sessions, with its interval, its words and its warning, and all thresholds as a table. */
export function equityView(loader: Loader, { change }: WorkbenchActions): WorkbenchSection {
  const least = byId('equity-least') as HTMLSelectElement
  const place = byId('equity-place')
  let [listed, drawn] = ['', '']
  let shown: ShownRule | null = null
  let chart: ReturnType<typeof bandChart> | null = null
  const tellPlace = (at: number | null): void => say(place, at === null || shown === null ? '' : placeText(shown, at))
  const section = lazySection<WorkbenchEquities>(loader, {
    id: 'equity',
    draw(data, state) {
      const equity = data.sets[state.set ?? '']
      const rules = equity?.rules.filter(({ anchor }) => anchor === state.anchor) ?? []
      if (listed !== `${state.set} ${state.anchor}`) {
        const before = least.value
        listed = `${state.set} ${state.anchor}`
        least.replaceChildren(...rules.map((rule) => optionOf(String(rule.least), percent(rule.least))))
        least.value = rules.some((rule) => String(rule.least) === before) ? before : String(rules[0]?.least ?? '')
      }
      const key = `${listed} ${least.value}`
      if (key === drawn) return
      drawn = key
      const rule = rules.find((one) => String(one.least) === least.value)
      shown = equity === undefined || rule === undefined ? null : { equity, rule }
      byId('equity-shown').hidden = shown === null
      if (shown === null) return sayNothing()
      sayRule(shown, state)
      chart ??= bandChart(byId('equity-chart'), {
        onPlace: tellPlace,
        onChoose: (at) => change({ date: shown?.equity.dates[at] ?? null, touch: null }),
      })
      const { dates } = shown.equity
      const { cumulative: values, low, high } = shown.rule
      chart.set({ dates, values, low, high })
      tellPlace(null)
      const interval = percent(shown.equity.level)
      byId('equity-rules').replaceChildren(
        headings(['at least', 'trades', 'overlapping', 'won', 'a trade, $', interval, 'in all, $', interval]),
        ...rules.map(ruleRow),
      )
    },
  })
  least.addEventListener('change', section.again)
  return section
}

function sayNothing(): void {
  for (const id of ['equity-rule', 'equity-warning']) say(byId(id), '')
  say(byId('equity-text'), 'There are no forecasts of test rows at this anchor, so there is nothing to show.')
}

function sayRule({ equity, rule }: ShownRule, { index }: WorkbenchState): void {
  const [, far] = index.thresholds
  const { cost, holdSeconds, level, dates } = equity
  const { anchor, least, trades, unresolved } = rule
  const forecast = `the forecast that price gets $${far} away from the level`
  const where = least === 0 ? `whatever ${forecast}` : `where ${forecast} is at least ${percent(least)}`
  say(
    byId('equity-rule'),
    `The rule: ${ruleText({ anchor, where, far, holdSeconds })} A trade costs $${priceText(cost)} for entry and exit together.`,
  )
  say(byId('equity-warning'), warningText(rule))
  say(
    byId('equity-text'),
    `${trades} trades in ${dates.length} sessions that the models had not seen come to ${intervalText(rule.total, signed)} dollars a share in total, ${intervalText(rule.perTrade, fine)} a trade. Intervals of ${percent(level)} resample whole sessions; at each session, the sessions up to it.${unresolvedText(unresolved, holdSeconds)}`,
  )
}

function placeText({ equity: { dates }, rule }: ShownRule, at: number): string {
  const [low, high] = [rule.low[at] ?? null, rule.high[at] ?? null]
  return `Up to ${dates[at] ?? ''}: ${intervalText({ estimate: rule.cumulative[at] ?? null, low, high }, signed)}. Enter shows the session.`
}

function ruleRow({ least, trades, overlapping, won, perTrade, total }: RuleCurve): HTMLElement {
  return row([
    percent(least),
    String(trades),
    percent(trades === 0 ? null : overlapping / trades),
    percent(won),
    fine(perTrade.estimate),
    range(perTrade, fine),
    signed(total.estimate),
    range(total, signed),
  ])
}
