""".npz files between NumPy and the formats package.

usage: npz.py write FOLDER     saves plain.npz, compressed.npz, long_header.npz and pickled.npz
       npz.py read FOLDER      loads FOLDER/given.npz without pickle and prints each array as one line of JSON
"""
import io
import json
import sys
import zipfile

import numpy as np

action, folder = sys.argv[1:]


def arrays():
    steps = np.arange(24, dtype="f4").reshape(2, 3, 4) / 8
    steps[0, 0, 0] = np.nan
    return {
        "cube": steps,
        "fortran": np.asfortranarray(np.arange(6, dtype="f8").reshape(2, 3)),
        "signs": np.array([1, 0, -1], dtype="i1"),
        "times": np.array([1734360600000000001, -(2**63)], dtype="i8"),
        "flags": np.array([[True, False]]),
        "words": np.array([["BREAK", ""], ["caf\u00e9 \U0001f680", "x"]]),
        "single": np.array("one"),
        "empty": np.zeros((0, 5), dtype="f4"),
    }


def write():
    np.savez(f"{folder}/plain.npz", **arrays())
    np.savez_compressed(f"{folder}/compressed.npz", **arrays())
    np.savez(f"{folder}/pickled.npz", X=np.zeros(2, dtype="f4"), event_id=np.array([{"a": 1}, None], dtype=object))
    with zipfile.ZipFile(f"{folder}/long_header.npz", "w") as archive:
        body = io.BytesIO()
        np.lib.format.write_array(body, np.arange(3, dtype="i8"), version=(2, 0))
        archive.writestr("times.npy", body.getvalue())


def plain(value):
    return "nan" if isinstance(value, float) and np.isnan(value) else value


def read():
    with np.load(f"{folder}/given.npz", allow_pickle=False) as archive:
        for name in archive.files:
            array = archive[name]
            values = [plain(value) for value in array.ravel().tolist()]
            print(json.dumps({"name": name, "dtype": array.dtype.str, "shape": array.shape, "values": values}))


{"write": write, "read": read}[action]()
