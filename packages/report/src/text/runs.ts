import type { PairedGroup, PairedHead, PairedLosses, RunDifference, RunSummary, Score } from '@breakwater/evaluation'
import { fitted, interval, number, type TextColumn, wrapped } from './cells.ts'
import { DEFAULT_WIDTH, leftOut, shownHeads, type TextOptions } from './evaluation.ts'

/** Hex digits by which a run or a hash is told. */
const SHORT = 12

const short = (id: string | null): string => id?.slice(0, SHORT) ?? '-'
const day = (timestamp: string): string => timestamp.slice(0, 16).replace('T', ' ')
const counted = (count: number, one: string, more = `${one}s`): string => `${count} ${count === 1 ? one : more}`

const RUNS: readonly TextColumn<RunSummary>[] = [
  { name: 'run', cell: ({ id }) => short(id) },
  { name: 'set', cell: ({ stage, ablation }) => `${stage}_${ablation}` },
  { name: 'trained (UTC)', cell: ({ trained }) => day(trained) },
  { name: 'served', cell: ({ served }) => served?.kind ?? '-' },
  { name: 'beyond law', right: true, cell: ({ skill }) => (skill === null ? '-' : skill.beyond_law.toFixed(4)) },
  { name: 'tested', right: true, cell: ({ scored }) => (scored.role === 'test' ? String(scored.sessions) : '-') },
  { name: '', cell: ({ current }) => (current ? 'current' : '') },
  { name: 'sessions', right: true, cell: ({ data }) => String(data.sessions) },
  { name: 'data', cell: ({ data }) => short(data.hash) },
  { name: 'last session', cell: ({ data }) => data.lastDate },
]

/**
 * Runs as text, one a line, the newest first: what is served, what it saves of the law's log loss on test rows (nats, mean over the
 * reach heads), sessions. Columns that do not fit the width are left out.
 */
export function runsTable(
  runs: readonly RunSummary[],
  { width = DEFAULT_WIDTH }: Pick<TextOptions, 'width'> = {},
): string {
  const heads = runs.find(({ skill }) => skill !== null)?.skill ?? null
  const what = heads?.group === 'all' ? 'all probabilities' : 'the reach heads'
  const note =
    heads === null
      ? []
      : wrapped(
          `beyond law: log loss saved beside the law alone on test rows, mean of ${what} at ${heads.anchor}, nats`,
          width,
        )
  return `${[...fitted(runs, RUNS, width), ...note].join('\n')}\n`
}

interface Line extends PairedLosses {
  readonly name: string
}

const PAIRED: readonly TextColumn<Line>[] = [
  { name: '', cell: ({ name }) => name },
  { name: 'B saves', cell: ({ saved }) => interval(saved, 4) },
  { name: 'loss of A', right: true, cell: ({ loss_a }) => number(loss_a.estimate, 4) },
  { name: 'loss of B', right: true, cell: ({ loss_b }) => number(loss_b.estimate, 4) },
  { name: 'rows', right: true, cell: ({ rows }) => String(rows) },
  { name: 'sessions', right: true, cell: ({ sessions }) => String(sessions) },
]

const GROUPS = ['reach', 'tradeable', 'direction', 'strength'] as const

/**
 * Two runs as text: which is better and where; losses side by side with the paired interval of what B saves, by group and by head;
 * settings and data that differ. No line is longer than the width.
 */
export function runDifferenceText(difference: RunDifference, options: TextOptions = {}): string {
  const { width = DEFAULT_WIDTH } = options
  const { a, b, summary, heads, common, method } = difference
  const groups = GROUPS.flatMap((name): Line[] => {
    const group: PairedGroup | null = summary[name]
    return group === null ? [] : [{ ...group, name: name === 'strength' ? 'strength ($)' : name }]
  })
  const shown = shownHeads(heads, options)
  const notes = [
    verdictOf(difference),
    `A  ${nameOf(a)}`,
    `B  ${nameOf(b)}`,
    `paired on ${counted(common.rows, 'touch', 'touches')} in ${counted(common.sessions.length, 'session')} that both predict (A ${common.rowsA}, B ${common.rowsB}); ` +
      `${method.level * 100}% intervals of whole sessions, ${method.samples} resamples`,
    ...rolesOf(a, b),
  ]
  return `${[
    ...notes.flatMap((text) => wrapped(text, width, 3)),
    '',
    ...(groups.length === 0 ? [] : [...fitted(groups, PAIRED, width), '']),
    ...(shown.length === 0 ? [] : fitted(shown.map(lineOf), PAIRED, width)),
    ...leftOut(heads.length - shown.length, width),
    '',
    ...settingsLines(difference, width),
    ...dataLines(difference, width),
  ].join('\n')}\n`
}

const lineOf = (head: PairedHead): Line => ({
  ...head,
  name: head.task === 'regression' ? `${head.name} ($)` : head.name,
})

const nameOf = ({ id, stage, ablation, trained, served }: RunSummary): string =>
  `${short(id)}  ${stage}_${ablation}, trained ${day(trained)} UTC, serves ${served?.kind ?? 'what it has'}`

const sideOf = ({ low, high }: Score): 'better' | 'worse' | 'unclear' => {
  if (low !== null && low > 0) return 'better'
  return high !== null && high < 0 ? 'worse' : 'unclear'
}

/** Groups whose interval excludes 0. */
function verdictOf({ summary }: RunDifference): string {
  const told = GROUPS.flatMap((name) => {
    const group = summary[name]
    return group === null ? [] : [{ name, side: sideOf(group.saved) }]
  })
  const named = (side: 'better' | 'worse'): string =>
    told
      .filter((each) => each.side === side)
      .map(({ name }) => name)
      .join(', ')
  const parts = [
    named('better') === '' ? '' : `B is better on ${named('better')}`,
    named('worse') === '' ? '' : `A is better on ${named('worse')}`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'No difference that these sessions can distinguish from 0.' : `${parts.join('; ')}.`
}

function rolesOf(a: RunSummary, b: RunSummary): string[] {
  const roles = [a, b].flatMap(({ scored }, at) => (scored.role === 'validation' ? [at === 0 ? 'A' : 'B'] : []))
  if (roles.length === 0) return []
  return [
    `the rows of ${roles.join(' and ')} are validation rows, which chose the number of trees: the losses there are too low`,
  ]
}

function settingsLines({ settings }: RunDifference, width: number): string[] {
  if (settings.length === 0) return ['settings: the same']
  const lines = settings.flatMap(({ name, a, b }) =>
    wrapped(`  ${name}: ${shownValue(a)} -> ${shownValue(b)}`, width, 6),
  )
  return ['settings that differ (A -> B):', ...lines]
}

const shownValue = (value: unknown): string => {
  if (value === undefined || value === null) return '-'
  if (Array.isArray(value)) return value.join(' ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const only = (name: string, dates: readonly string[]): string =>
  dates.length === 0 ? '' : `; only ${name} has ${counted(dates.length, 'session')} (${dates[0]} to ${dates.at(-1)})`

function dataLines({ data, a, b, targets }: RunDifference, width: number): string[] {
  if (data.same) return wrapped(`data: the same (${short(a.data.hash)})`, width)
  const whose = targets === b.data.hash ? 'B' : 'A'
  return wrapped(
    `data that differ: A ${short(a.data.hash)} (${a.data.rows} rows), B ${short(b.data.hash)} (${b.data.rows} rows)${only('A', data.onlyA)}${only('B', data.onlyB)}; ` +
      `outcomes are those in the signals of ${whose}`,
    width,
  )
}
