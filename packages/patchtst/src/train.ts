import { checkData, checkFits, checkLabels } from './check-data.ts'
import type { PatchTstConfig } from './config.ts'
import type { PatchTstModel } from './model.ts'
import { initialWeights } from './network/initial.ts'
import { weightLayout } from './network/layout.ts'
import type { PretrainOptions, TrainOptions, TrainResult } from './options.ts'
import { resolveConfig } from './resolve-config.ts'
import { resolveFit } from './resolve-fit.ts'
import type { FitSpecials } from './resolve-fit.ts'
import { isSeries } from './sequence-set.ts'
import type { TrainingData } from './sequence-set.ts'
import { fit } from './training/fit.ts'
import type { ClassFactors } from './training/labels.ts'

/**
 * Trains a PatchTST (Nie et al. 2023, arXiv 2211.14730) by AdamW. The validation data choose the best epoch and end the
 * training early; nothing else is taken from them. The same data, options and seed give the same bits for any number of
 * threads. Statics are normalised by the training data.
 *
 * Throws RangeError on data or options that cannot be trained on, naming the source and the array; the signal's reason when
 * aborted; an Error where the loss is no longer finite. Cost: epochs x samples x channels x patches x layers.
 */
export async function trainPatchTst(
  train: TrainingData,
  validation: TrainingData | undefined,
  options: TrainOptions,
): Promise<TrainResult> {
  const { tasks, model = {}, initial, lossWeights = {}, classWeights = 'none', headEpochs = 0 } = options
  if (tasks.reconstruct === true) {
    throw new RangeError('patchtst: tasks.reconstruct: is for pre-training. Call pretrainPatchTst.')
  }
  checkData(train)
  if (validation !== undefined) checkData(validation)
  const config = resolveConfig(train, tasks, initial === undefined ? model : { ...encoderOf(initial), ...model })
  const classFactors = classWeights === 'balanced' ? balanced(train) : { bounce: 1, break: 1 }
  const start = startFrom(config, train, options.seed ?? 7)
  if (initial !== undefined) takeOver(initial, start)
  return run(start, train, validation, options, { lossWeights, classFactors, headEpochs, maskRatio: 0 })
}

/**
 * Pre-trains an encoder without labels: patches are masked at random and reconstructed from the rest, as in the paper. By default
 * patches do not overlap (stride = patchLength, no end padding), so that no hidden step is seen in another patch. The
 * result goes into `initial` of {@link trainPatchTst}.
 */
export async function pretrainPatchTst(
  train: TrainingData,
  validation: TrainingData | undefined,
  options: PretrainOptions = {},
): Promise<TrainResult> {
  const { model = {}, maskRatio = 0.4 } = options
  if (!(maskRatio > 0 && maskRatio < 1)) {
    throw new RangeError(`patchtst: maskRatio=${maskRatio}: must lie in (0, 1).`)
  }
  checkData(train)
  if (validation !== undefined) checkData(validation)
  const apart = { stride: model.patchLength ?? 16, endPadding: false }
  const config = resolveConfig(train, { reconstruct: true }, { ...apart, ...model })
  const start = startFrom(config, train, options.seed ?? 7)
  const classFactors = { bounce: 1, break: 1 }
  return run(start, train, validation, options, { lossWeights: {}, classFactors, headEpochs: 0, maskRatio })
}

async function run(
  start: PatchTstModel,
  train: TrainingData,
  validation: TrainingData | undefined,
  options: TrainOptions | PretrainOptions,
  specials: FitSpecials,
): Promise<TrainResult> {
  const { config } = start
  checkLabels(config, train, 'train')
  if (validation !== undefined) {
    checkFits(config, validation)
    checkLabels(config, validation, 'validate')
  }
  const { plan, setting } = await resolveFit(config, train, options, specials)
  const outcome = await fit(plan, setting, start, train, validation)
  return { ...outcome, device: setting.device, threads: setting.threads }
}

function startFrom(config: PatchTstConfig, train: TrainingData, seed: number): PatchTstModel {
  return { config, ...initialWeights(config, seed), ...staticScaling(train) }
}

/** Means and deviations of the statics; 1 where a static does not vary, which then gives 0. */
function staticScaling(train: TrainingData): Pick<PatchTstModel, 'staticMean' | 'staticScale'> {
  if (isSeries(train)) return { staticMean: new Float32Array(), staticScale: new Float32Array() }
  const { samples, statics, staticValues } = train
  const column = (at: number): number[] =>
    Array.from({ length: samples }, (_, i) => staticValues[i * statics + at] ?? 0)
  const moments = Array.from({ length: statics }, (_, at) => {
    const values = column(at)
    const mean = values.reduce((sum, value) => sum + value, 0) / samples
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / samples
    // Equal values may still have a variance above 0, by rounding.
    const varies = values.some((value) => value !== values[0])
    return { mean, scale: varies ? Math.fround(Math.sqrt(variance)) || 1 : 1 }
  })
  return {
    staticMean: Float32Array.from(moments, ({ mean }) => mean),
    staticScale: Float32Array.from(moments, ({ scale }) => scale),
  }
}

/** Factors that give both classes the same weight and keep the sum. */
function balanced(train: TrainingData): ClassFactors {
  const labels = isSeries(train) ? undefined : train.labels.direction
  const count = (label: number): number => labels?.reduce((sum, one) => sum + (one === label ? 1 : 0), 0) ?? 0
  const [bounces, breaks] = [count(0), count(1)]
  const half = (bounces + breaks) / 2
  return { bounce: bounces === 0 ? 1 : half / bounces, break: breaks === 0 ? 1 : half / breaks }
}

/** The settings of a model that decide its encoder. */
function encoderOf({ config }: PatchTstModel) {
  const { patchLength, stride, endPadding, layers, width, heads, feedForward, norm } = config
  const { residualAttention, instanceNorm, instanceAffine } = config
  const network = { patchLength, stride, endPadding, layers, width, heads, feedForward, norm }
  return { ...network, residualAttention, instanceNorm, instanceAffine }
}

/** Copies the encoder's weights and statistics of `from` into `to`; throws where one does not fit. */
function takeOver(from: PatchTstModel, to: PatchTstModel): void {
  const theirs = new Map(weightLayout(from.config).places.map((place) => [place.name, place]))
  const { places, headOffset } = weightLayout(to.config)
  for (const { name, shape, offset } of places) {
    if (offset >= headOffset) continue
    const own = theirs.get(name)
    if (own === undefined || own.shape.join() !== shape.join()) {
      throw new RangeError(
        `patchtst: initial: ${name} is ${own?.shape.join(' x ') ?? 'absent'} there, and ${shape.join(' x ')} here. Use the same model options, sequence length and channels.`,
      )
    }
    to.weights.set(from.weights.subarray(own.offset, own.offset + own.size), offset)
  }
  if (from.statistics.length === to.statistics.length) to.statistics.set(from.statistics)
}
