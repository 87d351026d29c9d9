import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inProcess, resultFolder } from '@breakwater/jobs'
import { program } from '@breakwater/models/jobs'
import {
  answeredRows,
  type FinishedTrial,
  planQuestion,
  planTrials,
  rungsOf,
  runTrial,
  runTrials,
  scoreTrial,
  survivorsOf,
  type SweepConfig,
} from '@breakwater/models/sweep'
import { afterAll, describe, expect, test } from 'vitest'
import { sampleSignals, TREES } from './sample.ts'

const root = mkdtempSync(join(tmpdir(), 'breakwater-sweep-jobs-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const signals = sampleSignals()
const CONFIG: SweepConfig = {
  method: 'grid',
  seed: 7,
  metric: { head: 't1_60s', name: 'log_loss' },
  data: { signals: ['sample'] },
  signals: {},
  train: { rounds: { kind: 'choice', values: [1, 2, 4, 12] } },
  plan: { folds: 2, testSessions: 2, valSessions: 1, embargoSessions: 0 },
  anchors: ['4min'],
  horizons: [60],
}
const trials = planTrials(CONFIG)
const question = planQuestion([answeredRows(signals, CONFIG, 'sample')], CONFIG.plan)
const treesOf = (number: number): typeof TREES => ({ ...TREES, rounds: trials[number - 1]?.train['rounds'] as number })

/** Runs a sweep; counts the jobs. */
async function swept(
  name: string,
  config: SweepConfig,
  done: ReadonlyMap<number, FinishedTrial> = new Map(),
): Promise<{ readonly finished: Map<number, FinishedTrial>; readonly jobs: number }> {
  let jobs = 0
  const counted = {
    version: program.version,
    open: program.open,
    bodies: {
      fold: (...given: Parameters<(typeof program.bodies)['fold']>) => {
        jobs++
        return program.bodies['fold']?.(...given) ?? Promise.reject(new Error('no body'))
      },
    },
  }
  const finished = new Map<number, FinishedTrial>()
  const running = runTrials({
    config,
    trials,
    question,
    done,
    requestOf: ({ number }) => Promise.resolve({ signals, stage: 'stage_b', ablation: 'ta', trees: treesOf(number) }),
    onTrial: () => undefined,
    jobs: {
      executor: inProcess({ program: counted, dataOf: () => Promise.resolve({ signals }), threads: 1 }),
      results: resultFolder(join(root, name)),
      program: program.version,
    },
  })
  for await (const trial of running) finished.set(trial.result.number, trial)
  return { finished, jobs }
}

const alone = (number: number): Promise<Float64Array> =>
  runTrial({ signals, stage: 'stage_b', ablation: 'ta', trees: treesOf(number), config: CONFIG, question })

describe('trials as jobs', () => {
  test('forecast what they forecast alone, to the bit', async () => {
    const { finished, jobs } = await swept('all', CONFIG)
    expect(jobs).toBe(8)
    expect([...finished.keys()]).toEqual([1, 2, 3, 4])
    for (const [number, { result, forecasts }] of finished) {
      const wanted = await alone(number)
      expect(forecasts).toEqual(wanted)
      expect(result).toMatchObject({ ...scoreTrial(wanted, question, CONFIG.metric), error: null, stopped: null })
    }
  })

  test('with successive halving the worse half is stopped after one fold, whatever was done before', async () => {
    const config = { ...CONFIG, halving: { eta: 2 } }
    const { finished, jobs } = await swept('halved', config)
    expect(jobs).toBe(4 + 2)
    // By hand: the figure on the first fold's rows decides.
    const first = await Promise.all(
      trials.map(async ({ number }) => scoreTrial(await alone(number), question, CONFIG.metric).folds[0] ?? 0),
    )
    const ranked = trials.map(({ number }) => number).toSorted((a, b) => (first[a - 1] ?? 0) - (first[b - 1] ?? 0))
    const [best = 0, second = 0, ...stopped] = ranked
    for (const number of [best, second]) {
      expect(finished.get(number)?.result).toMatchObject({ stopped: null, folds: { length: 2 } })
    }
    for (const number of stopped) {
      const folds = [first[number - 1]]
      expect(finished.get(number)?.result).toMatchObject({ stopped: 1, value: null, folds, error: null })
    }
    for (const { forecasts } of finished.values()) expect(forecasts).toHaveLength(question.events.length)
    // Cut off anywhere, it ends the same.
    for (const [number, trial] of finished) {
      const again = await swept(`again-${number}`, config, new Map([[number, trial]]))
      expect(
        new Map(
          [...again.finished, [number, trial]].toSorted(([a], [b]) => (a as number) - (b as number)) as [
            number,
            FinishedTrial,
          ][],
        ),
      ).toEqual(new Map([...finished].toSorted(([a], [b]) => a - b)))
    }
  })
})

const trialOf = (number: number, value: number | null) => ({ number, value })

test('rungs are folds divided by eta down to one, and ties keep the earlier trial', () => {
  expect(rungsOf(9, 3)).toEqual([1, 3, 9])
  expect(rungsOf(10, 2)).toEqual([1, 2, 5, 10])
  expect(rungsOf(3, 4)).toEqual([3])
  expect(rungsOf(3, undefined)).toEqual([3])
  const some = [trialOf(1, 0.5), trialOf(2, null), trialOf(3, 0.4), trialOf(4, 0.5), trialOf(5, 0.9)]
  expect(survivorsOf(some, CONFIG.metric, 2).map(({ number }) => number)).toEqual([3, 1, 4])
  expect(survivorsOf(some, { head: 'direction', name: 'auc' }, 3).map(({ number }) => number)).toEqual([5, 1])
  expect(survivorsOf([trialOf(1, null)], CONFIG.metric, 2)).toEqual([])
})
