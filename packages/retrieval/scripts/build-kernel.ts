// Compiles kernel/ to src/kernel.wasm, which is committed. `--check` compares instead of writing.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { main } from 'assemblyscript/asc'

const folder = fileURLToPath(new URL('../kernel', import.meta.url))
const target = fileURLToPath(new URL('../src/kernel.wasm', import.meta.url))
/** Memory is shared, so that threads read one copy of the codes; its size is the importer's business. */
const MEMORY = ['--importMemory', '--noExportMemory', '--sharedMemory', '--maximumMemory', '65536']
const FLAGS = ['-O3', '--noAssert', '--runtime', 'stub', ...MEMORY, '--enable', 'simd', '--enable', 'threads']

function sourceOf(name: string, base: string): string | null {
  try {
    return readFileSync(`${base}/${name}`, 'utf8')
  } catch {
    // The compiler asks for a name in several places.
    return null
  }
}

async function compiled(): Promise<Buffer> {
  const files = new Map<string, Buffer>()
  const { error } = await main(['quantised.ts', '--baseDir', folder, '--outFile', 'kernel.wasm', ...FLAGS], {
    readFile: sourceOf,
    writeFile: (name, contents) => void files.set(name, Buffer.from(contents)),
  })
  const bytes = files.get('kernel.wasm')
  if (bytes === undefined) throw new Error('retrieval: kernel/quantised.ts: does not compile', { cause: error })
  return bytes
}

const bytes = await compiled()
if (!process.argv.includes('--check')) writeFileSync(target, bytes)
else if (!readFileSync(target).equals(bytes)) {
  process.stderr.write(
    'src/kernel.wasm is not what kernel/ compiles to. Run `pnpm run kernel` in packages/retrieval.\n',
  )
  process.exitCode = 1
}
