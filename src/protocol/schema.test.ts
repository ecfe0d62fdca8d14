// The protocol's schema, compiled: what the tests of this room hold the codec to.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { MAX_CHANNEL_NAME_BYTES } from './commands.ts'
import { ERRORS } from './errors.ts'

const FILE = join(import.meta.dirname, '..', '..', 'protocol.schema.json')
const schema = JSON.parse(readFileSync(FILE, 'utf8')) as {
  readonly $id: string
  readonly $defs: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}
const ajv = new Ajv2020({ allowUnionTypes: true, strictRequired: false })
ajv.addSchema(schema)

/** Whether `value` is a `name` of the schema. */
export const validates = (name: string, value: unknown): boolean => {
  const validate = ajv.getSchema(`${schema.$id}#/$defs/${name}`)
  assert.ok(validate, `the schema has no ${name}`)
  return validate(value) === true
}

export const assertValid = (name: string, value: unknown): void => {
  assert.ok(validates(name, value), `not a ${name}: ${JSON.stringify(value).slice(0, 500)}`)
}

test('every definition of the schema compiles', () => {
  for (const name of Object.keys(schema.$defs)) validates(name, {})
})

test('the schema names every error code, and no other', () => {
  assert.deepEqual(schema.$defs['errorCode']?.['enum'], Object.keys(ERRORS))
})

test('the schema has the length of a channel name', () => {
  assert.equal(schema.$defs['channel']?.['maxLength'], MAX_CHANNEL_NAME_BYTES)
})
