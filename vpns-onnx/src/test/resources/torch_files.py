"""What the scripts of these folders share: arrays as safetensors, networks as ONNX."""
import json
import struct

import torch


def save(path, tensors):
    """Writes arrays as floats."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        values = tensor.detach().contiguous().float().numpy().astype("<f4").tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(values)],
        }
        data += values
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def export(network, image, folder, name, opset):
    """Exports a network twice, for a batch of 1 and for any."""
    for form in ["static", "open"]:
        torch.onnx.export(
            network,
            image,
            str(folder / f"{name}_{form}.onnx"),
            opset_version=opset,
            input_names=["x"],
            output_names=["y"],
            dynamic_axes={"x": {0: "n"}, "y": {0: "n"}} if form == "open" else None,
        )
