import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'

const foldSchema = z.object({
  fold: z.number(),
  status: z.string(),
  trees: z.number(),
  metrics: z.object({ validation: z.record(z.string(), z.number().nullable()) }),
})
const metadataSchema = z.object({
  heads: z.array(z.looseObject({ file: z.string().optional(), sha256: z.string().optional() })),
  details: z.object({
    data: z.object({ hash: z.string() }),
    heads: z.array(z.object({ name: z.string(), folds: z.array(foldSchema) })),
  }),
})

/** The metadata of a trained set, the other record of the same training. */
export const metadataOf = (models: string, stage: string): z.output<typeof metadataSchema> =>
  metadataSchema.parse(JSON.parse(readFileSync(join(models, `metadata_${stage}_full.json`), 'utf8')))

/** Every validation figure of every head as the metadata has it, as rows of the table of a run. */
export function figuresOf({ details }: z.output<typeof metadataSchema>): (string | number | null)[][] {
  return details.heads.flatMap(({ name, folds }) =>
    folds
      .filter(({ status }) => status === 'trained')
      .flatMap(({ fold, metrics }) =>
        Object.entries(metrics.validation).map(([metric, value]) => [name, fold, 'validation', metric, value]),
      ),
  )
}

/** The hash of each bundle by its place in the run. */
export const hashesOf = ({ heads }: z.output<typeof metadataSchema>): Record<string, string> =>
  Object.fromEntries(
    heads.flatMap(({ file, sha256: hash }) => (file === undefined ? [] : [[`bundle/${basename(file)}`, hash ?? '']])),
  )

/** The SHA-256 of a file. */
export const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
