import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { formatExtensions, parseExtensions, type Extension } from './extension.ts'

test('§9.1: extensions and their parameters', () => {
  assert.deepEqual(parseExtensions('foo'), [{ name: 'foo', parameters: [] }])
  assert.deepEqual(parseExtensions(' foo ; bar; baz=2 ,\tbar;bar=";;"'), undefined)
  assert.deepEqual(parseExtensions(' foo ; bar; baz = 2 ,\tbar;a="4\\2"\t'), [
    { name: 'foo', parameters: [{ name: 'bar' }, { name: 'baz', value: '2' }] },
    { name: 'bar', parameters: [{ name: 'a', value: '42' }] },
  ])
})

test('names that mean something to an object are names like any other', () => {
  const text = '__proto__; constructor=toString; __proto__="__proto__"'
  assert.deepEqual(parseExtensions(text), [
    {
      name: '__proto__',
      parameters: [
        { name: 'constructor', value: 'toString' },
        { name: '__proto__', value: '__proto__' },
      ],
    },
  ])
})

const malformed = [
  '',
  ',',
  'a,',
  ';',
  'a;',
  'a;=1',
  'a;b=',
  'a;b=""',
  'a;b="',
  'a;b="\\"',
  'a;b="x y"',
  'a b',
  'a;b c',
]
for (const text of [...malformed, 'a;b="1"2', 'a;b=1"', 'a=1', 'é', 'a;b=é']) {
  test(`§9.1: ${JSON.stringify(text)} is malformed`, () => assert.equal(parseExtensions(text), undefined))
}

test('what is formatted is parsed back', () => {
  const token = fc.string({
    unit: fc.constantFrom('a', 'z', '0', '-', '_', '!', '~'),
    minLength: 1,
    maxLength: 5,
  })
  const parameter = fc.record({ name: token, value: token }, { requiredKeys: ['name'] })
  const extensions = fc.array(fc.record({ name: token, parameters: fc.array(parameter) }), { minLength: 1 })
  fc.assert(
    fc.property(extensions, (list) => {
      const plain = JSON.parse(JSON.stringify(list)) as Extension[]
      assert.deepEqual(parseExtensions(formatExtensions(list)), plain)
    }),
  )
})
