# Networks whose modules are named in every way that PyTorch allows; written with PyTorch 1.13.
import sys, torch, torch.nn as nn
from pathlib import Path
sys.path.append(str(Path(__file__).parent.parent))
from torch_files import save
out = Path(sys.argv[1])

class Block(nn.Module):
    def __init__(self, norm):
        super().__init__()
        self.block = nn.Sequential(nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), norm(4)), nn.Dropout(0.2), nn.ReLU())
        self.layers = nn.ModuleList([nn.Linear(4, 4), nn.Sequential(nn.Linear(4, 4))])
        self.scale = nn.Parameter(torch.randn(4, 1, 1))
        self.gain = nn.Parameter(torch.randn(1))
    def forward(self, x):
        y = self.block(x) * self.scale
        for layer in self.layers:
            y = layer(y)
        return x + self.gain * y

def network(norm, seed):
    torch.manual_seed(seed)
    net = nn.Sequential()
    net.add_module('0', nn.Conv2d(3, 4, 1))
    net.add_module('stem-a', nn.Sequential(nn.Sequential(nn.Conv2d(4, 4, 1), norm(4)), nn.Sequential(nn.Sequential(nn.Linear(4, 4)))))
    net.add_module('features', nn.Sequential(Block(norm), Block(norm)))
    net.add_module('flat', nn.Flatten())
    net.add_module('t', nn.Linear(64, 5))
    for name, p in list(net.named_parameters()) + list(net.named_buffers()):
        if p.dtype == torch.float32:
            p.data.uniform_(0.5, 1.5) if name.endswith('running_var') else p.data.normal_(0, 0.4)
    return net.eval()

tensors = {'x': torch.randn(3, 3, 4, 4)}
for kind, norm in [('bn', nn.BatchNorm2d), ('plain', nn.Identity)]:
    tensors[kind + '.loaded'] = network(norm, 2)(tensors['x'])
    torch.save(network(norm, 2).state_dict(), f'{out}/{kind}.pth')
def export(net, name, mode, opset):
    net.train(mode != torch.onnx.TrainingMode.EVAL)
    torch.onnx.export(net, torch.randn(2, 3, 4, 4), f'{out}/{name}.onnx', opset_version=opset, training=mode,
        dynamic_axes={'input': {0: 'N'}}, input_names=['input'], output_names=['output'])
    tensors[name] = net.eval()(tensors['x'])  # now: an export in training mode moves the statistics
T = torch.onnx.TrainingMode
export(network(nn.BatchNorm2d, 1), 'bn_training_op9', T.TRAINING, 9)
export(network(nn.BatchNorm2d, 1), 'bn_preserve_op17', T.PRESERVE, 17)
export(network(nn.Identity, 1), 'plain_op13', T.EVAL, 13)
save(out / 'outputs.safetensors', tensors)

# Parameters that the exporter reshapes, turns and renames: it writes none of their names.
class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.randn(6))
        self.inner = nn.Linear(6, 6, bias=False)
    def forward(self, x):
        return self.inner(x).transpose(1, 2) * self.gain[:, None]

class Affine(nn.Module):
    def __init__(self, odd):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.PReLU(4), nn.GroupNorm(2, 4), nn.PReLU(4), nn.PReLU(),
            nn.InstanceNorm2d(4, affine=True), nn.GroupNorm(1, 4), nn.GroupNorm(4, 4))
        self.norm = nn.LayerNorm(4)
        self.wide = nn.Linear(4, 6)
        self.plain = nn.Linear(6, 6, bias=False)
        self.same = nn.Linear(6, 6)
        self.attention = nn.MultiheadAttention(6, 2, bias=not odd, batch_first=True)
        self.act = nn.PReLU(6)
        self.scaled = nn.Sequential(Scaled(), Scaled()) if odd else nn.Sequential()
        self.head = nn.Linear(6, 5)
    def forward(self, x):
        x = self.norm(self.features(x).flatten(2).transpose(1, 2))
        x = self.same(self.plain(self.wide(x)))
        x = x + self.attention(x, x, x, need_weights=False)[0]
        x = self.act(x.transpose(1, 2)).transpose(1, 2)
        for part in self.scaled:
            x = part(x).transpose(1, 2)
        return self.head(x.mean(1))

def affine(odd, seed):
    torch.manual_seed(seed)
    net = Affine(odd)
    for p in net.parameters():
        p.data.normal_(0, 0.5)
    return net.eval()

tensors = {'x': torch.randn(3, 3, 4, 4)}
for name, odd in [('affine', False), ('odd', True)]:
    torch.save(affine(odd, 2).state_dict(), f'{out}/{name}.pth')
    tensors[name] = affine(odd, 1)(tensors['x'])
    tensors[name + '.loaded'] = affine(odd, 2)(tensors['x'])
    for opset in [9, 13] if not odd else [13]:
        torch.onnx.export(affine(odd, 1), torch.randn(1, 3, 4, 4), f'{out}/{name}_op{opset}.onnx', opset_version=opset,
            input_names=['input'], output_names=['output'])
save(out / 'affine.safetensors', tensors)
