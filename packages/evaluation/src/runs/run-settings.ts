import type { TrainingDetails } from '@breakwater/models'
import type { SettingDifference } from '../documents/runs.ts'

/** The settings that differ between two trainings: of the set, the signals, the plan, the trees, and the program. */
export function settingDifferences(a: TrainingDetails, b: TrainingDetails): SettingDifference[] {
  const [one, other] = [settingsOf(a), settingsOf(b)]
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].toSorted()
  return names
    .filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]))
    .map((name) => ({ name, a: one[name], b: other[name] }))
}

function settingsOf(details: TrainingDetails): Readonly<Record<string, unknown>> {
  const { data, options, plan, law } = details
  return {
    stage: details.stage,
    ablation: details.ablation,
    seed: details.seed,
    gitSha: details.gitSha,
    libraryVersion: details.libraryVersion,
    symbol: data.symbol,
    schemaVersion: data.schemaVersion,
    thresholds: data.thresholds,
    'law.bars': law?.bars ?? null,
    'plan.kind': plan.kind,
    ...prefixed('plan', plan.options),
    ...prefixed('signals', data.settings ?? {}),
    ...prefixed('trees', { ...options, monotone: sorted(options.monotone) }),
  }
}

const prefixed = (prefix: string, values: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]))

/** The same object with its keys in order, so that the order in which they were given makes no difference. */
const sorted = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(values).toSorted(([one], [other]) => (one < other ? -1 : 1)))
