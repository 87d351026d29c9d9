import type { PublishedForecast, ResolvedForecast } from '../outcomes/forecast.ts'
import type { Question } from '../outcomes/question.ts'
import { beginProcess, beginSession, changePointOf, evidenceOf, takeBallot } from './process.ts'
import type { ChangePoint, ProcessOptions, ProcessState } from './process.ts'

/** What the windows of a forecast hang on: nothing, an anchor that is to come, or a touch that may not come. */
export type Condition = 'now' | 'anchored' | 'given_touch'

/** A head that is watched, or all of them together. */
export interface CalibrationAlarm {
  /** The head with its condition where it has one, `t1_60s`, `t1_60s given_touch`; `surface` for all heads together. */
  readonly head: string
  /** Value of the e-process; the alarm is raised at 1/level. */
  readonly evidence: number
  readonly level: number
  /** When the answer came that raised it, nanoseconds since 1970. */
  readonly knownNs: bigint
  readonly change: ChangePoint | null
  readonly votes: number
}

/** How a head stands. */
export interface HeadStanding {
  readonly head: string
  readonly evidence: number
  readonly peak: number
  readonly votes: number
  readonly alarmed: boolean
  readonly change: ChangePoint | null
}

/** Entries of one vote that wait for their answers. */
interface Block {
  readonly tsNs: string
  /** `{levelId} {question}` of each entry. */
  readonly keys: string[]
  readonly probabilities: number[]
  /** null where there is no answer; entries that wait are not known yet. */
  readonly outcomes: (number | null)[]
  waiting: number
  readonly weight: number
}

interface Watched {
  process: ProcessState
  block: Block | null
  alarmed: boolean
}

/** The state of a watch as plain JSON. */
export interface WatchState {
  readonly version: 1
  readonly heads: readonly (readonly [string, Watched])[]
}

/** Watches the calibration of every head and of the whole surface. One caller at a time. */
export interface CalibrationWatch {
  /** Begins a session. */
  begin(): void
  /** Takes what was published at one moment. Heads whose last vote still waits for answers leave it out. */
  publish(forecasts: readonly PublishedForecast[]): void
  /** Takes answers; returns the alarms that they raise. An alarm is raised once, until {@link reset}. */
  resolve(resolved: readonly ResolvedForecast[]): CalibrationAlarm[]
  standings(): HeadStanding[]
  /** Begins anew: other models serve. */
  reset(): void
  state(): WatchState
}

/** Name of the watch over all heads. */
export const SURFACE = 'surface'

/** What the answer to a question of a forecast hangs on. */
export function conditionOfAnswer({ fromNs, tsNs }: PublishedForecast, { about }: Question): Condition {
  // Whether the level is touched is asked from now on.
  if (about.kind === 'touch') return 'now'
  if (fromNs === null) return 'given_touch'
  return fromNs > tsNs ? 'anchored' : 'now'
}

/** Name of a head under a condition: the head alone for numbers about now. */
export function headUnder(name: string, condition: Condition): string {
  return condition === 'now' ? name : `${name} ${condition}`
}

/**
 * A watch before its first forecast, or at a state. The levels of one moment are one vote of a head (their windows overlap, and
 * so do their outcomes); its next vote begins when all their answers are known. The surface has one vote of all heads, in
 * which a level counts once, so that it also finds a fault that is too small in each of them. See `takeBallot`.
 */
export function createCalibrationWatch(
  questions: readonly Question[],
  options: ProcessOptions & { readonly state?: WatchState } = {},
): CalibrationWatch {
  const { level = 0.01 } = options
  const heads = new Map<string, Watched>(structuredClone(options.state?.heads ?? []))
  const watched = (name: string): Watched => {
    let one = heads.get(name)
    if (one === undefined) heads.set(name, (one = { process: beginProcess(options), block: null, alarmed: false }))
    return one
  }
  /** Heads whose block waits for a forecast's answers, by its time and level. */
  const waiting = new Map<string, Set<string>>()
  const wait = (tsNs: string, levelId: string, name: string): void => {
    const key = `${tsNs} ${levelId}`
    const names = waiting.get(key)
    if (names === undefined) waiting.set(key, new Set([name]))
    else names.add(name)
  }
  for (const [name, { block }] of heads) {
    for (const key of block?.keys ?? []) wait(block?.tsNs ?? '', key.slice(0, key.lastIndexOf(' ')), name)
  }
  const enter = (name: string, entries: readonly Entry[], weight: number): void => {
    const [first] = entries
    const one = watched(name)
    if (first === undefined || one.block !== null) return
    const tsNs = String(first.forecast.tsNs)
    one.block = {
      tsNs,
      keys: entries.map(({ forecast, question }) => `${forecast.levelId} ${question.name}`),
      probabilities: entries.map(({ p }) => p),
      outcomes: entries.map(() => null),
      waiting: entries.length,
      weight,
    }
    for (const { forecast } of entries) wait(tsNs, forecast.levelId, name)
  }
  const settle = (name: string, one: Watched, knownNs: bigint): CalibrationAlarm[] => {
    const { block, process } = one
    if (block === null || block.waiting > 0) return []
    one.block = null
    for (const key of block.keys) {
      const forecast = `${block.tsNs} ${key.slice(0, key.lastIndexOf(' '))}`
      const names = waiting.get(forecast)
      names?.delete(name)
      if (names?.size === 0) waiting.delete(forecast)
    }
    takeBallot(process, { ...block, outcomes: block.outcomes.map((value) => value ?? Number.NaN) })
    const evidence = evidenceOf(process)
    if (one.alarmed || evidence < 1 / level) return []
    one.alarmed = true
    return [{ head: name, evidence, level, knownNs, change: changePointOf(process), votes: process.votes }]
  }
  return {
    begin() {
      for (const { process } of heads.values()) beginSession(process, options)
    },
    publish(forecasts) {
      const all = forecasts.flatMap((forecast) => entriesOf(forecast, questions))
      const byHead = new Map<string, Entry[]>()
      for (const entry of all) {
        const name = headUnder(entry.question.name, conditionOfAnswer(entry.forecast, entry.question))
        const same = byHead.get(name)
        if (same === undefined) byHead.set(name, [entry])
        else same.push(entry)
      }
      for (const [name, entries] of byHead) enter(name, entries, 1)
      const now = all.filter(({ forecast, question }) => conditionOfAnswer(forecast, question) === 'now')
      enter(SURFACE, now, forecasts.length / Math.max(1, now.length))
    },
    resolve(resolved) {
      const alarms: CalibrationAlarm[] = []
      for (const { forecast, from, to, outcomes, knownNs } of resolved) {
        const names = waiting.get(`${forecast.tsNs} ${forecast.levelId}`) ?? []
        for (const name of names) {
          const one = watched(name)
          if (one.block === null || one.block.tsNs !== String(forecast.tsNs)) continue
          for (let q = from; q < to; q++)
            answerEntry(one.block, `${forecast.levelId} ${questions[q]?.name}`, outcomes[q] as number)
          alarms.push(...settle(name, one, knownNs))
        }
      }
      return alarms
    },
    standings: () =>
      [...heads].map(([head, { process, alarmed }]) => {
        const { peak, votes } = process
        return { head, evidence: evidenceOf(process), peak, votes, alarmed, change: changePointOf(process) }
      }),
    reset() {
      heads.clear()
      waiting.clear()
    },
    state: () => structuredClone({ version: 1, heads: [...heads] }),
  }
}

interface Entry {
  readonly forecast: PublishedForecast
  readonly question: Question
  readonly p: number
}

/** The probabilities of a forecast that will have an answer. */
function entriesOf(forecast: PublishedForecast, questions: readonly Question[]): Entry[] {
  return questions.flatMap((question, q) => {
    const p = forecast.values[q] as number
    const isAsked = question.about.kind !== 'touch' || forecast.fromNs === null
    return question.task === 'binary' && isAsked && !Number.isNaN(p) ? [{ forecast, question, p }] : []
  })
}

function answerEntry(block: Block, key: string, outcome: number): void {
  const i = block.keys.indexOf(key)
  if (i === -1) return
  block.outcomes[i] = Number.isNaN(outcome) ? null : outcome
  block.waiting -= 1
}
