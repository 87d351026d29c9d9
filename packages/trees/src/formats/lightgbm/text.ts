/** One block of a LightGBM file: `key=value` lines; a key without a value has the empty string. */
export interface Block {
  readonly values: ReadonlyMap<string, string>
  /** Such as `header` or `Tree=3`. */
  readonly place: string
  readonly source: string
}

/** A LightGBM file in its parts. */
export interface LightgbmText {
  readonly header: Block
  readonly trees: readonly Block[]
}

/**
 * Splits the text of a LightGBM model into its header and trees. What follows "end of trees" (importances, parameters) is
 * not read. Throws where the text does not begin or end as a model does.
 */
export function splitText(text: string, source: string): LightgbmText {
  const lines = text.split(/\r?\n/)
  if (lines[0] !== 'tree') {
    throw new Error(
      `trees: ${source}: begins with ${JSON.stringify((lines[0] ?? '').slice(0, 20))}: a LightGBM model begins with the line "tree". Save it with Booster.save_model.`,
    )
  }
  const end = lines.indexOf('end of trees')
  if (end === -1) {
    throw new Error(`trees: ${source}: lacks the line "end of trees": the file is cut short. Copy or save it again.`)
  }
  const starts = [...lines.keys()].filter((i) => i < end && (lines[i] as string).startsWith('Tree='))
  const block = (place: string, from: number, to: number): Block => ({
    values: new Map(lines.slice(from, to).filter(Boolean).map(splitLine)),
    place,
    source,
  })
  const header = block('header', 1, starts[0] ?? end)
  const trees = starts.map((from, t) => block(lines[from] as string, from + 1, starts[t + 1] ?? end))
  const sizes = wordsOf(header, 'tree_sizes').length
  if (sizes !== trees.length || trees.some(({ place }, t) => place !== `Tree=${t}`)) {
    throw new Error(`trees: ${source}: holds ${trees.length} trees, tree_sizes lists ${sizes}. Copy or save it again.`)
  }
  return { header, trees }
}

function splitLine(line: string): [string, string] {
  const at = line.indexOf('=')
  return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
}

/** The error that a line of a block breaks a rule. */
export function wrongLine({ place, source }: Block, key: string, rule: string): Error {
  return new Error(
    `trees: ${source}: ${place}: ${key} ${rule}. Is it a whole model that LightGBM saved? Save it again.`,
  )
}

/** The words of a line, none where the line is absent or empty. */
export function wordsOf(block: Block, key: string): string[] {
  const text = block.values.get(key)?.trim() ?? ''
  return text === '' ? [] : text.split(/\s+/)
}

const NUMBER = /^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?|nan)$/i

/** The `length` numbers of a line. */
export function numbersOf(block: Block, key: string, length: number): number[] {
  const words = wordsOf(block, key)
  if (words.length !== length) throw wrongLine(block, key, `has ${words.length} numbers: must have ${length}`)
  return words.map((word) => {
    if (!NUMBER.test(word)) throw wrongLine(block, key, `has ${JSON.stringify(word)}: must contain only numbers`)
    return Number(word.replace(/inf(?:inity)?$/i, 'Infinity'))
  })
}

/** The whole number of a line; `otherwise` where the line is absent. */
export function integerOf(block: Block, key: string, otherwise?: number): number {
  const text = block.values.get(key)
  if (text === undefined && otherwise !== undefined) return otherwise
  if (text !== undefined && /^\d{1,9}$/.test(text)) return Number(text)
  throw wrongLine(block, key, `is ${JSON.stringify(text)}: must be a whole number`)
}
