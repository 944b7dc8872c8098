"""Makes the files of this folder: PyTorch 1.13, onnx 1.12."""
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

from torch_files import export, save  # noqa: E402


class Quantised(nn.Module):
    """An autoencoder whose code is, at each position, the nearest row of a table."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.encoder = nn.Sequential(nn.Conv2d(3, 6, 4, 2, 1), nn.ReLU(), nn.Conv2d(6, 4, 1))
        self.codes = nn.Embedding(5, 4)
        self.decoder = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(4, 3, 4, 2, 1))

    def forward(self, x):
        z = self.encoder(x).permute(0, 2, 3, 1).contiguous()
        rows = z.view(-1, z.shape[3])
        table = self.codes.weight
        if self.kind == "distances":
            distance = torch.cdist(rows[None], table[None])[0]
        else:
            distance = (rows**2).sum(1, keepdim=True) + (table**2).sum(1) - 2 * rows @ table.t()
        nearest = distance.argmin(1)
        if self.kind == "elements":
            code = table.gather(0, nearest[:, None].expand(-1, z.shape[3]))
        elif self.kind == "ones":
            hot = torch.zeros(nearest.shape[0], table.shape[0])
            code = hot.scatter_(1, nearest[:, None], 1) @ table
        else:
            code = self.codes(nearest)
        # as with a gradient that passes by the table, which a file does not tell
        code = z + (code.view(z.shape) - z)
        return self.decoder(code.permute(0, 3, 1, 2).contiguous())


class Tokens(nn.Module):
    """A classifier that goes on with the six patches of the largest scores."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 6, 2, 2)
        self.score = nn.Linear(6, 1)
        self.head = nn.Linear(6, 4)

    def forward(self, x):
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        best = self.score(tokens)[:, :, 0].topk(6, 1).indices
        chosen = tokens.gather(1, best[:, :, None].expand(-1, -1, tokens.shape[2]))
        return self.head(functional.gelu(chosen).mean(1))


def main():
    torch.manual_seed(3)
    images = torch.randn(5, 3, 8, 8)
    tensors = {"x": images}
    for name in ["rows", "distances", "elements", "ones", "tokens"]:
        torch.manual_seed(1)
        network = (Tokens() if name == "tokens" else Quantised(name)).eval()
        outputs = torch.cat([network(images[i : i + 1]) for i in range(5)])
        tensors["y." + name] = outputs
        (outputs**2).sum().backward()
        learned = network.patches if name == "tokens" else network.codes
        tensors["gradient." + name] = learned.weight.grad
        export(network, images[:1], HERE, name, 17)
    save(HERE / "lookups.safetensors", tensors)


if __name__ == "__main__":
    sys.exit(main())
