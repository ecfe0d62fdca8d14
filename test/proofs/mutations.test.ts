/**
 * A test that cannot fail proves nothing: parts that the guarantee rests on are taken out of a copy of the sources,
 * one at a time, and delivery.test.ts has to notice each.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '..', '..')

interface Mutation {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
}

const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a poll registers after it has read',
    file: 'src/transport/attachment.ts',
    from: 'follower.active = active\n',
    to: 'follower.active = active\n    active.waiters.delete(follower)\n    setTimeout(() => active.waiters.add(follower), 3)\n',
  },
  {
    name: 'the gate does not look for holes',
    file: 'src/client/gate.ts',
    from: "if (from > at.offset) return 'hole'",
    to: '',
  },
  {
    name: 'the gate lets through what was received before',
    file: 'src/client/gate.ts',
    from: "if (to.offset <= at.offset) return 'duplicate'",
    to: '',
  },
  {
    name: 'a trim is passed over in silence',
    file: 'src/channel/resume.ts',
    from: "{ kind: 'gap', why: 'trimmed', after: start }",
    to: "{ kind: 'serve', after: start }",
  },
]

for (const mutation of MUTATIONS) {
  test(`noticed: ${mutation.name}`, { timeout: 280_000 }, async (t) => {
    const copy = mkdtempSync(join(tmpdir(), 'holdfast-mutation-'))
    t.after(() => rmSync(copy, { recursive: true, force: true }))
    for (const part of ['src', 'test', 'package.json'])
      cpSync(join(ROOT, part), join(copy, part), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    const path = join(copy, mutation.file)
    const source = readFileSync(path, 'utf8')
    assert.equal(source.split(mutation.from).length, 2, 'the part to take out stands in the source, once')
    writeFileSync(
      path,
      source.replace(mutation.from, () => mutation.to),
    )
    const { status, output } = await runProperty(copy)
    assert.notEqual(status, 0, 'the property failed')
    assert.match(output, /Property failed after/, output)
    t.diagnostic(/Property failed after \d+ tests/.exec(output)?.[0] ?? '')
  })
}

const runProperty = async (folder: string): Promise<{ status: number | null; output: string }> => {
  // Whoever runs tests tells its children to report to it; this one reports for itself.
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env
  const args = ['--conditions', 'holdfast-source', join(folder, 'test', 'proofs', 'delivery.test.ts')]
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...env, HOLDFAST_RUNS: '150' } })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    // What has been taken apart may never come to rest: once it has failed, nothing more is to be seen.
    if (Buffer.concat(chunks).includes('Property failed after')) child.kill('SIGKILL')
  })
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, output: Buffer.concat(chunks).toString() }
}
