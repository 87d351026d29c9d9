import { randomFillSync } from 'node:crypto'
import { basename, join } from 'node:path'
import type { Version } from '@breakwater/formats/node'
import { setOfMetadataFile } from '@breakwater/models'
import { newRunId, type Tracker } from '@breakwater/tracking'

/** How a version became the current one. */
export interface Promoted {
  readonly action: 'promote' | 'rollback'
  /** Folder that it came from. */
  readonly from: string
  /** Whether the live gain spoke against it. */
  readonly forced: boolean
}

/**
 * Records that a version of a set became the current one: a run with its action and version as tags, and its metadata as the next
 * version of the registered model of the set.
 */
export async function recordVersion(
  tracker: Tracker,
  { id, pointer, folder }: Version,
  { action, from, forced }: Promoted,
): Promise<void> {
  const run = await tracker.start({
    id: newRunId((bytes) => randomFillSync(bytes)),
    name: `${action}-${basename(pointer, '.json')}-${id}`,
    job: 'boosted_trees',
    tags: { action, version: id, source: from, forced: String(forced) },
  })
  const set = setOfMetadataFile(pointer)
  await run.artifact({
    name: 'metadata',
    type: 'model',
    files: [{ path: pointer, file: join(folder, pointer) }],
    registerAs: `boosted_trees-${set?.stage}-${set?.ablation}`,
  })
  await run.end('finished')
}
