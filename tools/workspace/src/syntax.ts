import { parseSync } from 'oxc-parser'
import type { EcmaScriptModule } from 'oxc-parser'

/** One literal module name that a file imports or re-exports, statically or by `import()`. */
export interface ImportedModule {
  readonly specifier: string
  /** From 1. */
  readonly line: number
}

/** The modules that a TypeScript or JavaScript file names. Throws an error that names `path` when it does not parse. */
export function importsOf(path: string, text: string): readonly ImportedModule[] {
  const module = parseModule(path, text)
  const statics = module.staticImports.map(({ moduleRequest, start }) => ({ specifier: moduleRequest.value, start }))
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, start }) => (moduleRequest ? [{ specifier: moduleRequest.value, start }] : [])),
  )
  const dynamics = module.dynamicImports.flatMap(({ moduleRequest, start }) => {
    const literal = /^['"](?<name>[^'"]+)['"]$/.exec(text.slice(moduleRequest.start, moduleRequest.end))
    return literal?.groups?.['name'] === undefined ? [] : [{ specifier: literal.groups['name'], start }]
  })
  return [...statics, ...exported, ...dynamics].map(({ specifier, start }) => ({
    specifier,
    line: text.slice(0, start).split('\n').length,
  }))
}

/** One `export { ... } from` of an entry file, or something else that it exports. */
export interface ExportStatement {
  /** The module re-exported from; undefined for `export const` and the like. */
  readonly from: string | undefined
  /** Exported names in the order written; '*' for everything, 'default' for a default export. */
  readonly names: readonly string[]
}

/** The export statements of a file in order. Throws an error that names `path` when it does not parse. */
export function exportsOf(path: string, text: string): readonly ExportStatement[] {
  return parseModule(path, text).staticExports.map(({ entries }) => ({
    from: entries[0]?.moduleRequest?.value,
    names: entries.map(({ exportName }) => plainName(exportName.name ?? exportName.kind)),
  }))
}

const plainName = (name: string): string => ({ None: '*', Default: 'default' })[name] ?? name

function parseModule(path: string, text: string): EcmaScriptModule {
  const { module, errors } = parseSync(path, text)
  const [error] = errors
  if (error !== undefined) throw new Error(`workspace: ${path}: does not parse: ${error.message}.`)
  return module
}

/** One node of a syntax tree in the form of ESTree; its fields depend on its type. */
export interface SyntaxNode extends Readonly<Record<string, unknown>> {
  readonly type: string
  /** Offset of its first character. */
  readonly start: number
}

/** Visits every node of a file, parents first. Throws an error that names `path` when it does not parse. */
export function walk(path: string, text: string, visit: (node: SyntaxNode) => void): void {
  const { program, errors } = parseSync(path, text)
  const [error] = errors
  if (error !== undefined) throw new Error(`workspace: ${path}: does not parse: ${error.message}.`)
  visitAll(program, visit)
}

function visitAll(value: unknown, visit: (node: SyntaxNode) => void): void {
  if (Array.isArray(value)) {
    for (const one of value) visitAll(one, visit)
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (isNode(value)) visit(value)
  for (const child of Object.values(value)) visitAll(child, visit)
}

function isNode(value: object): value is SyntaxNode {
  return 'type' in value && typeof value.type === 'string' && 'start' in value && typeof value.start === 'number'
}
