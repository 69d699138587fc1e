import { dunePackage, makePackage, topkgPackage } from './package.ts'

/** Data structures, text, time, input and output: what every program of the demo stands on. */
export const foundations = [
  topkgPackage('astring.0.8.5', 'dbuenzli/astring', 'Strings, substrings, string sets and maps', [], {
    units: { Astring: 3, Astring_string: 16, Astring_sub: 20, Astring_char: 2, Astring_base: 4 },
  }),
  topkgPackage(
    'fmt.0.10.0',
    'dbuenzli/fmt',
    'Combinators for pretty printing',
    ['stdlib-shims {with-test}'],
    { units: { Fmt: 22 } },
  ),
  topkgPackage(
    'logs.0.8.0',
    'dbuenzli/logs',
    'Logging with levels, sources and reporters',
    ['fmt {>= "0.9.0"}'],
    {
      units: { Logs: 9, Logs_fmt: 4 },
    },
  ),
  topkgPackage('rresult.0.7.0', 'dbuenzli/rresult', 'Combinators for results', [], { units: { Rresult: 5 } }),
  topkgPackage('fpath.0.7.3', 'dbuenzli/fpath', 'File system paths without the file system', ['astring'], {
    units: { Fpath: 17 },
  }),
  topkgPackage(
    'bos.0.2.1',
    'dbuenzli/bos',
    'Runs commands and walks the file system',
    ['base-unix', 'rresult', 'astring', 'fpath', 'fmt', 'logs'],
    {
      units: { Bos_setup: 1, Bos: 9, Bos_os_cmd: 22, Bos_os_file: 14, Bos_os_dir: 15, Bos_base: 4 },
    },
  ),
  topkgPackage('cmdliner.1.3.0', 'dbuenzli/cmdliner', 'Declares the command line of a program', [], {
    units: {
      Cmdliner: 2,
      Cmdliner_arg: 14,
      Cmdliner_cline: 11,
      Cmdliner_docgen: 18,
      Cmdliner_eval: 9,
      Cmdliner_manpage: 16,
      Cmdliner_msg: 8,
      Cmdliner_term: 4,
      Cmdliner_info: 9,
    },
  }),
  topkgPackage('ptime.1.2.0', 'dbuenzli/ptime', 'POSIX time, exact to the picosecond', [], {
    units: { Ptime: 18 },
    stubs: ['ocaml_ptime_clock_now_d_ps', 'ocaml_ptime_clock_period_d_ps'],
  }),
  topkgPackage('mtime.2.1.0', 'dbuenzli/mtime', 'Monotonic time and spans of it', [], {
    units: { Mtime: 8, Mtime_clock: 1 },
    stubs: ['ocaml_mtime_clock_now', 'ocaml_mtime_clock_elapsed_ns'],
  }),
  dunePackage('stringext.1.6.0', 'rgrinberg/stringext', 'More functions on strings', [], {
    units: { Stringext: 9 },
  }),
  dunePackage('base64.3.5.1', 'mirage/ocaml-base64', 'Base64, as RFC 4648 has it', [], {
    units: { Base64: 12, Base64_rfc2045: 9 },
  }),
  dunePackage(
    'bigstringaf.0.10.0',
    'inhabitedtype/bigstringaf',
    'Big strings with fast blits',
    ['dune-configurator'],
    {
      units: { Bigstringaf: 7 },
      stubs: ['bigstringaf_blit_to_bytes', 'bigstringaf_blit_to_bigstring', 'bigstringaf_memcmp_bigstring'],
    },
  ),
  dunePackage(
    'angstrom.0.16.1',
    'inhabitedtype/angstrom',
    'Parser combinators that take input in pieces',
    ['bigstringaf', 'ocaml-syntax-shims {build}'],
    {
      units: { Angstrom: 31, Angstrom__Buffering: 5, Angstrom__Input: 3, Angstrom__Parser: 9 },
    },
  ),
  dunePackage(
    'faraday.0.8.2',
    'inhabitedtype/faraday',
    'Serializes into buffers of constant size',
    ['bigstringaf'],
    { units: { Faraday: 16 } },
  ),
  dunePackage('re.1.12.0', 'ocaml/ocaml-re', 'Regular expressions without backtracking', ['seq'], {
    units: { Re: 4, Re__Automata: 19, Re__Compile: 22, Re__Ast: 8, Re__Perl: 11, Re__Group: 4 },
  }),
  dunePackage('uri.4.4.0', 'mirage/ocaml-uri', 'URIs by RFC 3986', ['stringext', 'angstrom {>= "0.14.0"}'], {
    units: { Uri: 48, Uri__Path: 4 },
  }),
  dunePackage('macaddr.5.6.0', 'mirage/ocaml-ipaddr', 'Hardware addresses', [], { units: { Macaddr: 7 } }),
  dunePackage('domain-name.0.4.1', 'hannesm/domain-name', 'Domain names and their order', [], {
    units: { Domain_name: 11 },
  }),
  dunePackage(
    'ipaddr.5.6.0',
    'mirage/ocaml-ipaddr',
    'Addresses and prefixes of IPv4 and IPv6',
    ['macaddr {= version}', 'domain-name {>= "0.3.0"}'],
    {
      units: { Ipaddr: 44, Ipaddr__S: 1 },
    },
  ),
  dunePackage('duration.0.2.1', 'hannesm/duration', 'Durations in nanoseconds', [], {
    units: { Duration: 4 },
  }),
  dunePackage('optint.0.3.0', 'mirage/optint', 'Integers that are unboxed where the machine allows', [], {
    units: { Optint: 1, Optint__Int63: 5 },
  }),
  dunePackage('ohex.0.2.0', 'robur-coop/ohex', 'Hexadecimal digits to bytes and back', [], {
    units: { Ohex: 6 },
  }),
  dunePackage('gmap.0.3.0', 'hannesm/gmap', 'Maps whose values have different types', [], {
    units: { Gmap: 12 },
  }),
  dunePackage('psq.0.2.1', 'pqwy/psq', 'Priority search queues', ['seq'], { units: { Psq: 15 } }),
  dunePackage('lru.0.3.1', 'pqwy/lru', 'Caches that forget what was used least', ['psq'], {
    units: { Lru: 11 },
  }),
  dunePackage('eqaf.0.10', 'mirage/eqaf', 'Comparisons in constant time', [], { units: { Eqaf: 6 } }),
  dunePackage('digestif.1.2.0', 'mirage/digestif', 'Hashes, in C and in OCaml', ['eqaf'], {
    units: { Digestif: 34, Digestif_conv: 3 },
    stubs: [
      'caml_digestif_sha1_ba_update',
      'caml_digestif_sha256_ba_update',
      'caml_digestif_sha512_ba_finalize',
      'digestif_sha256_do_chunk',
      'digestif_sha512_do_chunk',
      'digestif_blake2b_compress',
    ],
  }),
  makePackage(
    'zarith.1.14',
    'ocaml/Zarith',
    'Integers of any size',
    ['ocamlfind', 'conf-pkg-config', 'conf-gmp'],
    {
      units: { Z: 17, Q: 9, Zarith_version: 1 },
      stubs: [
        'ml_z_add',
        'ml_z_mul',
        'ml_z_div_rem',
        'ml_z_powm',
        'ml_z_of_substring_base',
        '__gmpn_mul_basecase',
        '__gmpn_sqr_basecase',
        '__gmpn_redc_1',
        '__gmpn_powm',
        '__gmpn_sec_powm',
        '__gmpn_tdiv_qr',
        '__gmpn_toom22_mul',
      ],
    },
  ),
  dunePackage(
    'ocplib-endian.1.2',
    'OCamlPro/ocplib-endian',
    'Reads and writes integers of either byte order',
    ['base-bytes', 'cppo {build & >= "1.1.0"}'],
    {
      units: { EndianBytes: 5, EndianString: 3 },
    },
  ),
  dunePackage(
    'lwt.5.9.1',
    'ocsigen/lwt',
    'Promises for programs that wait',
    ['cppo {build & >= "1.1.0"}', 'dune-configurator', 'ocplib-endian'],
    {
      units: {
        Lwt: 42,
        Lwt_stream: 21,
        Lwt_mutex: 2,
        Lwt_condition: 2,
        Lwt_pool: 4,
        Lwt_sequence: 4,
        Lwt_result: 2,
      },
    },
  ),
  dunePackage('cstruct.6.2.0', 'mirage/ocaml-cstruct', 'Views into memory that is not on the heap', ['fmt'], {
    units: { Cstruct: 33, Cstruct_cap: 4 },
    stubs: ['caml_blit_bigstring_to_bigstring', 'caml_fill_bigstring', 'caml_check_alignment_bigstring'],
  }),
  dunePackage(
    'checkseum.0.5.2',
    'mirage/checkseum',
    'Adler-32 and CRC-32',
    ['dune-configurator', 'optint {>= "0.3.0"}'],
    {
      units: { Checkseum: 5 },
      stubs: ['caml_checkseum_crc32_ba', 'checkseum_crc32_little', 'checkseum_adler32_digest'],
    },
  ),
  dunePackage(
    'decompress.1.5.3',
    'mirage/decompress',
    'DEFLATE, zlib and gzip',
    ['optint', 'checkseum {>= "0.2.0"}'],
    { units: { De: 71, Zl: 17, Gz: 16, Lzo: 9 } },
  ),
  dunePackage('ke.0.6', 'mirage/ke', 'Ring buffers', [], { units: { Ke: 14 } }),
  dunePackage('pecu.0.7', 'mirage/pecu', 'Quoted-printable text', [], { units: { Pecu: 9 } }),
  dunePackage(
    'emile.1.1',
    'dinosaure/emile',
    'E-mail addresses by five RFCs',
    ['angstrom', 'ipaddr', 'base64', 'pecu', 'bigstringaf', 'uutf'],
    { units: { Emile: 39 } },
  ),
  dunePackage('hxd.0.3.3', 'dinosaure/hxd', 'Dumps bytes in hexadecimal', [], { units: { Hxd: 11 } }),
  dunePackage(
    'metrics.0.5.0',
    'mirage/metrics',
    'Measurements with tags, for any reporter',
    ['fmt', 'duration {with-test}'],
    { units: { Metrics: 24 } },
  ),
  dunePackage(
    'metrics-lwt.0.5.0',
    'mirage/metrics',
    'Measures Lwt programs',
    ['metrics {= version}', 'lwt', 'logs'],
    { units: { Metrics_lwt: 5 } },
  ),
  dunePackage(
    'metrics-influx.0.5.0',
    'mirage/metrics',
    'Sends measurements to InfluxDB or Telegraf',
    ['metrics {= version}', 'lwt', 'duration', 'fmt'],
    { units: { Metrics_influx: 8 } },
  ),
  dunePackage('yojson.2.2.2', 'ocaml-community/yojson', 'JSON', ['seq'], {
    units: { Yojson: 2, Yojson__Basic: 58, Yojson__Codec: 3 },
  }),
  dunePackage('opam-file-format.2.1.6', 'ocaml/opam-file-format', 'Reads and prints opam files', [], {
    units: { OpamParser: 12, OpamLexer: 14, OpamPrinter: 16, OpamBaseParser: 19 },
  }),
]
