/** The command line as a person and a script use it. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { dial } from 'holdfast/websocket'
import { Command, run } from './command.ts'

let folder: string
let node: Command
let url: string

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-cli-'))
  node = new Command(['serve', '--port', '0'], { cwd: folder })
  url = await node.line()
})
after(async () => {
  await node.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('--help teaches, for the whole and for each command', async () => {
  const { status, stdout } = await run(['--help'])
  assert.equal(status, 0)
  for (const command of ['serve', 'publish', 'subscribe', 'echo']) {
    assert.match(stdout, new RegExp(`^  ${command}`, 'm'))
    const help = await run([command, '--help'])
    assert.equal(help.status, 0)
    assert.match(help.stdout, /Usage: .*holdfast/s)
  }
})

test('what it does not understand ends with 2, and says what to type instead', async () => {
  for (const [args, said] of [
    [['dance'], /there is no command "dance"/],
    [['constructor'], /there is no command "constructor"/],
    [['serve', '--port', 'high'], /--port takes a whole number from 0 to 65535/],
    [['serve', '--fast'], /Unknown option '--fast'/],
    [['serve', '--tls-cert', 'a.pem'], /--tls-cert and --tls-key go together/],
    [['serve', '--memory', '--data', 'd'], /--data and --memory exclude each other/],
    [['serve', '--config', 'missing.ts'], /there is no config file/],
    [['publish'], /which channel/],
    [['subscribe', 'a', '--from', 'yesterday'], /--from is now, start, last:N or a cursor/],
    [['subscribe', 'a', '--transport', 'pigeon'], /--transport is one of auto, websocket/],
  ] as const) {
    const { status, stderr } = await run(args)
    assert.equal(status, 2, args.join(' '))
    assert.match(stderr, said)
  }
})

test('serve binds to loopback, and refuses any other address that anyone could use', async () => {
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/)
  const { status, stderr } = await run(['serve', '--port', '0', '--host', '0.0.0.0'])
  assert.equal(status, 2)
  assert.match(stderr, /Configure `authenticate`.*--allow-anonymous/s)
  const open = new Command(['serve', '--memory', '--port', '0', '--host', '0.0.0.0', '--allow-anonymous'], {
    cwd: folder,
  })
  assert.match(await open.line(), /^http:/)
  assert.equal(await open.stop(), 0)
})

test('serve --deflate compresses for clients that ask, and only then', async () => {
  const compressing = new Command(['serve', '--memory', '--port', '0', '--deflate'], { cwd: folder })
  const agreed = async (at: string): Promise<boolean> => {
    const socket = await dial(`${at.replace('http', 'ws')}/ws`, {
      protocols: ['holdfast.v1.json'],
      deflate: true,
    })
    socket.destroy()
    return socket.deflate !== undefined
  }
  assert.deepEqual([await agreed(await compressing.line()), await agreed(url)], [true, false])
  await compressing.stop()
})

test('serve says which port is in use', async () => {
  const { status, stderr } = await run(['serve', '--memory', '--port', new URL(url).port])
  assert.equal(status, 2)
  assert.match(stderr, /port \d+ is in use; choose another with --port/)
})

for (const transport of ['auto', 'websocket', 'sse', 'long-polling', 'polling']) {
  test(`publish and subscribe by ${transport}: JSON lines when piped`, async () => {
    const channel = `cli/${transport}`
    const subscriber = new Command([
      'subscribe',
      channel,
      '-u',
      url,
      '-t',
      transport,
      '-n',
      '3',
      '--from',
      'start',
    ])
    const { status, stdout } = await run(
      ['publish', channel, '-u', url, '-t', transport],
      '{"n":1}\ntwo\n3\n',
    )
    assert.equal(status, 0)
    assert.equal(stdout.trim().split('\n').length, 3)
    const lines = [await subscriber.line(), await subscriber.line(), await subscriber.line()].map(
      (line) => JSON.parse(line) as { channel: string; offset: number; data: unknown },
    )
    assert.deepEqual(
      lines.map(({ channel: name, offset, data }) => [name, offset, data]),
      [
        [channel, 1, { n: 1 }],
        [channel, 2, 'two'],
        [channel, 3, 3],
      ],
    )
    assert.equal(await subscriber.ended(), 0)
  })
}

test('publish --expect appends only at the tail, and says where it is', async () => {
  const { stdout } = await run(['publish', 'cli/expect', '1', '-u', url])
  const { cursor } = JSON.parse(stdout) as { cursor: string }
  assert.equal((await run(['publish', 'cli/expect', '2', '-u', url, '--expect', cursor])).status, 0)
  const late = await run(['publish', 'cli/expect', '3', '-u', url, '--expect', cursor])
  assert.equal(late.status, 1)
  assert.match(late.stderr, /expect_failed/)
})

test('a config file is typed, and its hooks are asked; --hold is how long a poll is held', async (t) => {
  writeFileSync(
    join(folder, 'holdfast.config.ts'),
    `const users: Record<string, string> = { s3cret: 'ada' }
     export default {
       authenticate: ({ token }: { token?: string }) => (token === undefined || users[token] === undefined ? null : { user: users[token] }),
       authorize: ({ action }: { action: string }) => action !== 'trim',
     }`,
  )
  const guarded = new Command(['serve', '--memory', '--port', '0', '--hold', '1'], { cwd: folder })
  t.after(() => guarded.stop())
  const at = await guarded.line()
  const refused = await run(['publish', 'a', '1', '-u', at])
  assert.equal(refused.status, 1)
  assert.match(refused.stderr, /unauthenticated/)
  const { stdout } = await run(['publish', 'a', '1', '-u', at, '--token', 's3cret'])
  const { cursor } = JSON.parse(stdout) as { cursor: string }
  const started = performance.now()
  const answer = await fetch(`${at}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: 's3cret', live: 'long-poll', subscribe: { a: { from: cursor } } }),
  })
  assert.deepEqual(((await answer.json()) as { cursors: unknown }).cursors, { a: cursor })
  const heldMs = performance.now() - started
  assert.ok(heldMs > 800 && heldMs < 5_000, `${heldMs} ms`)
  assert.equal(await guarded.stop('SIGINT'), 0)
})

test('serve with a certificate: https and wss, for clients that trust its authority', async (t) => {
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=127.0.0.1',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
    ],
    { cwd: folder, stdio: 'ignore' },
  )
  rmSync(join(folder, 'holdfast.config.ts'), { force: true })
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const secure = new Command(['serve', '--memory', '--port', '0', '--tls-cert', cert, '--tls-key', key], {
    cwd: folder,
  })
  t.after(() => secure.stop())
  const at = await secure.line()
  assert.match(at, /^https:\/\/127\.0\.0\.1:\d+$/)
  for (const transport of ['websocket', 'sse', 'long-polling', 'polling']) {
    const subscriber = new Command([
      'subscribe',
      'tls',
      '-u',
      at,
      '--ca',
      cert,
      '-t',
      transport,
      '-n',
      '1',
      '--from',
      'start',
    ])
    assert.equal(
      (await run(['publish', 'tls', '"secret"', '-u', at, '--ca', cert, '-t', transport])).status,
      0,
    )
    assert.equal((JSON.parse(await subscriber.line()) as { data: string }).data, 'secret')
    assert.equal(await subscriber.ended(), 0)
  }
  assert.equal(await secure.stop(), 0)
})
