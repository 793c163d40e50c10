import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { messageOf } from '#lib/common';
import { parsePort } from './canonical/ports.js';
import { toCanonical } from './canonical/canonical.js';
import { applyDefaults } from './defaults.js';
import { parseDotenv } from './dotenv/dotenv.js';
import { inheritVariables } from './environment.js';
import { substitute } from './interpolation/template.js';
import { loadProject } from './load.js';
import { mergeModels } from './merge/merge.js';
import { makeUnique } from './merge/unicity.js';
import { normalise } from './normalise.js';
import { SourceText } from './origins.js';
import { checkedProject } from './schema/checked-project.js';
import { checkSchema } from './schema/schema.js';
import { CORRECTIONS, corpus, environmentOf, json, NOT_YET, optionsFor, read, type Case } from './testing/corpus.js';
import { toYaml } from './to-yaml.js';
import { dict, type Dict } from './values.js';
import { parseYaml } from './yaml/parse.js';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function document(text: string): Dict {
  return toCanonical(parseYaml(new SourceText('input', text))[0] ?? dict());
}

/** The types that the schema settles, and the defaults, on both sides of a comparison. */
function settled(model: Dict): unknown {
  checkSchema(model, () => {});
  applyDefaults(model);
  return plain(model);
}

async function errorOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    return messageOf(error);
  }
  return 'no error';
}

const RUNNERS: Record<Case['kind'], (test: Case) => Promise<void> | void> = {
  merge(test) {
    const [base, override] = test.inputs!.map((input) => document(read(test.id, input)));
    const merged = mergeModels(base!, override!);
    makeUnique(merged);
    const expected = document(read(test.id, test.expected as string));
    expect(plain(merged)).toEqual(plain(expected));
  },

  unicity(test) {
    const model = document(read(test.id, test.inputs![0]!));
    makeUnique(model);
    expect(settled(model)).toEqual(settled(document(read(test.id, test.expected as string))));
  },

  normalize(test) {
    const model = document(read(test.id, test.inputs![0]!));
    applyDefaults(model);
    inheritVariables(model, environmentOf(test));
    normalise(model, 'myProject', environmentOf(test));
    const text = read(test.id, test.expected as string).replaceAll(/\n +restart: false/g, '');
    expect(settled(model)).toEqual(settled(document(text)));
  },

  async valid(test) {
    const loaded = await loadProject(optionsFor(test));
    expect(loaded.project.name).toMatch(/^[a-z0-9]/);
    // An agent takes what was loaded, as it was sent.
    const sent = plain(loaded.project) as object;
    expect(checkedProject(structuredClone(sent))).toEqual(sent);
  },

  async error(test) {
    const message = (await errorOf(() => loadProject(optionsFor(test)))).replaceAll(/^\S+:\d+:\d+: /gm, '');
    if (test.match === 'exact') expect(message).toBe(test.error);
    else expect(message).toContain(test.error);
  },

  async template(test) {
    const { env, cases } = json<{
      env: Record<string, string>;
      cases: { template: string; expected?: string; error?: string }[];
    }>(test.id);
    for (const { template, expected, error } of cases) {
      const run = () => substitute(template, (name) => env[name]);
      if (error === undefined) expect(run(), template).toBe(expected);
      else expect(await errorOf(run), template).toContain(error);
    }
  },

  async ports(test) {
    const { cases } = json<{ cases: { value: string; expected?: object[]; error?: string }[] }>(test.id);
    for (const { value, expected, error } of cases) {
      if (error === undefined) expect(plain(parsePort(value)), value).toEqual(expected);
      else expect(await errorOf(() => parsePort(value)), value).toContain(error);
    }
  },

  dotenv(test) {
    const { files, inline } = json<{
      files: Record<string, { env?: Record<string, string>; mode: string; expected: Record<string, string> }[]>;
      inline: { input: string; key: string; value: string }[];
    }>(test.id);
    for (const [file, uses] of Object.entries(files)) {
      for (const { env = {}, mode, expected } of uses) {
        const values = parseDotenv(read('dotenv/fixtures', file), file, (name) => env[name]);
        const seen = mode === 'load-into-env' ? { ...values, ...env } : values;
        expect(seen, file).toMatchObject(expected);
      }
    }
    for (const { input, key, value } of inline) expect(parseDotenv(input, 'inline'), input).toEqual({ [key]: value });
  },

  async 'full-example'(test) {
    const { project } = await loadProject({ ...optionsFor(test), env: { ...environmentOf(test), HOME: '/HOMEDIR' } });
    const [yaml] = test.expected as string[];
    expect(plain(parse(toYaml(project)))).toEqual(plain(parse(read(test.id, yaml!))));
  },
};

describe('the reference corpus', () => {
  if (!existsSync(join(corpus, 'manifest.json'))) {
    it.skip(`is not here; SKEP_CORPUS names its folder`, () => {});
    return;
  }
  for (const test of json<Case[]>('manifest.json')) {
    const corrected = { ...test, ...CORRECTIONS[test.id] };
    // The manifest calls a case valid although it expects an error.
    if (corrected.error !== undefined) corrected.kind = 'error';
    const reason = NOT_YET[test.id];
    const run = () => RUNNERS[corrected.kind](corrected);
    if (reason === undefined) it(test.id, run);
    else it.fails(`${test.id} (${reason})`, run);
  }
});
