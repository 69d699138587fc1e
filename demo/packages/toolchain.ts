import { confPackage, dunePackage, makePackage, topkgPackage, virtualPackage } from './package.ts'

/** The compiler, the build tools, and what tells opam about the system. */
export const toolchain = [
  virtualPackage('base-bigarray.base', '', 'Bigarray comes with the compiler'),
  virtualPackage('base-bytes.base', '', 'Bytes comes with the compiler', [
    'ocaml {>= "4.06.0"}',
    'ocamlfind {>= "1.5.3"}',
  ]),
  virtualPackage('base-domains.base', '', 'Domains come with the compiler', ['ocaml {>= "5.0"}']),
  virtualPackage('base-nnp.base', '', 'The heap has no naked pointers', ['base-domains']),
  virtualPackage('base-threads.base', '', 'Threads come with the compiler'),
  virtualPackage('base-unix.base', '', 'Unix comes with the compiler'),
  virtualPackage('ocaml.5.2.1', '', 'The OCaml compiler (virtual package)', [
    'ocaml-config {>= "2"}',
    '("ocaml-base-compiler" {= "5.2.1"} | "ocaml-variants" {>= "5.2.1" & < "5.2.2~"} | "ocaml-system" {= "5.2.1"})',
  ]),
  makePackage(
    'ocaml-base-compiler.5.2.1',
    'ocaml/ocaml',
    'OCaml, the official release',
    [
      'ocaml {= "5.2.1" & post}',
      'base-unix {post}',
      'base-bigarray {post}',
      'base-threads {post}',
      'base-domains {post}',
      'base-nnp {post}',
      'ocaml-options-vanilla {post}',
    ],
    {
      extraFields: {
        'conflict-class': '"ocaml-core-compiler"',
        flags: 'compiler',
        setenv: 'CAML_LD_LIBRARY_PATH = "%{lib}%/stublibs"',
      },
    },
  ),
  virtualPackage('ocaml-config.3', '', 'Variables that describe the installed compiler', [
    'ocaml-base-compiler',
  ]),
  virtualPackage('ocaml-options-vanilla.1', '', 'The compiler is configured without options', [
    'ocaml-base-compiler {post}',
  ]),
  makePackage('ocaml-src.5.2.1', 'ocaml/ocaml', 'Sources of the compiler, for cross compilers', [
    'ocaml {= "5.2.1"}',
  ]),
  dunePackage('dune.3.19.1', 'ocaml/dune', 'Build system for OCaml projects', ['base-unix', 'base-threads']),
  dunePackage('dune-configurator.3.19.1', 'ocaml/dune', 'Find out about the system while dune builds', [
    'base-unix',
    'csexp {>= "1.5.0"}',
  ]),
  dunePackage('csexp.1.5.2', 'ocaml-dune/csexp', 'Canonical S-expressions'),
  makePackage('ocamlfind.1.9.8', 'ocaml/ocamlfind', 'Looks up libraries by their name', [
    'graphics {os = "win32"}',
  ]),
  makePackage('ocamlbuild.0.16.1', 'ocaml/ocamlbuild', 'Builds simple OCaml projects', ['ocamlfind']),
  makePackage('topkg.1.0.8', 'dbuenzli/topkg', 'Describes how a package is built and installed', [
    'ocamlfind {build}',
    'ocamlbuild',
  ]),
  dunePackage('cppo.1.8.0', 'ocaml-community/cppo', 'C preprocessor for OCaml sources', ['base-unix']),
  dunePackage('ocaml-syntax-shims.1.0.0', 'ocaml-ppx/ocaml-syntax-shims', 'Let-syntax for old compilers'),
  virtualPackage('seq.base', '', 'Seq comes with the compiler', ['ocaml {>= "4.07.0"}']),
  dunePackage('result.1.5', 'janestreet/result', 'The result type for old compilers'),
  confPackage('conf-gmp.5', '', 'Needs the GMP library', [], {
    extraFields: {
      build: '["pkg-config" "--exists" "gmp"]',
      depexts: '[\n    ["libgmp-dev"] {os-family = "debian"}\n    ["gmp"] {os = "freebsd"}\n  ]',
    },
  }),
  confPackage('conf-gmp-powm-sec.4', '', 'Needs a GMP with constant-time modular exponentiation', [
    'conf-gmp',
  ]),
  confPackage('conf-pkg-config.4', '', 'Needs pkg-config', [], {
    extraFields: {
      build: '["pkg-config" "--help"]',
      depexts: '[\n    ["pkg-config"] {os-family = "debian"}\n    ["pkgconf"] {os = "freebsd"}\n  ]',
    },
  }),
  confPackage('conf-git.1.1', '', 'Needs git', [], { extraFields: { build: '["git" "--version"]' } }),
  confPackage('conf-libev.4-13', '', 'Needs libev', [], {
    extraFields: {
      build: '["pkg-config" "--exists" "libev"]',
      depexts: '[\n    ["libev-dev"] {os-family = "debian"}\n    ["libev"] {os = "freebsd"}\n  ]',
    },
  }),
  makePackage('solo5.0.9.3', 'Solo5/solo5', 'Sandboxed execution of unikernels: tenders and bindings', [
    'conf-pkg-config {build & os = "linux"}',
  ]),
  makePackage('ocaml-solo5.1.0.1', 'mirage/ocaml-solo5', 'OCaml cross compiler for Solo5', [
    'ocamlfind {build}',
    'ocaml-src {build}',
    'ocaml {>= "5.2.1" & < "5.4.0"}',
    'solo5 {>= "0.9.1"}',
    'conf-git {build}',
  ]),
  dunePackage('mirage.4.9.0', 'mirage/mirage', 'Configures and builds MirageOS unikernels', [
    'astring',
    'bos',
    'cmdliner {>= "1.2.0"}',
    'emile {>= "1.1"}',
    'fmt {>= "0.8.7"}',
    'fpath',
    'ipaddr {>= "5.0.0"}',
    'logs',
    'macaddr',
    'opam-monorepo {>= "0.3.6"}',
    'rresult {>= "0.7.0"}',
    'uri {>= "4.2.0"}',
    'mirage-runtime {with-test & = version}',
  ]),
  dunePackage(
    'opam-monorepo.0.4.2',
    'tarides/opam-monorepo',
    'Fetches the sources of all dependencies into one dune workspace',
    ['odoc {with-doc}'],
  ),
  topkgPackage('uutf.1.0.4', 'dbuenzli/uutf', 'Decodes and encodes Unicode without blocking', [], {
    units: { Uutf: 14 },
  }),
]
