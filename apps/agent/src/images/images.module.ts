import { Module } from '@nestjs/common';
import { ImageChecks } from './image-checks.js';
import { ImagesController } from './images.controller.js';
import { Images } from './images.js';
import { MovingTags } from './moving-tags.js';

/** Images that are there before they are needed, and what they bring along. */
@Module({
  controllers: [ImagesController],
  providers: [ImageChecks, Images, MovingTags],
  exports: [ImageChecks, Images, MovingTags],
})
export class ImagesModule {}
