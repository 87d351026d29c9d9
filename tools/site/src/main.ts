// Builds the documentation site from the repository into tools/site/dist: `npm run site`.
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { buildSite } from './build.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const { pages, folder } = await buildSite(root)
process.stdout.write(`site: ${pages} pages in ${folder}\n`)
