import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isControlOpcode, isReservedOpcode, Opcode } from './opcode.ts'

test('the sixteen opcodes are six known ones, three of them control, and ten reserved', () => {
  const all = Array.from({ length: 16 }, (_, opcode) => opcode)
  const known: number[] = Object.values(Opcode)
  assert.deepEqual(
    all.filter((opcode) => !isReservedOpcode(opcode)),
    known,
  )
  assert.deepEqual(known.filter(isControlOpcode), [8, 9, 10])
})
