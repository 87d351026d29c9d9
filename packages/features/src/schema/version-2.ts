import { z } from 'zod'
import { validate } from './error.ts'
import type { ColumnSpec, Schema } from './schema.ts'

const columnLayout = z.strictObject({
  type: z.enum(['string', 'float64', 'int8', 'int32', 'int64', 'bool', 'time']),
  group: z.string().min(1),
  role: z.enum(['identity', 'level', 'feature', 'label']),
  family: z.enum(['ta', 'mechanics', 'context', 'mixed']).optional(),
  stage: z.enum(['a', 'b']).optional(),
  unit: z.string().min(1),
  known_after_s: z.number().nonnegative().optional(),
  lookahead: z.string().min(1).optional(),
  categories: z.array(z.string().min(1)).min(1).optional(),
  aliases: z.array(z.string().min(1)).optional(),
  description: z.string().min(1),
})

type ColumnLayout = z.infer<typeof columnLayout>

const layout = z
  .strictObject({
    version: z.literal(2),
    name: z.string().min(1),
    description: z.string(),
    columns: z.record(z.string().min(1), columnLayout),
    moments: z.record(z.string().min(1), columnLayout).default({}),
  })
  .superRefine(({ columns, moments }, context) => {
    const taken = new Set(Object.keys(columns))
    for (const [name, column] of Object.entries(columns)) {
      for (const { at, rule } of problemsOf(column)) {
        context.addIssue({ code: 'custom', path: ['columns', name, ...(at === undefined ? [] : [at])], message: rule })
      }
      for (const alias of column.aliases ?? []) {
        if (taken.has(alias)) {
          const message = `"${alias}" is already the name or alias of a column`
          context.addIssue({ code: 'custom', path: ['columns', name, 'aliases'], message })
        }
        taken.add(alias)
      }
    }
    for (const [name, column] of Object.entries(moments)) {
      const problems = momentProblemsOf(column)
      if (taken.has(name)) problems.push({ rule: 'already the name or alias of a column of signals' })
      for (const { at, rule } of problems) {
        context.addIssue({ code: 'custom', path: ['moments', name, ...(at === undefined ? [] : [at])], message: rule })
      }
    }
  })

type Problem = { readonly at?: keyof ColumnLayout; readonly rule: string }

function problemsOf(column: ColumnLayout): Problem[] {
  const problems: Problem[] = []
  if (column.role === 'feature') {
    if (column.family === undefined) problems.push({ at: 'family', rule: 'a feature needs a family' })
    if (column.stage === undefined) problems.push({ at: 'stage', rule: 'a feature needs a stage' })
    if (column.known_after_s === undefined && column.lookahead === undefined) {
      problems.push({
        at: 'known_after_s',
        rule: 'a feature needs the seconds after which it is known, or a lookahead reason',
      })
    }
    if (column.type === 'time') problems.push({ at: 'type', rule: 'a time cannot be a feature' })
    if (column.type === 'string' && column.categories === undefined) {
      problems.push({ at: 'categories', rule: 'a string feature needs its categories' })
    }
  } else if (column.family !== undefined || column.stage !== undefined) {
    problems.push({ rule: 'only a feature has a family or a stage' })
  }
  if (column.type !== 'string' && column.categories !== undefined) {
    problems.push({ at: 'categories', rule: 'only a string column has categories' })
  }
  if (new Set(column.categories).size !== (column.categories?.length ?? 0)) {
    problems.push({ at: 'categories', rule: 'each category once' })
  }
  return problems
}

/** A column of moments is known at the moment, in every other way it is like one of signals. */
function momentProblemsOf(column: ColumnLayout): Problem[] {
  if (column.known_after_s === undefined) return problemsOf({ ...column, known_after_s: 0 })
  return [
    ...problemsOf(column),
    { at: 'known_after_s', rule: 'a column of moments is known at the moment. Leave it out' },
  ]
}

function toSpec(name: string, entry: ColumnLayout): ColumnSpec {
  const { type, group, role, family, stage, unit, known_after_s: knownAfterS, lookahead, categories, aliases } = entry
  return {
    name,
    type,
    group,
    role,
    ...(family === undefined ? {} : { family }),
    ...(stage === undefined ? {} : { stage }),
    unit,
    ...(knownAfterS === undefined ? {} : { knownAfterS }),
    ...(lookahead === undefined ? {} : { lookahead }),
    ...(categories === undefined ? {} : { categories }),
    ...(aliases === undefined ? {} : { aliases }),
    description: entry.description,
  }
}

/**
 * A {@link Schema} from our own layout; columns keep the order of the file. Throws as parseSchema does. Every feature must
 * have a family, a stage, and either `known_after_s` or a `lookahead` reason; one of `moments` is known at the moment instead.
 */
export function readV2(json: unknown, file: string): Schema {
  const { name, description, columns, moments } = validate(layout, json, file)
  const specsOf = (entries: typeof columns): ColumnSpec[] =>
    Object.entries(entries).map(([column, entry]) => toSpec(column, entry))
  return { version: '2', name, description, columns: specsOf(columns), moments: specsOf(moments), unknown: [] }
}
