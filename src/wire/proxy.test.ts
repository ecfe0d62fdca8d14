import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorityOf, basicAuthorization, parseProxy, proxyFor, targetOf, type Environment } from './proxy.ts'

const PROXY = 'http://proxy.example:3128'

const chosen = (url: string, environment: Environment): string | undefined =>
  proxyFor(new URL(url), environment)?.href

test('the scheme chooses the variable, and lower case comes first', () => {
  const environment = {
    HTTP_PROXY: 'http://upper:1',
    HTTPS_PROXY: 'http://upper-secure:1',
    https_proxy: 'http://lower-secure:1',
  }
  assert.equal(chosen('ws://a/', environment), 'http://upper:1/')
  assert.equal(chosen('http://a/', environment), 'http://upper:1/')
  assert.equal(chosen('wss://a/', environment), 'http://lower-secure:1/')
  assert.equal(chosen('https://a/', environment), 'http://lower-secure:1/')
  assert.equal(chosen('wss://a/', { HTTP_PROXY: PROXY }), undefined)
  assert.equal(chosen('wss://a/', { https_proxy: '', HTTPS_PROXY: '' }), undefined)
  assert.equal(chosen('wss://a/', {}), undefined)
})

test('in a CGI process HTTP_PROXY is what a client wrote', () => {
  assert.equal(chosen('ws://a/', { HTTP_PROXY: PROXY, REQUEST_METHOD: 'GET' }), undefined)
  assert.equal(chosen('ws://a/', { http_proxy: PROXY, REQUEST_METHOD: 'GET' }), `${PROXY}/`)
  assert.equal(chosen('wss://a/', { HTTPS_PROXY: PROXY, REQUEST_METHOD: 'GET' }), `${PROXY}/`)
})

test('this machine is not reached through another one', () => {
  for (const host of [
    'localhost',
    'LOCALHOST',
    'app.localhost',
    '127.0.0.1',
    '127.1',
    '127.255.0.1',
    '[::1]',
  ]) {
    assert.equal(chosen(`ws://${host}/`, { http_proxy: PROXY }), undefined, host)
  }
  for (const host of ['localhost.example', '128.0.0.1', '[::2]', '127.example']) {
    assert.equal(chosen(`ws://${host}/`, { http_proxy: PROXY }), `${PROXY}/`, host)
  }
})

const exemptions: [noProxy: string, exempt: string[], not: string[]][] = [
  ['*', ['a.example', '[2001:db8::1]', '10.0.0.1'], []],
  ['a.example', ['a.example', 'A.Example', 'b.a.example', 'a.example:8080'], ['ba.example', 'a.example.org']],
  ['.a.example', ['a.example', 'b.a.example'], ['ba.example']],
  ['*.a.example', ['b.a.example'], ['ba.example']],
  ['A.EXAMPLE', ['a.example'], []],
  ['a.example:8080', ['a.example:8080', 'b.a.example:8080'], ['a.example', 'a.example:80']],
  ['a.example:80', ['a.example'], ['a.example:8080']],
  ['x, b.example  c.example,,d.example', ['b.example', 'c.example', 'd.example', 'x'], ['e.example']],
  ['10.0.0.1', ['10.0.0.1', '10.0.0.1:99'], ['10.0.0.11', '110.0.0.1']],
  ['10.0.0.1:99', ['10.0.0.1:99'], ['10.0.0.1']],
  ['10.0.0.0/8', ['10.255.0.1'], ['11.0.0.1', '[2001:db8::1]']],
  ['10.0.0.0/33', [], ['10.0.0.0']],
  ['10.0.0.0/', [], ['10.0.0.0']],
  ['2001:db8::1', ['[2001:db8::1]', '[2001:db8:0:0:0:0:0:1]:99'], ['[2001:db8::2]', '10.0.0.1']],
  ['[2001:db8::1]:99', ['[2001:db8::1]:99'], ['[2001:db8::1]']],
  ['[2001:DB8::1]', ['[2001:db8::1]'], ['[2001:db8::2]']],
  ['2001:db8::/32', ['[2001:db8:ffff::1]'], ['[2001:db9::1]']],
  ['', [], ['a.example']],
  ['.', [], ['a.example']],
]

for (const [noProxy, exempt, not] of exemptions) {
  test(`NO_PROXY=${noProxy}`, () => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const environment = { http_proxy: PROXY, [name]: noProxy }
      for (const host of exempt) assert.equal(chosen(`ws://${host}/`, environment), undefined, host)
      for (const host of not) assert.equal(chosen(`ws://${host}/`, environment), `${PROXY}/`, host)
    }
  })
}

test('what is no proxy is said so, without its password', () => {
  for (const proxy of ['socks5://me:secret@proxy', 'ftp://proxy', 'http://', 'http://a b', '://']) {
    assert.throws(
      () => parseProxy(proxy),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'invalid-url')
        assert(!error.message.includes('secret'))
        return true
      },
    )
  }
  assert.equal(parseProxy('proxy.example:3128').href, `${PROXY}/`)
  assert.equal(parseProxy('https://proxy').href, 'https://proxy/')
})

test('targets, as they stand in a CONNECT', () => {
  const authority = (url: string): string => authorityOf(targetOf(new URL(url)))
  assert.equal(authority('ws://a/'), 'a:80')
  assert.equal(authority('wss://a/'), 'a:443')
  assert.equal(authority('https://a:8443/'), 'a:8443')
  assert.equal(authority('wss://[2001:db8::1]/'), '[2001:db8::1]:443')
})

test('RFC 7617: user and password', () => {
  const authorization = (url: string) => basicAuthorization(new URL(url))
  assert.equal(authorization('http://a/'), undefined)
  assert.equal(authorization('http://me:p%40%3Ass@a/'), `Basic ${Buffer.from('me:p@:ss').toString('base64')}`)
  assert.throws(() => authorization('http://me:%ff@a/'), { code: 'invalid-url' })
  assert.equal(authorization('http://me@a/'), `Basic ${Buffer.from('me:').toString('base64')}`)
})
