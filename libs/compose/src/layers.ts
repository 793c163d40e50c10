import { readDocuments, type LayerContext } from './documents.js';
import { applyExtends } from './extends.js';
import { applyInclude } from './include.js';
import { mergeModels } from './merge/merge.js';
import { dict, type Dict } from './values.js';

/** Loads files, each over the one before, into one canonical model without includes and extends. */
export async function loadLayers(files: readonly string[], context: LayerContext): Promise<Dict> {
  let model: Dict | undefined;
  for (const file of files) {
    for (const document of await readDocuments(file, context)) {
      const included = await applyInclude(document, file, context, loadLayers);
      await applyExtends(included, model ?? dict(), file, context);
      model = model ? mergeModels(model, included) : included;
    }
  }
  return model ?? dict();
}
