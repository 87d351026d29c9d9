import { judgedFirst } from '@breakwater/evaluation'
import type {
  Evaluation,
  EvaluationSet,
  GroupSummary,
  HeadScores,
  Score,
  SetSummary,
  StrengthSummary,
} from '@breakwater/evaluation'
import { agreementText } from '../text/served.ts'
import { PRIMARY_ANCHOR } from '@breakwater/features'

/** One line of the verdict: what is asked, and the answer. */
export interface VerdictLine {
  readonly name: string
  readonly answer: string
}

/** Fewer positives than this make the figures of a head chance. */
const FEW_POSITIVES = 50

const GROUPS = ['reach', 'tradeable', 'direction', 'strength'] as const

/**
 * An evaluation in at most eight lines: whether there is skill beyond the law, in which heads, whether there are enough events,
 * what is served, and what to run next. It is of one set, named in the first line: the last stage with most columns.
 */
export function verdictLines({ sets, served }: Evaluation): VerdictLine[] {
  const [set] = judgedFirst(sets)
  if (set === undefined) return [{ name: 'Verdict', answer: 'no set was evaluated. Next: breakwater train' }]
  return [
    { name: 'Skill beyond the law', answer: `${skillOf(set.summary)} (${set.stage} ${set.ablation})` },
    ...GROUPS.flatMap((name) => groupLine(name, set.summary)),
    { name: 'Events', answer: eventsOf(set) },
    {
      name: 'Served',
      answer: served === null ? servedBriefly(set) : `${servedBriefly(set)}; ${agreementText(served)}`,
    },
    { name: 'Next', answer: nextOf(set) },
  ]
}

type Side = 'better' | 'worse' | 'unclear'

const sideOf = ({ low, high }: Score): Side => {
  if (low !== null && low > 0) return 'better'
  return high !== null && high < 0 ? 'worse' : 'unclear'
}

function skillOf(summary: SetSummary): string {
  const told = GROUPS.flatMap((name) => {
    const group = summary[name]
    return group === null || group.beyond_law.estimate === null ? [] : [{ name, side: sideOf(group.beyond_law) }]
  })
  if (told.length === 0) return 'not known: the set has no law'
  const named = (side: Side): string[] => told.filter((each) => each.side === side).map(({ name }) => name)
  const worse = named('worse').length === 0 ? '' : `; worse than the law on ${listed(named('worse'))}`
  return named('better').length === 0 ? `no${worse}` : `yes, on ${listed(named('better'))}${worse}`
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

function groupLine(name: (typeof GROUPS)[number], summary: SetSummary): VerdictLine[] {
  const group: GroupSummary | StrengthSummary | null = summary[name]
  if (group === null) return []
  const loss =
    'mae' in group ? `MAE $${figure(group.mae.estimate)}` : `log loss ${figure(group.mean_log_loss.estimate)}`
  const law =
    group.beyond_law.estimate === null
      ? (group.beyond_law.reason ?? 'no comparison with the law')
      : `beyond law ${withInterval(group.beyond_law)}`
  return [{ name: `  ${name}`, answer: `${loss}; ${law}, base ${figure(group.beyond_base.estimate)}` }]
}

const figure = (value: number | null): string => (value === null ? '-' : value.toFixed(4))

const withInterval = ({ estimate, low, high }: Score): string =>
  low === null || high === null ? figure(estimate) : `${figure(estimate)} [${figure(low)}, ${figure(high)}]`

/** Positives of the scarcest heads; figures of fewer than {@link FEW_POSITIVES} are chance. */
function eventsOf({ heads, summary }: EvaluationSet): string {
  const scored = heads.filter((head): head is HeadScores => head.status === 'scored' && head.anchor === summary.anchor)
  const binary = scored.flatMap((head) => (head.task === 'binary' ? [head] : []))
  const few = binary.filter(({ positives, rows }) => Math.min(positives, rows - positives) < FEW_POSITIVES)
  const rows = Math.max(0, ...scored.map((head) => head.rows))
  const sessions = Math.max(0, ...scored.map((head) => head.sessions))
  const counted = `${rows} touches in ${sessions} sessions`
  const absent = heads.filter((head) => head.status === 'skipped' && head.anchor === summary.anchor).length
  const skipped = absent === 0 ? '' : `; ${absent} ${absent === 1 ? 'head' : 'heads'} not trained`
  if (few.length === 0) return `enough: ${counted}${skipped}`
  const [first] = few
  const others = few.length === 1 ? '' : ` and ${few.length - 1} more`
  return `${counted}; fewer than ${FEW_POSITIVES} positives or negatives of ${first?.name}${others}${skipped}`
}

/** {@link servedOf} in a line, where figures say why. */
function servedBriefly(set: EvaluationSet): string {
  const choice = set.source.startsWith('validation') ? undefined : set.serving.at(-1)
  return choiceBriefly(choice, set.final !== null) ?? servedOf(set)
}

/** What is served by a choice, in a line with its figures; null where it has none. */
export function choiceBriefly(choice: EvaluationSet['serving'][number] | undefined, isFinal: boolean): string | null {
  if (choice === undefined || choice.saved === null || choice.standardError === null) return null
  const { kind, saved, standardError } = choice
  const [served, verb] = [kind === 'law' ? 'the law' : 'heads', saved > 0 ? 'saved' : 'lost']
  const fit = isFinal ? '; fitted on all sessions' : ''
  return `${served} (heads ${verb} ${figure(Math.abs(saved))}${saved > 0 ? '' : ' more'}, SE ${figure(standardError)})${fit}`
}

/** What a set serves and why, by the choice of its last fold, and where the scored predictions come from. */
export function servedOf(set: EvaluationSet): string {
  return set.final === null
    ? choiceOf(set)
    : `${choiceOf(set)}; the served models are a fit on all sessions, which none of these figures describes`
}

/** That models of all sessions are served, and that the figures are not theirs. */
export function finalText({ sessions, firstDate, lastDate }: NonNullable<EvaluationSet['final']>): string {
  return (
    `the served models were fitted on all ${sessions} sessions, ${firstDate} to ${lastDate}, after the folds: every figure comes from the folds, ` +
    'whose models had not seen the rows they are scored on'
  )
}

/** How neighbours and gate enter what a set serves, and what of it the figures hold; null where training did not say. */
export function mixText({ mix, calibration }: EvaluationSet): string | null {
  if (mix === null) return null
  const [first] = mix.terms
  const shown = mix.terms.find(({ anchor }) => anchor === PRIMARY_ANCHOR) ?? first
  const terms = shown === undefined ? '' : ` (${shown.anchor}: ${shown.neighbours}; ${shown.gate})`
  const scored =
    mix.kind === 'none' || calibration !== null
      ? ''
      : '; the figures leave them out, and `breakwater calibrate` scores them'
  return `neighbours and gate in direction: ${mix.kind}${terms}${scored}`
}

/** What P(touch) comes from before a touch, and what trees save beyond the law on test sessions; null where it was not tried. */
export function touchText({ touch }: EvaluationSet): string | null {
  if (touch === null) return null
  const { isShifted, reason, law, trees, sessions } = touch
  if (trees === null || law === null) return `P(touch) before a touch: ${reason}`
  const saved = `${figure(trees.saved)} [${figure(trees.low)}, ${figure(trees.high)}]`
  const verb = isShifted ? 'save' : 'would have saved'
  return `P(touch) before a touch: ${reason}; in ${sessions} test sessions the law alone has a log loss of ${figure(law)}, and the trees ${verb} ${saved}`
}

function choiceOf({ calibrated, serving, source }: EvaluationSet): string {
  const choice = serving.at(-1)
  const own = calibrated ? 'independent heads with their calibrators' : 'independent heads, raw'
  if (choice === undefined) return `${own} (${source})`
  // Nothing is served of validation rows: their figures are the trees'.
  if (source.startsWith('validation')) return `${choice.reason}; figures are of ${own} (${source})`
  const others = serving.filter(({ kind }) => kind !== choice.kind).length
  const other = choice.kind === 'law' ? 'heads' : 'the law'
  const folds = others === 0 ? '' : `; ${other} in ${others} of ${serving.length} folds`
  return `${choice.reason}${folds} (${source})`
}

function nextOf(set: EvaluationSet): string {
  const { heads, stage, ablation, source, calibration, summary } = set
  const at = heads.filter(({ anchor }) => anchor === summary.anchor)
  const scarce = at.filter(
    (head) => head.status === 'skipped' || (head.task === 'binary' && head.positives < FEW_POSITIVES),
  )
  if (scarce.length * 2 > at.length)
    return 'breakwater signals --thresholds with smaller values: the current ones are rarely reached'
  if (source.startsWith('validation')) return 'breakwater train with test dates, so that figures come from unseen dates'
  if (calibration === null) return `breakwater calibrate --stage ${stage} --ablation ${ablation}`
  return 'breakwater index, then breakwater replay with --output, then breakwater evaluate --served on the file it wrote'
}
