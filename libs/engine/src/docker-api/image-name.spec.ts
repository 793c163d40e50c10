import { describe, expect, it } from 'vitest';
import { familiarName, fullName, withTag } from './image-name.js';

const ID = 'a'.repeat(64);

describe('image names', () => {
  it.each([
    ['docker.io/library/nginx:1', 'nginx:1'],
    ['docker.io/grafana/loki', 'grafana/loki'],
    ['index.docker.io/library/nginx', 'nginx'],
    ['docker.io/library/a/b', 'library/a/b'],
    ['quay.io/library/nginx', 'quay.io/library/nginx'],
    ['localhost:5000/x:y', 'localhost:5000/x:y'],
    [`sha256:${ID}`, `sha256:${ID}`],
  ])('%s is familiar as %s', (name, familiar) => {
    expect(familiarName(name)).toBe(familiar);
  });

  it.each([
    ['nginx:1', 'docker.io/library/nginx:1'],
    ['grafana/loki', 'docker.io/grafana/loki'],
    ['localhost/x', 'localhost/x'],
    ['localhost:5000/x:y', 'localhost:5000/x:y'],
    ['quay.io/nginx', 'quay.io/nginx'],
  ])('%s is %s in full', (name, full) => {
    expect(fullName(name)).toBe(full);
  });

  it.each([
    ['nginx', 'nginx:latest'],
    ['nginx:1', 'nginx:1'],
    ['localhost:5000/x', 'localhost:5000/x:latest'],
    [`nginx@sha256:${ID}`, `nginx@sha256:${ID}`],
    [`sha256:${ID}`, `sha256:${ID}`],
    [ID, ID],
  ])('%s is complete as %s', (name, complete) => {
    expect(withTag(name)).toBe(complete);
  });
});
