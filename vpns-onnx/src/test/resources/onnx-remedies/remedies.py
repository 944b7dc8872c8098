# Files that are refused, and what following the refusals makes of them. onnx 1.12, PyTorch 1.13.
import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

W = numpy.array([[1.5, -2.0, 0.0], [4.0, 0.25, -1.0]], 'f')


def network(initializers, **more):
    graph = helper.make_graph(
        [helper.make_node('Gemm', ['x', 'fc.weight'], ['y'], transB=1)],
        'g',
        [helper.make_tensor_value_info('x', TensorProto.FLOAT, ['N', 3])],
        [helper.make_tensor_value_info('y', TensorProto.FLOAT, ['N', 2])],
        initializers,
        **more,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid('', 13)], ir_version=8)


def sparse(indices):
    values = numpy_helper.from_array(W[W != 0], 'fc.weight')
    return helper.make_sparse_tensor(values, numpy_helper.from_array(indices), W.shape)


for name, indices in (('flat', numpy.flatnonzero(W)), ('rows', numpy.argwhere(W))):
    onnx.save(network([], sparse_initializer=[sparse(indices)]), f'sparse_{name}.onnx')
    model = onnx.load(f'sparse_{name}.onnx')
    # as the refusal says
    for s in model.graph.sparse_initializer: a = numpy.zeros(s.dims, 'f'); i = onnx.numpy_helper.to_array(s.indices); a[tuple(i.T) if i.ndim > 1 else numpy.unravel_index(i, a.shape)] = onnx.numpy_helper.to_array(s.values); model.graph.initializer.append(onnx.numpy_helper.from_array(a, s.values.name))
    del model.graph.sparse_initializer[:]
    onnx.save(model, f'sparse_{name}_again.onnx')

model = network([numpy_helper.from_array(W, 'fc.weight')])
onnx.save(model, 'external.onnx', save_as_external_data=True, location='external.data', size_threshold=0)

# PyTorch exports no operator set before 7, so that the old file is the new one with another number
layer = torch.nn.Linear(3, 2, bias=False)
layer.weight.data = torch.from_numpy(W)
torch.onnx.export(layer, torch.zeros(1, 3), 'old_again.onnx', opset_version=17, input_names=['x'],
                  dynamic_axes={'x': {0: 'N'}})
model = onnx.load('old_again.onnx')
model.opset_import[0].version = 6
onnx.save(model, 'old.onnx')

# as detectors end: something is sorted out of the scores
model = network([numpy_helper.from_array(W, 'fc.weight')])
model.graph.node[0].output[0] = 'scores'
model.graph.node.append(helper.make_node('Unique', ['scores'], ['y'], axis=0))
onnx.save(model, 'unsupported.onnx')
file, other = 'unsupported.onnx', 'unsupported_again.onnx'
onnx.utils.extract_model(file, other, ['x'], ['scores'], check_model=False)
