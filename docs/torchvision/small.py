#!/usr/bin/env python3
"""Writes the six small networks that the tests read: python3 small.py FOLDER

Each is made of torchvision's own blocks, narrow and shallow, with random weights.
"""
import sys
from functools import partial
from pathlib import Path

import torch
from torch import nn
from torchvision.models import convnext, densenet, mobilenetv3, shufflenetv2, vision_transformer
from torchvision.models.googlenet import BasicConv2d, Inception

import export

CLASSES = 5


def shuffle():
    return shufflenetv2.ShuffleNetV2([1, 2, 1], [8, 16, 24, 32, 32], CLASSES)


def squeeze_excitation():
    block = partial(mobilenetv3.InvertedResidualConfig, dilation=1, width_mult=1.0)
    return mobilenetv3.MobileNetV3(
        [
            block(8, 3, 16, 8, True, "RE", stride=1),
            block(8, 5, 24, 16, True, "HS", stride=2),
        ],
        last_channel=16,
        num_classes=CLASSES,
        dropout=0.2,
    )


def attention():
    return vision_transformer.VisionTransformer(16, 4, 1, 2, 8, 16, num_classes=CLASSES)


def layer_scale():
    block = convnext.CNBlockConfig
    return convnext.ConvNeXt([block(8, 12, 1), block(12, None, 1)], 0.0, num_classes=CLASSES)


def dense():
    return densenet.DenseNet(4, (2, 1), 8, bn_size=2, drop_rate=0.2, num_classes=CLASSES)


def branches():
    return nn.Sequential(
        BasicConv2d(3, 8, kernel_size=3, stride=1),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        Inception(8, 4, 4, 8, 2, 4, 4),
        nn.MaxPool2d(2, 2, ceil_mode=True),
        Inception(20, 4, 4, 8, 2, 4, 4),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(20, CLASSES),
    )


# name: (network, side of the images, open batch, operator set, training mode, gradients kept)
SMALL = {
    "shuffle_static_11": (shuffle, 16, False, 11, False, ["fc.weight"]),
    "se_static_14": (squeeze_excitation, 16, False, 14, False, ["classifier.3.weight"]),
    "attention_static_13": (
        attention, 16, False, 13, False,
        ["conv_proj.weight", "class_token", "encoder.pos_embedding", "heads.head.weight"],
    ),
    "layer_scale_open_17": (
        layer_scale, 16, True, 17, False,
        ["features.1.0.layer_scale", "classifier.2.weight"],
    ),
    "dense_training_9": (
        dense, 16, False, 9, True,
        ["features.conv0.weight", "features.norm5.bias", "classifier.weight"],
    ),
    "branches_static_13": (branches, 16, False, 13, False, ["8.weight"]),
}
# the weights as a file of PyTorch, too, where they fit by name
NAMED = {"dense_training_9"}


def main():
    torch.set_num_threads(1)
    for name, (make, side, dynamic, opset, training, kept) in SMALL.items():
        torch.manual_seed(len(name))
        net = export.randomised(make(), side)
        folder = Path(sys.argv[1]) / name
        folder.mkdir(parents=True, exist_ok=True)
        export.prepare(folder, net, side, dynamic, opset, training, kept)
        if name not in NAMED:
            (folder / "network.pth").unlink()


if __name__ == "__main__":
    main()
