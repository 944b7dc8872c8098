package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.io.SafeTensors;
import org.vpns.testing.Engines;
import org.vpns.testing.SharedData;

final class OnnxBlockTest {
  @Test
  void probe() throws IOException {
    Path path = SharedData.require("data/cifar10/resnet20.onnx");
    OnnxFile file = OnnxFile.read(path);
    System.out.println(file + " " + file.notes() + " " + file.operators());
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = new OnnxBlock(file, manager);
      for (NamedParameter p : ParameterPaths.of(block)) {
        System.out.println(p.path() + " " + p.parameter().getType() + " " + p.shape());
      }
      SafeTensors reference =
          SafeTensors.read(SharedData.require("data/cifar10/reference.safetensors"));
      byte[] pixels = reference.bytes("images");
      float[] input = new float[pixels.length];
      float[] mean = {0.485f, 0.456f, 0.406f};
      float[] std = {0.229f, 0.224f, 0.225f};
      for (int i = 0; i < input.length; i++) {
        int c = i / 1024 % 3;
        input[i] = ((pixels[i] & 0xff) / 255f - mean[c]) / std[c];
      }
      float[] out = Engines.evaluate(block, input, new Shape(8, 3, 32, 32));
      float[] expected = reference.floats("logits_resnet20");
      double worst = 0;
      for (int i = 0; i < 80; i++) worst = Math.max(worst, Math.abs(out[i] - expected[i]));
      System.out.println("worst " + worst);
      System.out.println(block);
      assertThat(worst).isLessThan(3e-5);
    }
  }
}
