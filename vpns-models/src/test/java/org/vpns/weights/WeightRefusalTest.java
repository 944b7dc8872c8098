package org.vpns.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.io.SafeTensors;

/** Refusals say the call that loads. */
final class WeightRefusalTest extends TinyWeights {
  private String refusal(WeightFile weights) {
    try {
      weights.into(model);
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).endsWith("the network is unchanged.").hasSizeLessThan(2500);
      assertThat(values(model.getBlock())).isEqualTo(before);
      return e.getMessage();
    }
    throw new AssertionError("loaded");
  }

  @Test
  void refusal_ofAForgottenPrefix_saysTheCallThatLoads() throws IOException {
    WeightFile file = WeightFile.open(renamed(saved(2), name -> "module.net." + name));
    assertThat(refusal(file))
        .contains("; strip the prefix 'module.net.': WeightFile.open(file)")
        .contains(".stripPrefix(\"module.net.\").into(model).\n22 missing: ")
        .contains(" and 14 more;");
    assertThat(file.stripPrefix("module.net.").into(model).loaded()).hasSize(22);
  }

  @Test
  void refusal_ofAPrefixAndOtherTensors_saysTheCallThatLoads() throws IOException {
    WeightFile file =
        WeightFile.open(renamed(saved(2), name -> (name.startsWith("bn1.") ? "old." : "m.") + name))
            .rename("^old\\.", "x.");
    assertThat(refusal(file))
        .contains(
            "strip the prefix 'm.' and take what fits: WeightFile.open(file)"
                + ".rename(\"^old\\\\.\", \"x.\").stripPrefix(\"m.\").lenient().into(model).");
    assertThat(file.stripPrefix("m.").lenient().into(model).missing()).hasSize(4);
  }

  /** What is left out would stay random. */
  @Test
  void refusal_ofMasksBesideTheirWeights_saysHowToSaveThem() throws IOException {
    SafeTensors tensors = SafeTensors.read(saved(2));
    SafeTensors.Builder builder = SafeTensors.builder();
    for (String name : tensors.names()) {
      boolean pruned = name.equals("fc.weight");
      builder.putFloats(pruned ? name + "_orig" : name, tensors.shape(name), tensors.floats(name));
      if (pruned) {
        builder.putFloats(name + "_mask", tensors.shape(name), tensors.floats(name));
      }
    }
    Path file = folder.resolve("masked.safetensors");
    builder.write(file);
    assertThat(refusal(WeightFile.open(file)))
        .contains("; save it once masks are part of the weights: torch.nn.utils.prune.remove(")
        .doesNotContain("lenient()");
  }

  @Test
  void refusal_ofAnotherHead_saysTheCallThatLoads() throws IOException {
    SafeTensors tensors = SafeTensors.read(saved(2));
    SafeTensors.Builder builder = SafeTensors.builder();
    for (String name : tensors.names()) {
      if (name.startsWith("fc.")) {
        builder.putFloats(name, new Shape(1), new float[1]);
      } else {
        builder.putFloats(name, tensors.shape(name), tensors.floats(name));
      }
    }
    Path path = folder.resolve("head.safetensors");
    builder.write(path);
    WeightFile file = WeightFile.open(path);
    assertThat(refusal(file))
        .contains("leave out this layer: WeightFile.open(file).skip(\"fc\\\\..*\").into(model).");
    assertThat(file.skip("fc\\..*").into(model).skipped()).hasSize(2);
  }

  @Test
  void refusal_ofOtherNamesInTheSameOrder_saysTheCallThatLoads() throws IOException {
    int[] count = {0};
    WeightFile file = WeightFile.open(renamed(saved(2), name -> "t" + count[0]++));
    assertThat(refusal(file))
        .contains("the shapes fit in order: WeightFile.open(file).intoByOrder(model).");
    assertThat(file.intoByOrder(model).loaded()).hasSize(22);
  }

  /** A weight has one name before and after folding, and would load without a word. */
  @Test
  void refusal_ofBatchNormThatTheNetworkHasFolded_saysSo() throws IOException {
    SafeTensors.Builder builder = SafeTensors.builder();
    builder.putFloats("0.weight", new Shape(2, 1, 1, 1), new float[2]);
    for (String name : List.of("0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var")) {
      builder.putFloats(name, new Shape(2), new float[2]);
    }
    Path path = folder.resolve("whole.safetensors");
    builder.write(path);
    try (NDManager manager = NDManager.newBaseManager()) {
      SequentialBlock folded =
          new SequentialBlock()
              .add(Conv2d.builder().setKernelShape(new Shape(1, 1)).setFilters(2).build());
      folded.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 2, 2));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> WeightFile.open(path).into(folded))
          .withMessageContaining(
              "expected one tensor for each of 2 parameters, no others, found 2 that fit and 4"
                  + " others; if batch norm is folded into the network's convolutions, export it"
                  + " anew with batch norm kept (training=TrainingMode.TRAINING,"
                  + " do_constant_folding=False);")
          .withMessageContaining("4 unexpected");
    }
  }
}
