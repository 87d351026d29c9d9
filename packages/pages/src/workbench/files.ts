import { pageFiles } from '../files.ts'
import type { WorkbenchData } from './build.ts'

/** A file of a workbench: its path in the folder, and what it holds. */
export interface WorkbenchFile {
  readonly path: string
  readonly content: string | Uint8Array
}

/**
 * The files of a workbench, one after another: the page, its style sheet and script, and data as scripts, which a page opened from
 * a folder may load where it may not read other files. The other data come before the index, so that a page never asks for one that is
 * not written.
 */
export async function* workbenchFiles(data: WorkbenchData): AsyncGenerator<WorkbenchFile> {
  for (const session of data.sessions()) yield dataFile(session.date, session)
  for (const reasons of data.reasons()) yield dataFile(`${reasons.date}-why`, reasons)
  yield dataFile('curves', data.curves())
  yield dataFile('equity', data.equity())
  yield dataFile('drift', data.drift())
  yield dataFile('runs', data.runs())
  yield dataFile('index', data.index)
  for (const [name, { body }] of await pageFiles('workbench')) {
    yield { path: name === 'workbench.html' ? 'index.html' : name, content: body }
  }
}

function dataFile(name: string, data: object): WorkbenchFile {
  return { path: `data/${name}.js`, content: `breakwater.take(${JSON.stringify(name)}, ${JSON.stringify(data)})\n` }
}
