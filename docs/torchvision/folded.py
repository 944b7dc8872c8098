#!/usr/bin/env python3
"""What folding batch norm costs: PyTorch runs the weights that an evaluation export holds.

    python3 folded.py NETWORK OPSET

Prints, for the network and for the one with the exported weights, errors of the outputs and of the
gradients of each image against the network in double precision, and how many ReLUs are open in one
and closed in the other. For networks whose batch norms directly follow their convolutions, and
whose activations are ReLUs.
"""
import copy
import sys
import tempfile
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

from export import IMAGES, NETWORKS, error, export, images, network

LAYERS = (torch.nn.Conv2d, torch.nn.BatchNorm2d)


def folded(net, size, opset):
    """The network with the exported convolutions in place of its own and their norms."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.onnx"
        export(net, size, file, False, opset, False)
        graph = onnx.load(str(file)).graph
    tensors = {t.name: torch.tensor(numpy_helper.to_array(t).copy()) for t in graph.initializer}
    nodes = iter([node for node in graph.node if node.op_type == "Conv"])
    net = copy.deepcopy(net)
    order = []
    hooks = [
        module.register_forward_hook(lambda module, x, y, path=path: order.append((path, module)))
        for path, module in net.named_modules()
        if isinstance(module, LAYERS)
    ]
    net(images(1, size))
    for hook in hooks:
        hook.remove()
    for path, module in order:
        if isinstance(module, torch.nn.Conv2d):
            names = next(nodes).input
            module.weight = torch.nn.Parameter(tensors[names[1]])
            module.bias = torch.nn.Parameter(tensors[names[2]])
        else:
            parent, _, name = path.rpartition(".")
            setattr(net.get_submodule(parent), name, torch.nn.Identity())
    return net


def run(net, x, w=None):
    net = copy.deepcopy(net).to(x.dtype)
    opened = []
    for module in net.modules():
        if isinstance(module, torch.nn.ReLU):
            module.inplace = False
            module.register_forward_hook(lambda module, x, y: opened.append(x[0] > 0))
    x = x.clone().requires_grad_()
    y = net(x)
    w = torch.randn(y.shape) if w is None else w
    (y * w).sum().backward()
    return y.detach(), x.grad, opened, w


def main():
    name, opset = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(1)
    size = NETWORKS[name][0]
    net = network(name, False)
    exported = folded(net, size, opset)
    torch.manual_seed(7)
    x = images(IMAGES, size)
    y, gx, opened, w = run(net, x.double())
    cases = {
        "network, single": (net, x),
        "exported weights, double": (exported, x.double()),
        "exported weights, single": (exported, x),
    }
    for title, (module, inputs) in cases.items():
        found = run(module, inputs, w)
        gradients = " ".join(f"{error(a, b):.1e}" for a, b in zip(gx, found[1]))
        moved = [
            sum(int((a[i] != b[i]).sum()) for a, b in zip(opened, found[2])) for i in range(IMAGES)
        ]
        print(f"{title}: outputs {error(y, found[0]):.1e}, gradients {gradients}, ReLUs {moved}")


if __name__ == "__main__":
    main()
