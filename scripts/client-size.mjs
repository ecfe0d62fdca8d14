// Weighs the browser's client: `connect` with all four transports, bundled, minified, gzip -9. Exits with 1 beyond
// the limit. `--list` prints what each file contributes.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const LIMIT_BYTES = 12_000

const { outputFiles, metafile } = await build({
  stdin: {
    contents: "import { connect } from './src/client/index.ts'; globalThis.connect = connect",
    resolveDir: new URL('..', import.meta.url).pathname,
  },
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: 'esm',
  target: 'es2022',
  platform: 'browser',
  legalComments: 'none',
})
const [bundle] = outputFiles
const bytes = gzipSync(bundle.contents, { level: 9 }).length

if (process.argv.includes('--list')) {
  const [output] = Object.values(metafile.outputs)
  const inputs = Object.entries(output.inputs).sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
  for (const [path, { bytesInOutput }] of inputs) console.log(String(bytesInOutput).padStart(7), path)
}
console.log(`client: ${bundle.contents.length} bytes minified, ${bytes} bytes gzip -9, limit ${LIMIT_BYTES}`)
if (bytes > LIMIT_BYTES) process.exitCode = 1
