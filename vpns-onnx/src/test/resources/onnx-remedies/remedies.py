# Files that are refused, and what following the refusals makes of them. onnx 1.12.
import numpy
import onnx
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
