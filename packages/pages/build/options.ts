/** How esbuild makes the script of a page: one classic script with all it needs, and the licences of what it holds at its end. */
export const PAGE_OPTIONS = {
  platform: 'browser',
  target: 'es2023',
  conditions: ['@breakwater/source', 'production'],
  minify: true,
  legalComments: 'eof',
} as const
