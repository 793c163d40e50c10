import koffi from 'koffi';
import { messageOf, SkepError, unavailable } from '#lib/common';
import { sys } from './libc.js';
import { memoryFile } from './memory-file.js';

/** include/nftables/libnftables.h, NFT_CTX_OUTPUT_JSON */
const OUTPUT_JSON = 1 << 4;

type Context = object;

interface Library {
  create: (flags: number) => Context | null;
  free: (context: Context) => void;
  bufferOutput: (context: Context) => number;
  bufferError: (context: Context) => number;
  setOutput: (context: Context, flags: number) => void;
  run: (context: Context, file: string) => number;
  output: (context: Context) => string;
  error: (context: Context) => string;
}

let library: Library | undefined;

/** Loaded when first used, so that programs that never touch the firewall do not need it. */
function load(): Library {
  if (library) return library;
  try {
    const lib = koffi.load('libnftables.so.1');
    library = {
      create: lib.func('void *nft_ctx_new(uint32_t flags)') as Library['create'],
      free: lib.func('void nft_ctx_free(void *ctx)') as Library['free'],
      bufferOutput: lib.func('int nft_ctx_buffer_output(void *ctx)') as Library['bufferOutput'],
      bufferError: lib.func('int nft_ctx_buffer_error(void *ctx)') as Library['bufferError'],
      setOutput: lib.func('void nft_ctx_output_set_flags(void *ctx, unsigned int flags)') as Library['setOutput'],
      run: lib.func('int nft_run_cmd_from_filename(void *ctx, const char *filename)') as Library['run'],
      output: lib.func('const char *nft_ctx_get_output_buffer(void *ctx)') as Library['output'],
      error: lib.func('const char *nft_ctx_get_error_buffer(void *ctx)') as Library['error'],
    };
    return library;
  } catch (cause) {
    throw unavailable(`libnftables.so.1 cannot be loaded (Debian: libnftables1): ${messageOf(cause)}`, cause);
  }
}

/** nftables in process. The context belongs to the namespace that the first command ran in, and keeps it alive. */
export class Nft {
  private context: Context | undefined;

  /** One transaction: all of the text or none of it. */
  run(commands: string): string {
    const lib = load();
    const context = (this.context ??= this.open(lib));
    // Read from a file in memory, because only then do errors tell the line.
    const file = memoryFile('nft', commands);
    try {
      if (lib.run(context, `/dev/fd/${file}`) === 0) return lib.output(context);
      throw nftError(commands, lib.error(context));
    } finally {
      sys.close(file);
    }
  }

  close(): void {
    if (this.context) load().free(this.context);
    this.context = undefined;
  }

  private open(lib: Library): Context {
    const context = lib.create(0);
    if (!context) throw unavailable('libnftables gives no context');
    lib.bufferOutput(context);
    lib.bufferError(context);
    lib.setOutput(context, OUTPUT_JSON);
    return context;
  }
}

/** nft says `FILE:LINE:FROM-TO: Error: MESSAGE`, then parts of the text with marks below. */
export function nftError(commands: string, said: string): SkepError {
  const first = /:(\d+):\d+-\d+: Error: (.*)/.exec(said);
  const message = first?.[2] ?? (said.trim() || 'refused without a message');
  const line = commands.split('\n')[Number(first?.[1] ?? 0) - 1]?.trim();
  const code = /No such file or directory/.test(message)
    ? 'not_found'
    : /Operation not permitted/.test(message)
      ? 'forbidden'
      : /syntax error/.test(message)
        ? 'invalid'
        : 'internal';
  return new SkepError(code, line ? `nft: ${message}, in line ${first?.[1]}: ${line}` : `nft: ${message}`);
}
