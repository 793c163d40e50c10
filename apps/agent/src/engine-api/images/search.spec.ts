import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '#lib/engine';
import { EngineImages } from './engine-images.js';
import { SearchController } from './search.controller.js';

const podmans = (Name: string, Stars: number, Official = '', Automated = '') => ({
  Index: 'docker.io',
  Name,
  Description: 'what it is',
  Stars,
  Official,
  Automated,
  Tag: '',
});
const dockers = (name: string, star_count: number, is_official = false, is_automated = false) => ({
  name,
  description: 'what it is',
  star_count,
  is_official,
  is_automated,
});

const nginx = dockers('nginx', 20_000, true);
const automated = dockers('user/nginx', 3, false, true);
const elsewhere = dockers('quay.io/user/nginx', 0);

describe('a search', () => {
  const folder = mkdtempSync(join(tmpdir(), 'search-'));
  const socketPath = join(folder, 'engine.sock');
  const asked: URLSearchParams[] = [];
  let engine: Server;
  const search = (query: Record<string, string>) =>
    new SearchController(new EngineImages({ socketPath } as Engine)).search(query, undefined);

  beforeAll(async () => {
    engine = createServer(({ url }, response) => {
      const { searchParams } = new URL(url!, 'http://engine');
      asked.push(searchParams);
      const term = searchParams.get('term')!;
      if (term.endsWith('absent')) response.writeHead(404).end('{"message":"image not known"}');
      else if (term.endsWith('docker')) response.end(JSON.stringify([nginx]));
      else {
        const found = [
          podmans('docker.io/library/nginx', 20_000, '[OK]'),
          podmans('docker.io/user/nginx', 3, '', '[OK]'),
          podmans('quay.io/user/nginx', 0),
        ];
        response.end(JSON.stringify(found));
      }
    });
    await new Promise<void>((done) => engine.listen(socketPath, done));
  });
  afterAll(() => {
    engine.close();
    rmSync(folder, { recursive: true });
  });

  it("is answered in Docker's words, whichever engine asks, and nothing found is no error", async () => {
    expect(await search({ term: 'nginx' })).toEqual([nginx, automated, elsewhere]);
    expect(await search({ term: 'docker' })).toEqual([nginx]);
    expect(await search({ term: 'absent' })).toEqual([]);
  });

  it.each([
    [{ 'is-official': { true: true } }, [nginx]],
    [{ 'is-official': ['false'], stars: ['2'] }, [automated]],
    [{ 'is-automated': ['true'] }, [automated]],
    [{ stars: { 2: true, 4: true } }, [nginx]],
    [{ stars: [] }, [nginx, automated, elsewhere]],
  ])('is filtered by %j', async (filters, found) => {
    expect(await search({ term: 'nginx', filters: JSON.stringify(filters) })).toEqual(found);
  });

  it('refuses filters that are none', async () => {
    await expect(search({ term: 'x', filters: '{"stars":["many"]}' })).rejects.toThrow("invalid filter 'stars=many'");
    await expect(search({ term: 'x', filters: '{"colour":["red"]}' })).rejects.toThrow("invalid filter 'colour'");
  });

  it.each([
    ['nginx', 'docker.io/nginx'],
    ['user/nginx', 'docker.io/user/nginx'],
    ['quay.io/nginx', 'quay.io/nginx'],
    ['localhost/nginx', 'localhost/nginx'],
    ['10.0.0.1:5000/user/nginx', '10.0.0.1:5000/user/nginx'],
  ])('for %s is one of a registry: %s', async (term, wanted) => {
    await search({ term, limit: '3' });
    expect(Object.fromEntries(asked.at(-1)!)).toEqual({ term: wanted, limit: '3' });
  });
});
