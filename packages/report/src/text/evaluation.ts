import {
  EPISODE_MINUTES,
  type Evaluation,
  type EvaluationSet,
  type GroupSummary,
  type HeadEvaluation,
  type HeadScores,
  type SetSummary,
  type StrengthSummary,
} from '@breakwater/evaluation'
import { baseName, READING_ORDER } from '../html/names.ts'
import { finalText, mixText, servedOf, touchText, verdictLines } from '../verdict/verdict-lines.ts'
import { fitted, interval, number, type TextColumn, wrapped } from './cells.ts'
import { servedText } from './served.ts'

/** Which heads a table shows, and how wide it may be. */
export interface TextOptions {
  /** Characters of a line; columns that do not fit are left out. Default 100. */
  readonly width?: number | undefined
  /** Heads by name, with or without an anchor's suffix; default all of the anchors. */
  readonly heads?: readonly string[] | undefined
  /** Default: the primary anchor, or the first that was trained. */
  readonly anchors?: readonly string[] | undefined
  /** Every head of every anchor. */
  readonly all?: boolean | undefined
  /** Whether the verdict of an evaluation says what to run next; default true. */
  readonly next?: boolean | undefined
}

/** Characters of a line where nothing is known of the terminal. */
export const DEFAULT_WIDTH = 100

/**
 * The evaluation as text: the verdict; then for each stage and ablation its summary and one line per head, by default those of
 * the primary anchor. No line is longer than the width.
 */
export function evaluationTable(evaluation: Evaluation, options: TextOptions = {}): string {
  const { width = DEFAULT_WIDTH } = options
  const sets = evaluation.sets.map((set) => setLines(set, options, width))
  const served = evaluation.served === null ? [] : [servedText(evaluation.served, width)]
  return `${[verdictText(evaluation, width, options.next), ...sets.map((lines) => lines.join('\n')), ...served].join('\n\n')}\n`
}

/** The verdict, one line for each answer where it fits. */
export function verdictText(evaluation: Evaluation, width: number, next: boolean = true): string {
  return verdictLines(evaluation)
    .filter(({ name }) => next || name !== 'Next')
    .flatMap(({ name, answer }) => wrapped(`${name}: ${answer}`, width, 4))
    .join('\n')
}

function setLines(set: EvaluationSet, options: TextOptions, width: number): string[] {
  const shown = shownHeads(set.heads, options)
  const mix = mixText(set)
  const touch = touchText(set)
  const scored = shown.filter((head): head is HeadScores => head.status === 'scored')
  const skipped = shown.filter((head) => head.status === 'skipped')
  return [
    ...wrapped(`${set.stage} ${set.ablation} (${set.source})`, width),
    ...(set.final === null ? [] : wrapped(finalText(set.final), width)),
    ...wrapped(`served: ${servedOf(set)}`, width),
    ...(mix === null ? [] : wrapped(mix, width)),
    ...(touch === null ? [] : wrapped(touch, width)),
    ...summaryLines(set.summary, width),
    '',
    ...(scored.length === 0 ? [] : fitted(scored, COLUMNS, width)),
    ...skipped.flatMap(({ name, reason }) => wrapped(`${name} skipped: ${reason}`, width)),
    ...leftOut(set.heads.length - shown.length, width),
  ]
}

/** The heads that the options ask for, the primary anchor first. */
export function shownHeads<T extends Pick<HeadEvaluation, 'name' | 'anchor'>>(
  heads: readonly T[],
  { heads: names, anchors, all = false }: TextOptions,
): T[] {
  const ordered = READING_ORDER.flatMap((anchor) => heads.filter((head) => head.anchor === anchor))
  if (all) return ordered
  const first = ordered[0]?.anchor
  return ordered.filter(({ name, anchor }) => {
    if (anchors === undefined && names?.includes(name) === true) return true
    const isAsked = anchors === undefined ? anchor === first : anchors.includes(anchor)
    return isAsked && (names === undefined || names.includes(baseName(name)))
  })
}

/** How many heads a table leaves out, and how to see them. */
export function leftOut(count: number, width: number): string[] {
  if (count <= 0) return []
  return wrapped(`${count} more ${count === 1 ? 'head' : 'heads'}: --all, --anchors <anchors>, --heads <names>`, width)
}

/** By falling importance: those at the end are the first to go where the terminal is narrow. */
const COLUMNS: readonly TextColumn<HeadScores>[] = [
  { name: 'head', cell: ({ name }) => name },
  { name: 'rows', right: true, cell: ({ rows }) => String(rows) },
  { name: 'beyond law', cell: ({ scores }) => interval(scores.beyond_law, 4) },
  { name: 'beyond base', cell: ({ scores }) => interval(scores.beyond_base, 4) },
  {
    name: 'loss',
    right: true,
    cell: (head) => (head.task === 'binary' ? number(head.scores.log_loss.estimate, 4) : mae(head)),
  },
  {
    name: 'AUC, r',
    right: true,
    cell: (head) => number((head.task === 'binary' ? head.scores.auc : head.scores.correlation).estimate),
  },
  {
    name: 'ECE',
    right: true,
    cell: (head) => number(head.task === 'binary' ? (head.reliability[0]?.ece ?? null) : null),
  },
  {
    name: 'base',
    right: true,
    cell: (head) => number(head.task === 'binary' ? head.base_rate : head.mean_target),
  },
  {
    name: 'skill',
    right: true,
    cell: (head) => number((head.task === 'binary' ? head.scores.brier_skill : head.scores.mae_skill).estimate),
  },
  {
    name: 'over law',
    right: true,
    cell: (head) => number((head.task === 'binary' ? head.scores.brier_skill_law : head.scores.mae_skill_law).estimate),
  },
  { name: 'sessions', right: true, cell: ({ sessions }) => String(sessions) },
]

const mae = (head: Extract<HeadScores, { task: 'regression' }>): string => `$${number(head.scores.mae.estimate, 4)}`

interface NamedGroup {
  readonly name: string
  readonly group: GroupSummary | StrengthSummary
}

function summaryLines({ anchor, episodes, ...every }: SetSummary, width: number): string[] {
  const title = `at ${anchor}`
  if (episodes === undefined) return figureLines(title, every, width)
  const told = `one touch per episode: its level was not touched in the ${EPISODE_MINUTES} minutes before`
  return [...figureLines(title, every, width), '', ...wrapped(told, width), ...figureLines(title, episodes, width)]
}

function figureLines(title: string, summary: Omit<SetSummary, 'anchor' | 'episodes'>, width: number): string[] {
  const { reach, tradeable, direction, strength, strength_ahead, extremes_ahead } = summary
  const inOrder = { reach, tradeable, direction, strength, strength_ahead, extremes_ahead }
  const groups = Object.entries(inOrder).flatMap(([name, group]): NamedGroup[] =>
    group === null ? [] : [{ name, group }],
  )
  const columns: readonly TextColumn<NamedGroup>[] = [
    { name: title, cell: ({ name }) => name },
    { name: 'beyond law', cell: ({ group }) => interval(group.beyond_law, 4) },
    { name: 'beyond base', cell: ({ group }) => interval(group.beyond_base, 4) },
    {
      name: 'mean loss',
      right: true,
      cell: ({ group }) =>
        'mae' in group ? `$${number(group.mae.estimate, 4)}` : number(group.mean_log_loss.estimate, 4),
    },
    { name: 'rows', right: true, cell: ({ group }) => String(group.rows) },
    { name: 'sessions', right: true, cell: ({ group }) => String(group.sessions) },
    { name: 'heads', right: true, cell: ({ group }) => String(group.heads) },
  ]
  return groups.length === 0 ? [] : fitted(groups, columns, width)
}
