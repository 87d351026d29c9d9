// A starter as a process: `node starter-process.ts URL FOLDER COUNT OPTIONS`. Says each outcome, then `over`.
import process from 'node:process'
import { join } from 'node:path'
import { dataIn, jobsOn, runAll, starter } from './rig.ts'

const [url = '', folder = '', count = '1', options = '{}'] = process.argv.slice(2)
const data = dataIn(join(folder, 'input'))
const { executor, close } = await starter(url, data)
const jobs = jobsOn(data, Number(count), JSON.parse(options) as { ms: number })
const { hashes } = await runAll(jobs, executor, folder, {
  onOutcome: ({ id, status }) => process.stdout.write(`${status} ${id}\n`),
})
process.stdout.write(`over ${JSON.stringify([...hashes])}\n`)
await close()
