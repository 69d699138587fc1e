/** A C file that is linked into a program: its functions with their weight in bytes, and its variables. */
export type CSource = {
  directory: string
  file: string
  functions: readonly string[]
  variables?: readonly string[]
}

function words(text: string): string[] {
  return text.split(' ')
}

/** The runtime of OCaml, as far as the names go. */
export const ocamlRuntime: readonly CSource[] = [
  {
    directory: 'ocaml/runtime',
    file: 'amd64.S',
    functions: words(
      'caml_call_gc caml_alloc1 caml_alloc2 caml_alloc3 caml_allocN caml_c_call caml_start_program caml_raise_exn caml_raise_exception caml_callback_asm caml_callback2_asm caml_ml_array_bound_error',
    ),
  },
  {
    directory: 'ocaml/runtime',
    file: 'memory.c',
    functions: words(
      'caml_alloc_shr caml_initialize caml_modify caml_stat_alloc caml_stat_free caml_stat_resize caml_alloc_dependent_memory caml_adjust_gc_speed caml_set_fields',
    ),
  },
  {
    directory: 'ocaml/runtime',
    file: 'minor_gc.c',
    functions: words(
      'caml_minor_collection caml_empty_minor_heap caml_alloc_small_dispatch caml_garbage_collection oldify_one oldify_mopup caml_set_minor_heap_wsz',
    ),
    variables: words('caml_minor_collections_count'),
  },
  {
    directory: 'ocaml/runtime',
    file: 'major_gc.c',
    functions: words(
      'caml_major_collection_slice caml_finish_major_cycle caml_darken mark_slice sweep_slice mark_stack_prune caml_init_major_heap caml_ephe_todo_mark ephe_sweep',
    ),
    variables: words('caml_gc_phase caml_allocated_words caml_percent_free'),
  },
  {
    directory: 'ocaml/runtime',
    file: 'compare.c',
    functions: words(
      'caml_compare caml_equal caml_notequal caml_lessthan caml_greaterequal compare_val do_compare_val',
    ),
  },
  {
    directory: 'ocaml/runtime',
    file: 'hash.c',
    functions: words('caml_hash caml_hash_mix_string caml_hash_mix_bigint caml_string_hash'),
  },
  {
    directory: 'ocaml/runtime',
    file: 'str.c',
    functions: words(
      'caml_alloc_string caml_string_equal caml_string_compare caml_blit_string caml_fill_bytes caml_bytes_get64 caml_bytes_set64',
    ),
  },
  {
    directory: 'ocaml/runtime',
    file: 'ints.c',
    functions: words(
      'caml_format_int caml_int_of_string caml_int64_format caml_int64_of_string caml_int32_of_string parse_intnat',
    ),
  },
  {
    directory: 'ocaml/runtime',
    file: 'floats.c',
    functions: words(
      'caml_format_float caml_float_of_string caml_hexstring_of_float caml_classify_float caml_fma',
    ),
  },
  {
    directory: 'ocaml/runtime',
    file: 'bigarray.c',
    functions: words(
      'caml_ba_alloc caml_ba_create caml_ba_get_N caml_ba_set_N caml_ba_sub caml_ba_blit caml_ba_uint8_get32 caml_ba_finalize',
    ),
  },
  {
    directory: 'ocaml/runtime',
    file: 'extern.c',
    functions: words('extern_rec caml_output_value caml_output_value_to_bytes extern_resize_position_table'),
  },
  {
    directory: 'ocaml/runtime',
    file: 'intern.c',
    functions: words('intern_rec caml_input_value caml_input_val_from_bytes intern_alloc'),
  },
  {
    directory: 'ocaml/runtime',
    file: 'printexc.c',
    functions: words('caml_format_exception caml_fatal_uncaught_exception caml_get_exception_raw_backtrace'),
  },
  {
    directory: 'ocaml/runtime',
    file: 'startup_nat.c',
    functions: words('caml_main caml_startup caml_startup_exn caml_start init_segments caml_init_atom_table'),
    variables: words('caml_globals_inited caml_top_of_stack Caml_state'),
  },
  {
    directory: 'ocaml/runtime',
    file: 'signals.c',
    functions: words(
      'caml_process_pending_actions caml_enter_blocking_section caml_leave_blocking_section caml_execute_signal_exn',
    ),
    variables: words('caml_pending_signals'),
  },
  {
    directory: 'ocaml/runtime',
    file: 'domain.c',
    functions: words(
      'caml_init_domains caml_domain_spawn caml_try_run_on_all_domains caml_interrupt_self stw_handler domain_create',
    ),
    variables: words('all_domains caml_num_domains_running'),
  },
]

/** The C world of a Solo5 unikernel: bindings, a small libc, numbers. */
export const solo5Runtime: readonly CSource[] = [
  {
    directory: 'solo5/bindings',
    file: 'start.c',
    functions: words(
      '_start solo5_app_main platform_init platform_exit mem_init time_init cpu_init cpu_halt',
    ),
    variables: words('solo5_start_info'),
  },
  {
    directory: 'solo5/bindings',
    file: 'net.c',
    functions: words('solo5_net_acquire solo5_net_read solo5_net_write net_init'),
  },
  {
    directory: 'solo5/bindings',
    file: 'block.c',
    functions: words('solo5_block_acquire solo5_block_read solo5_block_write block_init'),
  },
  {
    directory: 'solo5/bindings',
    file: 'lib.c',
    functions: words(
      'solo5_console_write solo5_clock_wall solo5_clock_monotonic solo5_yield solo5_exit solo5_abort log strtoul',
    ),
  },
  {
    directory: 'nolibc',
    file: 'dlmalloc.i',
    functions: words(
      'malloc free realloc calloc memalign sys_trim tmalloc_large tmalloc_small dispose_chunk',
    ),
    variables: words('_gm_ mparams'),
  },
  {
    directory: 'nolibc',
    file: 'vfprintf.c',
    functions: words('vsnprintf snprintf fprintf printf_core fmt_fp'),
  },
  {
    directory: 'nolibc',
    file: 'string.c',
    functions: words('memcpy memmove memset memcmp strlen strcmp strchr strtol'),
  },
  {
    directory: 'openlibm/src',
    file: 'e_pow.c',
    functions: words('pow exp log10 sin cos fmod sqrt floor'),
  },
]

/** The C world of a program that runs on an operating system, linked statically. */
export const unixRuntime: readonly CSource[] = [
  {
    directory: 'csu',
    file: 'crt1.c',
    functions: words('_start __libc_start_main __libc_csu_init _init _fini exit atexit'),
    variables: words('environ stdout stderr'),
  },
  {
    directory: 'otherlibs/unix',
    file: 'unixsupport.c',
    functions: words(
      'caml_unix_error caml_unix_read caml_unix_write caml_unix_open caml_unix_close caml_unix_socket caml_unix_connect caml_unix_select caml_unix_getaddrinfo caml_unix_gettimeofday caml_unix_stat caml_unix_fork caml_unix_execve caml_unix_waitpid',
    ),
  },
  {
    directory: 'libc/stdlib',
    file: 'malloc.c',
    functions: words('malloc free realloc calloc _int_malloc _int_free malloc_consolidate'),
    variables: words('main_arena mp_'),
  },
  {
    directory: 'libc/stdio',
    file: 'vfprintf.c',
    functions: words('vfprintf fprintf snprintf fwrite fflush fopen fclose'),
  },
  {
    directory: 'libc/string',
    file: 'memcpy.S',
    functions: words('memcpy memmove memset memcmp strlen strcmp strchr'),
  },
  {
    directory: 'libc/net',
    file: 'getaddrinfo.c',
    functions: words('getaddrinfo freeaddrinfo gaih_inet res_query inet_pton inet_ntop'),
  },
  {
    directory: 'libc/locale',
    file: 'setlocale.c',
    functions: words('setlocale newlocale nl_langinfo _nl_load_locale'),
  },
]

/** Units of the standard library that most programs use, with the KiB of machine code of each. */
export const standardLibrary: Readonly<Record<string, number>> = {
  CamlinternalFormatBasics: 4,
  Stdlib: 9,
  Stdlib__Sys: 1,
  Stdlib__Obj: 3,
  CamlinternalLazy: 1,
  Stdlib__Lazy: 1,
  Stdlib__Seq: 17,
  Stdlib__Option: 2,
  Stdlib__Result: 2,
  Stdlib__Char: 1,
  Stdlib__Uchar: 3,
  Stdlib__List: 22,
  Stdlib__Int: 1,
  Stdlib__Bytes: 21,
  Stdlib__String: 14,
  Stdlib__Array: 18,
  Stdlib__Int32: 2,
  Stdlib__Int64: 2,
  Stdlib__Nativeint: 2,
  Stdlib__Lexing: 9,
  Stdlib__Parsing: 5,
  Stdlib__Set: 22,
  Stdlib__Map: 26,
  Stdlib__Stack: 2,
  Stdlib__Queue: 4,
  Stdlib__Buffer: 11,
  CamlinternalFormat: 76,
  Stdlib__Printf: 2,
  Stdlib__Arg: 12,
  Stdlib__Printexc: 9,
  Stdlib__Fun: 1,
  Stdlib__Gc: 4,
  Stdlib__Digest: 3,
  Stdlib__Bigarray: 8,
  Stdlib__Random: 9,
  Stdlib__Hashtbl: 23,
  Stdlib__Format: 46,
  Stdlib__Scanf: 37,
  Stdlib__Callback: 1,
  Stdlib__Filename: 15,
  Stdlib__Ephemeron: 18,
  Stdlib__Atomic: 1,
}
