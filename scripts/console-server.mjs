/** Bundles what the page needs on the node into console/dist/server.js; `holdfast/server` is the package it lies in. */
import { join } from 'node:path'
import { build } from 'esbuild'
import { ROOT } from './bootstrap.mjs'

await build({
  entryPoints: [join(ROOT, 'console', 'server', 'index.ts')],
  outfile: join(ROOT, 'console', 'dist', 'server.js'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  external: ['holdfast', 'holdfast/*'],
  logLevel: 'warning',
})
