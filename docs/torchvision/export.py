#!/usr/bin/env python3
"""Exports torchvision's networks to ONNX in many forms and has each checked by CheckExports.

    python3 export.py RESULTS --check "COMMAND" [--networks REGEX] [--batch static,dynamic]
                      [--opsets 9-17] [--mode evaluation,training] [--folder FOLDER] [--keep]

COMMAND reads names of folders from its standard input and answers each with one line of
tab-separated values on its standard output, after one line of headings. Each file is written,
checked and deleted before the next one, or kept in FOLDER. Cells that RESULTS holds already are
left out.
"""
import argparse
import copy
import functools
import json
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import torch
import torchvision
from torchvision import models

IMAGES = 3
# name: (size of the images, options of the constructor)
NETWORKS = {
    "shufflenet_v2_x0_5": (64, {}),
    "squeezenet1_1": (64, {}),
    "mobilenet_v3_small": (64, {}),
    "mnasnet0_5": (64, {}),
    "shufflenet_v2_x1_0": (64, {}),
    "squeezenet1_0": (64, {}),
    "mobilenet_v2": (64, {}),
    "regnet_y_400mf": (64, {}),
    "regnet_x_400mf": (64, {}),
    "mobilenet_v3_large": (64, {}),
    "efficientnet_b0": (64, {}),
    "googlenet": (64, {"aux_logits": False, "init_weights": False}),
    "densenet121": (64, {}),
    "resnet18": (64, {}),
    "resnet50": (64, {}),
    "resnext50_32x4d": (64, {}),
    "efficientnet_v2_s": (64, {}),
    "inception_v3": (96, {"aux_logits": False, "init_weights": False}),
    "convnext_tiny": (64, {}),
    "swin_t": (64, {}),
    "swin_v2_t": (64, {}),
    "maxvit_t": (224, {}),
    "vit_b_16": (64, {"image_size": 64}),
    "alexnet": (224, {}),
    "vgg11": (224, {}),
    "vgg11_bn": (224, {}),
}
# How much of the squared means the variances hold in addition, in deep networks whose random
# layers would else take away means many times their variation, and all exactness with them.
CALM = {"efficientnet_v2_s": 0.5, "resnet50": 0.1, "resnext50_32x4d": 0.1}
TRAINING = torch.onnx.TrainingMode
WEIGHTED = (torch.nn.modules.conv._ConvNd, torch.nn.Linear)


@functools.lru_cache(maxsize=1)
def network(name, training):
    size, options = NETWORKS[name]
    torch.manual_seed(sum(map(ord, name)))
    net = getattr(models, name)(**options)
    for m in net.modules():
        # the graph of a training-mode export would draw random numbers
        if training and isinstance(m, torchvision.ops.StochasticDepth):
            m.p = 0.0
    return randomised(net, size, CALM.get(name, 0))


def images(number, size):
    """Random images of different colour and contrast."""
    pattern = torch.randn(number, 3, size, size) * torch.linspace(0.5, 1.5, number).view(-1, 1, 1, 1)
    return pattern + torch.randn(number, 3, 1, 1)


def randomised(net, size, calm=0):
    """The network with random numbers of which every one matters."""
    with torch.no_grad():
        for path, p in net.named_parameters():
            if p.numel() > 1 and p.std() == 0 or "layer_scale" in path:
                # constants of the initialiser: ones of scales, zeros of biases, heads and tokens
                fresh = torch.empty_like(p)
                scales = p.flatten()[0] > 0
                p.copy_(fresh.uniform_(0.5, 1.5) if scales else fresh.normal_(0, 0.1))
        for m in net.modules():
            # heads that begin near zero, where biases alone would decide
            least = 1 / m.in_features**0.5 if isinstance(m, torch.nn.Linear) else 0
            if least and m.weight.std() < 0.3 * least:
                m.weight.mul_(least / m.weight.std())
        # statistics that fit the network, moved a little: numbers neither explode nor vanish
        norms = [m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)]
        momenta = [m.momentum for m in norms]
        for m in norms:
            m.momentum = 1.0
        net.train()(images(8, size))
        for m, momentum in zip(norms, momenta):
            m.momentum = momentum
            # few images: a channel that hardly varies in them would blow up in others
            variance = (m.running_var + m.running_var.mean()) / 2 + calm * m.running_mean**2
            m.running_mean += 0.1 * variance.sqrt() * torch.randn_like(m.running_mean)
            m.running_var.copy_(variance * torch.empty_like(variance).uniform_(0.8, 1.25))
    return net.eval()


def export(net, size, file, dynamic, opset, training):
    net = copy.deepcopy(net)
    # tracing in training mode moves the statistics: by the same images in every operator set
    torch.manual_seed(11)
    batch = 2 if dynamic or training else 1
    axes = {"input": {0: "N"}, "output": {0: "N"}} if dynamic else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net.train(training),
            torch.randn(batch, 3, size, size),
            str(file),
            opset_version=opset,
            training=TRAINING.TRAINING if training else TRAINING.EVAL,
            do_constant_folding=not training,
            input_names=["input"],
            output_names=["output"],
            dynamic_axes=axes,
        )
    return net.eval()


def answers(net, size, kept=()):
    """Images, an upstream gradient w, outputs y in double precision, and the gradients of the sum
    of y times w: gx of the images, and of some parameters. Then by how much PyTorch's own answers
    in single precision differ from those."""
    torch.manual_seed(7)
    x = images(IMAGES, size)
    w = None
    found = []
    for exact in (copy.deepcopy(net).double(), net):
        inputs = x.to(next(exact.parameters()).dtype).requires_grad_()
        y = exact(inputs)
        w = torch.randn(y.shape) if w is None else w
        (y * w).sum().backward()
        found.append((y.detach(), inputs.grad, {p: exact.get_parameter(p).grad for p in kept}))
    (y, gx, gradients), (y32, gx32, _) = found
    spread = (y - y.roll(1, 0)).abs().max() / y.abs().max()
    if not spread > 1e-2:
        raise ValueError(f"outputs hardly depend on the image: {spread}")
    tensors = {"x": x, "y": y, "w": w, "gx": gx}
    tensors.update({f"g.{path}": gradient for path, gradient in gradients.items()})
    facts = {"ownOutputError": error(y, y32), "ownGradientError": gradient_error(gx, gx32)}
    return tensors, facts


def error(expected, found):
    return float((expected - found).abs().max() / expected.abs().max())


def gradient_error(expected, found):
    """The median image's: a ReLU whose input is 0 up to rounding spoils that of one image."""
    return sorted(error(e, f) for e, f in zip(expected, found))[IMAGES // 2]


def count(net):
    weights = sum(m.weight.numel() for m in net.modules() if isinstance(m, WEIGHTED))
    weights += sum(
        m.in_proj_weight.numel() for m in net.modules() if isinstance(m, torch.nn.MultiheadAttention)
    )
    return {"weights": weights, "parameters": sum(p.numel() for p in net.parameters())}


def write_safetensors(file, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.detach().numpy().astype("<f4").tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text + data)


def prepare(folder, net, size, dynamic, opset, training, kept=()):
    """Writes what CheckExports reads."""
    exported = export(net, size, folder / "network.onnx", dynamic, opset, training)
    write_expected(folder, exported, size, kept)


def write_expected(folder, net, size, kept=()):
    """All but the network: the same for each operator set and batch."""
    tensors, facts = answers(net, size, kept)
    write_safetensors(folder / "answers.safetensors", tensors)
    # the older format takes less room beside many small tensors; both are read
    torch.save(net.state_dict(), folder / "network.pth", _use_new_zipfile_serialization=not kept)
    facts.update(count(net))
    (folder / "facts.properties").write_text("".join(f"{k}={v}\n" for k, v in facts.items()))


class Checker:
    def __init__(self, command):
        self.process = subprocess.Popen(
            shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.headings = self.line()
        while not self.headings.startswith("verdict\t"):
            self.headings = self.line()

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the check ended")
        return line.rstrip("\n")

    def check(self, folder):
        self.process.stdin.write(f"{folder}\n")
        self.process.stdin.flush()
        return self.line()


def cells(arguments):
    first, _, last = arguments.opsets.partition("-")
    opsets = range(int(first), int(last or first) + 1)
    for mode in arguments.mode.split(","):
        for name in NETWORKS:
            if re.fullmatch(arguments.networks, name):
                for opset in sorted(opsets, reverse=True):
                    for batch in arguments.batch.split(","):
                        yield name, batch, opset, mode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("results", type=Path)
    parser.add_argument("--check", required=True)
    parser.add_argument("--networks", default=".*")
    parser.add_argument("--batch", default="static,dynamic")
    parser.add_argument("--opsets", default="9-17")
    parser.add_argument("--mode", default="evaluation,training")
    parser.add_argument("--folder", default=tempfile.gettempdir())
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    checker = Checker(arguments.check)
    done = set()
    if arguments.results.exists():
        done = {tuple(line.split("\t")[:4]) for line in arguments.results.read_text().splitlines()}
    else:
        arguments.results.write_text(f"network\tbatch\topset\tmode\tMB\t{checker.headings}\n")
    expected = Path(arguments.folder) / "export-expected"
    written = None
    for name, batch, opset, mode in cells(arguments):
        if (name, batch, str(opset), mode) in done:
            continue
        start = time.time()
        folder = Path(arguments.folder) / f"export-{name}-{batch}-{opset}-{mode}"
        shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.mkdir()
            training = mode == "training"
            net = network(name, training)
            size = NETWORKS[name][0]
            file = folder / "network.onnx"
            exported = export(net, size, file, batch == "dynamic", opset, training)
            if written != (name, mode):
                shutil.rmtree(expected, ignore_errors=True)
                expected.mkdir()
                write_expected(expected, exported, size)
                written = name, mode
            shutil.copytree(expected, folder, dirs_exist_ok=True)
            megabytes = (folder / "network.onnx").stat().st_size / 1e6
            line = f"{megabytes:.1f}\t{checker.check(folder)}"
        except (RuntimeError, ValueError, torch.onnx.errors.OnnxExporterError) as e:
            reason = str(e).strip().splitlines()[0] if str(e).strip() else type(e).__name__
            line = "-\tnot exported: " + reason.replace("\t", " ")[:160]
        finally:
            if not arguments.keep:
                shutil.rmtree(folder, ignore_errors=True)
        with arguments.results.open("a") as results:
            results.write(f"{name}\t{batch}\t{opset}\t{mode}\t{line}\n")
        print(f"{name} {batch} {opset} {mode} {time.time() - start:.0f} s: {line}", file=sys.stderr)
    shutil.rmtree(expected, ignore_errors=True)


if __name__ == "__main__":
    print(f"torch {torch.__version__}, torchvision {torchvision.__version__}", file=sys.stderr)
    main()
