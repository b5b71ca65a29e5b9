"""Writes the MATLAB files of data/flowers102 and data/cars, in the layouts of the published sets. Needs scipy."""

from pathlib import Path

import numpy as np
from scipy.io import savemat

data = Path(__file__).parent / "data"


def save(path, variables):
    file = data / path
    file.parent.mkdir(parents=True, exist_ok=True)
    savemat(file, variables, do_compression=True)


save("flowers102/imagelabels.mat", {"labels": np.array([[2, 1, 2, 3]], dtype=np.uint8)})
splits = {"trnid": [[3, 2]], "valid": [[1]], "tstid": [[4]]}
save("flowers102/setid.mat", {name: np.array(ids, dtype=np.float64) for name, ids in splits.items()})

fields = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class", "fname"]


def annotations(rows):
    array = np.zeros((1, len(rows)), dtype=[(field, object) for field in fields])
    for index, (number, name) in enumerate(rows):
        array[0, index] = (np.uint16([[39]]), np.uint16([[116]]), np.uint16([[569]]), np.uint16([[375]]), np.uint8([[number]]), name)
    return {"annotations": array}


names = np.array([["AM General Hummer SUV 2000", "Ram C/V Cargo Van Minivan 2012"]], dtype=object)
save("cars/devkit/cars_meta.mat", {"class_names": names})
save("cars/devkit/cars_train_annos.mat", annotations([(2, "00001.jpg"), (1, "00002.jpg")]))
save("cars/cars_test_annos_withlabels.mat", annotations([(2, "00001.jpg")]))
