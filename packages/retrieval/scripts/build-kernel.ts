// Compiles kernel/ to src/kernel.wasm, which is committed. `--check` compares instead of writing.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { main } from 'assemblyscript/asc'

const folder = fileURLToPath(new URL('../kernel', import.meta.url))
const target = fileURLToPath(new URL('../src/kernel.wasm', import.meta.url))
const FLAGS = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--noExportMemory', '--enable', 'simd']

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
