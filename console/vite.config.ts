/** How the console is built and served in development; `holdfast` is the client's source, under its public name. */
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Where the node is while Vite serves the page: scripts/dev.mjs sets it. */
const node = process.env['HOLDFAST_NODE'] ?? 'http://127.0.0.1:4000'

export default defineConfig({
  root: here('.'),
  base: '/console/',
  plugins: [react()],
  resolve: {
    alias: [
      { find: /^holdfast$/, replacement: here('../src/client/index.ts') },
      { find: /^holdfast\/react$/, replacement: here('../src/react/index.ts') },
      { find: /^holdfast\/yjs$/, replacement: here('../src/yjs/index.ts') },
      { find: /^holdfast\/netcode$/, replacement: here('../src/netcode/index.ts') },
      { find: /^holdfast\/advice$/, replacement: here('../src/advice/index.ts') },
      { find: /^holdfast\/lab$/, replacement: here('../src/lab/index.ts') },
      { find: /^holdfast\/websocket\/frames$/, replacement: here('../src/websocket/index.ts') },
    ],
  },
  build: {
    outDir: here('dist/page'),
    emptyOutDir: true,
    // The first browsers that know `light-dark()`.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // Everything comes from files: the page's policy allows nothing else.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One file of styles: a page that is loaded late, or again after a failure, never stands there without its own.
    cssCodeSplit: false,
  },
  server: {
    strictPort: false,
    proxy: {
      '/ws': { target: node, ws: true },
      '/session': node,
      '/healthz': node,
      '/api': node,
      '/console/features.json': node,
    },
  },
})
