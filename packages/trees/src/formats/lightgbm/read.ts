import type { Objective, TreeModel } from '../../model/model.ts'
import { assembleModel } from '../assemble.ts'
import { matchColumns } from '../foreign-columns.ts'
import type { ColumnOptions } from '../foreign-columns.ts'
import { readTree } from './read-tree.ts'
import { integerOf, splitText, wordsOf } from './text.ts'
import type { Block } from './text.ts'

/** Versions of the text format that are known: LightGBM 2.2.2 to 3.x, and 4.x. */
const VERSIONS = ['v3', 'v4']

/**
 * The model in LightGBM's text format (Booster.save_model, model_to_string): one output; objective binary, cross_entropy,
 * regression, regression_l1, huber, quantile, poisson or one's own; gbdt, dart, goss and random forest. Thresholds of 64 bits
 * become the 32-bit ones that send every 32-bit x the same way; leaf values are rounded to 32 bits and a forest's mean is
 * folded into them. `predictRaw` agrees with LightGBM's `raw_score=True` (times `sigmoid` for binary) to 1e-6 of
 * max(1, |score|). LightGBM drops the fraction of a category code such as 1.5, which is in no set here, and writes
 * blanks in names as underscores, so names are compared that way. Throws, naming file, place and rule, on text that is cut
 * short, foreign or beyond this (zero_as_missing, linear trees, several outputs).
 */
export function fromLightgbm(text: string, options: ColumnOptions = {}): TreeModel {
  const source = options.source ?? 'model'
  const { header, trees } = splitText(text, source)
  const version = header.values.get('version') ?? 'none'
  if (!VERSIONS.includes(version)) {
    throw new Error(
      `trees: ${source}: version=${version}: must be one of ${VERSIONS.join(', ')}. Save with a LightGBM of these, or update @breakwater/trees.`,
    )
  }
  checkOutputs(header)
  const { objective, scale } = objectiveOf(header)
  const names = wordsOf(header, 'feature_names')
  const { columns, columnOf } = matchColumns(integerOf(header, 'max_feature_idx') + 1, names, options, spelled)
  const mean = header.values.has('average_output') ? Math.max(1, trees.length) : 1
  const reading = { columnOf, scale: scale / mean, missingIsFirstCategory: version === 'v3' }
  const read = trees.map((tree) => readTree(tree, reading))
  return assembleModel(read, { objective, columns, baseScore: 0, source })
}

/** A name as LightGBM writes it. */
const spelled = (name: string): string => name.replaceAll(/\s/g, '_')

function checkOutputs(header: Block): void {
  for (const key of ['num_class', 'num_tree_per_iteration']) {
    const count = integerOf(header, key, 1)
    if (count <= 1) continue
    throw new Error(
      `trees: ${header.source}: ${key}=${count}: a model has one output. Train one model an output (an objective such as binary).`,
    )
  }
}

/** Objectives of LightGBM whose prediction is one of ours: all others are refused. */
const OBJECTIVES: ReadonlyMap<string, Objective> = new Map<string, Objective>([
  ['binary', 'logistic'],
  ['cross_entropy', 'logistic'],
  ['regression', 'squared'],
  ['regression_l1', 'absolute'],
  ['huber', 'huber'],
  ['quantile', 'quantile'],
  ['poisson', 'poisson'],
  ['custom', 'custom'],
])

/**
 * Our objective for the header's, and what leaves are multiplied by: LightGBM's probability is 1 / (1 + e^(-sigmoid s)), so
 * `sigmoid` goes into the scores. A model without an objective was trained with a loss of its own.
 */
function objectiveOf(header: Block): { readonly objective: Objective; readonly scale: number } {
  const [name = 'custom', ...settings] = wordsOf(header, 'objective')
  const objective = OBJECTIVES.get(name)
  if (objective === undefined || settings.includes('sqrt')) {
    throw new Error(
      `trees: ${header.source}: objective=${[name, ...settings].join(' ')}: must be one of ${[...OBJECTIVES.keys()].join(', ')}, without sqrt. Train with one of these.`,
    )
  }
  const sigmoid = settings.find((setting) => setting.startsWith('sigmoid:'))
  const scale = sigmoid === undefined ? 1 : Number(sigmoid.slice('sigmoid:'.length))
  if (scale > 0) return { objective, scale }
  throw new Error(`trees: ${header.source}: objective: ${sigmoid}: must be above 0. Save the model again.`)
}
