import {
  beginProcess,
  beginSession,
  changePointOf,
  evidenceOf,
  takeBallot,
  type ProcessState,
} from '@breakwater/monitor'
import { describe, expect, test } from 'vitest'
import { randomNumbers } from './market.ts'

interface Planted {
  readonly sessions: number
  /** Votes of a session, and levels of a vote. */
  readonly votes: number
  readonly levels: number
  /** Added to every true probability from this session on. */
  readonly shift: number
  readonly from: number
  /** Share of outcomes of one vote that share one random number. */
  readonly dependence: number
  /** Whether each level is taken as a vote of its own, as if levels of a moment were independent. */
  readonly naive?: boolean
}

/** Runs planted sessions; the session at which evidence reached 100, as a fraction, or Infinity. */
function firstAlarm(seed: number, { sessions, votes, levels, shift, from, dependence, naive }: Planted): number {
  const random = randomNumbers(seed)
  const process = beginProcess()
  for (let session = 0; session < sessions; session++) {
    beginSession(process)
    // Sessions differ, and the forecasts know it.
    const base = 0.1 + 0.4 * random()
    for (let vote = 0; vote < votes; vote++) {
      const shared = random()
      const probabilities = Array.from({ length: levels }, () => Math.min(0.95, base * (0.3 + 1.4 * random())))
      const outcomes = probabilities.map((p) => {
        const draw = random() < dependence ? shared : random()
        return Number(draw < p + (session >= from ? shift : 0))
      })
      const tsNs = String(session * votes + vote)
      if (naive === true) {
        for (const [i, p] of probabilities.entries()) {
          takeBallot(process, { tsNs, probabilities: [p], outcomes: [outcomes[i] as number] })
        }
      } else takeBallot(process, { tsNs, probabilities, outcomes })
      if (evidenceOf(process) >= 100) return session + (vote + 1) / votes
    }
  }
  return Infinity
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number
const stable = { votes: 48, levels: 8, shift: 0, from: 0 }

/** Sessions from a shift of one head to its alarm, at the median of 15 runs. */
function medianDelay(shift: number): number {
  const delays = Array.from({ length: 15 }, (_, i) => {
    const planted = { sessions: 40, votes: 390, levels: 8, shift, from: 10, dependence: 0 }
    return firstAlarm(500 + i, planted) - planted.from
  })
  return median(delays)
}

describe('a vote', () => {
  test('has mean 1 under the null, whatever its outcomes have to do with each other', () => {
    const probabilities = [0.2, 0.2, 0.35]
    // Outcomes that follow one draw: the third alone with .15, all three with .2, none with .65.
    const cases = [
      { chance: 0.15, outcomes: [0, 0, 1] },
      { chance: 0.2, outcomes: [1, 1, 1] },
      { chance: 0.65, outcomes: [0, 0, 0] },
    ]
    const mean = beginProcess().wealth.map(() => 0)
    for (const { chance, outcomes } of cases) {
      const process = beginProcess()
      takeBallot(process, { tsNs: '0', probabilities, outcomes })
      for (const [k, wealth] of process.wealth.entries()) mean[k] = (mean[k] as number) + chance * wealth
    }
    for (const [k, wealth] of beginProcess().wealth.entries()) expect(mean[k]).toBeCloseTo(wealth, 14)
  })

  test('of a certain forecast that fails leaves a stake, and masked outcomes change nothing', () => {
    const process = beginProcess()
    takeBallot(process, { tsNs: '0', probabilities: [0, 1, 1], outcomes: [1, 0, 0] })
    expect(Math.min(...process.wealth)).toBeGreaterThan(0)
    expect(evidenceOf(process)).toBeGreaterThan(1)
    const before = structuredClone(process)
    takeBallot(process, { tsNs: '1', probabilities: [0.5], outcomes: [Number.NaN] })
    expect(process).toEqual(before)
  })

  test('of one forecast is the likelihood ratio of each alternative, by hand', () => {
    const process = beginProcess()
    const [first] = process.wealth as [number]
    // The cell of 0.3 is [307, 308) / 1024; the first alternative shifts the logit by 0.05.
    const p = 307.5 / 1024
    takeBallot(process, { tsNs: '0', probabilities: [p], outcomes: [1] })
    const q = 1 / (1 + Math.exp(-(0.05 + Math.log(p / (1 - p)))))
    expect((process.wealth[0] as number) / first).toBeCloseTo(q / p, 12)
  })
})

describe('sessions', () => {
  test('stable ones raise no more alarms than the level allows, also where levels of a moment are dependent', () => {
    const runs = Array.from({ length: 60 }, (_, i) => i)
    for (const dependence of [0, 0.6, 1]) {
      const alarms = runs.filter((i) => firstAlarm(100 + i, { ...stable, sessions: 30, dependence }) < Infinity)
      // Alarms of one run in a hundred would be more than four of sixty with a chance of one in 2,500.
      expect(alarms.length).toBeLessThanOrEqual(4)
    }
    // Taken as votes of their own, dependent levels alarm without cause: the guard is needed.
    const naive = runs.filter(
      (i) => firstAlarm(100 + i, { ...stable, sessions: 30, dependence: 1, naive: true }) < Infinity,
    )
    expect(naive.length).toBeGreaterThan(30)
  })

  test('a shift of five points is found within one session at the median, one of three within five', () => {
    const [five, three] = [medianDelay(0.05), medianDelay(0.03)]
    expect(five).toBeGreaterThan(0)
    expect(five).toBeLessThanOrEqual(1)
    expect(three).toBeLessThanOrEqual(5)
  })

  test('the change point lies near the change, with what was seen since', () => {
    const random = randomNumbers(3)
    const process: ProcessState = beginProcess()
    for (let vote = 0; vote < 900; vote++) {
      const probabilities = Array.from({ length: 8 }, () => 0.2 + 0.2 * random())
      const outcomes = probabilities.map((p) => Number(random() < p + (vote >= 600 ? 0.1 : 0)))
      takeBallot(process, { tsNs: String(vote), probabilities, outcomes })
    }
    const change = changePointOf(process)
    expect(Math.abs(Number(change?.tsNs) - 600)).toBeLessThan(60)
    expect((change?.meanOutcome ?? 0) - (change?.meanForecast ?? 0)).toBeCloseTo(0.1, 1)
  })

  test('a state goes on from JSON with the same bits', () => {
    const random = randomNumbers(8)
    const ballot = (i: number) => ({ tsNs: String(i), probabilities: [random()], outcomes: [Number(random() < 0.5)] })
    const ballots = Array.from({ length: 200 }, (_, i) => ballot(i))
    const [once, twice] = [beginProcess(), beginProcess()]
    for (const one of ballots) takeBallot(once, one)
    let resumed = twice
    for (const one of ballots) {
      takeBallot(resumed, one)
      resumed = JSON.parse(JSON.stringify(resumed)) as ProcessState
    }
    expect(resumed).toEqual(once)
  })
})
