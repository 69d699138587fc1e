import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  isRuntimeName,
  nameWithinUnit,
  parseOcamlSymbol,
  splitUnit,
} from '../../server/formats/ocaml-symbol.ts'

test.each([
  // OCaml 4 to 5.0
  ['camlStdlib__List__map_123', 'Stdlib/List', 'value', 'map_123'],
  ['camlStdlib__entry', 'Stdlib', 'value', 'entry'],
  ['camlStdlib__List', 'Stdlib/List', 'value', ''],
  ['camlStdlib__Map__Make_987', 'Stdlib/Map', 'value', 'Make_987'],
  ['camlDune__exe__Main__fun_12', 'Dune__exe/Main', 'value', 'fun_12'],
  ['camlDune__exe', 'Dune__exe', 'value', ''],
  ['camlZonecheck__77', 'Zonecheck', 'value', '77'],
  ['camlA__my__name_3', 'A', 'value', 'my__name_3'],
  ['camlStdlib__$5e_134', 'Stdlib', 'value', '^_134'],
  ['camlFoo__$2b$2b_1', 'Foo', 'value', '++_1'],
  ['camlFoo____code_begin', 'Foo__', 'codeBegin', ''],
  ['camlFoo__Bar__code_end', 'Foo/Bar', 'codeEnd', ''],
  ['camlFoo__Bar__data_begin', 'Foo/Bar', 'dataBegin', ''],
  ['camlFoo__Bar__data_end', 'Foo/Bar', 'dataEnd', ''],
  ['camlFoo__Bar__frametable', 'Foo/Bar', 'frametable', ''],
  ['camlStdlib__list__code_begin', 'Stdlib/list', 'codeBegin', ''],
  // OCaml 5.1 and later
  ['camlStdlib__List.map_123', 'Stdlib/List', 'value', 'map_123'],
  ['camlDune__exe__Main.fn_5', 'Dune__exe/Main', 'value', 'fn_5'],
  [
    'camlDune__exe__Main.fn$5bmain.ml$3a3$2c4$2d$2d20$5d_5',
    'Dune__exe/Main',
    'value',
    'fn[main.ml:3,4--20]_5',
  ],
  ['camlFoo.a__b_1', 'Foo', 'value', 'a__b_1'],
  ['camlFoo.$c3$a9t$c3$a9_1', 'Foo', 'value', 'été_1'],
  ['camlFoo__Bar.code_begin', 'Foo/Bar', 'codeBegin', ''],
  ['camlFoo__.data_end', 'Foo__', 'dataEnd', ''],
  ['camlFoo.frametable', 'Foo', 'frametable', ''],
])('%s is of %s', (symbol, path, role, name) => {
  expect(parseOcamlSymbol(symbol)).toEqual({ origin: 'module', path: path.split('/'), role, name })
})

test.each([
  ['caml_startup__code_begin', 'startup', 'codeBegin'],
  ['caml_startup.data_end', 'startup', 'dataEnd'],
  ['caml_system__frametable', 'system', 'frametable'],
  ['caml_hot__code_end', 'hot', 'codeEnd'],
])('%s is of the runtime', (symbol, unit, role) => {
  expect(parseOcamlSymbol(symbol)).toEqual({ origin: 'runtime', path: [unit], role, name: '' })
})

test.each([
  '',
  'caml',
  'main',
  'caml_startup',
  'caml_alloc_small',
  'caml_frametable',
  'camlidl_alloc',
  'Camlfoo',
  '__code_begin',
])('%j is not of OCaml code', (symbol) => {
  expect(parseOcamlSymbol(symbol)).toBeNull()
})

test('the runtime is known by its prefix', () => {
  expect(['caml_alloc', 'camlFoo', 'malloc'].map(isRuntimeName)).toEqual([true, false, false])
})

test.each([
  ['camlA__B__f_1', 'A__B', 'f_1'],
  ['camlA__B.$40_1', 'A__B', '@_1'],
  ['caml_curry2', '_startup', 'caml_curry2'],
  ['camlA__Bc__f_1', 'A__B', 'camlA__Bc__f_1'],
  ['camlA__B', 'A__B', 'camlA__B'],
])('%s within %s is %s', (symbol, unit, name) => {
  expect(nameWithinUnit(symbol, unit)).toBe(name)
})

test('a unit is its modules, joined', () => {
  const moduleName = fc.stringMatching(/^[A-Z][a-z]{0,5}$/)
  fc.assert(
    fc.property(fc.array(moduleName, { minLength: 1, maxLength: 5 }), (modules) => {
      expect(splitUnit(modules.join('__'))).toEqual(modules)
    }),
    { seed: 4 },
  )
})

test('any text gives an answer', () => {
  const piece = fc.constantFrom(
    'caml',
    '__',
    '.',
    '$',
    '$2b',
    'Dune__exe',
    'A',
    'code_begin',
    '_1',
    '\n',
    'é',
    '$ff',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const parsed = parseOcamlSymbol(pieces.join(''))
      if (parsed) expect(parsed.path.length).toBeGreaterThan(0)
    }),
    { seed: 4, numRuns: 5_000 },
  )
})
