"""The same network in PyTorch. `check FOLDER` follows AdamW from given weights; `train` and `predict` time it: width, layers,
feed-forward, threads, and steps or the batch. Prints one line of JSON."""

import json
import resource
import sys
import time

import torch
from torch import nn

BATCH, CHANNELS, LENGTH, PATCH, STRIDE, HEADS = 128, 8, 120, 16, 8, 4
PATCHES = (LENGTH - PATCH) // STRIDE + 1


class Network(nn.Module):
    """Patches, PyTorch's own encoder, and the heads of break and strength."""

    def __init__(self, width, layers, feed_forward, dropout):
        super().__init__()
        self.width = width
        self.embedding = nn.Linear(PATCH, width)
        self.position = nn.Parameter(torch.zeros(PATCHES, width))
        layer = nn.TransformerEncoderLayer(width, HEADS, feed_forward, dropout, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers)
        self.hidden = nn.Linear(CHANNELS * width, width)
        self.direction = nn.Linear(width, 1)
        self.strength = nn.Linear(width, 1)

    def forward(self, x):
        patches = x.unfold(1, PATCH, STRIDE).transpose(1, 2)
        tokens = self.encoder((self.embedding(patches) + self.position).reshape(-1, PATCHES, self.width))
        pooled = tokens.mean(1).reshape(len(x), CHANNELS * self.width)
        hidden = nn.functional.gelu(self.hidden(pooled))
        return self.direction(hidden)[:, 0], self.strength(hidden)[:, 0]


def loss_of(network, x, direction, strength):
    logits, values = network(x)
    return nn.functional.binary_cross_entropy_with_logits(logits, direction) + nn.functional.smooth_l1_loss(
        values, strength
    )


def ours_to_torch(network):
    """Names of our weights, with PyTorch's parameters and whether they lie transposed."""
    pairs = {"embedding": network.embedding, "head.hidden": network.hidden}
    pairs |= {"head.direction": network.direction, "head.strength": network.strength}
    names = {"position": (network.position, False)}
    for i, layer in enumerate(network.encoder.layers):
        attention, at = layer.self_attn, f"layers.{i}"
        pairs |= {f"{at}.attention.out": attention.out_proj}
        pairs |= {f"{at}.feedforward1": layer.linear1, f"{at}.feedforward2": layer.linear2}
        names[f"{at}.attention.in.weight"] = (attention.in_proj_weight, True)
        names[f"{at}.attention.in.bias"] = (attention.in_proj_bias, False)
        for j, norm in ((1, layer.norm1), (2, layer.norm2)):
            names[f"{at}.norm{j}.gamma"] = (norm.weight, False)
            names[f"{at}.norm{j}.beta"] = (norm.bias, False)
    for name, linear in pairs.items():
        names[f"{name}.weight"] = (linear.weight, True)
        names[f"{name}.bias"] = (linear.bias, False)
    return names


def check(folder):
    with open(f"{folder}/meta.json", encoding="utf-8") as file:
        meta = json.load(file)

    def read(name):
        with open(f"{folder}/{name}.f32", "rb") as file:
            return torch.frombuffer(bytearray(file.read()), dtype=torch.float32)

    network = Network(meta["width"], meta["layers"], meta["feedForward"], 0.0)
    weights, names = read("weights"), ours_to_torch(network)
    for place in meta["places"]:
        own = weights[place["offset"] : place["offset"] + place["size"]].reshape(place["shape"])
        target, transposed = names[place["name"]]
        target.data.copy_(own.T if transposed else own)
    groups = [
        {"params": [names[p["name"]][0] for p in meta["places"] if p["decays"] == decays], "weight_decay": decay}
        for decays, decay in ((True, meta["weightDecay"]), (False, 0.0))
    ]
    optimiser = torch.optim.AdamW(groups, meta["learningRate"])
    x = read("x").reshape(-1, LENGTH, CHANNELS)
    losses = []
    for _ in range(meta["steps"]):
        loss = loss_of(network, x, read("direction"), read("strength"))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return {"losses": losses, "version": torch.__version__}


def times(kind, width, layers, feed_forward, threads, last):
    torch.set_num_threads(threads)
    torch.manual_seed(7)
    network = Network(width, layers, feed_forward, 0.1)
    wall, cpu = [], []
    if kind == "train":
        optimiser = torch.optim.AdamW(network.parameters(), 3e-4)
        x, direction, strength = torch.randn(BATCH, LENGTH, CHANNELS), torch.randint(0, 2, (BATCH,)) * 1.0, torch.randn(BATCH)
        for step in range(last):
            start, used = time.perf_counter(), time.process_time()
            loss = loss_of(network, x, direction, strength)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            if step > 0:
                wall.append((time.perf_counter() - start) * 1e3)
                cpu.append((time.process_time() - used) * 1e3)
    else:
        network.eval()
        samples = 256 if last == 1 else 1024
        x = torch.randn(samples, LENGTH, CHANNELS)
        with torch.inference_mode():
            for run in range(6):
                start, used = time.perf_counter(), time.process_time()
                for at in range(0, samples, last):
                    network(x[at : at + last])
                if run > 0:
                    wall.append(samples / (time.perf_counter() - start))
                    cpu.append(samples / (time.process_time() - used))
    return {"wall": wall, "cpu": cpu, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if sys.argv[1] == "check":
    print(json.dumps(check(sys.argv[2])))
else:
    print(json.dumps(times(sys.argv[1], *map(int, sys.argv[2:]))))
