import { defineConfig } from 'tsup'
import { PAGE_OPTIONS } from './build/options.ts'

export default defineConfig([
  {
    entry: ['src/live.ts', 'src/workbench.ts'],
    format: ['esm'],
    dts: false,
    clean: false,
    target: 'node22',
    sourcemap: true,
    publicDir: 'public',
  },
  {
    entry: { 'page/live': 'src/browser/live.ts', 'page/workbench': 'src/browser/workbench.ts' },
    format: ['iife'],
    outExtension: () => ({ js: '.js' }),
    noExternal: [/./],
    dts: false,
    clean: false,
    platform: PAGE_OPTIONS.platform,
    target: PAGE_OPTIONS.target,
    minify: PAGE_OPTIONS.minify,
    esbuildOptions(options) {
      options.conditions = [...PAGE_OPTIONS.conditions]
      options.legalComments = PAGE_OPTIONS.legalComments
    },
  },
])
