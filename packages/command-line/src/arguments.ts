import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/

const pieces = (value: string): string[] => value.split(/[\s,]+/).filter((piece) => piece !== '')

function isDate(text: string): boolean {
  if (!ISO_DATE.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** Collects dates given as `--x 2025-01-02 2025-01-03`, as `--x 2025-01-02,2025-01-03`, or by repeating the flag. */
export function dateList(value: string, previous: readonly string[] | undefined): string[] {
  const dates = pieces(value)
  for (const date of dates) {
    if (!isDate(date)) throw new InvalidArgumentError(`"${date}" is not a date: write YYYY-MM-DD.`)
  }
  return [...(previous ?? []), ...dates]
}

/** Collects words given as `--x a b`, as `--x a,b`, or by repeating the flag. */
export function words(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), ...pieces(value)]
}

/** Collects numbers above 0 given as `--x 60 120` or `--x 60,120`. */
export function positiveList(value: string, previous: readonly number[] | undefined): number[] {
  return [...(previous ?? []), ...pieces(value).map((piece) => positiveNumber(piece))]
}

/** Collects whole numbers of at least `least` given as `--x 10 20` or `--x 10,20`. */
export function wholeList(least: number): (value: string, previous: readonly number[] | undefined) => number[] {
  const parse = wholeNumber(least)
  return (value, previous) => [...(previous ?? []), ...pieces(value).map((piece) => parse(piece))]
}

/** Collects words given as `--x a b` or `--x a,b`, each one of `allowed`. */
export function wordList<T extends string>(
  allowed: readonly T[],
): (value: string, previous: readonly T[] | undefined) => T[] {
  return (value, previous) => {
    const found = pieces(value).map((piece) => {
      const word = allowed.find((candidate) => candidate === piece)
      if (word === undefined) throw new InvalidArgumentError(`"${piece}" is not one of ${allowed.join(', ')}.`)
      return word
    })
    return [...(previous ?? []), ...found]
  }
}

/** A finite number above 0. */
export function positiveNumber(value: string): number {
  const number = Number(value)
  if (value.trim() === '' || !Number.isFinite(number) || number <= 0) {
    throw new InvalidArgumentError(`"${value}" is not a number above 0.`)
  }
  return number
}

/** A whole number of at least `least`. */
export function wholeNumber(least: number): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (value.trim() === '' || !Number.isSafeInteger(number) || number < least) {
      throw new InvalidArgumentError(`"${value}" is not a whole number of at least ${least}.`)
    }
    return number
  }
}

/** A finite number of at least `least` and at most `most`. */
export function numberIn(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (value.trim() === '' || !Number.isFinite(number) || number < least || number > most) {
      const rule = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`
      throw new InvalidArgumentError(`"${value}" is not a number ${rule}.`)
    }
    return number
  }
}

/** Numbers above 0 by name, given as `--x a=1,b=0.5`; each name one of `allowed`. */
export function lossWeights<T extends string>(
  allowed: readonly T[],
): (value: string, previous: Partial<Record<T, number>> | undefined) => Partial<Record<T, number>> {
  const isName = wordList(allowed)
  return (value, previous) => {
    const weights: Partial<Record<T, number>> = { ...previous }
    for (const piece of pieces(value)) {
      const [name = '', number = ''] = piece.split('=')
      for (const word of isName(name, undefined)) weights[word] = positiveNumber(number)
    }
    return weights
  }
}

/** Directions by name, given as `--x a=+1 b=-1`: 1 for rising, -1 for falling. */
export function directions(
  value: string,
  previous: Readonly<Record<string, 1 | -1>> | undefined,
): Readonly<Record<string, 1 | -1>> {
  const given: Record<string, 1 | -1> = { ...previous }
  for (const piece of pieces(value)) {
    const [, name, sign] = /^(.+)=([+-])1$/.exec(piece) ?? []
    if (name === undefined) {
      throw new InvalidArgumentError(`"${piece}" is not a direction of a column: write column=+1 or column=-1.`)
    }
    const direction = sign === '-' ? -1 : 1
    if (given[name] !== undefined && given[name] !== direction) {
      throw new InvalidArgumentError(`"${piece}" contradicts ${name}=${given[name]}. Give one direction a column.`)
    }
    given[name] = direction
  }
  return given
}

/** The examples at the end of a command's help, in the name of the program that is asked: `breakwater` has the commands of `trainer` and `scorer`. */
export function examples(...lines: readonly string[]): (context: HelpContext) => string {
  return ({ command }) => {
    let root = command
    while (root.parent !== null) root = root.parent
    const named = lines.map((line) => line.replace(/\b(?:trainer|scorer)(?= [a-z])/, root.name()))
    return `\nExamples:\n${named.map((line) => `  ${line}`).join('\n')}\n`
  }
}

/** What commander tells of the command whose help is shown. */
interface HelpContext {
  readonly command: Command
}
