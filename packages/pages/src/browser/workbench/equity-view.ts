import { ANCHOR_SECONDS, priceText } from '@breakwater/features/vocabulary'
import type { RuleCurve, WorkbenchEquities, WorkbenchEquity, WorkbenchScore } from '../../workbench/data.ts'
import { bandChart } from '../charts/band-chart.ts'
import { byId, headings, optionOf, row, say } from '../dom.ts'
import { percent, signed, signedTo } from '../format.ts'
import { lazySection } from './lazy-section.ts'
import type { Loader } from './load.ts'
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
      byId('equity-rules').replaceChildren(
        headings(['at least', 'trades', 'overlapping', 'won', 'a trade, $', '', 'in all, $', '']),
        ...rules.map(ruleRow),
      )
    },
  })
  least.addEventListener('change', section.again)
  return section
}

const minutes = (seconds: number): string => `${seconds / 60} minutes`

function sayNothing(): void {
  for (const id of ['equity-rule', 'equity-warning']) say(byId(id), '')
  say(byId('equity-text'), 'No forecasts of test rows at this anchor: there is nothing to tell.')
}

function sayRule({ equity, rule }: ShownRule, { index }: WorkbenchState): void {
  const [, far] = index.thresholds
  const { cost, holdSeconds, level, dates } = equity
  const { anchor, least, trades, overlapping, unresolved } = rule
  const forecast = `the forecast that price gets $${far} away from the level`
  const where = least === 0 ? `whatever ${forecast},` : `where ${forecast} is at least ${percent(least)},`
  say(
    byId('equity-rule'),
    `The rule: ${minutes(ANCHOR_SECONDS[anchor])} after the minute of a touch begins, ${where} take one share in the direction of a break where a break is forecast as the likelier, else in that of a bounce. Hold it for ${minutes(holdSeconds)}. A trade costs $${priceText(cost)}, in and out together. Touches that have gone $${far} already are left alone.`,
  )
  say(
    byId('equity-warning'),
    `This is no backtest of what could have been traded. ${overlapping} of ${trades} trades begin while an earlier one is open: they share their luck, and need capital for all of them at once. Both prices are last closes of one-minute bars; fills, slippage beyond the cost, size and the borrowing of shares are not modelled. The threshold that looks best here is chosen with hindsight.`,
  )
  say(
    byId('equity-text'),
    `${trades} trades in ${dates.length} sessions that the models had not seen come to ${intervalText(rule.total, signed)} dollars a share, ${intervalText(rule.perTrade, fine)} a trade. Intervals of ${percent(level)} resample whole sessions, at each session those so far.${unresolved === 0 ? '' : ` ${unresolved} touches without a price ${minutes(holdSeconds)} later are left out.`}`,
  )
}

type Format = (value: number | null) => string

const range = ({ low, high }: Pick<WorkbenchScore, 'low' | 'high'>, format: Format): string =>
  low === null || high === null ? 'no interval' : `${format(low)} to ${format(high)}`

const intervalText = (score: WorkbenchScore, format: Format): string =>
  `${format(score.estimate)} (${range(score, format)})`

function placeText({ equity: { dates }, rule }: ShownRule, at: number): string {
  const [low, high] = [rule.low[at] ?? null, rule.high[at] ?? null]
  return `Up to ${dates[at] ?? ''}: ${intervalText({ estimate: rule.cumulative[at] ?? null, low, high }, signed)}. Enter shows the session.`
}

/** Tenths of a cent. */
const fine: Format = (value) => signedTo(value, 3)

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
