import { readFileSync } from 'node:fs';
import type { ZodError } from 'zod';
import { closest, invalid, messageOf, stableStringify } from '#lib/common';
import { type DaemonConfig, type DaemonSettings, daemonConfig } from '#lib/contracts';
import { checkCombinations } from './combinations.js';
import { SETTINGS, type Setting } from './settings.js';

export const DEFAULT_CONFIG_FILE = '/etc/skep/daemon.json';

/** Values by key of daemon.json. */
export type Given = Readonly<Record<string, unknown>>;

/** Reads daemon.json. Only the default file may be absent. */
export function readConfigFile(path: string | undefined): Given {
  const file = path ?? DEFAULT_CONFIG_FILE;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (path === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw invalid(`${file}: cannot be read: ${messageOf(error)}`, error);
  }
  return parseConfigFile(text, file);
}

export function parseConfigFile(text: string, file: string): Given {
  let given: unknown;
  try {
    given = text.trim() === '' ? {} : JSON.parse(text);
  } catch (error) {
    throw invalid(`${file}: is not JSON: ${messageOf(error)}`, error);
  }
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw invalid(`${file}: must be a JSON object, { "key": value, … }`);
  }
  const known = SETTINGS.map(({ key }) => key);
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const near = closest(key, known);
    throw invalid(
      `${file}: unknown key "${key}"${near ? `; did you mean "${near}"?` : `; known: ${known.join(', ')}`}`,
    );
  }
  return given as Given;
}

/**
 * The daemon's configuration of its flags and its file. As with dockerd, one that is set differently in both is
 * refused rather than guessed.
 */
export function resolveConfig(flags: Given, file: { name: string; given: Given }): DaemonConfig {
  const fromFile = check(file.given, (setting) => `${file.name}: "${setting.key}"`);
  const fromFlags = check(flags, (setting) => longFlag(setting));
  const contradicted = SETTINGS.filter(({ key }) => key in flags && key in file.given).filter(
    ({ key }) => stableStringify(flags[key]) !== stableStringify(file.given[key]),
  );
  if (contradicted.length > 0) {
    const each = contradicted.map(
      ({ key }) => `${key} (flag: ${JSON.stringify(flags[key])}, file: ${JSON.stringify(file.given[key])})`,
    );
    throw invalid(`set differently by a flag and in ${file.name}: ${each.join(', ')}; keep one of the two`);
  }
  const settings = { ...fromFile, ...fromFlags };
  const config = daemonConfig(settings);
  checkCombinations(config, settings);
  return config;
}

function check(given: Given, origin: (setting: Setting) => string): DaemonSettings {
  const settings: Record<string, unknown> = {};
  const setBy = new Map<string, Setting>();
  for (const setting of SETTINGS) {
    if (!(setting.key in given)) continue;
    const parsed = setting.schema.safeParse(given[setting.key]);
    if (!parsed.success) throw invalid(`${origin(setting)}${firstIssue(parsed.error, given[setting.key])}`);
    if (parsed.data === undefined) continue;
    const other = setBy.get(setting.field);
    if (other && settings[setting.field] !== parsed.data) {
      throw invalid(`${origin(other)} and ${origin(setting)} contradict each other; keep one of the two`);
    }
    settings[setting.field] = parsed.data;
    setBy.set(setting.field, setting);
  }
  return settings as DaemonSettings;
}

function firstIssue(error: ZodError, value: unknown): string {
  const issue = error.issues[0];
  if (!issue) return ': is refused';
  const found = issue.path.reduce<unknown>(
    (at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step],
    value,
  );
  const where = issue.path.map((step) => `[${typeof step === 'number' ? step : JSON.stringify(step)}]`).join('');
  const what = issue.code === 'invalid_type' ? `must be ${withArticle(issue.expected)}` : issue.message;
  return `${where}: ${what}, found ${found === undefined ? 'nothing' : JSON.stringify(found)}`;
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun === 'array' ? 'array (list)' : noun}`;
}

/** `--data-root` of `-x, --data-root <path>` */
export function longFlag(setting: Setting): string {
  return /--[a-z0-9-]+/.exec(setting.flag)?.[0] ?? setting.flag;
}
