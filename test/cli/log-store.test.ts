/** Where `holdfast serve` keeps what is published: by default on disk, beside where it was started. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Command, run } from './command.ts'

const inFolder = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-store-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const serve = async (folder: string, args: string[] = []): Promise<{ node: Command; url: string }> => {
  const node = new Command(['serve', '--port', '0', ...args], { cwd: folder })
  return { node, url: await node.line() }
}

const publish = (url: string, data: string) => run(['publish', 'c', data, '-u', url])

const read = async (url: string, count: number): Promise<unknown[]> => {
  const subscriber = new Command(['subscribe', 'c', '-u', url, '-n', String(count), '--from', 'start'])
  const lines: unknown[] = []
  for (let i = 0; i < count; i++) lines.push((JSON.parse(await subscriber.line()) as { data: unknown }).data)
  await subscriber.ended()
  return lines
}

test('by default in ./holdfast-data: what was published is there after kill -9 and after a stop', async (t) => {
  const folder = inFolder(t)
  for (const [n, signal] of [
    [1, 'SIGKILL'],
    [2, 'SIGTERM'],
    [3, 'SIGTERM'],
  ] as const) {
    const { node, url } = await serve(folder)
    assert.match(node.stderr, /logs are kept in .*holdfast-data/)
    assert.equal((await publish(url, String(n))).status, 0)
    assert.deepEqual(await read(url, n), [1, 2, 3].slice(0, n))
    await node.stop(signal)
  }
  assert.ok(existsSync(join(folder, 'holdfast-data', 'holdfast.db')))
})

test('--data keeps them elsewhere; a second node on the same directory is refused in a sentence', async (t) => {
  const folder = inFolder(t)
  const { node } = await serve(folder, ['--data', 'deep/er'])
  t.after(() => node.stop())
  assert.ok(existsSync(join(folder, 'deep', 'er', 'holdfast.db')))
  const second = await run(['serve', '--port', '0', '--data', 'deep/er'], '', { cwd: folder })
  assert.equal(second.status, 2)
  assert.match(second.stderr, /holdfast\.db is in use by another process: one node to a file\.\n--data DIR/)
})

test('--memory leaves nothing behind', async (t) => {
  const folder = inFolder(t)
  const { node, url } = await serve(folder, ['--memory'])
  assert.match(node.stderr, /kept in memory/)
  await publish(url, '1')
  await node.stop()
  assert.equal(existsSync(join(folder, 'holdfast-data')), false)
})

test('a damaged file stops it with a sentence that says what to do', async (t) => {
  const folder = inFolder(t)
  writeFileSync(join(folder, 'holdfast.db'), 'x'.repeat(10_000))
  const { status, stderr } = await run(['serve', '--port', '0', '--data', folder])
  assert.equal(status, 2)
  assert.match(stderr, /holdfast\.db is damaged, or no Holdfast store .*move it away/)
})

test('a flag that contradicts the broker of the config file is refused', async (t) => {
  const folder = inFolder(t)
  const config = join(folder, 'holdfast.config.mjs')
  writeFileSync(config, 'export default { broker: {} }\n')
  for (const flag of [['--memory'], ['--data', 'd']]) {
    const { status, stderr } = await run(['serve', '--port', '0', '--config', config, ...flag], '', {
      cwd: folder,
    })
    assert.equal(status, 2)
    assert.match(stderr, new RegExp(`has a broker of its own: leave out ${flag[0]}`))
  }
})
