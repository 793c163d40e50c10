import { expect, it } from 'vitest';
import { checkPlatform } from './image-platform.js';

it.each([
  [undefined, 'linux/amd64'],
  ['', 'linux/amd64'],
  ['linux', 'linux/amd64'],
  ['linux/amd64', 'linux/amd64'],
  ['linux/x86_64', 'linux/amd64'],
  ['amd64', 'linux/amd64'],
  ['linux/arm/v7', 'linux/arm/v7'],
  ['linux/arm64/v8', 'linux/arm64'],
])('%s is what an image for %s is for', (wanted, actual) => {
  expect(() => checkPlatform('demo', wanted, actual)).not.toThrow();
});

it.each([
  ['linux/arm64', 'linux/amd64'],
  ['windows/amd64', 'linux/amd64'],
  ['linux/arm/v6', 'linux/arm/v7'],
])('%s is not what an image for %s is for', (wanted, actual) => {
  expect(() => checkPlatform('demo', wanted, actual)).toThrow(
    `image with reference demo:latest was found but does not match the specified platform: wanted ${wanted}, actual: ${actual}`,
  );
});
