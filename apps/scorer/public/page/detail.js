import { byId, element, say } from './dom.js'
import { between, dollars, minuteOf, percent, signed, timeOfDay } from './format.js'

/** @typedef {import('../../src/index.ts').TargetPayload} Target */

/** @type {readonly (readonly [keyof Target['time_to_threshold'], string])[]} */
const REACHES = [
  ['t1', '$1, either way'],
  ['t1_break', '$1 beyond'],
  ['t1_bounce', '$1 back'],
  ['t2', '$2, either way'],
  ['t2_break', '$2 beyond'],
  ['t2_bounce', '$2 back'],
]
const BASES = {
  supposed: 'scored as if touched now',
  touch: 'touched, some features not known yet',
  confirmation: 'touched, scored as of its confirmation',
}

/** Shows nothing. */
export function showNoDetail() {
  say(byId('detail-title'), 'No target')
  say(byId('detail-state'), '')
  byId('detail-error').hidden = true
  for (const id of ['figures', 'reach', 'touches', 'why']) byId(id).replaceChildren()
  say(byId('no-touches'), '')
}

/**
 * Shows one target.
 *
 * @param {Target} target
 */
export function showDetail(target) {
  say(byId('detail-title'), `${target.level_kind_name} ${dollars(target.level_price)}`)
  const stage = target.stage === 'stage_a' ? 'stage A' : 'stage B'
  const basis = target.row_basis === null ? 'no features' : BASES[target.row_basis]
  say(byId('detail-state'), `${target.viewport_state.toLowerCase().replaceAll('_', ' ')}, ${stage}, ${basis}`)
  const failed = byId('detail-error')
  failed.hidden = target.error === null
  say(failed, target.error ?? '')
  showFigures(target)
  showReach(target)
  showTouches(target)
  byId('why').replaceChildren(...reasons(target).map((text) => element('li', { text })))
}

/** @param {Target} target */
function showFigures(target) {
  /** @type {readonly (readonly [string, string, string])[]} */
  const figures = [
    ['Tradeable ($2)', percent(target.p_tradeable_2), ''],
    ['Break', percent(target.p_break), between(target.p_break_interval, percent) || 'no interval'],
    ['Bounce', percent(target.p_bounce), between(target.p_bounce_interval, percent) || 'no interval'],
    ['Break if tradeable', percent(target.p_break_given_tradeable), ''],
    ['Strength, $', signed(target.strength_signed), between(target.strength_signed_interval, signed)],
    ['Utility, $', dollars(target.utility_score), ''],
    ['Distance, $', signed(target.distance_signed), ''],
    ['Touched', timeOfDay(target.touch_ts_ns), ''],
    ['Confirmed', timeOfDay(target.confirm_ts_ns), ''],
  ]
  byId('figures').replaceChildren(
    ...figures.map(([name, value, interval]) =>
      element('div', {
        children: [
          element('dt', { text: name }),
          element('dd', {
            text: value,
            children: interval === '' ? [] : [element('br'), element('small', { text: interval })],
          }),
        ],
      }),
    ),
  )
}

/** @param {Target} target */
function showReach({ time_to_threshold: surface }) {
  const horizons = Object.keys(surface.t1)
  const head = element('tr', {
    children: [
      element('th', { text: 'within' }),
      ...horizons.map((seconds) => element('th', { text: `${seconds} s` })),
    ],
  })
  const rows = REACHES.map(([key, name]) =>
    element('tr', {
      children: [
        element('th', { text: name }),
        ...horizons.map((seconds) => {
          const share = surface[key][seconds]
          const cell = element('td', { text: percent(share) })
          // Half strength at most, so that the number stays readable.
          cell.style.setProperty('--share', String((share ?? 0) / 2))
          return cell
        }),
      ],
    }),
  )
  byId('reach').replaceChildren(head, ...rows)
}

/** @param {Target} target */
function showTouches({ retrieval }) {
  const list = retrieval?.['neighbours']
  const neighbours = Array.isArray(list) ? list : []
  const names = ['when', 'level', 'outcome', 'strength', 'distance']
  const head = element('tr', { children: names.map((text) => element('th', { text })) })
  const rows = neighbours.map((/** @type {Readonly<Record<string, unknown>>} */ one) => {
    const cells = [
      minuteOf(numberIn(one, 'ts_ns')),
      `${wordIn(one, 'direction') === 'UP' ? '↑' : '↓'} ${wordIn(one, 'level_kind_name')}`,
      wordIn(one, 'outcome').toLowerCase(),
      signed(numberIn(one, 'strength_signed')),
      dollars(numberIn(one, 'distance')),
    ]
    return element('tr', { children: cells.map((text) => element('td', { text })) })
  })
  byId('touches').replaceChildren(...(rows.length === 0 ? [] : [head, ...rows]))
  say(byId('no-touches'), rows.length === 0 ? 'None: this stage has no index, or no past outcome was known yet.' : '')
}

/**
 * @param {Readonly<Record<string, unknown>>} from
 * @param {string} name
 */
const numberIn = (from, name) => (typeof from[name] === 'number' ? from[name] : null)
/**
 * @param {Readonly<Record<string, unknown>>} from
 * @param {string} name
 */
const wordIn = (from, name) => (typeof from[name] === 'string' ? from[name] : 'none')

/**
 * @param {Target} target
 * @returns {string[]}
 */
function reasons({ ensemble, feasibility_mask: mask, retrieval, relevance }) {
  const reasonsFound = [`Relevance ${relevance.toFixed(2)}.`]
  if (ensemble !== null) {
    const { mix_weight: weight, reason, disagreement_penalty: penalty } = ensemble
    reasonsFound.push(
      reason === null
        ? `Weight of the trees ${percent(weight)}, of the neighbours the rest.`
        : `Trees alone: ${reason}.`,
    )
    if (penalty > 0) reasonsFound.push(`They disagree: shrunk ${percent(penalty)} towards one half.`)
  }
  const far = retrieval === null ? null : numberIn(retrieval, 'distance_percentile')
  if (far !== null) reasonsFound.push(`Farther from its neighbours than ${percent(far)} of the touches in the index.`)
  for (const { rule, bias, reason } of mask?.rules ?? []) {
    reasonsFound.push(`Gate, ${rule}: ${reason}${bias === 0 ? '' : ` (${signed(bias)} on the logit of break)`}.`)
  }
  if (mask !== null && !mask.allow_break) reasonsFound.push('The gate considers a break infeasible.')
  if (mask !== null && !mask.allow_bounce) reasonsFound.push('The gate considers a bounce infeasible.')
  return reasonsFound
}
