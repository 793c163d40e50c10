import { invalid, messageOf } from '#lib/common';
import { located, positionOf } from '../origins.js';
import { dict, isDict, type Dict, type Value } from '../values.js';
import { Convert, convertFields, eachItem, fields, through, toList, toMapping } from './mappings.js';
import { SERVICE, SERVICE_AS_WRITTEN } from './service.js';

const labels = toMapping('');
const RESOURCE: Readonly<Record<string, Convert>> = { labels, driver_opts: labels };
const NETWORK: Readonly<Record<string, Convert>> = {
  ...RESOURCE,
  ipam: (value) => {
    convertFields(value, { options: labels });
    return value;
  },
};

/** Sections whose entries may be left empty (`data:`). */
const SECTIONS: Readonly<Record<string, Readonly<Record<string, Convert>>>> = {
  services: SERVICE,
  networks: NETWORK,
  volumes: RESOURCE,
  secrets: RESOURCE,
  configs: RESOURCE,
};

/**
 * Turns every short syntax of one document into its long one, in place. It comes before files are joined, so that extends
 * and merge know one form of each attribute. It judges nothing but the short forms' own grammar.
 * @param asWritten variables have not been replaced
 */
export function toCanonical(document: Dict, asWritten = false): Dict {
  const sections = asWritten ? { ...SECTIONS, services: SERVICE_AS_WRITTEN } : SECTIONS;
  for (const [section, converters] of Object.entries(sections)) {
    const entries = document[section];
    if (!isDict(entries)) continue;
    for (const name of Object.keys(entries)) {
      entries[name] = through(entries[name]!, (entry) =>
        convertEntry(document, [section, name], entry ?? dict(), converters),
      );
    }
  }
  if (document.include !== undefined) document.include = include(document.include);
  return document;
}

function convertEntry(
  document: Dict,
  path: [section: string, name: string],
  entry: Value,
  converters: Readonly<Record<string, Convert>>,
): Value {
  if (!isDict(entry)) return entry;
  for (const key of Object.keys(entry)) {
    const convert = Object.hasOwn(converters, key) ? converters[key] : undefined;
    if (!convert) continue;
    try {
      entry[key] = through(entry[key]!, convert);
    } catch (error) {
      const full = [...path, key];
      throw invalid(located(positionOf(document, full), `${full.join('.')}: ${messageOf(error)}`), error);
    }
  }
  return entry;
}

const include: Convert = eachItem((item) => {
  const entry = typeof item === 'string' ? fields({ path: [item] }) : item;
  convertFields(entry, { path: toList, env_file: toList });
  return entry;
});
