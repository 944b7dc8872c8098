package org.vpns.model;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.vpns.testing.Engines;
import org.vpns.testing.SharedData;

/** CIFAR-10 test images of the shared folder: 3073-byte records, label first. */
public final class Cifar10 {
  private static final int RECORD = 3073;
  private static final int BATCH = 128;
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] STD = {0.229f, 0.224f, 0.225f};

  private final byte[] records;

  private Cifar10(byte[] records) {
    this.records = records;
  }

  /** The first 761 of the official test images; skips the running test if they are not there. */
  public static Cifar10 test() {
    Path file = SharedData.require("data/cifar10/test_761.bin");
    try {
      return new Cifar10(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int size() {
    return records.length / RECORD;
  }

  /** Images as the networks were trained: x / 255, then (x - mean) / std by channel. */
  public static float[] normalised(byte[] pixels, int from, int images) {
    float[] input = new float[images * 3072];
    for (int i = 0; i < input.length; i++) {
      int channel = i / 1024 % 3;
      input[i] = ((pixels[from + i] & 0xff) / 255f - MEAN[channel]) / STD[channel];
    }
    return input;
  }

  /** How many images the model puts into their class. */
  public int correct(Model model) {
    int correct = 0;
    for (int begin = 0; begin < size(); begin += BATCH) {
      int count = Math.min(BATCH, size() - begin);
      float[] input = new float[count * 3072];
      for (int i = 0; i < count; i++) {
        float[] image = normalised(records, (begin + i) * RECORD + 1, 1);
        System.arraycopy(image, 0, input, i * 3072, 3072);
      }
      float[] logits = Engines.evaluate(model.getBlock(), input, new Shape(count, 3, 32, 32));
      for (int i = 0; i < count; i++) {
        int best = 0;
        for (int k = 1; k < 10; k++) {
          best = logits[i * 10 + k] > logits[i * 10 + best] ? k : best;
        }
        correct += best == records[(begin + i) * RECORD] ? 1 : 0;
      }
    }
    return correct;
  }
}
