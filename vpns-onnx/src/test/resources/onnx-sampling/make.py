"""Makes the files of this folder: PyTorch 1.13, in double precision; onnx 1.12."""
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

from torch_files import export, save  # noqa: E402


class Warped(nn.Module):
    """A map seen at places that a convolution moves, then a classifier."""

    def __init__(self):
        super().__init__()
        self.features = nn.Conv2d(2, 3, 3, padding=1)
        self.moves = nn.Conv2d(2, 2, 3, padding=1)
        self.head = nn.Linear(3, 4)
        lines = torch.linspace(-1, 1, 6)
        self.register_buffer("places", torch.stack(torch.meshgrid(lines, lines, indexing="xy"), -1))

    def forward(self, x):
        grid = self.places + self.moves(x).permute(0, 2, 3, 1)
        seen = functional.grid_sample(
            self.features(x), grid, "bicubic", "reflection", align_corners=False
        )
        return self.head(seen.relu().mean((2, 3)))


def main():
    torch.manual_seed(5)
    # numbers of floats, so that places are the same in both precisions
    maps = torch.randn(3, 2, 3, 5).double()
    grid = torch.empty(1, 4, 6, 2).uniform_(-2.5, 2.5)
    grid[0, 0, 0] = torch.tensor([30.0, -0.5])  # far outside
    grid[0, 0, 1] = torch.tensor([-1.6, 1.7])  # two pixels outside, whose kernel still reaches in
    grid[0, 0, 2] = torch.tensor([0.0, 0.0])  # a pixel
    grid = grid.double()
    upward = torch.randn(3, 2, 4, 6).double()
    tensors = {"x": maps, "grid": grid, "upward": upward}
    for mode in ["bicubic", "bilinear"]:
        for padding in ["zeros", "border", "reflection"]:
            for corners in [0, 1]:
                x = maps.clone().requires_grad_()
                g = grid.clone().requires_grad_()
                y = functional.grid_sample(x, g.expand(3, -1, -1, -1), mode, padding, bool(corners))
                (y * upward).sum().backward()
                name = f"{mode}.{padding}.{corners}"
                tensors[name + ".y"] = y
                tensors[name + ".x"] = x.grad
                tensors[name + ".grid"] = g.grad
    torch.manual_seed(6)
    network = Warped().eval()
    images = torch.randn(5, 2, 6, 6)
    tensors["images"] = images
    tensors["logits"] = torch.cat([network(images[i : i + 1]) for i in range(5)])
    export(network, images[:1], HERE, "warped", 16)
    save(HERE / "sampling.safetensors", tensors)


if __name__ == "__main__":
    sys.exit(main())
