import { InvalidArgumentError } from 'commander'
import type { SystemName } from '@breakwater/tracking/node'

/** The options of a command that records a run. */
export interface TrackingFlags {
  /** Undefined leaves it to BREAKWATER_TRACKING, and that to both. */
  readonly tracking?: readonly SystemName[]
  /** Seconds; undefined leaves it to BREAKWATER_TRACKING_DEADLINE, and that to 30. */
  readonly trackingDeadline?: number
}

const SYSTEMS: readonly SystemName[] = ['mlflow', 'wandb']

/** The systems that `--tracking mlflow,wandb`, one of them, or `none` names. */
export function systemList(text: string): readonly SystemName[] {
  const systems = systemsIn(text)
  if (systems === undefined) throw new InvalidArgumentError(`"${text}" is not ${RULE}.`)
  return systems
}

const RULE = `none, or one or more of ${SYSTEMS.join(', ')} with commas between`

/** The systems that a flag or BREAKWATER_TRACKING names; both where neither is given. */
export function trackedSystems(
  { tracking }: TrackingFlags,
  env: Readonly<Record<string, string | undefined>>,
): readonly SystemName[] {
  if (tracking !== undefined) return tracking
  const text = env['BREAKWATER_TRACKING']?.trim() ?? ''
  const systems = text === '' ? SYSTEMS : systemsIn(text)
  if (systems !== undefined) return systems
  throw new RangeError(`trainer: BREAKWATER_TRACKING=${text}: must be ${RULE}. Correct it, or unset it.`)
}

function systemsIn(text: string): readonly SystemName[] | undefined {
  const words = text.split(',').map((word) => word.trim())
  if (words.length === 1 && words[0] === 'none') return []
  const named = SYSTEMS.filter((system) => words.includes(system))
  return words.every((word) => SYSTEMS.some((system) => system === word)) ? named : undefined
}
