package org.vpns.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class AdaptiveAvgPoolTest {
  private static float[] pooled(float[] values, int height, int width, int side) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.create(values, new Shape(1, 1, height, width));
      NDArray y = AdaptiveAvgPool.pooled(x, side);
      assertThat(y.getShape()).isEqualTo(new Shape(1, 1, side, side));
      return y.toFloatArray();
    }
  }

  @Test
  void smallerMaps_repeatRowsAndColumns() {
    // 2 to 3: rows 0; 0 and 1; 1
    assertThat(pooled(new float[] {0, 4, 8, 16}, 2, 2, 3))
        .containsExactly(0, 2, 4, 4, 7, 10, 8, 12, 16);
    assertThat(pooled(new float[] {5}, 1, 1, 2)).containsExactly(5, 5, 5, 5);
  }

  @Test
  void largerMaps_averageWindowsThatMayOverlap() {
    // 5 to 3 columns: 0-1, 1-3, 3-4; the one row is repeated
    assertThat(pooled(new float[] {1, 3, 6, 9, 11}, 1, 5, 3))
        .containsExactly(2, 6, 10, 2, 6, 10, 2, 6, 10);
    // multiples: plain windows of 1 x 2
    assertThat(pooled(new float[] {1, 3, 5, 7, 2, 4, 6, 8}, 2, 4, 2)).containsExactly(2, 6, 3, 7);
  }

  @Test
  void everySize_isTheMeanOverItsWindows() {
    for (int height = 1; height <= 16; height++) {
      for (int width = 1; width <= 16; width++) {
        float[] values = new float[height * width];
        for (int i = 0; i < values.length; i++) {
          values[i] = i * i % 97;
        }
        float[] result = pooled(values, height, width, 7);
        for (int i = 0; i < 49; i++) {
          double mean = mean(values, width, window(i / 7, height), window(i % 7, width));
          // float32 against double; values are below 97
          assertThat((double) result[i])
              .as("cell %d of %d x %d", i, height, width)
              .isEqualTo(mean, Offset.offset(1e-4));
        }
      }
    }
  }

  private static int[] window(int index, int size) {
    return new int[] {
      (int) Math.floor(index * size / 7.0), (int) Math.ceil((index + 1) * size / 7.0)
    };
  }

  private static double mean(float[] values, int width, int[] rows, int[] columns) {
    double sum = 0;
    for (int row = rows[0]; row < rows[1]; row++) {
      for (int column = columns[0]; column < columns[1]; column++) {
        sum += values[row * width + column];
      }
    }
    return sum / ((rows[1] - rows[0]) * (columns[1] - columns[0]));
  }

  @Test
  void gradient_isTheShareOfEachPixel() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.arange(5f).reshape(1, 1, 1, 5).duplicate();
      x.setRequiresGradient(true);
      try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
        collector.backward(AdaptiveAvgPool.pooled(x, 3).sum());
      }
      // windows 0-1, 1-3, 3-4, each three times: 3 * (1/2, 1/2 + 1/3, 1/3, 1/3 + 1/2, 1/2)
      assertThat(x.getGradient().toFloatArray())
          .containsExactly(new float[] {1.5f, 2.5f, 1, 2.5f, 1.5f}, Offset.offset(1e-6f));
    }
  }
}
