/**
 * Node's client where a network has an authority of its own and a proxy in front of it: every transport gets there, by
 * tunnels that are used again. The name of the server is known to the proxy only.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { type Client, connect, type TransportName } from 'holdfast'
import { createServer, type HoldfastServer } from 'holdfast/server'
import { run } from '../cli/command.ts'
import { type ConnectProxy, type ConnectProxyOptions, startConnectProxy } from '../network/connect-proxy.ts'
import { makeCertificate } from '../server/certificate.ts'

const TRANSPORTS: readonly TransportName[] = ['websocket', 'sse', 'long-polling', 'polling']
const { cert, key } = makeCertificate()

let server: HoldfastServer
let plain: HoldfastServer
let url: string
let plainUrl: string
/** The port that both of a name and of the proxy's tunnels lead to. */
let authority: string
let folder: string

before(async () => {
  const limits = { pollMinMs: 1, pollMaxMs: 5, commandsPerSecond: 10_000, commandBurst: 10_000 }
  const hosts = ['holdfast.test', '127.0.0.1']
  server = createServer({ hosts, limits })
  plain = createServer({ hosts, limits })
  const { port } = await server.listen({ tls: { cert, key } })
  authority = `holdfast.test:${port}`
  url = `https://${authority}`
  plainUrl = `http://holdfast.test:${(await plain.listen()).port}`
  folder = mkdtempSync(join(tmpdir(), 'holdfast-private-network-'))
  writeFileSync(join(folder, 'ca.pem'), cert)
})
after(async () => {
  await server.close()
  await plain.close()
  rmSync(folder, { recursive: true })
})

const proxied = async (t: TestContext, options?: ConnectProxyOptions): Promise<ConnectProxy> => {
  const proxy = await startConnectProxy(options)
  t.after(() => proxy.close())
  return proxy
}

/** What the state says once it has an error. */
const failure = (client: Client): Promise<Error> =>
  new Promise((resolve) => {
    const off = client.on('state', ({ error }) => {
      if (error === undefined) return
      off()
      resolve(error)
    })
  })

for (const transport of TRANSPORTS) {
  test(`${transport} goes through a proxy to a server with a certificate of a private authority`, async (t) => {
    const proxy = await proxied(t, { credentials: 'ada:l0velace' })
    const through = proxy.url.replace('//', '//ada:l0velace@')
    const client = connect(url, { transport, tls: { ca: cert }, proxy: through })
    t.after(() => client.close())
    const channel = client.channel<number>(`private/${transport}`)
    const seen: number[] = []
    const all = Promise.withResolvers<void>()
    const subscription = channel.subscribe({ from: 'start' }, ({ data }) => {
      if (seen.push(data) === 30) all.resolve()
    })
    await subscription.ready
    for (let value = 0; value < 30; value++) await channel.publish(value)
    await all.promise
    assert.deepEqual(
      seen,
      Array.from({ length: 30 }, (_, index) => index),
    )
    assert.ok(proxy.asked.every((asked) => asked === authority))
    // One for what is followed, one for what is said; a third where one was still on its way.
    assert.ok(proxy.asked.length <= (transport === 'websocket' ? 1 : 3), `${proxy.asked.length} tunnels`)
  })

  test(`${transport} without TLS goes through a proxy by CONNECT as well`, async (t) => {
    const proxy = await proxied(t)
    const client = connect(plainUrl, { transport, proxy: proxy.url })
    t.after(() => client.close())
    await client.channel('plain').publish(transport)
    assert.ok(proxy.asked.length > 0)
  })

  test(`${transport}: an authority that nobody vouches for, and a proxy that refuses, are told`, async (t) => {
    const proxy = await proxied(t, { credentials: 'ada:l0velace' })
    const options = { transport, backoff: { minMs: 60_000, maxMs: 60_000 } }
    const stranger = connect(url.replace('holdfast.test', '127.0.0.1'), { ...options, proxy: false })
    const refused = connect(url, {
      ...options,
      tls: { ca: cert },
      proxy: proxy.url.replace('//', '//ada:guess@'),
    })
    t.after(() => {
      stranger.close()
      refused.close()
    })
    const said = [await failure(stranger), await failure(refused)].map((error) => {
      const { code, message, cause } = error as Error & { code: string }
      return { code, text: `${message} ${String(cause)} ${String((cause as Error | undefined)?.cause)}` }
    })
    assert.deepEqual(
      said.map(({ code }) => code),
      ['unreachable', 'unreachable'],
    )
    assert.match(said[0]!.text, /self-signed/)
    assert.match(said[1]!.text, /the proxy 127\.0\.0\.1:\d+ answered 407/)
    assert.doesNotMatch(said[1]!.text, /guess/)
  })
}

for (const transport of TRANSPORTS) {
  test(`the command line takes the proxy from the environment, and the authority from --ca or Node (${transport})`, async (t) => {
    const proxy = await proxied(t)
    const ca = join(folder, 'ca.pem')
    const publish = ['publish', 'environment', '1', '-u', url, '-t', transport]
    const env = { ...process.env, HTTPS_PROXY: proxy.url, NO_PROXY: 'elsewhere.test' }
    const byOption = await run([...publish, '--ca', ca], '', { env })
    assert.equal(byOption.status, 0, byOption.stderr)
    const byNode = await run(publish, '', { env: { ...env, NODE_EXTRA_CA_CERTS: ca } })
    assert.equal(byNode.status, 0, byNode.stderr)
    assert.ok(proxy.asked.length >= 2)
  })
}

test('polls are refused as they should be when what answers is no node', async (t) => {
  const answers: Readonly<Record<string, number>> = {
    '/a/session': 204,
    '/b/session': 302,
    '/c/session': 503,
  }
  const other = createHttpServer((request, response) => {
    response.writeHead(answers[request.url ?? ''] ?? 404, { location: url, 'retry-after': '7' }).end()
  })
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.after(() => other.close())
  const base = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  for (const [path, said] of [
    ['/a', 'it could not be read'],
    ['/b', 'HTTP status 302'],
    ['/c', 'HTTP status 503'],
  ] as const) {
    const client = connect(base + path, { transport: 'polling', backoff: { minMs: 60_000, maxMs: 60_000 } })
    t.after(() => client.close())
    assert.equal((await failure(client)).message, said)
  }
})
