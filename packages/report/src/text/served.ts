import type {
  PublishedCell,
  PublishedGroup,
  PublishedGroups,
  PublishedHead,
  PublishedRanking,
  ServedEvaluation,
} from '@breakwater/evaluation'
import { placeName } from '../html/names.ts'
import { fitted, interval, number, type TextColumn, wrapped } from './cells.ts'

/** A head with one of its cells. */
export interface JudgedCell {
  readonly head: PublishedHead
  readonly cell: PublishedCell
}

/** Cells with rows enough to be judged, and those of them outside their bands. */
export function judgedCells({ heads, method }: ServedEvaluation): {
  readonly judged: readonly JudgedCell[]
  readonly off: readonly JudgedCell[]
} {
  const judged = heads.flatMap((head) =>
    head.cells.filter(({ rows }) => rows >= method.judgedRows).map((cell) => ({ head, cell })),
  )
  const off = judged.filter(
    ({ cell: { observed_rate, band } }) => observed_rate < band.low || observed_rate > band.high,
  )
  return { judged, off }
}

/** How many cells agree once the intervals that were published count too; null where none has them. */
function intervalsText(judged: readonly JudgedCell[]): string | null {
  const known = judged.flatMap(({ cell }) =>
    cell.half_interval == null ? [] : [{ ...cell, half: cell.half_interval }],
  )
  if (known.length === 0) return null
  const within = known.filter(
    ({ mean_prediction: p, observed_rate: rate, band, half }) =>
      Math.abs(rate - p) <= Math.hypot((band.high - band.low) / 2, half),
  )
  return `${within.length} of ${known.length} agree within the band and the published intervals together`
}

/** How many cells agree, in a sentence. */
export function agreementText(served: ServedEvaluation): string {
  const { judged, off } = judgedCells(served)
  const { level, judgedRows } = served.method
  const expected = Math.round(judged.length * (1 - level))
  const told =
    `${judged.length - off.length} of ${judged.length} cells (state, place of price, question) of ${judgedRows} rows or more ` +
    `agree within their ${100 * level}% band; by chance ${expected} would not`
  const intervals = intervalsText(judged)
  return intervals === null ? told : `${told}; ${intervals}`
}

/** Which order of targets agrees best with how far price moved from them, in a sentence. */
export function rankingText({ ranking }: ServedEvaluation): string {
  const [best] = ranking.toSorted((a, b) => (b.agreement.estimate ?? -2) - (a.agreement.estimate ?? -2))
  if (best === undefined) return 'No session has enough targets to compare orders'
  const told = `Ordering targets by ${best.order} agrees best with how far price moved from their levels (Spearman ${interval(best.agreement, 3)})`
  if (best.gain === null) return `${told}: no other value is better`
  const isSure = (best.gain.low ?? 0) > 0
  return `${told}, ${interval(best.gain, 3)} more than by utility_score${isSure ? '' : ', which may be chance'}`
}

/** That sessions are no test of the models, in a sentence; null where none was seen. */
export function inSampleText({ in_sample: seen, sessions }: ServedEvaluation): string | null {
  if (seen.length === 0) return null
  const which =
    seen.length === sessions.length ? 'All of these sessions' : `${seen.length} of these ${sessions.length} sessions`
  return (
    `${which} (${seen[0]} to ${seen.at(-1)}) are among those that the models in the model folder were fitted, stopped or calibrated on: if they ` +
    'published this, it shows how well the published numbers agree with the data they were made from, and nothing about skill'
  )
}

const RANKINGS: readonly TextColumn<PublishedRanking>[] = [
  { name: 'ordered by', cell: ({ order }) => order },
  { name: 'agreement', cell: ({ agreement }) => interval(agreement, 3) },
  { name: 'more than utility_score', cell: ({ gain }) => (gain === null ? '-' : interval(gain, 3)) },
  { name: 'first moved more, $', cell: ({ lead }) => interval(lead, 3) },
  { name: 'sessions', right: true, cell: ({ sessions }) => String(sessions) },
]

const MOST_CELLS = 20

/** What was published against what happened, as text: each question, the groups of the key ones, and the cells that are off. */
export function servedText(served: ServedEvaluation, width: number): string {
  const { payloads, targets, sessions, heads, source } = served
  const { off } = judgedCells(served)
  const seen = inSampleText(served)
  const farthest = off.toSorted((a, b) => distance(b.cell) - distance(a.cell))
  return [
    ...wrapped(
      `published in ${source}: ${payloads.scored} of ${payloads.read} payloads at the start of a minute, ${targets} targets, ` +
        `${sessions.length} sessions, ${payloads.refused} refused`,
      width,
    ),
    ...(seen === null ? [] : wrapped(seen, width)),
    ...wrapped(agreementText(served), width),
    ...wrapped(rankingText(served), width),
    '',
    ...(served.ranking.length === 0 ? [] : [...fitted(served.ranking, RANKINGS, width), '']),
    ...fitted(heads, HEADS, width),
    '',
    ...groupLines(heads, width),
    ...(farthest.length === 0
      ? []
      : ['cells outside their band, the farthest first', ...fitted(farthest.slice(0, MOST_CELLS), CELLS, width)]),
    ...(farthest.length > MOST_CELLS ? [`${farthest.length - MOST_CELLS} more: see the page`] : []),
  ].join('\n')
}

/** Distance of a rate from its band, in widths of the band. */
const distance = ({ observed_rate, band }: PublishedCell): number =>
  Math.max(observed_rate - band.high, band.low - observed_rate) / Math.max(band.high - band.low, 1e-9)

const HEADS: readonly TextColumn<PublishedHead>[] = [
  { name: 'question', cell: ({ name }) => name },
  { name: 'rows', right: true, cell: ({ rows }) => String(rows) },
  { name: 'worth', right: true, cell: ({ effective_rows }) => effective_rows.toFixed(0) },
  { name: 'published', right: true, cell: ({ mean_prediction }) => number(mean_prediction) },
  { name: 'observed', right: true, cell: ({ mean_outcome }) => number(mean_outcome) },
  { name: 'loss', cell: ({ loss }) => interval(loss, 4) },
  { name: 'ECE', right: true, cell: ({ ece }) => number(ece) },
  {
    name: 'by chance',
    cell: ({ null_ece }) => (null_ece === null ? '-' : `${number(null_ece.low)} to ${number(null_ece.high)}`),
  },
]

const CELLS: readonly TextColumn<JudgedCell>[] = [
  { name: 'question', cell: ({ head }) => head.name },
  { name: 'state', cell: ({ cell }) => cell.state },
  { name: 'price beyond', cell: ({ cell }) => placeName(cell).replaceAll('−', '-') },
  { name: 'published', right: true, cell: ({ cell }) => number(cell.mean_prediction) },
  { name: 'observed', right: true, cell: ({ cell }) => number(cell.observed_rate) },
  { name: 'by chance', cell: ({ cell: { band } }) => `${number(band.low)} to ${number(band.high)}` },
  { name: 'rows', right: true, cell: ({ cell }) => String(cell.rows) },
]

interface GroupRow {
  readonly head: string
  readonly by: string
  readonly group: PublishedGroup
}

const GROUPS: readonly TextColumn<GroupRow>[] = [
  { name: 'question', cell: ({ head }) => head },
  { name: 'by', cell: ({ by }) => by },
  { name: '', cell: ({ group }) => group.name },
  { name: 'published', right: true, cell: ({ group }) => number(group.mean_prediction) },
  { name: 'observed', right: true, cell: ({ group }) => number(group.observed_rate) },
  { name: 'by chance', cell: ({ group: { band } }) => `${number(band.low)} to ${number(band.high)}` },
  { name: 'log loss', right: true, cell: ({ group }) => number(group.log_loss, 4) },
  { name: 'rows', right: true, cell: ({ group }) => String(group.rows) },
]

/** The groups of the questions that have no horizon. */
function groupLines(heads: readonly PublishedHead[], width: number): string[] {
  const rows = heads
    .filter(({ name }) => !/_\d+s$/.test(name))
    .flatMap(({ name, groups }): GroupRow[] =>
      groups === null ? [] : groupsInOrder(groups).map(({ by, group }) => ({ head: name, by, group })),
    )
  return rows.length === 0 ? [] : [...fitted(rows, GROUPS, width), '']
}

/** The groups of a question one after another, each with what it is a group by. */
export function groupsInOrder(groups: PublishedGroups): { readonly by: string; readonly group: PublishedGroup }[] {
  return Object.entries(groups).flatMap(([by, list]: [string, readonly PublishedGroup[]]) =>
    list.map((group) => ({ by, group })),
  )
}
