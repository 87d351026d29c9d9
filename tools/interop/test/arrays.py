"""Loads FOLDER/given.npy, prints what it found, and saves it again, in the same order of axes, as FOLDER/saved.npy.

usage: arrays.py FOLDER
"""
import json
import sys

import numpy as np

folder = sys.argv[1]
array = np.load(f"{folder}/given.npy")
print(json.dumps({"dtype": str(array.dtype), "shape": array.shape, "first_row": array[0].ravel().tolist()}))
np.save(f"{folder}/saved.npy", array)
