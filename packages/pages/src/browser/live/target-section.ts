import type { PublishedTarget } from '../../session/payload.ts'
import { byId, element, headings, row, say } from '../dom.ts'
import { dateAndMinute, dollars, percent, signed } from '../format.ts'
import { msOf } from '../../session/payload.ts'
import { aboutTarget } from './about.ts'
import { figuresOf, reachRows } from './forecast-view.ts'
import { type Section, shownTarget } from './state.ts'

const PARTS = ['figures', 'reach', 'touches', 'why']

/** The numbers of the shown target: what they are about, figures, reach surface, similar past touches, and why. */
export function targetSection(): Section {
  return {
    show(state) {
      if (state.payload === null) return
      const target = shownTarget(state)
      if (target === undefined) return showNothing()
      const { thresholds } = state.session
      say(byId('detail-title'), `${target.level_kind_name} ${dollars(target.level_price)}`)
      say(byId('detail-state'), aboutTarget(target, state.payload.ts))
      const failed = byId('detail-error')
      failed.hidden = target.error === null
      say(failed, target.error ?? '')
      byId('figures').replaceChildren(...figuresOf(target, thresholds))
      byId('reach').replaceChildren(...reachRows(target, thresholds))
      showNeighbours(target)
      byId('why').replaceChildren(...reasonsOf(target).map((text) => element('li', { text })))
    },
  }
}

function showNothing(): void {
  say(byId('detail-title'), 'No target')
  for (const id of ['detail-state', 'no-touches']) say(byId(id), '')
  byId('detail-error').hidden = true
  for (const id of PARTS) byId(id).replaceChildren()
}

function showNeighbours({ retrieval }: PublishedTarget): void {
  const list: unknown = retrieval?.['neighbours']
  const neighbours = Array.isArray(list) ? (list as readonly Readonly<Record<string, unknown>>[]) : []
  const rows = neighbours.map((one) => {
    const ns = numberIn(one, 'ts_ns')
    return row([
      dateAndMinute(ns === null ? null : msOf(ns)),
      `${wordIn(one, 'direction') === 'UP' ? '↑' : '↓'} ${wordIn(one, 'level_kind_name')}`,
      wordIn(one, 'outcome').toLowerCase(),
      signed(numberIn(one, 'strength_signed')),
      dollars(numberIn(one, 'distance')),
    ])
  })
  const head = headings(['when', 'level', 'outcome', 'strength', 'distance'])
  byId('touches').replaceChildren(...(rows.length === 0 ? [] : [head, ...rows]))
  say(byId('no-touches'), rows.length === 0 ? 'None: this stage has no index, or no past outcome is known yet.' : '')
}

function numberIn(from: Readonly<Record<string, unknown>>, name: string): number | null {
  const value = from[name]
  return typeof value === 'number' ? value : null
}

function wordIn(from: Readonly<Record<string, unknown>>, name: string): string {
  const value = from[name]
  return typeof value === 'string' ? value : 'none'
}

/** Why a target's numbers are what they are, a sentence each. */
function reasonsOf({ ensemble, feasibility_mask: mask, retrieval, relevance }: PublishedTarget): string[] {
  const reasons = [`Relevance ${relevance.toFixed(2)}.`]
  if (ensemble !== null) {
    const { mix_weight: weight, reason, disagreement_penalty: penalty } = ensemble
    reasons.push(
      reason === null
        ? `The trees have a weight of ${percent(weight)}, the neighbours the rest.`
        : `Only the trees are used: ${reason}.`,
    )
    if (penalty > 0) reasons.push(`They disagree, so the mix is shrunk ${percent(penalty)} towards one half.`)
  }
  const far = retrieval?.['distance_percentile']
  if (typeof far === 'number')
    reasons.push(
      `This touch is farther from its neighbours than ${percent(far)} of the touches in the index are from theirs.`,
    )
  for (const { rule, bias, reason } of mask?.rules ?? []) {
    reasons.push(`Gate, ${rule}: ${reason}${bias === 0 ? '' : ` (${signed(bias)} on the logit of break)`}.`)
  }
  if (mask !== null && !mask.allow_break) reasons.push('The gate considers a break infeasible.')
  if (mask !== null && !mask.allow_bounce) reasons.push('The gate considers a bounce infeasible.')
  return reasons
}
