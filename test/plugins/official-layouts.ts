import { readFileSync } from 'node:fs';

/** The files of each set in its official layout; an image stands for its red. */
export const OFFICIAL_LAYOUTS: { readonly [set: string]: { readonly [path: string]: number | string | Buffer } } = {
  cars: {
    'cars_train/00001.jpg': 10,
    'cars_train/00002.jpg': 20,
    'cars_test/00001.jpg': 30,
    ...matFiles('cars', 'devkit/cars_meta.mat', 'devkit/cars_train_annos.mat', 'cars_test_annos_withlabels.mat'),
  },
  caltech101: Object.fromEntries([
    ['101_ObjectCategories/BACKGROUND_Google/image_0001.jpg', 200],
    ...Array.from(
      { length: 32 },
      (_, i) => [`101_ObjectCategories/accordion/image_${`${i + 1}`.padStart(4, '0')}.jpg`, 10] as const,
    ),
    ...Array.from(
      { length: 31 },
      (_, i) => [`101_ObjectCategories/yin_yang/image_${`${i + 1}`.padStart(4, '0')}.jpg`, 90] as const,
    ),
  ]),
  coco: {
    'train2017/000000000009.jpg': 10,
    'train2017/000000000025.jpg': 20,
    'val2017/000000000139.jpg': 30,
    'unlabeled2017/000000000008.jpg': 40,
  },
  cub200: {
    'images/001.Black_footed_Albatross/Black_Footed_Albatross_0046_18.jpg': 10,
    'images/001.Black_footed_Albatross/Black_Footed_Albatross_0009_34.jpg': 20,
    'images/002.Laysan_Albatross/Laysan_Albatross_0002_1027.jpg': 30,
    'images.txt':
      '1 001.Black_footed_Albatross/Black_Footed_Albatross_0046_18.jpg\n2 001.Black_footed_Albatross/Black_Footed_Albatross_0009_34.jpg\n3 002.Laysan_Albatross/Laysan_Albatross_0002_1027.jpg\n',
    'classes.txt': '1 001.Black_footed_Albatross\n2 002.Laysan_Albatross\n',
    'image_class_labels.txt': '1 1\n2 1\n3 2\n',
    'train_test_split.txt': '1 0\n2 1\n3 1\n',
  },
  dtd: {
    'images/banded/banded_0002.jpg': 10,
    'images/banded/banded_0004.jpg': 20,
    'images/zigzagged/zigzagged_0001.jpg': 30,
    'labels/train1.txt': 'banded/banded_0002.jpg\n',
    'labels/val1.txt': 'zigzagged/zigzagged_0001.jpg\n',
    'labels/test1.txt': 'banded/banded_0004.jpg\n',
  },
  'fgvc-aircraft': {
    'data/images/0034309.jpg': 10,
    'data/images/0056978.jpg': 20,
    'data/images/0062765.jpg': 30,
    'data/variants.txt': '707-320\nF/A-18\nBoeing 717\n',
    'data/images_variant_train.txt': '0034309 Boeing 717\n',
    'data/images_variant_val.txt': '0056978 F/A-18\n',
    'data/images_variant_test.txt': '0062765 707-320\n',
  },
  flowers102: {
    'jpg/image_00001.jpg': 10,
    'jpg/image_00002.jpg': 20,
    'jpg/image_00003.jpg': 30,
    'jpg/image_00004.jpg': 40,
    ...matFiles('flowers102', 'imagelabels.mat', 'setid.mat'),
  },
  food101: {
    'images/apple_pie/1005649.jpg': 10,
    'images/waffles/101.jpg': 20,
    'images/waffles/102.jpg': 30,
    'meta/classes.txt': 'apple_pie\nwaffles\n',
    'meta/train.txt': 'waffles/101\napple_pie/1005649\n',
    'meta/test.txt': 'waffles/102\n',
  },
  'oxford-pets': {
    'images/Abyssinian_100.jpg': 10,
    'images/american_bulldog_7.jpg': 20,
    'images/Abyssinian_201.jpg': 30,
    'annotations/trainval.txt': 'Abyssinian_100 1 1 1\namerican_bulldog_7 2 2 1\n',
    'annotations/test.txt': '#Image CLASS-ID SPECIES BREED ID\nAbyssinian_201 1 1 1\n',
  },
  'pascal-voc': {
    'JPEGImages/2008_000008.jpg': 10,
    'JPEGImages/2008_000015.jpg': 20,
    'ImageSets/Main/train.txt': '2008_000008\n',
    'ImageSets/Main/val.txt': '2008_000015\n',
  },
};

/** The files that `write_mat_files.py` wrote for a set. */
function matFiles(set: string, ...paths: readonly string[]): { readonly [path: string]: Buffer } {
  return Object.fromEntries(
    paths.map((path) => [path, readFileSync(new URL(`data/${set}/${path}`, import.meta.url))] as const),
  );
}
