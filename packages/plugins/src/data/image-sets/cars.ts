import type { MatRecord } from '../read-mat.js';
import { defineImageSet, type LabelledPath } from './define-image-set.js';

/** 196 models of cars. */
export const cars = defineImageSet({
  name: 'cars',
  summary: 'Stanford Cars (196 models of cars).',
  paper: 'Krause et al., 3D Object Representations for Fine-Grained Categorization, 2013.',
  layout:
    'The folder with cars_train/, cars_test/, devkit/ (cars_meta.mat, cars_train_annos.mat) and cars_test_annos_withlabels.mat.',
  list({ variable }) {
    const split = (file: string, folder: string): readonly LabelledPath[] =>
      (variable(file, 'annotations') as readonly MatRecord[]).map(({ fname, class: number }) => ({
        path: `${folder}/${String(fname)}`,
        label: Number(number) - 1, // a list of one number, from 1
      }));
    return {
      classes: (variable('devkit/cars_meta.mat', 'class_names') as readonly string[]).map(String),
      train: split('devkit/cars_train_annos.mat', 'cars_train'),
      test: split('cars_test_annos_withlabels.mat', 'cars_test'),
    };
  },
});
