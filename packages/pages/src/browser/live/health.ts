import { byId, element, headings, row, say } from '../dom.ts'
import { dateAndMinute, percent } from '../format.ts'
import type { Section } from './state.ts'

interface CurvePoint {
  readonly rows: number
  readonly meanForecast: number
  readonly meanOutcome: number
}

interface Score {
  readonly rows: number
  readonly meanForecast: number
  readonly meanOutcome: number
  readonly brier: number
  readonly smoothEce: number | null
  readonly coverage: number | null
  readonly gain: { readonly brier: number } | null
  readonly curve: readonly CurvePoint[]
}

interface Figures {
  readonly brier: number
  readonly smoothEce: number
}

/** What `/health.json` says, as far as it is shown here. */
interface Health {
  readonly alarms: readonly { readonly ts: number; readonly message: string; readonly action: string }[]
  readonly heads: readonly {
    readonly head: string
    readonly evidence: number
    readonly alarmed: boolean
    readonly today: Score | null
    readonly recent: Score | null
    readonly tested: { readonly served: Figures; readonly law: Figures | null } | null
  }[]
  readonly features: {
    readonly drift: readonly { readonly name: string; readonly evidence: number; readonly alarmed: boolean }[]
    readonly outOfDistribution: number | null
    readonly skew: { readonly same: number; readonly skewed: number }
  }
  readonly challenger: {
    readonly gain: { readonly votes: number; readonly mean: number | null; readonly low: number; readonly high: number }
  } | null
  readonly audit: { readonly written: number; readonly lost: number; readonly failure: string | null } | null
}

const ASK_EVERY_MS = 15_000
/** Heads in the table: those with the most evidence against them. */
const SHOWN = 8
const SIZE = 220
const SVG = 'http://www.w3.org/2000/svg'

/** Whether published probabilities are still true: alarms, the worst heads, a calibration curve, the challenger. */
export function healthSection(redraw: () => void): Section {
  let [health, drawn]: [Health | null, Health | null] = [null, null]
  const ask = async (): Promise<void> => {
    try {
      const response = await fetch('/health.json')
      health = response.ok ? ((await response.json()) as Health | null) : null
      redraw()
    } catch {
      // The header says that the server is gone.
    }
  }
  void ask()
  setInterval(() => void ask(), ASK_EVERY_MS)
  return {
    show() {
      byId('health').hidden = health === null
      if (health === null || health === drawn) return
      drawn = health
      showHealth(health)
    },
  }
}

function showHealth({ alarms, heads, features, challenger, audit }: Health): void {
  const items = alarms.map(({ ts, message, action }) =>
    element('li', { class: 'failed', text: `${dateAndMinute(ts)}: ${message} ${action}` }),
  )
  byId('health-alarms').replaceChildren(...items)
  say(byId('health-none'), alarms.length === 0 ? 'No alarm.' : '')
  const rows = heads
    .slice(0, SHOWN)
    .map(({ head, evidence, alarmed, today, recent, tested }) =>
      row([
        head,
        `${evidenceText(evidence)}${alarmed ? ' alarm' : ''}`,
        gapOf(today),
        gapOf(recent),
        percent(recent?.coverage),
        figuresOf(recent),
        gainOf(recent),
        figuresOf(tested?.served ?? null),
        figuresOf(tested?.law ?? null),
      ]),
    )
  const names = [
    'head',
    'evidence (100 alarms)',
    'outcome minus forecast today',
    'last 20 sessions',
    'interval coverage',
    'Brier score and smooth error, last 20 sessions',
    'Brier score saved over the law',
    'in test',
    'law in test',
  ]
  byId('health-heads').replaceChildren(headings(names), ...rows)
  const worst = heads.find(({ recent }) => (recent?.curve.length ?? 0) > 0)
  byId('health-curve').replaceChildren(
    ...(worst === undefined ? [] : [curve(worst.recent?.curve ?? [], worst.today?.curve ?? [])]),
  )
  say(
    byId('health-curve-text'),
    worst === undefined
      ? 'No answer yet.'
      : `${worst.head}: forecast across, outcome up; rings are the last 20 sessions, dots are today.`,
  )
  say(byId('health-features'), featuresText(features))
  say(byId('health-challenger'), challengerText(challenger))
  say(byId('health-audit'), audit === null ? '' : auditText(audit))
}

const evidenceText = (evidence: number): string => (evidence < 10 ? evidence.toFixed(1) : evidence.toFixed(0))

const figuresOf = (score: { readonly brier: number; readonly smoothEce: number | null } | null): string =>
  score === null || score.smoothEce === null ? '' : `${score.brier.toFixed(4)}, ${score.smoothEce.toFixed(4)}`

const gainOf = (score: Score | null): string => (score?.gain == null ? '' : score.gain.brier.toFixed(4))

function featuresText({ drift, outOfDistribution, skew: { same, skewed } }: Health['features']): string {
  const [worst] = drift
  const drifted = drift.filter(({ alarmed }) => alarmed).map(({ name }) => name)
  const parts = [
    worst === undefined
      ? 'The models do not record how their features were distributed.'
      : drifted.length > 0
        ? `Drifted since training: ${drifted.join(', ')}.`
        : `No feature has drifted since training; ${worst.name} has the most evidence, ${evidenceText(worst.evidence)}.`,
    outOfDistribution === null ? '' : `${percent(outOfDistribution)} of touches today are unlike any in the index.`,
    skewed > 0
      ? `${skewed} of ${same + skewed} live rows differ from batch.`
      : same > 0
        ? `${same} live rows are the same in batch, bit for bit.`
        : '',
  ]
  return parts.filter((part) => part !== '').join(' ')
}

const gapOf = (score: Score | null): string => {
  if (score === null) return 'none'
  const points = 100 * (score.meanOutcome - score.meanForecast)
  return `${points >= 0 ? '+' : ''}${points.toFixed(1)} points of ${score.rows}`
}

function challengerText(challenger: Health['challenger']): string {
  if (challenger === null) return ''
  const { mean, low, high, votes } = challenger.gain
  if (mean === null) return 'The challenger has not been compared yet.'
  return `The challenger saves ${mean.toFixed(4)} of Brier score [${low.toFixed(4)}, ${high.toFixed(4)}] over ${votes} moments.`
}

function auditText({ written, lost, failure }: NonNullable<Health['audit']>): string {
  const trouble = failure === null ? '' : ` It cannot be written: ${failure}`
  return `Audit log: ${written} records written, ${lost} lost.${trouble}`
}

/** A calibration curve: rings and dots by the size of their cell, around the diagonal. */
function curve(recent: readonly CurvePoint[], today: readonly CurvePoint[]): SVGElement {
  const svg = shape('svg', {
    viewBox: `0 0 ${SIZE} ${SIZE}`,
    class: 'calibration',
    role: 'img',
    'aria-labelledby': 'health-curve-text',
  })
  svg.append(shape('line', { x1: '0', y1: String(SIZE), x2: String(SIZE), y2: '0', class: 'diagonal' }))
  const points = [
    ...recent.map((point) => ({ ...point, name: 'ring' })),
    ...today.map((point) => ({ ...point, name: 'dot' })),
  ]
  for (const { meanForecast, meanOutcome, rows, name } of points) {
    const at = { cx: String(SIZE * meanForecast), cy: String(SIZE * (1 - meanOutcome)) }
    svg.append(shape('circle', { ...at, r: String(Math.min(9, 2 + Math.log2(1 + rows) / 2)), class: name }))
  }
  return svg
}

function shape(tag: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(SVG, tag)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}
