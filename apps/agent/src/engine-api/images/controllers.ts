import { BuildController } from '../build/build.controller.js';
import { CommitController } from '../build/commit.controller.js';
import { ImageListController } from './image-list.controller.js';
import { SearchController } from './search.controller.js';
import { TransferController } from './transfer.controller.js';

export const imageControllers = [
  BuildController,
  CommitController,
  ImageListController,
  SearchController,
  TransferController,
];
