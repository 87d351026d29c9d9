import type { RunStatus } from '@breakwater/tracking'

/** A run as a system holds it, read back by other means than those that wrote it. */
export interface RecordedRun {
  readonly name: string
  readonly job: string
  readonly status: RunStatus | 'running'
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  /** By key, `step:value` in order. */
  readonly metrics: Readonly<Record<string, readonly string[]>>
  /** Content by artifact and path. */
  readonly artifacts: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly datasets: readonly string[]
}

/** Groups points into `step:value` by key. */
export function byKey(
  points: readonly { readonly key: string; readonly step: number; readonly value: number }[],
): Record<string, string[]> {
  const grouped: Record<string, string[]> = {}
  for (const { key, step, value } of points) (grouped[key] ??= []).push(`${step}:${value}`)
  return grouped
}
