// Do the intervals of a set's heads hold on real bars? A set that `breakwater train` wrote says how sure its heads are; its test sessions, which nothing
// was fitted on, say what came. As in the coverage of the law, cells of question x place of price x tenth of the probability are counted whose observed
// rate lies within what intervals and sampling allow. Counted once for heads as they are calibrated, whatever the set serves.
// Run with: npm run bench -- head-coverage --models <folder> --signals <file>; says so and ends where they are not given.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { numbersOf, stringColumn, withConfirmed } from '@breakwater/features'
import { headIntervals, locate, targetsOf } from '@breakwater/models'
import { loadSet, loadSignals } from '@breakwater/models/node'
import { cellCoverage, type Published } from './coverage-cells.ts'

const { values: given } = parseArgs({
  options: {
    models: { type: 'string' },
    signals: { type: 'string' },
    stage: { type: 'string', default: 'stage_b' },
    ablation: { type: 'string', default: 'full' },
  },
  strict: false,
})
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const placeOf = (value: number, edges: readonly number[]): number => edges.filter((edge) => value >= edge).length
const median = (values: readonly number[]): string =>
  (values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0).toFixed(2)
const share = (part: number, whole: number): string => `${part} of ${whole} (${((100 * part) / whole).toFixed(1)}%)`

async function run(models: string, signalsFile: string): Promise<void> {
  const set = await loadSet(models, { stage: String(given.stage), ablation: String(given.ablation) })
  const { details, predictions } = set
  const schemaFile = join(import.meta.dirname, '../../../data/features.json')
  const signals = await loadSignals({ schemaFile, paths: [signalsFile] })
  const rows = locate(signals.table, predictions)
  const { codes } = stringColumn(signals.table, 'date')
  const known = new Map(Object.entries(details.headUncertainty ?? {}))
  const served = new Map([...predictions.heads, ...predictions.calibrated].filter(([name]) => known.has(name)))
  const { low, high } = headIntervals(served, known)
  const [one] = details.data.thresholds
  const questions = targetsOf(details, signals).flatMap((target): Published[] => {
    const p = served.get(target.name)
    if (p === undefined) return []
    const moved = numbersOf(withConfirmed(signals.table, target.anchor), 'moved')
    const asked = [...rows.keys()].filter((i) => target.mask[rows[i] as number] === 1 && !Number.isNaN(p[i]))
    const at = (column: Float64Array | undefined): number[] => asked.map((i) => column?.[i] ?? Number.NaN)
    const row = (i: number): number => rows[i] as number
    return [
      {
        name: target.name,
        p: at(p),
        low: at(low.get(target.name)),
        high: at(high.get(target.name)),
        outcome: asked.map((i) => target.values[row(i)] as number),
        session: asked.map((i) => codes[row(i)] as number),
        place: asked.map((i) => placeOf(moved[row(i)] as number, [-one, 0, one])),
      },
    ]
  })
  const deviations = [...known.values()].flatMap(({ at }) =>
    at.map(({ trees, groups }) => [Math.sqrt(trees), Math.sqrt(groups)] as const),
  )
  print(
    `${known.size} heads, ${[...known.values()][0]?.sessions ?? 0} sessions; median deviation of log odds: trees ` +
      `${median(deviations.map(([trees]) => trees))}, groups ${median(deviations.map(([, groups]) => groups))}`,
  )
  const kinds = { reach: /^t[12]/, tradeable: /^tradeable/, direction: /^direction/ }
  for (const [name, pattern] of Object.entries(kinds)) {
    const { cells, bySampling, byBoth, distance, half } = cellCoverage(questions.filter((q) => pattern.test(q.name)))
    print(
      `${name.padEnd(10)} within sampling and interval ${share(byBoth, cells)}, within sampling alone ${share(bySampling, cells)}; ` +
        `mean distance ${distance.toFixed(4)}, mean half interval ${half.toFixed(4)}`,
    )
  }
}

if (typeof given.models === 'string' && typeof given.signals === 'string') await run(given.models, given.signals)
else print('not run: --models and --signals name no set and its signals')
