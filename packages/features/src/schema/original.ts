import { z } from 'zod'
import { overlayColumn } from './overlay.ts'
import { momentColumns } from '../moments/columns.ts'
import { validate } from './error.ts'
import type { ColumnSpec, ColumnType, Schema } from './schema.ts'
import { FEATURE_ALIASES } from './aliases.ts'

const columnLayout = z.looseObject({
  dtype: z.enum(['string', 'float64', 'int8', 'int32', 'int64', 'bool']),
  description: z.string().default(''),
  values: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]).optional(),
})

const groupLayout = z.looseObject({ columns: z.record(z.string().min(1), columnLayout) })

// Other keys are allowed and ignored.
const layout = z
  .looseObject({
    version: z.literal('1.5.0'),
    output_path: z.string().min(1).optional(),
    features: z.record(z.string().min(1), groupLayout),
  })
  .superRefine(({ features }, context) => {
    const groupOf = new Map<string, string>()
    for (const [group, { columns }] of Object.entries(features)) {
      for (const name of Object.keys(columns)) {
        const canonical = FEATURE_ALIASES.get(name) ?? name
        const other = groupOf.get(canonical)
        if (other !== undefined) {
          const message = `already a column of group ${other}`
          context.addIssue({ code: 'custom', path: ['features', group, 'columns', name], message })
        }
        groupOf.set(canonical, group)
      }
    }
  })

/** Nanosecond columns are times, whatever number type the original gave them (it stored some as float64). */
function typeOf(name: string, dtype: ColumnType): ColumnType {
  return /^(confirm_)?ts_ns(_\d+min)?$/.test(name) ? 'time' : dtype
}

/**
 * A {@link Schema} from the 1.5.0 layout and the shipped overlay, which adds role, family, stage, unit and the time at
 * which the original's values are known, with our columns of moments beside them. Columns that the overlay does not know are identity columns, listed in
 * `unknown`. Throws as parseSchema does.
 */
export function readOriginal(json: unknown, file: string): Schema {
  const { features, output_path: outputPath } = validate(layout, json, file)
  const columns: ColumnSpec[] = []
  const unknown: string[] = []
  for (const [group, members] of Object.entries(features)) {
    for (const [name, { dtype, description }] of Object.entries(members.columns)) {
      const canonical = FEATURE_ALIASES.get(name) ?? name
      const overlay = overlayColumn(canonical)
      if (overlay === undefined) unknown.push(name)
      const spec = overlay ?? ({ role: 'identity', unit: 'unknown' } as const)
      columns.push({ name: canonical, type: typeOf(name, dtype), group, ...spec, description })
    }
  }
  const description = 'The original layout, completed by the shipped overlay.'
  const from = outputPath === undefined ? {} : { outputPath }
  return { version: '1.5.0', name: 'original-1.5.0', description, columns, moments: momentColumns, unknown, ...from }
}
