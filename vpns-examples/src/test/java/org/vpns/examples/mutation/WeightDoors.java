package org.vpns.examples.mutation;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.vpns.io.NamedTensors;
import org.vpns.io.SafeTensors;
import org.vpns.onnx.Onnx;
import org.vpns.testing.Fixtures;
import org.vpns.torch.TorchFile;
import org.vpns.weights.WeightFile;

/** Readers of weights and other named arrays. */
final class WeightDoors extends DoorGroup {
  /**
   * @param folder for the files of the runs that samples are made by
   */
  WeightDoors(Path folder) throws IOException {
    super(folder);
    torch();
    weights();
    torchSets();
    tensors();
  }

  private void torch() throws IOException {
    List<Map<String, byte[]>> files = new ArrayList<>();
    for (String name :
        List.of(
            "torch/ckpt_imagenet_example.pth",
            "torch/lightning.ckpt",
            "torch/mmcv.pth",
            "torch/sets_protocol4.pth",
            "torch/tied.pth",
            "torch/timm.pth",
            "torch/wholemodule_weights.pth",
            "torch/nested_uneven.pth",
            "torch/complex.pth",
            "torch/wholemodule_legacy.pth",
            "lpips/alex.pth")) {
      files.add(Map.of("weights.pth", Samples.published(name)));
    }
    files.add(Map.of("weights.pth", Fixtures.bytes("plain.pt"))); // TorchScript, read as data
    add(
        "torch",
        4,
        files,
        (place, random) -> {
          Path path = place.resolve("weights.pth");
          TorchFile file =
              random.nextInt(4) == 0
                  ? TorchFile.ignoring("torch.*", "_.*").read(path)
                  : TorchFile.read(path);
          return out -> {
            try {
              values(random.nextBoolean() ? file.at() : file);
            } catch (IllegalStateException severalDictionaries) {
              throw new MutationLaw.Refused(severalDictionaries);
            } catch (IllegalArgumentException e) {
              throw new MutationLaw.Refused(e);
            }
          };
        },
        IOException.class);
  }

  private static void values(NamedTensors tensors) {
    for (String name : tensors.names()) {
      long size = tensors.shape(name).size();
      if (size > MAX_VALUES) {
        continue;
      }
      if (tensors.type(name).isFloat()) {
        if (tensors.floats(name).length != size || tensors.doubles(name).length != size) {
          throw new AssertionError(name);
        }
      } else if (tensors instanceof TorchFile torch) {
        torch.longs(name);
      } else if (tensors instanceof SafeTensors safe) {
        integers(safe, name);
      }
    }
  }

  private static void integers(SafeTensors tensors, String name) {
    switch (tensors.type(name)) {
      case I64, I32, I16, I8, U8, BOOL -> {
        try {
          tensors.longs(name);
        } catch (IllegalArgumentException e) {
          tensors.bytes(name);
        }
      }
      default -> {}
    }
  }

  private void weights() throws IOException {
    Path onnx = folder.resolve("dense.onnx");
    Files.write(onnx, Samples.export("dense_training_9/network.onnx"));
    Model model = owned(Onnx.read(onnx));
    Path safe = folder.resolve("dense.safetensors");
    WeightFile.save(model, safe);
    add(
        "weights",
        2,
        List.of(
            Map.of("w.pth", Samples.export("dense_training_9/network.pth")),
            Map.of("w.safetensors", Files.readAllBytes(safe))),
        files -> files,
        model,
        (place, random) -> {
          Path pth = place.resolve("w.pth");
          WeightFile file =
              WeightFile.open(Files.exists(pth) ? pth : place.resolve("w.safetensors"));
          file = random.nextInt(3) == 0 ? file.stripPrefix("module.") : file;
          file = random.nextInt(3) == 0 ? file.lenient() : file;
          file = random.nextInt(6) == 0 ? file.skip(".*bias") : file;
          if (random.nextInt(6) == 0) {
            file.rename("(a+)", "b$1").metadata();
          }
          requireText(file.into(model));
          return out -> WeightFile.save(model, out.resolve("again.safetensors"));
        },
        IOException.class,
        UncheckedIOException.class,
        IllegalArgumentException.class,
        IllegalStateException.class);
  }

  /** Sets of PyTorch's files under an index, one of them with a part of safetensors. */
  private void torchSets() throws IOException {
    String first = "pytorch_model-00001-of-00002.bin";
    String second = "pytorch_model-00002-of-00002.bin";
    String index = "pytorch_model.bin.index.json";
    Map<String, byte[]> set = new LinkedHashMap<>();
    for (String name : List.of(index, first, second)) {
      set.put(name, Samples.published("torch/shards/" + name));
    }
    Map<String, byte[]> mixed = new LinkedHashMap<>(set);
    String names = new String(Objects.requireNonNull(set.get(index)), StandardCharsets.UTF_8);
    mixed.remove(first);
    mixed.put(index, names.replace(first, "a.safetensors").getBytes(StandardCharsets.UTF_8));
    mixed.put(
        "a.safetensors",
        SafeTensors.builder()
            .putFloats("0.weight", new Shape(2, 2), new float[] {1, 2, 3, 4})
            .toBytes());
    Model model = owned(Model.newInstance("set"));
    SequentialBlock block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(2).build())
            .add(Activation::relu)
            .add(Linear.builder().setUnits(1).build());
    block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 2));
    model.setBlock(block);
    add(
        "torch sets",
        2,
        List.of(set, mixed),
        files -> files,
        model,
        (place, random) -> {
          WeightFile file = WeightFile.open(place.resolve(index));
          file = random.nextInt(3) == 0 ? file.lenient() : file;
          requireText(file.into(model));
          return out -> WeightFile.save(model, out.resolve("again.safetensors"));
        },
        IOException.class,
        UncheckedIOException.class,
        IllegalArgumentException.class,
        IllegalStateException.class);
  }

  private void tensors() throws IOException {
    byte[] floats =
        SafeTensors.builder()
            .putFloats("layer.weight", new Shape(2, 3), new float[] {1, 2, 3, 4, 5, 6})
            .putDoubles("layer.bias", new Shape(2), new double[] {1, 2})
            .metadata("format", "pt")
            .toBytes();
    byte[] others =
        SafeTensors.builder()
            .putLongs("count", new Shape(1), new long[] {7})
            .putBytes("bytes", new byte[] {0, 1, 2})
            .putFloats("scale", new Shape(), new float[] {1})
            .toBytes();
    add(
        "safetensors",
        2,
        alone("t.safetensors", floats, others),
        (place, random) -> {
          SafeTensors tensors = SafeTensors.read(place.resolve("t.safetensors"));
          return out -> values(tensors);
        },
        IOException.class);
    String index =
        "{\"metadata\":{\"total_size\":61},\"weight_map\":{\"layer.weight\":\"a.safetensors\","
            + "\"layer.bias\":\"a.safetensors\",\"count\":\"b.safetensors\","
            + "\"bytes\":\"b.safetensors\",\"scale\":\"b.safetensors\"}}";
    Map<String, byte[]> shards = new LinkedHashMap<>();
    shards.put("index.json", index.getBytes(StandardCharsets.UTF_8));
    shards.put("a.safetensors", floats);
    shards.put("b.safetensors", others);
    add(
        "shards",
        2,
        List.of(shards),
        (place, random) -> {
          NamedTensors tensors = SafeTensors.readShards(place.resolve("index.json"));
          return out -> values(tensors);
        },
        IOException.class);
  }
}
