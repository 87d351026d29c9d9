import type { Objective, TreeModel } from '../../model/model.ts'
import { assembleModel } from '../assemble.ts'
import type { ForeignTree } from '../assemble.ts'
import { matchColumns } from '../foreign-columns.ts'
import type { ColumnOptions } from '../foreign-columns.ts'
import { fieldOf, integerOf, itemsOf, numbersOf, pathOf, textOf, wrong } from './document.ts'
import type { DocumentValue, DocumentField } from './document.ts'
import { readJsonText } from './json-text.ts'
import { KNOWN_OBJECTIVES, marginOf, objectiveFrom } from './objective.ts'
import { readTree } from './read-tree.ts'
import { readUbjson } from './ubjson-read.ts'

/** Options of {@link fromXgboost}. */
export interface XgboostOptions extends ColumnOptions {
  /** Which trees: up to the best iteration where early stopping recorded one (default), or all. */
  readonly iterations?: 'best' | 'all'
}

/**
 * The model in a file of XGBoost 1.7, 2.x or 3.x, JSON or UBJSON: gbtree or dart, one output, logistic, squared, absolute,
 * pseudo-Huber, quantile or Poisson loss. Dart's weights are folded into the leaves. `predictRaw` agrees with XGBoost's
 * `output_margin=True` to 1e-6 of max(1, |score|) (it sums in 32 bits). Category columns hold the codes that XGBoost was
 * trained on; XGBoost drops the fraction of a code such as 1.5, which is in no set here. Throws, naming file,
 * place and rule, on a file that is cut short, foreign or beyond this. Runs nothing of the file.
 */
export function fromXgboost(bytes: Uint8Array, options: XgboostOptions = {}): TreeModel {
  const source = options.source ?? 'model'
  const root: DocumentField = { value: parse(bytes, source), place: '', source }
  checkVersion(fieldOf(root, 'version'))
  const learner = fieldOf(root, 'learner')
  const parameters = fieldOf(learner, 'learner_model_param')
  const { name, objective } = objectiveOf(learner)
  checkOutputs(parameters)
  const { model, weights } = boosterOf(learner)
  const { columns, columnOf } = matchColumns(integerOf(fieldOf(parameters, 'num_feature')), namesOf(learner), options)
  const trees = itemsOf(fieldOf(model, 'trees')).slice(0, keptTrees(learner, model, options.iterations ?? 'best'))
  const read = trees.map((tree, t) => readTree(tree, columnOf, weights === undefined ? 1 : (weights[t] as number)))
  const baseScore = baseScoreOf(fieldOf(parameters, 'base_score'), name)
  return assembleModel(read satisfies ForeignTree[], { objective, columns, baseScore, source })
}

function parse(bytes: Uint8Array, source: string): DocumentValue {
  if (bytes[0] !== 0x7b) {
    throw new Error(
      `trees: ${source}: is neither JSON nor UBJSON. Save the model with Booster.save_model under a name that ends in .ubj or .json.`,
    )
  }
  const format = 'LlIUi'.includes(String.fromCodePoint(bytes[1] ?? 0)) ? 'UBJSON' : 'JSON'
  try {
    if (format === 'UBJSON') return readUbjson(bytes)
    return readJsonText(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`trees: ${source}: is not whole ${format}: ${reason}. Copy or save the file again.`, { cause })
  }
}

/** Newest major version of XGBoost whose files are known. */
const NEWEST = 3

function checkVersion(field: DocumentField): void {
  const [major = Number.NaN] = Array.from(numbersOf(field, 3))
  if (major >= 1 && major <= NEWEST) return
  throw new Error(
    `trees: ${field.source}: version=${major}: must be from 1 to ${NEWEST}. Save with an XGBoost of these, or update @breakwater/trees.`,
  )
}

function objectiveOf(learner: DocumentField): { readonly name: string; readonly objective: Objective } {
  const field = pathOf(learner, 'objective', 'name')
  const name = textOf(field)
  const objective = objectiveFrom(name)
  if (objective !== undefined) return { name, objective }
  throw new Error(
    `trees: ${field.source}: ${field.place}=${name}: must be one of ${KNOWN_OBJECTIVES.join(', ')}. Train with one of these.`,
  )
}

function checkOutputs(parameters: DocumentField): void {
  for (const key of ['num_class', 'num_target']) {
    const count = integerOf(fieldOf(parameters, key), 1)
    if (count <= 1) continue
    throw new Error(
      `trees: ${parameters.source}: learner.learner_model_param.${key}=${count}: a model has one output. Train one model an output.`,
    )
  }
}

/** The trees' object, and the weights of a dart model. */
function boosterOf(learner: DocumentField): { readonly model: DocumentField; readonly weights?: ArrayLike<number> } {
  const booster = fieldOf(learner, 'gradient_booster')
  const name = textOf(fieldOf(booster, 'name'))
  if (name === 'gbtree') return { model: fieldOf(booster, 'model') }
  if (name !== 'dart') {
    throw new Error(`trees: ${booster.source}: ${booster.place}.name=${name}: must be gbtree or dart. Train trees.`)
  }
  const model = pathOf(booster, 'gbtree', 'model')
  const count = itemsOf(fieldOf(model, 'trees')).length
  return { model, weights: numbersOf(fieldOf(booster, 'weight_drop'), count) }
}

function namesOf(learner: DocumentField): string[] {
  const field = fieldOf(learner, 'feature_names')
  return field.value === undefined ? [] : itemsOf(field).map(textOf)
}

/** Number of trees to keep; checks that the file has as many as it declares and that all feed the one output. */
function keptTrees(learner: DocumentField, model: DocumentField, iterations: 'best' | 'all'): number {
  const trees = itemsOf(fieldOf(model, 'trees')).length
  const declared = integerOf(pathOf(model, 'gbtree_model_param', 'num_trees'))
  if (declared !== trees) throw wrong(fieldOf(model, 'trees'), `has ${trees} trees: must have ${declared}`)
  const groups = numbersOf(fieldOf(model, 'tree_info'), trees)
  if (Array.from(groups).some((group) => group !== 0)) throw wrong(fieldOf(model, 'tree_info'), 'must be all 0')
  const best = pathOf(learner, 'attributes', 'best_iteration')
  if (iterations === 'all' || best.value === undefined) return trees
  const rounds = integerOf(best) + 1
  const starts = fieldOf(model, 'iteration_indptr')
  const parallel = integerOf(pathOf(model, 'gbtree_model_param', 'num_parallel_tree'), 1)
  const kept = starts.value === undefined ? rounds * parallel : numbersOf(starts)[rounds]
  if (kept !== undefined && kept <= trees) return kept
  throw wrong(best, `is ${rounds - 1}, but the file has fewer iterations`)
}

/** The raw score before the first tree. XGBoost 3 writes base_score as a list of one. */
function baseScoreOf(field: DocumentField, objective: string): number {
  const text = textOf(field)
  const margin = marginOf(objective, text.trim() === '' ? Number.NaN : Number(text.replace(/^\[(.*)\]$/, '$1')))
  if (Number.isFinite(margin)) return margin
  throw wrong(field, `is ${JSON.stringify(text)}: must be one number in the range of ${objective}`)
}
