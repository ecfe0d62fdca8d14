// What the peers of the interop tests say to each other, how compression is asked for, and what the wire must show of
// it. It opens nothing.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { DeflateOptions } from 'holdfast/websocket'
import type { Tap } from './interop-tap.ts'

export const PROTOCOL = 'echo.v1'
export const CLOSE_ME = 'close me'
export const PYTHON = '/usr/bin/python3'

export const MESSAGES: readonly (string | Buffer<ArrayBuffer>)[] = [
  '',
  'a',
  'Grüße \u{1F600}',
  'x'.repeat(126),
  'é'.repeat(40_000),
  Buffer.alloc(0),
  Buffer.alloc(65_536),
  Buffer.alloc(1_048_576, Buffer.from(Array.from({ length: 128 }, (_, n) => n))),
  ...Array.from(
    { length: 20 },
    (_, n) => `{"user":"alice","text":"the same again, but for the number","number":${n}}`,
  ),
]

/** How we are told to compress; what peers that take such options are told. */
export const MODES = {
  off: undefined,
  'without takeover': { thresholdBytes: 0 },
  deflate: { thresholdBytes: 0, contextTakeover: true, peerContextTakeover: true },
  windows: {
    thresholdBytes: 0,
    contextTakeover: true,
    peerContextTakeover: true,
    windowBits: 10,
    peerWindowBits: 9,
  },
} as const satisfies Readonly<Record<string, DeflateOptions | undefined>>
export type Mode = keyof typeof MODES

/** A Python script beside this file. */
export const scriptPath = (name: string): string => join(import.meta.dirname, name)

/** What a Python script is told. */
export const pythonMode = (mode: Mode): string => (mode === 'without takeover' ? 'deflate' : mode)

export const everyMode = Object.keys(MODES) as Mode[]

const available = (module: string): boolean => spawnSync(PYTHON, ['-c', `import ${module}`]).status === 0
const missing = ['websockets', 'aiohttp'].filter((module) => !available(module))
if (missing.length > 0 && process.env['CI']) throw new Error(`missing: python3-${missing.join(', python3-')}`)

export const skipped = (name: string): { skip?: string } =>
  missing.some((module) => name.endsWith(module)) ? { skip: `${name} is not installed` } : {}

/** What the wire showed must be what both sides may do. */
export function checkWire(
  tap: Tap,
  mode: Mode,
  { clientCompresses }: { readonly clientCompresses: boolean },
): void {
  const [extensions = ''] = tap.extensions
  const server = tap.sent('server')
  const client = tap.sent('client')
  if (mode === 'off') {
    assert.equal(extensions, '')
    assert.equal(server.compressed + client.compressed, 0)
    return
  }
  assert.match(extensions, /^permessage-deflate/)
  assert(server.compressed > 20, `${server.compressed} compressed messages of the server`)
  // A third of what it says; the smallest windows save no more.
  assert(server.bytes < 400_000, `the server needed ${server.bytes} bytes`)
  if (clientCompresses) assert(client.compressed > 20)
  else assert.equal(client.compressed, 0)
}

/** The sizes of the last messages from one side: texts that are alike. */
export const lastSizes = (tap: Tap, from: 'client' | 'server'): number[] =>
  tap.frames
    .filter((frame) => frame.from === from && frame.opcode === 1 && frame.size > 1)
    .slice(-18, -2)
    .map((frame) => frame.size)
