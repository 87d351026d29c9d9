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
  { name: 'set', cell: (run) => setOf(run) },
  { name: 'trained (UTC)', cell: ({ trained }) => day(trained) },
  { name: 'served', cell: ({ served }) => served?.kind ?? '-' },
  { name: 'beyond law', right: true, cell: ({ skill }) => (skill === null ? '-' : skill.beyond_law.toFixed(4)) },
  { name: 'tested', right: true, cell: ({ scored }) => (scored.role === 'test' ? String(scored.sessions) : '-') },
  { name: '', cell: ({ current }) => (current ? 'current' : '') },
  { name: 'sessions', right: true, cell: ({ data }) => String(data.sessions) },
  { name: 'data', cell: ({ data }) => short(data.hash) },
  { name: 'last session', cell: ({ data }) => data.lastDate },
]

/** How runs are shown. */
export interface RunsOptions extends Pick<TextOptions, 'width'> {
  /** Flags with which the next command finds the same runs, such as `--model-dir models`; default none. */
  readonly flags?: string
}

/**
 * Runs as text, one a line, the newest first: what is served, what it saves of the law's log loss on test rows (nats, mean over the
 * reach heads), sessions; then how many there are and the command to run next. Columns that do not fit the width are left out.
 */
export function runsTable(
  runs: readonly RunSummary[],
  { width = DEFAULT_WIDTH, flags = '' }: RunsOptions = {},
): string {
  const heads = runs.find(({ skill }) => skill !== null)?.skill ?? null
  const what = heads?.group === 'all' ? 'all probabilities' : 'the reach heads'
  const note =
    heads === null
      ? []
      : wrapped(
          `beyond law: log loss saved compared with the law alone on test rows, mean of ${what} at ${heads.anchor}, nats`,
          width,
        )
  const current = runs.filter((run) => run.current).length
  const verdict = [
    `${counted(runs.length, 'run')}, ${current} of them current`,
    `Next: ${flagged(nextOfRuns(runs), flags)}`,
  ]
  return `${[...fitted(runs, RUNS, width), ...note, '', ...verdict.flatMap((text) => wrapped(text, width))].join('\n')}\n`
}

const flagged = (command: string, flags: string): string => (flags === '' ? command : `${command} ${flags}`)

/** Compares the newest two; a run alone is evaluated. */
function nextOfRuns(runs: readonly RunSummary[]): string {
  const [newest, older] = runs.filter(({ id }) => id !== null)
  if (newest === undefined || older === undefined) return 'breakwater evaluate'
  return `breakwater runs diff ${short(older.id)} ${short(newest.id)}`
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
 * settings and data that differ; the command to run next. No line is longer than the width.
 */
export function runDifferenceText(difference: RunDifference, options: TextOptions & RunsOptions = {}): string {
  const { width = DEFAULT_WIDTH, flags = '' } = options
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
    '',
    ...wrapped(`Next: ${flagged(nextOfDifference(difference), flags)}`, width),
  ].join('\n')}\n`
}

const lineOf = (head: PairedHead): Line => ({
  ...head,
  name: head.task === 'regression' ? `${head.name} ($)` : head.name,
})

const nameOf = (run: RunSummary): string =>
  `${short(run.id)}  ${setOf(run)}, trained ${day(run.trained)} UTC, serves ${run.served?.kind ?? 'what it has'}`

const sideOf = ({ low, high }: Score): 'better' | 'worse' | 'unclear' => {
  if (low !== null && low > 0) return 'better'
  return high !== null && high < 0 ? 'worse' : 'unclear'
}

/** The better of two versions of one set becomes the current one, if it is not; else a page shows both. */
function nextOfDifference({ a, b, summary }: RunDifference): string {
  const sides = new Set(sidesOf(summary).map(({ side }) => side))
  const better = sides.has('better') ? b : a
  const isClear = sides.has('better') !== sides.has('worse')
  if (isClear && better.id !== null && !better.current && setOf(a) === setOf(b))
    return `breakwater rollback --set metadata_${setOf(better)} --to ${short(better.id)}`
  const [first, second] = [a, b].map((run) => (run.id === null ? setOf(run) : short(run.id)))
  return `breakwater ui --compare ${first} ${second}`
}

const setOf = ({ stage, ablation }: RunSummary): string => `${stage}_${ablation}`

/** What the interval of each group says of B. */
const sidesOf = (summary: RunDifference['summary']): { name: string; side: ReturnType<typeof sideOf> }[] =>
  GROUPS.flatMap((name) => {
    const group = summary[name]
    return group === null ? [] : [{ name, side: sideOf(group.saved) }]
  })

/** Groups whose interval excludes 0. */
function verdictOf({ summary }: RunDifference): string {
  const told = sidesOf(summary)
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
