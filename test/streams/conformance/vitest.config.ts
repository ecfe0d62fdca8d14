/** The Durable Streams conformance suite is written for vitest; nothing else here is. */
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: import.meta.dirname,
  cacheDir: join(import.meta.dirname, '..', '..', '..', '.cache', 'vitest'),
  test: {
    include: ['suite.vitest.ts'],
    // Its files are one file; its tests wait for expiries of seconds.
    testTimeout: 30_000,
    watch: false,
  },
})
