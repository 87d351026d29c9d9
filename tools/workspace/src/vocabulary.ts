import {
  ABLATIONS,
  ANCHORS,
  DEFAULT_HORIZONS,
  DIRECTIONS,
  LEVEL_KINDS,
  WINDOW_HEADS,
  OUTCOMES,
  STAGES,
} from '@breakwater/features/vocabulary'
import type { Repository } from './repository.ts'
import { type SyntaxNode, walk } from './syntax.ts'

/** The package that owns the words of the domain. */
const OWNER = 'packages/features/'

/** Lists of the domain by the name under which the owner exports them. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  ABLATIONS,
  DIRECTIONS,
  LEVEL_KINDS,
  WINDOW_HEADS,
  OUTCOMES,
  STAGES,
}

/** How the default horizons look in a text. */
const HORIZON_TEXTS = [',', ', ', ' '].map((separator) => DEFAULT_HORIZONS.join(separator))

/** A piece of a regular expression that reads the name of a head: its threshold, its anchor, or an outcome head. */
const HEAD_PATTERN = new RegExp(
  [String.raw`t\(?\[12\]`, String.raw`[\]\d)]min\b`, ...WINDOW_HEADS.filter((head) => head.includes('_'))].join('|'),
)

/**
 * Words of the domain that a source file outside features retypes: an anchor (`2min`, or a name that ends in one), two words
 * of one list side by side in an array or a union of types, the default horizons, and a head's name that is put together or
 * taken apart by hand. Tests, benchmarks and documents may. `reasons` names files that may not import the owner.
 */
export function vocabularyViolations(
  repository: Pick<Repository, 'files' | 'read'>,
  reasons: Readonly<Record<string, string>>,
): string[] {
  const sources = repository.files.filter((path) => /\/src\/.*\.[cm]?[jt]s$/.test(path) && !path.startsWith(OWNER))
  const found = sources.flatMap((path) => violations(path, repository.read(path)).map((message) => ({ path, message })))
  const stale = Object.keys(reasons).filter((path) => !found.some((one) => one.path === path))
  return [
    ...found.filter(({ path }) => !(path in reasons)).map(({ message }) => message),
    ...stale.map((path) => `${path}: has a reason for its words but needs none. Remove the reason.`),
  ]
}

function violations(path: string, text: string): string[] {
  const messages: string[] = []
  walk(path, text, (node) => {
    const rule = ruleFor(node)
    if (rule === undefined) return
    const line = text.slice(0, node.start).split('\n').length
    messages.push(`${path}:${line}: ${rule} from @breakwater/features.`)
  })
  return messages
}

/** What a node breaks, as a sentence that ends before its source; undefined where it breaks nothing. */
function ruleFor(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case 'Literal':
      return literalRule(node)
    case 'TemplateElement':
      return textRule(cooked(node))
    case 'ArrayExpression':
      return listRule(node['elements']) ?? horizonRule(node['elements'])
    case 'TSUnionType':
      return listRule(node['types'])
    case 'TemplateLiteral':
      return templateRule(node)
    default:
      return undefined
  }
}

function literalRule(node: SyntaxNode): string | undefined {
  const { value, regex } = node
  if (typeof value === 'string') return textRule(value)
  if (!isRecord(regex) || !HEAD_PATTERN.test(String(regex['pattern']))) return undefined
  return 'a pattern reads the name of a head. Take parseHeadName or splitAnchor'
}

function textRule(text: string): string | undefined {
  const anchor = ANCHORS.find((one) => text === one || text.endsWith(`_${one}`))
  if (anchor !== undefined) return `'${text}' names an anchor. Take ANCHORS, PRIMARY_ANCHOR or atAnchor`
  const horizons = HORIZON_TEXTS.find((one) => text.includes(one))
  return horizons === undefined ? undefined : `'${horizons}' lists the horizons. Take DEFAULT_HORIZONS`
}

function listRule(members: unknown): string | undefined {
  const words = nodesOf(members).map(wordOf)
  const list = Object.entries(LISTS).find(([, known]) => words.filter((word) => known.includes(word)).length > 1)
  return list === undefined ? undefined : `a list of words retypes ${list[0]}. Take it`
}

function horizonRule(members: unknown): string | undefined {
  const values = nodesOf(members).map(({ value }) => value)
  return values.join() === DEFAULT_HORIZONS.join() ? 'a list retypes the horizons. Take DEFAULT_HORIZONS' : undefined
}

/** `t${threshold}${side}` and `..._${seconds}s` are parts of a reach head's name. */
function templateRule(node: SyntaxNode): string | undefined {
  const parts = nodesOf(node['quasis']).map(cooked)
  const isReach = parts.length > 2 && parts[0] === 't'
  const hasHorizon = parts.some((part, at) => part.endsWith('_') && /^s(?:_|$)/.test(parts[at + 1] ?? ''))
  if (!isReach && !hasHorizon) return undefined
  return 'a text puts the name of a head together. Take headName or reachKey'
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const nodesOf = (value: unknown): SyntaxNode[] =>
  Array.isArray(value) ? value.filter((one): one is SyntaxNode => isRecord(one) && typeof one['type'] === 'string') : []

/** The word of a literal or of a literal type; empty for another node. */
function wordOf(node: SyntaxNode): string {
  const literal = node.type === 'TSLiteralType' && isRecord(node['literal']) ? node['literal'] : node
  return typeof literal['value'] === 'string' ? literal['value'] : ''
}

function cooked(node: SyntaxNode): string {
  const value = node['value']
  return isRecord(value) && typeof value['cooked'] === 'string' ? value['cooked'] : ''
}
