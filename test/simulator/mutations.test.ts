/**
 * A checker that finds nothing proves nothing: each known bug is put into a copy of the sources, and the simulator has
 * to find it. How many seeds that took is printed.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type Mutation, MUTATIONS } from './mutations.ts'

const ROOT = join(import.meta.dirname, '..', '..')
/** Within this many seeds each must be found. */
const MOST_SEEDS = 2_000

interface Found {
  readonly status: number | null
  readonly output: string
}

const apply = (copy: string, { edits }: Mutation): void => {
  for (const { file, from, to } of edits) {
    const path = join(copy, file)
    const source = readFileSync(path, 'utf8')
    assert.equal(source.split(from).length, 2, `what ${file} is edited at stands in it, once`)
    writeFileSync(
      path,
      source.replace(from, () => to),
    )
  }
}

const search = async (copy: string): Promise<Found> => {
  // Whoever runs tests tells its children to report to it; this one reports for itself.
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env
  const main = join(copy, 'test', 'simulator', 'main.ts')
  const args = ['--conditions', 'holdfast-source', main, '--first', '--seeds', String(MOST_SEEDS)]
  const child = spawn(process.execPath, args, { cwd: copy, env })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, output: Buffer.concat(chunks).toString() }
}

describe('each known bug is found', { concurrency: 2 }, () => {
  for (const mutation of MUTATIONS) {
    test(mutation.name, { timeout: 120_000 }, async (t) => {
      const copy = mkdtempSync(join(tmpdir(), 'holdfast-mutation-'))
      t.after(() => rmSync(copy, { recursive: true, force: true }))
      for (const part of ['src', 'test/simulator', 'package.json'])
        cpSync(join(ROOT, part), join(copy, part), { recursive: true })
      symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
      apply(copy, mutation)
      const { status, output } = await search(copy)
      const [, seed] = /^seed (\d+): /m.exec(output) ?? []
      const [, rule] = /✖ (.*), at /.exec(output) ?? []
      assert.equal(status, 1, `${MOST_SEEDS} seeds did not find it\n${output.slice(-2_000)}`)
      assert.ok(seed !== undefined && rule !== undefined, output.slice(-2_000))
      t.diagnostic(`${mutation.name}: found in ${seed} seeds, by "${rule}"`)
    })
  }
})
