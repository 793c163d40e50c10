import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { messageOf } from '#lib/common';
import type { RegistryAuth } from '#lib/contracts';

/** What a credential helper gives as the user's name beside a token. */
const TOKEN = '<token>';
/** It may ask a keychain, which may ask a person. Milliseconds. */
const PATIENCE = 60_000;

/**
 * Asks `docker-credential-PROGRAM get`. A program that is not there or does not work is no error: it may have been left by
 * a Docker that is gone, and most images are anybody's.
 */
export async function askHelper(
  program: string,
  server: string,
  { env, warn }: { env: NodeJS.ProcessEnv; warn: (text: string) => void },
): Promise<RegistryAuth | undefined> {
  const name = `docker-credential-${program}`;
  try {
    const { code, said } = await run(name, server, env);
    // Its word, on standard output, for a registry where nobody is logged in.
    if (code !== 0 && /credentials not found/i.test(said)) return undefined;
    if (code !== 0) throw new Error(said.trim().split('\n', 1)[0] || `exit code ${code}`);
    const { Username: username, Secret: secret } = JSON.parse(said) as { Username?: string; Secret?: string };
    if (!username || !secret) return undefined;
    if (username === TOKEN) return { serveraddress: server, identitytoken: secret };
    return { serveraddress: server, username, password: secret };
  } catch (error) {
    warn(`${server} is asked without a login: ${name}, which Docker's config.json names: ${messageOf(error)}`);
    return undefined;
  }
}

async function run(name: string, input: string, env: NodeJS.ProcessEnv): Promise<{ code: number; said: string }> {
  const helper = spawn(name, ['get'], { env, stdio: ['pipe', 'pipe', 'ignore'], timeout: PATIENCE });
  // It may end without reading.
  helper.stdin.on('error', () => undefined).end(input);
  const ended = new Promise<number>((resolve, reject) => {
    helper.once('error', reject).once('close', (code, signal) => {
      if (code !== null) resolve(code);
      else reject(new Error(`it was ended by ${signal}: it has ${PATIENCE / 1000} s to answer`));
    });
  });
  const [code, said] = await Promise.all([ended, text(helper.stdout)]);
  return { code, said };
}
