import { availableParallelism } from 'node:os'
import process from 'node:process'
import { removeCase, writeCase } from './case-files.ts'
import { OURS, checkAgreement, meanScore, medianRun, runEngine } from './engines.ts'
import type { Engine, Job, Run } from './engines.ts'
import { fixed, printTable, seconds } from './report.ts'
import type { TableRow } from './report.ts'

/** What is asked of a comparison. */
export interface Plan {
  readonly engines: readonly Engine[]
  /** Times each engine runs, in turn with the others. */
  readonly runs: number
  readonly rounds: number
}

/** One head on one thread each, the engines in turn, `runs` times. Prints medians; returns every run. */
export function compareOneHead(trainRows: number, { engines, runs, rounds }: Plan): Run[] {
  return onCase(trainRows, 1, (folder) => {
    const all = interleave(engines, runs, () => ({ folder, heads: 1, threads: 1, rounds }))
    const medians = engines.map((engine) => medianRun(all.filter((run) => run.engine === engine)))
    checkAgreement(medians)
    const title = `One head, ${trainRows} x 90, ${rounds} trees, one thread; median of ${runs}`
    printTable(
      title,
      medians.map((run) => ({ ...engineCells(run), ...ratioCell(run.cpu, medians) })),
    )
    sayHowClose(medians)
    return all
  })
}

/** Heads of the peers that are timed; the rest is extrapolated. */
const PEER_HEADS = 2

/**
 * 36 heads, half logistic and half squared, on all cores. Ours are trained; of each peer two heads, one of either kind,
 * on one thread, and their time times 18, divided by the cores as if the peer used them perfectly.
 */
export function compareManyHeads(trainRows: number, { engines, runs, rounds }: Plan): Run[] {
  const cores = availableParallelism()
  return onCase(trainRows, 36, (folder) => {
    const all = interleave(engines, runs, (engine) =>
      isOurs(engine)
        ? { folder, heads: 36, threads: cores, rounds }
        : { folder, heads: PEER_HEADS, threads: 1, rounds },
    )
    const medians = engines.map((engine) => medianRun(all.filter((run) => run.engine === engine)))
    checkAgreement(medians)
    const rows = medians.map((run) => ({
      ...engineCells(run, PEER_HEADS),
      'heads timed': String(run.heads),
      [`36 heads on ${cores} cores, s`]: `${run.heads === 36 ? '' : 'about '}${seconds(run.heads === 36 ? run.wall : (run.cpu * 36) / run.heads / cores)}`,
    }))
    printTable(`36 heads, ${trainRows} x 90, ${rounds} trees; median of ${runs}`, rows)
    return all
  })
}

/** Time of ours over rows (one head) and over heads (2,662 rows), on one thread: linear where the last column is flat. */
export function showCurves({ rounds, runs }: Plan): Run[] {
  const rowCounts = [10_000, 31_623, 100_000, 316_228, 1_000_000]
  const byRows = rowCounts.map((count) => {
    const run = onCase(count, 1, (folder) => medianOurs({ folder, heads: 1, threads: 1, rounds }, runs))
    return {
      run,
      cells: { rows: String(count), ...engineCells(run), 'us of CPU a row': fixed((run.cpu / count) * 1e6, 1) },
    }
  })
  printTable(
    `One head over rows, 90 columns, ${rounds} trees, one thread`,
    byRows.map(({ cells }) => cells),
  )
  const byHeads = onCase(2662, 36, (folder) =>
    [1, 2, 4, 9, 18, 36].map((heads) => {
      const run = medianOurs({ folder, heads, threads: 1, rounds }, runs)
      return { run, cells: { heads: String(heads), ...engineCells(run), 's of CPU a head': fixed(run.cpu / heads, 3) } }
    }),
  )
  printTable(
    `Heads, 2662 x 90, ${rounds} trees, one thread`,
    byHeads.map(({ cells }) => cells),
  )
  return [...byRows, ...byHeads].map(({ run }) => run)
}

const isOurs = (engine: Engine): boolean => OURS.some((own) => own === engine)

function medianOurs(job: Job, runs: number): Run {
  return medianRun(Array.from({ length: runs }, () => runEngine('breakwater', job)))
}

function onCase<T>(trainRows: number, heads: number, work: (folder: string) => T): T {
  const folder = writeCase(trainRows, heads)
  try {
    return work(folder)
  } finally {
    removeCase(folder)
  }
}

/** The engines in turn, `runs` times over; stderr says how each went. */
function interleave(engines: readonly Engine[], runs: number, jobOf: (engine: Engine) => Job): Run[] {
  const turns = Array.from({ length: runs }, () => engines).flat()
  return turns.map((engine, turn) => {
    const run = runEngine(engine, jobOf(engine))
    process.stderr.write(`  ${turn + 1}/${turns.length} ${engine}: ${seconds(run.cpu)} s of CPU\n`)
    return run
  })
}

/** Scores are those of the first `heads` heads. */
function engineCells(run: Run, heads: number = run.heads): TableRow {
  return {
    engine: `${run.engine} ${run.version}`,
    'CPU s': seconds(run.cpu),
    'wall s': seconds(run.wall),
    AUC: fixed(meanScore(run, 'auc', heads), 4),
    R2: fixed(meanScore(run, 'r2', heads), 4),
    'memory added MiB': fixed(run.increaseMiB, 0),
    'peak MiB': fixed(run.peakMiB, 0),
  }
}

/** Our processor time as a share of the engine's. */
function ratioCell(cpu: number, runs: readonly Run[]): TableRow {
  const ours = runs.find(({ engine }) => engine === 'breakwater')
  return ours === undefined ? {} : { 'ours / it': fixed(ours.cpu / cpu, 3) }
}

/** Our AUC beside that of the best peer, and of the best one with exact gradients. */
function sayHowClose(runs: readonly Run[]): void {
  const ours = runs.find(({ engine }) => engine === 'breakwater')
  const peers = runs.filter(({ engine }) => !isOurs(engine)).toSorted((a, b) => aucOf(b) - aucOf(a))
  const [best] = peers
  const exact = peers.find(({ engine }) => engine !== 'lightgbm-quantised')
  if (ours === undefined) return
  for (const peer of new Set([best, exact])) {
    if (peer === undefined) continue
    process.stdout.write(`AUC beside ${peer.engine}: ${fixed(aucOf(ours) - aucOf(peer), 4)}\n`)
  }
}

const aucOf = (run: Run): number => meanScore(run, 'auc', run.heads) ?? Number.NaN
