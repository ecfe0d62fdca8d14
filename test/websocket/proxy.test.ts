// Our client through proxies: those that open a tunnel and those that do not, chosen by an option or the environment,
// for both versions of HTTP, with and without TLS on either side of the proxy.

import assert from 'node:assert/strict'
import { after, before, describe, test, type TestContext } from 'node:test'
import { dial, DialError, type DialOptions, type SocketHandler } from 'holdfast/websocket'
import { startConnectProxy, startFalseProxy, type ConnectProxyOptions } from '../network/connect-proxy.ts'
import { makeCertificate, startEcho, WAYS, type EchoServer } from './servers.ts'

const certificate = makeCertificate()
after(() => certificate.remove())
const tls = { ca: certificate.cert }

/** One message there and back, and the close. */
async function converse(url: string, options: DialOptions): Promise<unknown[]> {
  const heard: unknown[] = []
  await new Promise<void>((resolve, reject) => {
    const handler: SocketHandler = {
      message: (socket, data) => {
        heard.push(data)
        socket.close(1000)
      },
      close: (_socket, code) => {
        heard.push(code)
        resolve()
      },
    }
    dial(url, { ...options, tls, proxyTls: tls, handler }).then((socket) => socket.send('through'), reject)
  })
  return heard
}

async function fails(url: string, options: DialOptions): Promise<DialError> {
  const error: unknown = await dial(url, { tls, proxyTls: tls, ...options }).then(
    () => assert.fail('it was accepted'),
    (reason: unknown) => reason,
  )
  assert(error instanceof DialError)
  return error
}

async function proxyFor(context: TestContext, options: ConnectProxyOptions = {}) {
  const proxy = await startConnectProxy(options)
  context.after(() => proxy.close())
  return proxy
}

/** The environment for one test; every name that matters is set or absent. */
function environment(context: TestContext, values: Record<string, string>): void {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']
  for (const name of names) {
    const value = process.env[name]
    context.after(() => {
      delete process.env[name]
      if (value !== undefined) process.env[name] = value
    })
    delete process.env[name]
  }
  Object.assign(process.env, values)
}

for (const [way, { secure, http2 }] of Object.entries(WAYS)) {
  describe(`a proxy in front of ${way}`, () => {
    let server: EchoServer
    before(async () => {
      server = await startEcho({ http2, certificate: secure ? certificate : undefined })
    })
    after(() => server.stop())

    test('a tunnel, through HTTP and HTTPS proxies', async (context) => {
      for (const proxyCertificate of [undefined, certificate]) {
        const proxy = await proxyFor(context, proxyCertificate && { certificate: proxyCertificate })
        assert.deepEqual(await converse(server.url, { http2, proxy: proxy.url }), ['through', 1000])
        assert.deepEqual(proxy.asked, [`127.0.0.1:${server.port}`])
      }
    })

    test('the environment chooses the proxy, which is the one to resolve the name', async (context) => {
      const proxy = await proxyFor(context, { ports: { [secure ? 443 : 80]: server.port } })
      environment(context, { [secure ? 'HTTPS_PROXY' : 'HTTP_PROXY']: proxy.url })
      const url = `${secure ? 'wss' : 'ws'}://far.example/`
      const options: DialOptions = {
        http2,
        tls: { ...tls, servername: 'far.example', checkServerIdentity: () => undefined },
      }
      const socket = await dial(url, options)
      socket.destroy()
      assert.deepEqual(proxy.asked, [`far.example:${secure ? 443 : 80}`])
      assert.equal((await fails(url, { http2, proxy: false })).code, 'network')
      assert.equal(proxy.asked.length, 1)
    })
  })
}

describe('a proxy that opens no tunnel', () => {
  let server: EchoServer
  before(async () => (server = await startEcho()))
  after(() => server.stop())

  test('one that refuses: its status and headers', async (context) => {
    const proxy = await proxyFor(context, { refuseWith: 403 })
    const error = await fails(server.url, { proxy: proxy.url })
    assert.deepEqual([error.code, error.status, error.headers['content-length']], ['proxy-refused', 403, '2'])
  })

  test('one that needs a password, which is told to nobody else', async (context) => {
    const proxy = await proxyFor(context, { credentials: 'me:p@ss' })
    const [without, wrong] = [proxy.url, proxy.url.replace('//', '//me:secret@')]
    for (const url of [without, wrong]) {
      const error = await fails(server.url, { proxy: url })
      assert.deepEqual([error.code, error.status], ['proxy-refused', 407])
      assert.doesNotMatch(`${error.message}${error.stack}`, /secret/)
    }
    const right = proxy.url.replace('//', '//me:p%40ss@')
    assert.deepEqual(await converse(server.url, { proxy: right }), ['through', 1000])
  })

  test('one that says nothing: the deadline counts, and so does the signal', async (context) => {
    const proxy = await startFalseProxy('')
    context.after(() => proxy.close())
    assert.equal((await fails(server.url, { proxy: proxy.url, handshakeTimeoutMs: 50 })).code, 'timeout')
    const controller = new AbortController()
    const dialling = fails(server.url, { proxy: proxy.url, signal: controller.signal })
    setImmediate(() => controller.abort())
    assert.equal((await dialling).code, 'aborted')
  })

  test('one that answers slowly shares the deadline of the whole attempt', async (context) => {
    const proxy = await startFalseProxy('HTTP/1.1 200 OK\r\n\r\n')
    context.after(() => proxy.close())
    const start = performance.now()
    assert.equal((await fails(server.url, { proxy: proxy.url, handshakeTimeoutMs: 100 })).code, 'timeout')
    assert(performance.now() - start < 2000)
  })

  test('one that speaks no HTTP, hangs up, or is not there', async (context) => {
    for (const bytes of ['garbage\r\n\r\n', 'HTTP/1.1 200 OK\r\nX: \0\r\n\r\n', '\x16\x03\x01\x00\x00']) {
      const proxy = await startFalseProxy(bytes)
      context.after(() => proxy.close())
      assert.equal((await fails(server.url, { proxy: proxy.url })).code, 'network', bytes)
    }
    const gone = await startFalseProxy('')
    await gone.close()
    const error = await fails(server.url, { proxy: gone.url })
    assert.deepEqual([error.code, (error.cause as { code: string }).code], ['network', 'ECONNREFUSED'])
  })

  test('a target that the proxy cannot reach', async (context) => {
    const proxy = await proxyFor(context)
    const gone = await startFalseProxy('')
    await gone.close()
    assert.equal((await fails(gone.url.replace('http', 'ws'), { proxy: proxy.url })).code, 'network')
  })

  test('a certificate of the proxy that is not trusted', async (context) => {
    const proxy = await proxyFor(context, { certificate })
    const error = await fails(server.url, { proxy: proxy.url, proxyTls: {} })
    assert.deepEqual(
      [error.code, (error.cause as { code: string }).code],
      ['network', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    )
  })

  test('a URL that is no proxy is the caller’s mistake', async () => {
    for (const proxy of ['socks5://127.0.0.1:1', 'http://', 'a b']) {
      await assert.rejects(dial(server.url, { proxy }), { name: 'CallerError', code: 'invalid-url' })
    }
  })
})
