"""Answers nearest-neighbour queries with scikit-learn and faiss for retrieval.bench.ts, on one thread.

Arguments: a file of 32-bit vectors, one of queries, and the width. Each line of standard input is `<library> <k> <batch>`;
the answer is one line of JSON: seconds a query, and for each query the neighbours' places and distances. `batch` is 1 for
queries one by one, 0 for all at once.
"""

import json
import resource
import sys
import time

import numpy as np

width = int(sys.argv[3])
vectors = np.fromfile(sys.argv[1], dtype=np.float32).reshape(-1, width)
queries = np.fromfile(sys.argv[2], dtype=np.float32).reshape(-1, width)
searches = {}

try:
    from sklearn.neighbors import NearestNeighbors

    fitted = NearestNeighbors(algorithm="brute", n_jobs=1).fit(vectors)
    searches["scikit-learn"] = lambda rows, k: fitted.kneighbors(rows, k)
except ImportError:
    pass

try:
    import faiss

    faiss.omp_set_num_threads(1)
    flat = faiss.IndexFlatL2(width)
    flat.add(vectors)

    def search_flat(rows, k):
        squared, places = flat.search(rows, k)
        return np.sqrt(squared), places

    searches["faiss"] = search_flat
except ImportError:
    pass

print(json.dumps({"libraries": list(searches)}), flush=True)
for line in sys.stdin:
    library, k, single = line.split()
    search, seconds, places, distances = searches[library], [], [], []
    parts = [queries[i : i + 1] for i in range(len(queries))] if single == "1" else [queries]
    for part in parts:
        start = time.perf_counter()
        found_distances, found = search(part, int(k))
        seconds.append(time.perf_counter() - start)
        places += found.tolist()
        distances += found_distances.astype(float).tolist()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": seconds, "places": places, "distances": distances, "peak": peak}), flush=True)
