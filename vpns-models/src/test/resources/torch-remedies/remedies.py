# Files that are refused, and what following the refusals makes of them. PyTorch 1.13, safetensors 0.8.
import io
import pickle
import struct
import tarfile
import zipfile

import numpy
import safetensors.numpy
import torch

W = torch.tensor([[1.5, -2.0, 0.0], [4.0, 0.25, -1.0]])


def tar(name, tensors):
    """The archive that PyTorch wrote before version 0.1.10, which later versions only read."""
    storages, views = io.BytesIO(), io.BytesIO()
    pickle.dump(len(tensors), storages, 2)
    pickle.dump(len(tensors), views, 2)
    for key, tensor in enumerate(tensors.values()):
        pickle.dump((key, 'cpu', torch.FloatStorage), storages, 2)
        storages.write(struct.pack('<q', tensor.numel()))
        storages.write(struct.pack('<%df' % tensor.numel(), *tensor.flatten().tolist()))
        pickle.dump((100 + key, key, torch.FloatTensor), views, 2)
        views.write(struct.pack('<ii', tensor.dim(), 0))
        views.write(struct.pack('<%dq' % tensor.dim(), *tensor.size()))
        views.write(struct.pack('<%dq' % tensor.dim(), *tensor.stride()))
        views.write(struct.pack('<q', 0))
    pickle.dump([], storages, 2)  # no storage is a part of another
    main = io.BytesIO()
    places = {id(t): 100 + i for i, t in enumerate(tensors.values())}

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return str(places[id(value)]) if torch.is_tensor(value) else None

    Pickler(main, 2).dump(tensors)
    system = pickle.dumps(dict(protocol_version=1000, little_endian=True,
                               type_sizes=dict(short=2, int=4, long=4)), 2)
    with tarfile.open(name, 'w', format=tarfile.PAX_FORMAT) as out:
        for entry, content in (('sys_info', system), ('pickle', main.getvalue()),
                               ('tensors', views.getvalue()), ('storages', storages.getvalue())):
            info = tarfile.TarInfo(entry)
            info.size = len(content)
            out.addfile(info, io.BytesIO(content))


tar('first_versions.pth', {'w': W})
file, other = 'first_versions.pth', 'first_versions_again.pth'
torch.save(torch.load(file, weights_only=False), other)
assert torch.equal(torch.load(other)['w'], W)


class Tagged(torch.Tensor):
    """A kind of tensor of somebody's own."""


def plain(name, refused, followed):
    torch.save({'w': refused}, name + '.pth')
    torch.save({'w': followed}, name + '_again.pth')


tensor = torch.quantize_per_tensor(W, 0.25, 0, torch.qint8)
plain('quantised', tensor, tensor.dequantize())
tensor = W.to_sparse()
plain('sparse', tensor, tensor.to_dense())
tensor = W.as_subclass(Tagged)
plain('subclass', tensor, tensor.as_subclass(torch.Tensor))


class Marked:
    """A tensor as PyTorch 2 writes one whose values stand negated; PyTorch 1.13 drops the mark."""

    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce_ex__(self, protocol):
        function, arguments = self.tensor.__reduce_ex__(protocol)
        return function, arguments + ({'neg': True},)


tensor = torch.complex(torch.zeros_like(W), -W).conj().imag
assert tensor.is_neg() and torch.equal(tensor, W)
plain('negated', Marked(tensor), tensor.clone())
layer = torch.nn.Linear(3, 2, bias=False, device='meta')
torch.save(layer.state_dict(), 'without_values.pth')
layer = torch.nn.Linear(3, 2, bias=False)
layer.weight.data = W
torch.save(layer.state_dict(), 'without_values_again.pth')


def parts(name):
    """A tensor of a part of a storage, as PyTorch wrote it before version 0.4."""
    storage = torch.tensor([9.0, 1.5, -2.0, 0.0, 4.0, 0.25, -1.0])
    with open(name, 'wb') as out:
        for value in (0x1950a86a20f9469cfc6c, 1001,
                      dict(protocol_version=1001, little_endian=True,
                           type_sizes=dict(short=2, int=4, long=4))):
            pickle.dump(value, out, 2)

        class Pickler(pickle.Pickler):
            def persistent_id(self, value):
                if isinstance(value, torch.storage.TypedStorage):
                    return ('storage', torch.FloatStorage, '5', 'cpu', 7, ('6', 1, 6))
                return None

        Pickler(out, 2).dump({'w': W})
        pickle.dump(['5'], out, 2)
        out.write(struct.pack('<q', 7))
        out.write(struct.pack('<7f', *storage.tolist()))


parts('part_of_a_storage.pth')
file, other = 'part_of_a_storage.pth', 'part_of_a_storage_again.pth'
torch.save(torch.load(file), other)
assert torch.equal(torch.load(other)['w'], W)

arrays = {'w': W.numpy()}
with open('arrays.pkl', 'wb') as out:
    pickle.dump(arrays, out, 2)
torch.save(arrays, 'arrays.pth')
torch.save({name: torch.from_numpy(array) for name, array in arrays.items()}, 'arrays_again.pth')

file, other = 'arrays.npz', 'arrays_again.safetensors'
numpy.savez(file, **arrays)
safetensors.numpy.save_file(dict(numpy.load(file)), other)

file, other = 'array.npy', 'array_again.safetensors'
array = W.numpy()
numpy.save(file, array)
safetensors.numpy.save_file({'name': array}, other)

net = torch.nn.Sequential(torch.nn.Linear(3, 2, bias=False))
net[0].weight.data = W
torch.save(net, 'module.pth')
file, other = 'module.pth', 'module_again.pth'
torch.save(torch.load(file, weights_only=False).state_dict(), other)

# what `zip` makes of the folder in a file of PyTorch, and `zip -0`
names = {'packed.pth': zipfile.ZIP_DEFLATED, 'packed_again.pth': zipfile.ZIP_STORED}
for name, method in names.items():
    with zipfile.ZipFile('sparse_again.pth') as whole, zipfile.ZipFile(name, 'w', method) as out:
        for entry in whole.namelist():
            out.writestr(entry, whole.read(entry))

# as a trainer saves it: the network is one of the values, and its optimiser has tensors too
net = torch.nn.Sequential(torch.nn.Linear(3, 2, bias=False))
optimiser = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
net(torch.ones(1, 3)).sum().backward()
optimiser.step()
net[0].weight.data = W
torch.save({'epoch': 3, 'model': net, 'optimizer': optimiser.state_dict()},
           'module_and_optimiser.pth')
file, other = 'module_and_optimiser.pth', 'module_and_optimiser_again.pth'
torch.save(torch.load(file, weights_only=False)["model"].state_dict(), other)

with open('pickled.pth', 'wb') as out:
    pickle.dump(net.state_dict(), out)
torch.save(net.state_dict(), 'pickled_again.pth')

model = net.eval()
torch.jit.freeze(torch.jit.script(model)).save('frozen.pt')
torch.jit.script(model).save('frozen_again.pth')
