import { checkCount, checkOneOf, checkRange } from './checks.ts'
import { MODEL_DEFAULTS } from './config.ts'
import type { ModelOptions, PatchTstConfig, Tasks } from './config.ts'
import { isSeries } from './sequence-set.ts'
import type { TrainingData } from './sequence-set.ts'

/** A network for data and tasks, with defaults filled in and checked. */
export function resolveConfig(data: TrainingData, tasks: Tasks, options: ModelOptions): PatchTstConfig {
  const given = { ...MODEL_DEFAULTS, ...options }
  const config: PatchTstConfig = {
    ...given,
    headWidth: given.headWidth ?? given.width,
    length: data.length,
    channels: data.channels,
    channelNames: [...data.channelNames],
    statics: isSeries(data) ? 0 : data.statics,
    staticNames: isSeries(data) ? [] : [...data.staticNames],
    tasks,
  }
  checkNetwork(config)
  checkTasks(tasks)
  if (config.patchLength > data.length) {
    throw new RangeError(
      `patchtst: ${data.source}: sequences have ${data.length} steps, a patch ${config.patchLength}: they are shorter than a patch. Make longer sequences, or set patchLength.`,
    )
  }
  return config
}

function checkNetwork(config: PatchTstConfig): void {
  for (const name of ['patchLength', 'stride', 'layers', 'width', 'heads', 'feedForward', 'headWidth'] as const) {
    checkCount(name, config[name], 1)
  }
  for (const name of ['dropout', 'attentionDropout', 'headDropout'] as const) checkRange(name, config[name], 0, 1)
  checkOneOf('norm', config.norm, ['batch', 'layer'])
  if (config.width % config.heads !== 0) {
    throw new RangeError(`patchtst: heads=${config.heads}: must divide the width, ${config.width}. Change one of them.`)
  }
  if (config.stride > config.patchLength) {
    throw new RangeError(
      `patchtst: stride=${config.stride}: is more than patchLength=${config.patchLength}, so that steps would be in no patch.`,
    )
  }
}

function checkTasks({ direction, strength, reach, forecast, reconstruct }: Tasks): void {
  if (reach !== undefined) {
    const rising = reach.horizons.every((end, i) => end > (reach.horizons[i - 1] ?? 0))
    if (reach.curves.length === 0 || reach.horizons.length === 0 || !rising) {
      throw new RangeError(
        `patchtst: tasks.reach: curves=[${reach.curves.join()}], horizons=[${reach.horizons.join()}]: needs a curve, and horizons above 0 that rise.`,
      )
    }
  }
  if (forecast !== undefined) checkCount('tasks.forecast', forecast, 1)
  if (
    direction !== true &&
    strength !== true &&
    reach === undefined &&
    forecast === undefined &&
    reconstruct !== true
  ) {
    throw new RangeError('patchtst: tasks: names no head. Set direction, strength, reach or forecast.')
  }
}
