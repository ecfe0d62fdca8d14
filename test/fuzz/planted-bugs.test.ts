/**
 * A fuzzer that finds nothing proves nothing until it has found something: bugs are planted in a copy of the sources, one
 * at a time, and the long run has to find each without its corpus. It must find nothing in a copy that is as it was.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '..', '..')

interface PlantedBug {
  readonly name: string
  /** In src/. */
  readonly file: string
  readonly from: string
  readonly to: string
  /** The target that reads it, where trying all would take long. */
  readonly only?: string
}

const PLANTED: readonly PlantedBug[] = [
  {
    name: 'a length that is not minimal is accepted',
    file: 'websocket/frame-parser.ts',
    from: "if (short < 126) throw new FrameError('length-not-minimal', `length ${short} in 16 bits`)",
    to: '',
  },
  {
    name: 'reserved bits are not looked at',
    file: 'websocket/frame-parser.ts',
    from: 'if (this.rsv !== 0) this.checkReservedBits()',
    to: '',
  },
  {
    name: 'a control frame may be one byte too long',
    file: 'websocket/frame-parser.ts',
    from: 'if (length > MAX_CONTROL_PAYLOAD)',
    to: 'if (length > MAX_CONTROL_PAYLOAD + 1)',
  },
  {
    name: 'the masking key is not turned between two pieces of a payload',
    file: 'websocket/frame-parser.ts',
    from: 'if (this.inFrame) this.key = rotateKey(this.key, taken)',
    to: '',
  },
  {
    name: 'UTF-8 begins anew with every fragment',
    file: 'websocket/message-assembler.ts',
    from: 'this.utf8 = validateUtf8(frame.bytes, frame.pieceStart, frame.pieceEnd, this.utf8)',
    to: 'this.utf8 = validateUtf8(frame.bytes, frame.pieceStart, frame.pieceEnd, UTF8_BOUNDARY)',
  },
  {
    name: 'a piece of ASCII is taken for text, whatever character is open before it',
    file: 'websocket/message-assembler.ts',
    from: 'if (!frame.pieceAscii || this.utf8 !== UTF8_BOUNDARY) {',
    to: 'if (!frame.pieceAscii) {',
  },
  {
    name: 'a control frame inside a message ends it',
    file: 'websocket/connection.ts',
    from: "    if (parser.opcode === Opcode.pong) return { type: 'pong', payload }\n",
    to: "    this.assembler.reset()\n    if (parser.opcode === Opcode.pong) return { type: 'pong', payload }\n",
  },
  {
    name: 'one fragment too many is accepted',
    file: 'websocket/message-assembler.ts',
    from: 'if (++this.fragments > this.limits.maxFragments) {',
    to: 'if (this.fragments++ > this.limits.maxFragments) {',
  },
  {
    name: 'a message may be one byte too large in sum',
    file: 'websocket/message-assembler.ts',
    from: 'if (frame.payloadLength > this.most() - this.length) {',
    to: 'if (frame.payloadLength > this.most() - this.length + 1) {',
  },
  {
    name: 'memory is taken beyond what can still come',
    file: 'websocket/message-assembler.ts',
    from: 'this.allocate(Math.min(GROWTH * needed, most))',
    to: 'this.allocate(GROWTH * Math.max(needed, most))',
  },
  {
    name: 'a close code that belongs to nobody is accepted',
    file: 'websocket/close-code.ts',
    from: 'return code <= 4999',
    to: 'return code <= 5000',
  },
  {
    name: 'what follows a Close frame is read',
    file: 'websocket/connection.ts',
    from: "if (this.state.name !== 'closed') event = this.advance()",
    to: 'event = this.advance()',
  },
  {
    name: 'a block may begin when there is no room for it',
    file: 'wire/per-message-deflate.ts',
    from: 'if (inflated.buffer.length > room) throw tooLarge()',
    to: '',
    only: 'client-deflate',
  },
  {
    name: 'the limit is that of each block, not of the whole message',
    file: 'wire/per-message-deflate.ts',
    from: 'const room = this.maxPayloadBytes - output.length',
    to: 'const room = this.maxPayloadBytes',
    only: 'client-deflate',
  },
  {
    name: 'compressed data may end anywhere',
    file: 'wire/per-message-deflate.ts',
    from: 'maxOutputLength: Math.max(1, room),',
    to: 'maxOutputLength: Math.max(1, room),\n      finishFlush: constants.Z_SYNC_FLUSH,',
    only: 'client-deflate',
  },
  {
    name: 'what was received is forgotten although the next message may refer to it',
    file: 'wire/per-message-deflate.ts',
    from: 'if (contextTakeover) this.receivedWindow = slide(this.receivedWindow, output, windowBits)',
    to: '',
    only: 'pair',
  },
  {
    name: 'a key of any form is accepted',
    file: 'websocket/handshake-request.ts',
    from: '{22}==$/',
    to: '{22}/',
    only: 'request',
  },
  {
    name: 'a backslash in a quoted parameter is taken for itself',
    file: 'websocket/extension.ts',
    from: 'if (code === BACKSLASH) at++\n',
    to: '',
    only: 'extensions',
  },
  {
    name: 'the annotator forgets how far the masking key was turned',
    file: 'websocket/annotator.ts',
    from: 'this.key = rotateKey(this.key, piece.length)\n',
    to: '',
  },
]

interface Outcome {
  readonly status: number | null
  readonly output: string
}

/** Makes a copy of what is fuzzed and of the fuzzer, for as long as it is used. */
const withCopy = async (
  bug: PlantedBug | undefined,
  use: (fuzz: (args: readonly string[]) => Promise<Outcome>) => Promise<void>,
): Promise<void> => {
  const copy = mkdtempSync(join(tmpdir(), 'holdfast-planted-'))
  try {
    for (const part of ['src/roster', 'src/websocket', 'src/wire', 'test/fuzz', 'package.json'])
      cpSync(join(ROOT, part), join(copy, part), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    if (bug !== undefined) plant(bug, copy)
    await use((args) => runFuzzer(copy, args))
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

const plant = ({ file, from, to }: PlantedBug, copy: string): void => {
  const path = join(copy, 'src', file)
  const source = readFileSync(path, 'utf8')
  assert.equal(source.split(from).length, 2, 'what is to be changed stands in the source, once')
  writeFileSync(
    path,
    source.replace(from, () => to),
  )
}

const runFuzzer = async (folder: string, args: readonly string[]): Promise<Outcome> => {
  const program = ['--conditions', 'holdfast-source', join(folder, 'test', 'fuzz', 'long-run.ts')]
  const child = spawn(process.execPath, [...program, ...args], { cwd: folder })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, output: Buffer.concat(chunks).toString() }
}

test('nothing is found where nothing is planted', async () => {
  await withCopy(undefined, async (fuzz) => {
    const { status, output } = await fuzz(['--no-corpus', '--runs', '200', '--seed', '1'])
    assert.equal(status, 0, output)
    assert.match(output, /Nothing found: 4200 inputs/)
  })
})

for (const bug of PLANTED) {
  test(`found: ${bug.name}`, async (t) => {
    const only = bug.only === undefined ? [] : ['--only', bug.only]
    const flags = ['--no-corpus', '--no-save', '--no-shrink', '--runs', '5000', '--seed', '1']
    await withCopy(bug, async (fuzz) => {
      const { status, output } = await fuzz([...flags, ...only])
      assert.equal(status, 1, output)
      const [, target] = /^Found, in ([\w-]+):$/m.exec(output) ?? []
      assert(target !== undefined, output)
      t.diagnostic(`by ${target}`)
    })
  })
}

test('the corpus alone finds what it was written for', async () => {
  const bug = PLANTED.find(({ name }) => name.startsWith('UTF-8 begins anew'))!
  await withCopy(bug, async (fuzz) => {
    const { status, output } = await fuzz(['--runs', '1'])
    assert.equal(status, 1, output)
    assert.match(output, /^Found, in the corpus: euro-cut-by-fragments\.hex/m)
  })
})

test('a find is printed with the command that shows it again, and saved in the corpus', async () => {
  const bug = PLANTED[0]!
  const shown = (text: string): string | undefined => /^Found, in .*:\n(.*)$/m.exec(text)?.[1]
  let again: string[] = []
  await withCopy(bug, async (fuzz) => {
    const { output } = await fuzz(['--no-corpus', '--runs', '5000', '--seed', '1'])
    again = /^Again: npm run fuzz -- (.*)$/m.exec(output)?.[1]?.split(' ') ?? []
    assert(again.length > 0, output)
    const second = await fuzz(again)
    assert.equal(second.status, 1, second.output)
    assert.equal(shown(second.output), shown(output), 'the very same input')
    const file = /^Saved: .*--corpus (.*)\)$/m.exec(output)?.[1]
    assert(file !== undefined, output)
    const replayed = await fuzz(['--corpus', file])
    assert.equal(replayed.status, 1, replayed.output)
    assert.match(replayed.output, /^Found, in the corpus: found-server-/m)
  })
  await withCopy(undefined, async (fuzz) => {
    assert.equal((await fuzz(again)).status, 0, 'it is no find once the bug is gone')
  })
})
