import { join } from 'node:path'
import { publishFileSet, replaceFile } from '@breakwater/formats/node'
import type { Evaluation } from '../documents/evaluation.ts'

/** A page and the figures that it shows. */
export interface PublishedPage {
  /** What the figures and the page are called, without an ending: `evaluation` or `calibration`. */
  readonly name: string
  readonly evaluation: Evaluation
  /** HTML. */
  readonly page: string
}

/** Texts of the two files of a page, as they were published. */
export interface PublishedTexts {
  readonly json: string
  readonly html: string
}

/**
 * Publishes `{name}.json` and `{name}.html` in one step: the figures list their page, with its hash, under `files`, so a program
 * that begins with the figures sees the page of the same run. The caller holds the folder's lock.
 */
export async function publishPage(folder: string, { name, evaluation, page }: PublishedPage): Promise<PublishedTexts> {
  const html = `${name}.html`
  const json = await publishFileSet(folder, {
    pointer: `${name}.json`,
    write: async (staging) => {
      await replaceFile(join(staging, html), page)
      return [html]
    },
    describe: () => evaluation,
  })
  return { json, html: page }
}
