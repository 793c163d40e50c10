import { describe, expect, it } from 'vitest';
import type { Task } from './objects.js';
import { fillerOf, unknownPlaceholder } from './placeholders.js';

const labels = { tier: 'front', 'a.b': 'dotted', empty: '' };
const task = {
  id: 't1',
  serviceId: 's1',
  serviceName: 'web',
  serviceLabels: labels,
  slot: 2,
  nodeId: 'n1',
} as unknown as Task;
const filled = fillerOf(task, { hostname: 'box', os: 'linux', architecture: 'x86_64' });

describe('placeholders', () => {
  it.each([
    ['{{.Service.ID}} {{.Service.Name}}', 's1 web'],
    ['{{.Node.ID}} {{ .Node.Hostname }}', 'n1 box'],
    ['{{.Node.Platform.OS}}/{{.Node.Platform.Architecture}}', 'linux/x86_64'],
    ['{{.Task.ID}} {{.Task.Name}} {{.Task.Slot}}', 't1 web.2.t1 2'],
    ['{{.Service.Labels.tier}}-{{.Service.Labels.empty}}', 'front-'],
    ['{{index .Service.Labels "a.b"}}{{ index  .Service.Labels `tier` }}', 'dottedfront'],
    ['{{index .Service.Labels "absent"}}', ''],
    ['{{"{{"}} .Values }} {{`{{.Task.ID}}`}}', '{{ .Values }} {{.Task.ID}}'],
    ['plain }} {text}', 'plain }} {text}'],
  ])('%s: %s', (text, expected) => {
    expect(filled(text)).toBe(expected);
    expect(unknownPlaceholder(text, labels)).toBeUndefined();
  });

  it.each([
    ['A={{.Node.Colour}}', '{{.Node.Colour}}'],
    ['{{.Service.Labels.absent}}', '{{.Service.Labels.absent}}'],
    ['{{.Service.Labels.a.b}}', '{{.Service.Labels.a.b}}'],
    ['{{.Service.Labels}}', '{{.Service.Labels}}'],
    ['{{.toString}}', '{{.toString}}'],
    ['{{.Service.Labels.toString}}', '{{.Service.Labels.toString}}'],
    ['{{.Task.ID}} {{ printf "%s" .Task.ID }}', '{{ printf "%s" .Task.ID }}'],
    ['{{if .Task.ID}}a{{end}}', '{{if .Task.ID}}'],
    ['{{.Task.ID', '{{.Task.ID'],
    ['{{}}', '{{}}'],
  ])('%s is none of them, and stays as it is', (text, unknown) => {
    expect(unknownPlaceholder(text, labels)).toBe(unknown);
    expect(filled(text)).toContain(unknown);
  });

  it('of a task of an older manager, which has no labels', () => {
    const { serviceLabels: _labels, ...older } = task;
    const fill = fillerOf(older, { hostname: '', os: '', architecture: '' });
    expect(fill('{{.Service.Name}}{{index .Service.Labels "tier"}}')).toBe('web');
  });
});
