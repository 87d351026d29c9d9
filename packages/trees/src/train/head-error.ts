import type { Head } from './heads.ts'

/** Throws what is wrong with a head: the argument, the problem and the fix. */
export function failHead(head: Pick<Head, 'name'>, argument: string, problem: string, fix: string): never {
  throw new RangeError(`trees: head ${JSON.stringify(head.name)}: ${argument}: ${problem}. ${fix}`)
}
