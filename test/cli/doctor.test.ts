/** `holdfast doctor` before nginx and HAProxy as they are, before silence, and before nothing: it names the culprit. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { createServer as createNode, type HoldfastServer } from 'holdfast/server'
import { type RealProxy, startHaproxy, startNginx } from '../network/real-proxies.ts'
import { certificate } from '../server/certificate.ts'
import { type Outcome, run } from './command.ts'

interface Finding {
  readonly subject: string
  readonly verdict: 'good' | 'limited' | 'bad' | 'skipped'
  readonly text: string
  readonly remedy?: readonly string[]
}

interface Examination {
  readonly status: number | null
  readonly auto: string | undefined
  readonly network: { upgrade: boolean; streaming: boolean; holdMs: number } | undefined
  of(subject: string): Finding
  /** Subjects that are not as they should be. */
  readonly troubles: readonly string[]
}

const doctor = async (url: string, ...options: string[]): Promise<Examination> => {
  const { status, stdout } = await run(['doctor', url, '--json', '--quick', ...options])
  const { findings, auto, network } = JSON.parse(stdout) as Examination & { findings: Finding[] }
  return {
    status,
    auto,
    network,
    of: (subject) => {
      const found = findings.find((each) => each.subject === subject)
      assert.ok(found !== undefined, `nothing about ${subject}`)
      return found
    },
    troubles: findings
      .filter(({ verdict }) => verdict === 'bad' || verdict === 'limited')
      .map(({ subject }) => subject),
  }
}

const UPGRADING = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'

describe('holdfast doctor', { concurrency: 2 }, () => {
  let node: HoldfastServer
  let url: string
  let port: number

  before(async () => {
    node = createNode()
    ;({ url, port } = await node.listen())
  })
  after(() => node.close())

  const behind = async (t: TestContext, proxy: Promise<RealProxy>): Promise<string> => {
    const { url, stop } = await proxy
    t.after(stop)
    return url
  }

  it('finds nothing in the way of a direct connection', async () => {
    const { status, troubles, auto, of } = await doctor(url)
    assert.deepEqual([status, troubles, auto], [0, [], 'websocket'])
    assert.match(of('TCP').text, /^connected to 127\.0\.0\.1 port \d+ in /)
    assert.match(of('WebSocket (HTTP/1.1)').text, /^101 and hello answered/)
    assert.match(of('WebSocket (HTTP/2)').text, /extended CONNECT is answered/)
    assert.match(of('SSE').text, /arrives as it is written: a publication .* after it was sent/)
    assert.match(of('Long polling').text, /^a request was held for [23]\.\d s, and then answered by the node/)
    assert.equal(of('Quiet connections').text, 'none was cut within 3.0 s')
  })

  it('names nginx that forwards no upgrade, and what its location lacks', async (t) => {
    const { status, troubles, auto, network, of } = await doctor(await behind(t, startNginx(port, '')))
    assert.deepEqual([status, troubles, auto], [1, ['WebSocket (HTTP/1.1)'], 'sse'])
    assert.equal(network?.upgrade, false)
    const { text, remedy = [] } = of('WebSocket (HTTP/1.1)')
    assert.match(text, /^nginx \(server: nginx\/[\d.]+\) takes the upgrade headers away.*426/)
    assert.ok(remedy.some((line) => line.includes('proxy_set_header Upgrade $http_upgrade;')))
  })

  it('names nginx that compresses event streams and so holds them back', async (t) => {
    const gzip = 'gzip on; gzip_proxied any; gzip_types text/event-stream;'
    const location = `proxy_http_version 1.1; ${UPGRADING} proxy_ignore_headers X-Accel-Buffering; ${gzip}`
    const { status, troubles, auto, network, of } = await doctor(await behind(t, startNginx(port, location)))
    assert.deepEqual([status, troubles, auto], [1, ['SSE'], 'websocket'])
    assert.equal(network?.streaming, false)
    const { text, remedy = [] } = of('SSE')
    assert.match(text, /^nginx \(server: nginx\/[\d.]+\) compresses event streams and holds them back/)
    assert.ok(remedy.some((line) => line.includes('gzip off;')))
  })

  it('names HAProxy that gives a server two seconds', async (t) => {
    const proxy = startHaproxy(port, 'timeout connect 1s\n  timeout client 60s\n  timeout server 2s')
    const { status, troubles, network, of } = await doctor(await behind(t, proxy))
    assert.deepEqual([status, troubles], [1, ['Long polling', 'Quiet connections']])
    assert.ok(network !== undefined && network.holdMs > 1_000 && network.holdMs < 3_000)
    const { text, remedy = [] } = of('Long polling')
    assert.match(text, /^HAProxy .*answered a held request with 504 after [12]\.\d s/)
    assert.ok(remedy.some((line) => line.includes('timeout server 75s')))
    assert.match(of('Quiet connections').text, /^HAProxy .*cuts (SSE answers and )?WebSockets/)
  })

  it('finds what swallows every frame behind the handshake', async (t) => {
    // What comes back after the head of a 101 is dropped; all else passes.
    const swallower = createServer((socket) => {
      const upstream = connect(port, '127.0.0.1')
      let upgraded = false
      socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
      upstream.on('error', () => socket.destroy()).on('close', () => socket.destroy())
      socket.pipe(upstream)
      upstream.on('data', (bytes: Buffer) => {
        if (!upgraded) socket.write(bytes)
        upgraded ||= bytes.toString('latin1').startsWith('HTTP/1.1 101')
      })
    }).listen(0, '127.0.0.1')
    await once(swallower, 'listening')
    t.after(() => swallower.close())
    const { of, auto } = await doctor(`http://127.0.0.1:${(swallower.address() as AddressInfo).port}`)
    assert.match(of('WebSocket (HTTP/1.1)').text, /lets the handshake through, but no frame comes back/)
    assert.equal(auto, 'sse')
  })

  it('says what to show where a token is needed, and looks at everything with it', async (t) => {
    const closed = createNode({
      authenticate: ({ token }) => (token === 'secret' ? { user: 'ada' } : null),
      authorize: ({ action }) => action === 'subscribe',
    })
    const { url } = await closed.listen()
    t.after(() => closed.close())
    const [without, shown] = await Promise.all([doctor(url), doctor(url, '--token', 'secret')])
    assert.match(without.of('SSE').remedy?.join() ?? '', /--token/)
    assert.match(without.of('Long polling').text, /refused to serve \(401\)/)
    assert.match(shown.of('SSE').text, /publishing is not allowed, so not timed/)
    assert.equal(shown.status, 0)
  })

  it('looks through TLS, and says whose certificate is not trusted', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-doctor-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const ca = join(folder, 'ca.pem')
    writeFileSync(ca, certificate().cert)
    const secure = createNode()
    const { port } = await secure.listen({ tls: certificate() })
    t.after(() => secure.close())
    const address = `wss://localhost:${port}`
    const untrusted = await doctor(address)
    assert.deepEqual([untrusted.status, untrusted.auto], [1, undefined])
    assert.match(untrusted.of('TLS').text, /not trusted here/)
    const trusted = await doctor(address, '--ca', ca)
    assert.match(trusted.of('TLS').text, /^TLSv1\.3, certificate valid for \d+ more days$/)
    assert.match(trusted.of('WebSocket (HTTP/2)').text, /extended CONNECT/)
    assert.equal(trusted.auto, 'websocket')
    const plain = await doctor(url.replace('http:', 'https:'))
    assert.deepEqual(
      [plain.of('TLS').text, plain.of('TLS').remedy],
      ['the port speaks no TLS', ['Try http:// instead of https://.']],
    )
  })

  it('says when nothing listens, when what answers is no node, and when it is no URL', async (t) => {
    const other = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end('HTTP/1.1 404 Not Found\r\nServer: Apache/2.4\r\n\r\n'))
    }).listen(0, '127.0.0.1')
    await once(other, 'listening')
    t.after(() => other.close())
    const elsewhere = await doctor(`http://127.0.0.1:${(other.address() as AddressInfo).port}`)
    assert.match(elsewhere.of('Node').text, /no Holdfast node: \/healthz is answered with 404 by Apache/)
    const nothing = createServer().listen(0, '127.0.0.1')
    await once(nothing, 'listening')
    const { port } = nothing.address() as AddressInfo
    nothing.close()
    await once(nothing, 'close')
    assert.match((await doctor(`http://127.0.0.1:${port}`)).of('TCP').text, /nothing listens there/)
    const wrong: Outcome = await run(['doctor', 'not a url'])
    assert.equal(wrong.status, 2)
    assert.match(wrong.stderr, /it looks like https:\/\/realtime\.example\.org/)
  })

  it('tells people line by line, without colour where there is no terminal', async () => {
    const { status, stdout, stderr } = await run(['doctor', url, '--quick'])
    assert.equal(status, 0)
    assert.match(stdout, /^✓ SSE {19}arrives as it is written/m)
    assert.match(stdout, /Everything gets through\. transport: 'auto' will use WebSocket here\./)
    assert.match(stderr, /holding a request and watching quiet connections for 3 s/)
    assert.ok(!stdout.includes('\u001B'))
  })
})
