// Our trees beside LightGBM, scikit-learn and XGBoost: the same matrices, hyper-parameters (depth 6, learning rate 0.05,
// 255 bins, lambda 1, 20 rows per leaf) and test rows; every training in a process of its own, in turn with the others.
//
//   npm run bench -- trees [--size small|medium|large|heads|heads-large|curve|scoring] [--runs N] [--rounds N]
//                          [--engines breakwater,breakwater-rounded,lightgbm,lightgbm-quantised,scikit-learn,xgboost]
//
// --size may be given several times; without it: small, medium and scoring. Without Python only ours are timed.
import process from 'node:process'
import { parseArgs } from 'node:util'
import { availableEngines, ENGINES } from './engines.ts'
import { writeResults } from './report.ts'
import { compareScoring } from './scoring.ts'
import { compareManyHeads, compareOneHead, showCurves } from './training.ts'
import type { Plan } from './training.ts'

/** What a size runs, and how often by default: the longer, the fewer. */
const SIZES: Readonly<Record<string, { runs: number; work: (plan: Plan) => unknown }>> = {
  small: { runs: 5, work: (plan) => compareOneHead(2662, plan) },
  medium: { runs: 3, work: (plan) => compareOneHead(26_624, plan) },
  large: { runs: 3, work: (plan) => compareOneHead(166_400, plan) },
  heads: { runs: 1, work: (plan) => compareManyHeads(2662, plan) },
  'heads-large': { runs: 1, work: (plan) => compareManyHeads(166_400, plan) },
  curve: { runs: 1, work: showCurves },
  scoring: { runs: 300, work: compareScoring },
}

const { values } = parseArgs({
  options: {
    size: { type: 'string', multiple: true, default: ['small', 'medium', 'scoring'] },
    runs: { type: 'string' },
    rounds: { type: 'string', default: '300' },
    engines: { type: 'string' },
  },
})

const wanted = values.engines?.split(',')
const unknown = [
  ...values.size.filter((size) => !(size in SIZES)),
  ...(wanted ?? []).filter((name) => !ENGINES.some((engine) => engine === name)),
]
if (unknown.length > 0) {
  process.stderr.write(
    `bench: ${unknown.join(', ')}: sizes are ${Object.keys(SIZES).join(', ')}; engines are ${ENGINES.join(', ')}\n`,
  )
  process.exit(2)
}
const counts = [values.runs ?? '1', values.rounds].filter((text) => !/^[1-9]\d{0,5}$/.test(text))
if (counts.length > 0) {
  process.stderr.write(`bench: ${counts.join(', ')}: --runs and --rounds are integers of 1 or more\n`)
  process.exit(2)
}
const engines = availableEngines().filter((engine) => wanted?.includes(engine) ?? true)
if (engines.length === 0) {
  process.stderr.write('bench: none of these engines is here: run `npm run interop` for the Python ones\n')
  process.exit(2)
}
for (const size of values.size) {
  const { runs = 1, work } = SIZES[size] ?? {}
  const plan = { engines, runs: Number(values.runs ?? runs), rounds: Number(values.rounds) }
  writeResults(size, await work?.(plan))
}
