import { InvalidArgumentError, Option } from 'commander'
import type { SystemName } from '@breakwater/tracking/node'

/** The option of a command that records a run. */
export interface TrackingFlags {
  /** Undefined leaves it to BREAKWATER_TRACKING, and that to both. */
  readonly tracking?: readonly SystemName[]
}

const SYSTEMS: readonly SystemName[] = ['mlflow', 'wandb']

/** `--tracking mlflow,wandb`, one of them, or `none`. */
export function trackingOption(): Option {
  return new Option(
    '--tracking <systems>',
    'record the run in mlflow, wandb or both (with a comma), or none (default: $BREAKWATER_TRACKING, or both)',
  ).argParser(trackedSystems)
}

/** The systems that a text names: `none`, or names with commas between. */
export function trackedSystems(text: string): readonly SystemName[] {
  if (text.trim() === 'none') return []
  const words = text.split(',').map((word) => word.trim())
  const systems = SYSTEMS.filter((system) => words.includes(system))
  const unknown = words.find((word) => !SYSTEMS.some((system) => system === word))
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is not one of ${SYSTEMS.join(', ')}, none.`)
  return systems
}
