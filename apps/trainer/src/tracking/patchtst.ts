import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { decodeModel, type ElementType, type OnnxValueInfo } from '@breakwater/formats'
import { decisiveSettings, type PatchTstFiles, type PatchTstInput, sessionsOf } from '@breakwater/models/patchtst'
import { flattenMetrics, mlflowOnnxFiles } from '@breakwater/tracking'
import type { OnnxPort, TrackedRun } from '@breakwater/tracking'
import type { SequenceData } from '@breakwater/patchtst'
import type { PatchTstEvents, PatchTstRequest } from '../patchtst/train.ts'
import type { RunAbout } from './tracking.ts'

/** The description of a PatchTST run: settings, dates, channels, the data. */
export function aboutPatchTst(request: PatchTstRequest, { split, train, validation, fill }: PatchTstInput): RunAbout {
  const [trainDates, valDates] = [sessionsOf(split.train), sessionsOf(split.validation)]
  const hash = hashOf([train, validation])
  return {
    job: 'patchtst',
    stage: 'sequences',
    ablation: train.staticNames.length === 0 ? 'bars' : 'bars_and_statics',
    schemaVersion: '1',
    datasetHash: hash,
    dates: [...trainDates, ...valDates],
    dataset: {
      name: 'sequences',
      digest: hash,
      context: 'training',
      source: split.train.map(({ file }) => file).join(', '),
      rows: train.samples,
    },
    settings: {
      ...decisiveSettings(request),
      length: train.length,
      channels: train.channelNames,
      statics: fill.names,
      train_dates: trainDates,
      val_dates: valDates,
    },
  }
}

function hashOf(sets: readonly SequenceData[]): string {
  const hash = createHash('sha256')
  for (const { x, mask, statics, yBreak, yStrength, reach, tsNs } of sets) {
    for (const array of [x, mask, statics, yBreak, yStrength, ...(reach === null ? [] : [reach.values]), tsNs]) {
      hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    }
  }
  return hash.digest('hex')
}

/** Records each epoch as a step; `settled` waits for what is still being written, and throws what went wrong. */
export function followEpochs(run: TrackedRun): PatchTstEvents & { readonly settled: () => Promise<void> } {
  let last = Promise.resolve()
  return {
    onEpoch: ({ epoch, trainLoss, validationLoss, validationLosses, learningRate }) => {
      const metrics = flattenMetrics({
        train_loss: trainLoss,
        validation_loss: validationLoss,
        validation: validationLosses,
        learning_rate: learningRate,
      })
      last = last.then(() => run.metrics(metrics, epoch))
      // Told when `settled` is awaited, not while the training continues.
      last.catch(() => undefined)
    },
    settled: () => last,
  }
}

/**
 * Records the best epoch, the scores on the validation files, and the model as the next version of `patchtst`: a model of MLflow too. `time`
 * is in milliseconds since 1970.
 */
export async function recordPatchTst(
  run: TrackedRun,
  { model, weights, json, version, details }: PatchTstFiles,
  time: number,
): Promise<void> {
  const { history, bestEpoch, validation } = details
  await run.metrics(flattenMetrics({ best_epoch: bestEpoch, best: validation }), history.length)
  const files = [model, weights, json].map((path) => ({ path: basename(path), file: join(version, basename(path)) }))
  const graph = basename(model)
  const { inputs, outputs } = decodeModel(await readFile(join(version, graph))).graph
  const about = { artifact: MODEL, graph, inputs: inputs.map(portOf), outputs: outputs.map(portOf), id: run.id, time }
  const all = [...files, ...mlflowOnnxFiles(about)]
  await run.artifact({ name: MODEL, type: 'model', files: all, registerAs: 'patchtst' })
}

const MODEL = 'model'

/** NumPy's names of the element types of the network. */
const DTYPES: Partial<Readonly<Record<ElementType, string>>> = { float: 'float32', double: 'float64' }

const portOf = ({ name, elementType, shape }: OnnxValueInfo): OnnxPort => ({
  name,
  type: 'tensor',
  dtype: DTYPES[elementType] ?? elementType,
  shape: shape.map((size) => (typeof size === 'number' ? size : -1)),
})
