# Networks whose modules are named in every way that PyTorch allows; written with PyTorch 1.13.
import sys, torch, torch.nn as nn, numpy as np, json, struct
out = sys.argv[1]

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
header, at, data = {}, 0, b''
for name, t in tensors.items():
    raw = t.detach().numpy().astype('<f4').tobytes()
    header[name] = {'dtype': 'F32', 'shape': list(t.shape), 'data_offsets': [at, at + len(raw)]}
    at += len(raw); data += raw
text = json.dumps(header).encode()
open(f'{out}/outputs.safetensors', 'wb').write(struct.pack('<Q', len(text)) + text + data)
