package org.vpns.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.vpns.io.SafeTensors;
import org.vpns.model.ResNet;

/** What refusals of weight files say to do, done; the weights are those of the file then. */
final class FollowedRemediesTest extends TinyWeights {
  private static AbstractThrowableAssert<?, ?> refused(String what, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .hasMessageStartingWith(what + ": ")
        .hasMessageContaining("; expected ");
  }

  private void assertLoaded() throws IOException {
    try (Model other = PLAN.newModel("other", 2)) {
      assertThat(values(model.getBlock())).isEqualTo(values(other.getBlock()));
    }
  }

  @Test
  void packedFile_isRefused_andLoadsUnpacked() throws IOException {
    Path packed = folder.resolve("weights.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(saved(2), out);
    }
    refused("no weight file", () -> WeightFile.open(packed))
        .hasMessageEndingWith("found a gzip file; unpack it: gunzip file.gz.");
    Path unpacked = folder.resolve("weights");
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(packed))) {
      Files.copy(in, unpacked);
    }
    WeightFile.load(model, unpacked);
    assertLoaded();
  }

  @Test
  void folder_isRefused_andTheFileInsideLoads() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Path file = Files.move(saved(2), inner.resolve("best.safetensors"));
    refused("folder in place of a file", () -> WeightFile.open(inner))
        .hasMessageEndingWith(
            "found a folder with best.safetensors; pass the file inside that is meant.");
    WeightFile.load(model, file);
    assertLoaded();
  }

  @Test
  void missingFile_isRefused_andTheNamedOneLoads() throws IOException {
    saved(2);
    refused("no such file", () -> WeightFile.open(folder.resolve("seed3.safetensors")))
        .hasMessageEndingWith("only seed2.safetensors; check the path.");
    WeightFile.load(model, folder.resolve("seed2.safetensors"));
    assertLoaded();
  }

  @Test
  void shardOutsideOfItsFolder_isRefused_andReadsBesideItsIndex() throws IOException {
    Path file = saved(2);
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Path index = inner.resolve("model.safetensors.index.json");
    List<String> entries = new ArrayList<>();
    SafeTensors.read(file).names().forEach(name -> entries.add('"' + name + "\":\"FILE\""));
    String json = "{\"weight_map\":{" + String.join(",", entries) + "}}";
    Files.writeString(index, json.replace("FILE", "../" + file.getFileName()));
    refused("file outside its folder or missing", () -> WeightFile.open(index))
        .hasMessageEndingWith("; put the files that belong together into one folder.");
    Files.move(file, inner.resolve(file.getFileName()));
    Files.writeString(index, json.replace("FILE", file.getFileName().toString()));
    WeightFile.load(model, index);
    assertLoaded();
  }

  @Test
  void blockWithoutValues_isRefused_andLoadsOnceItHasSome() throws IOException {
    Path file = saved(2);
    Block block = PLAN.block();
    refused("parameter without values", () -> WeightFile.load(block, file))
        .hasMessageEndingWith("; initialise the block first.");
    try (NDManager manager = NDManager.newBaseManager()) {
      block.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 8, 8));
      WeightFile.load(block, file);
      WeightFile.load(model, file);
      assertThat(values(block)).isEqualTo(values(model.getBlock()));
    }
  }

  @Test
  void blockOfHalves_isRefused_andLoadsInitialisedAsFloats() throws IOException {
    Path file = saved(2);
    for (DataType type : List.of(DataType.FLOAT16, DataType.FLOAT32)) {
      Block block = PLAN.block();
      try (NDManager manager = NDManager.newBaseManager()) {
        block.initialize(manager, type, new Shape(1, 3, 8, 8));
        if (type == DataType.FLOAT16) {
          refused("parameter of another type", () -> WeightFile.load(block, file))
              .hasMessageEndingWith("; initialise it with DataType.FLOAT32.");
        } else {
          WeightFile.load(block, file);
          assertThat(values(block)).containsKey("conv1.weight");
        }
      }
    }
  }

  @Test
  void lenientLoadByOrder_isRefused_andLoadsWithoutItOrByName() throws IOException {
    WeightFile file = WeightFile.open(saved(2));
    refused("options exclude each other", () -> file.lenient().intoByOrder(model))
        .hasMessageEndingWith("; leave out lenient, or load by name.");
    file.intoByOrder(model);
    assertLoaded();
    assertThat(file.lenient().into(model).missing()).isEmpty();
  }

  @Test
  void anotherOrder_isRefused_andLoadsByName() throws IOException {
    SafeTensors tensors = SafeTensors.read(saved(2));
    List<String> names = new ArrayList<>(tensors.names());
    Collections.reverse(names);
    SafeTensors.Builder builder = SafeTensors.builder();
    for (String name : names) {
      builder.putFloats(name, tensors.shape(name), tensors.floats(name));
    }
    Path reversed = folder.resolve("reversed.safetensors");
    builder.write(reversed);
    refused(
            "weights do not fit the network in order",
            () -> WeightFile.open(reversed).intoByOrder(model))
        .hasMessageContaining("define the layers in the file's order, or load by name;");
    assertThat(values(model.getBlock())).isEqualTo(before);
    WeightFile.open(reversed).into(model);
    assertLoaded();
  }

  @Test
  void namesThatFallTogether_areRefused_andLoadUnchanged() throws IOException {
    WeightFile file = WeightFile.open(saved(2));
    refused(
            "names fall together once prefixes are stripped and names changed",
            () -> file.rename("bn1\\.weight", "bn1.bias").into(model))
        .hasMessageEndingWith("; do not change these names.");
    file.into(model);
    assertLoaded();
  }

  @Test
  void malformedExpression_isRefused_andTheExampleLeavesOutTheHead() throws IOException {
    WeightFile file = WeightFile.open(saved(2));
    refused("malformed expression", () -> file.skip("fc("))
        .hasMessageEndingWith("; write for example fc\\..*.");
    assertThat(file.skip("fc\\..*").into(model).skipped()).containsExactly("fc.weight", "fc.bias");
  }

  @Test
  void weightsOfAnotherNetwork_areRefused_andLoadIntoTheirOwn() throws IOException {
    ResNet wide =
        ResNet.builder("wide").input(3, 8, 8).stem(8, 3, 1).stage(12, 1, 2).classes(7).build();
    Path file = folder.resolve("wide.safetensors");
    try (Model own = wide.newModel("wide", 3);
        Model again = wide.newModel("again", 4)) {
      WeightFile.save(own, file);
      refused("weights do not fit the network", () -> WeightFile.load(model, file))
          .hasMessageContaining(
              "; load the file with the network it was written for, or change its names with"
                  + " rename.");
      WeightFile.load(again, file);
      assertThat(values(again.getBlock())).isEqualTo(values(own.getBlock()));
    }
  }

  @Test
  void otherNamesAndOrder_areRefused_andLoadRenamed() throws IOException {
    Path file = renamed(saved(2), name -> name.equals("fc.bias") ? "" : "net." + name + ".value");
    SafeTensors tensors = SafeTensors.read(saved(2));
    SafeTensors.Builder builder =
        SafeTensors.builder()
            .putFloats("net.fc.bias.value", tensors.shape("fc.bias"), tensors.floats("fc.bias"));
    SafeTensors others = SafeTensors.read(file);
    for (String name : others.names()) {
      builder.putFloats(name, others.shape(name), others.floats(name));
    }
    Path moved = folder.resolve("moved.safetensors");
    builder.write(moved);
    refused("weights do not fit the network", () -> WeightFile.load(model, moved))
        .hasMessageContaining(" or change its names with rename.");
    WeightFile.open(moved).rename("^net\\.(.*)\\.value$", "$1").into(model);
    assertLoaded();
  }

  @Test
  void tensorOfAnotherTypeOrName_isRefused_andReadsAsItIsWritten() throws IOException {
    Path file = folder.resolve("counts.safetensors");
    SafeTensors.builder().putLongs("counts", new Shape(2), new long[] {3, 4}).write(file);
    SafeTensors tensors = SafeTensors.read(file);
    refused("tensor type does not fit", () -> tensors.floats("counts"))
        .hasMessageEndingWith("found I64; ask for the type the file has.");
    refused("no such tensor", () -> tensors.longs("count"))
        .hasMessageEndingWith("; names begin with: [counts].");
    assertThat(tensors.longs("counts")).containsExactly(3, 4);
  }

  @Test
  void savedTwice_isRefused_andWrittenUnderAnotherName() throws IOException {
    SafeTensors.Builder builder =
        SafeTensors.builder().putFloats("w", new Shape(1), new float[] {1}).metadata("by", "me");
    refused("tensor name not free", () -> builder.putFloats("w", new Shape(1), new float[] {2}))
        .hasMessageEndingWith("; rename it.");
    refused("metadata key set twice", () -> builder.metadata("by", "you"))
        .hasMessageEndingWith("; set it once.");
    refused(
            "shape does not fit the values",
            () -> builder.putFloats("v", new Shape(2), new float[] {2}))
        .hasMessageEndingWith("; pass one value per entry.");
    Path file = folder.resolve("two.safetensors");
    builder.putFloats("v", new Shape(2), new float[] {2, 3}).write(file);
    SafeTensors tensors = SafeTensors.read(file);
    assertThat(tensors.floats("w")).containsExactly(1);
    assertThat(tensors.floats("v")).containsExactly(2, 3);
    assertThat(tensors.metadata()).isEqualTo(Map.of("by", "me"));
  }

  @Test
  void oneLayerOfAnotherName_isRefused_andLoadsRenamed() throws IOException {
    Path file = renamed(saved(2), name -> name.replace("fc.weight", "fc.kernel"));
    refused("weights do not fit the network", () -> WeightFile.load(model, file))
        .hasMessageContaining(
            "; names that differ fit by their modules and shapes in one way only:"
                + " WeightFile.open(file).rename(\"(^|\\\\.)kernel$\", \"$1weight\").into(model).");
    WeightFile.open(file).rename("(^|\\.)kernel$", "$1weight").into(model);
    assertLoaded();
  }

  @Test
  void twoOfOneShapeInAModule_areNotPaired() throws IOException {
    // scale and shift of the first batch norm: which is which nothing tells
    Path file =
        renamed(
            saved(2),
            name -> name.replaceAll("^bn1\\.weight$", "bn1.a").replaceAll("^bn1\\.bias$", "bn1.b"));
    refused("weights do not fit the network", () -> WeightFile.load(model, file))
        .hasMessageContaining(
            "; if the network is an ONNX file's that does not tell names, export it anew with"
                + " do_constant_folding=False, which keeps them; if not, ")
        .hasMessageContaining("WeightFile.open(file).skip(\"bn1\\\\..*\").into(model)");
  }

  @Test
  void layerTheNetworkLacks_isRefused_andSaysWhatExportersMerge() throws IOException {
    SafeTensors tensors = SafeTensors.read(saved(2));
    SafeTensors.Builder builder = SafeTensors.builder();
    for (String name : tensors.names()) {
      builder.putFloats(name, tensors.shape(name), tensors.floats(name));
    }
    Path file = folder.resolve("more.safetensors");
    builder.putFloats("act.weight", new Shape(4), new float[4]).write(file);
    refused("weights do not fit the network", () -> WeightFile.load(model, file))
        .hasMessageContaining(
            "; if the network is an ONNX file's, whose exporter makes one of parameters of equal"
                + " values as new ones have, export it anew with these weights in it, or with"
                + " training=TrainingMode.TRAINING, do_constant_folding=False; if not, ");
  }

  @Test
  void vectorWithAxesOfLengthOne_loads_andAMatrixOfAsManyValuesDoesNot() throws IOException {
    SafeTensors tensors = SafeTensors.read(saved(2));
    for (Shape other : List.of(new Shape(5, 1, 1), new Shape(1, 5))) {
      SafeTensors.Builder builder = SafeTensors.builder();
      for (String name : tensors.names()) {
        Shape shape = name.equals("fc.bias") ? other : tensors.shape(name);
        builder.putFloats(name, shape, tensors.floats(name));
      }
      Path file = folder.resolve("vector.safetensors");
      builder.write(file);
      WeightFile.load(model, file);
      assertLoaded();
    }
    SafeTensors.Builder builder = SafeTensors.builder();
    for (String name : tensors.names()) {
      Shape shape = tensors.shape(name);
      Shape turned = name.equals("fc.weight") ? new Shape(shape.get(1), shape.get(0)) : shape;
      builder.putFloats(name, turned, tensors.floats(name));
    }
    Path file = folder.resolve("turned.safetensors");
    builder.write(file);
    refused("weights do not fit the network", () -> WeightFile.load(model, file))
        .hasMessageContaining("1 of another shape or type: fc.weight");
  }
}
