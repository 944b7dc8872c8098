package org.vpns.internal.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.vpns.testing.LateGradients;

final class TeacherTest {
  private static float divergence(double temperature, float[][] teacher, float[][] student) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return Teacher.divergence(manager.create(student), manager.create(teacher), temperature)
          .getFloat();
    }
  }

  @Test
  void divergence_ofTwoClasses_isTheOneByHand() {
    // teacher softmax(1, 0) = (0.7311, 0.2689), student (1/2, 1/2): 4 x 0.110944
    assertThat(divergence(2, new float[][] {{2, 0}}, new float[][] {{1, 1}}))
        .isCloseTo(0.443776f, Offset.offset(1e-6f));
  }

  @Test
  void divergence_ofThreeClasses_isTheOneByHand() {
    assertThat(divergence(4, new float[][] {{2, 0, -2}}, new float[][] {{1, 1, 0}}))
        .isCloseTo(0.774545f, Offset.offset(2e-6f));
  }

  @Test
  void divergence_ofTwoImages_isTheirMean() {
    float both = divergence(2, new float[][] {{2, 0}, {1, 1}}, new float[][] {{1, 1}, {3, 3}});
    assertThat(both).isCloseTo(0.443776f / 2, Offset.offset(1e-6f));
  }

  @Test
  void divergence_ofEqualLogits_isZero() {
    float[][] logits = {{2, -1, 0.5f}, {7, 0, -30}};
    assertThat(divergence(4, logits, logits)).isZero();
  }

  /**
   * 3/4 of the cross entropy's, and t (softmax(student / t) - softmax(teacher / t)) of a quarter.
   */
  @Test
  void gradient_afterAGarbageCollection_isThatOfTheFactors() {
    float[] ofCrossEntropy = LateGradients.of(x -> Teacher.mixed(x, x.stopGradient(), 0.25), 1, 1);
    assertThat(ofCrossEntropy).containsExactly(0.75f, 0.75f);
    float[] ofStudent =
        LateGradients.of(
            x -> {
              NDArray teacher = x.getManager().create(new float[][] {{2, 0}});
              NDArray divergence = Teacher.divergence(x.expandDims(0), teacher, 2);
              return Teacher.mixed(divergence.stopGradient(), divergence, 0.25);
            },
            1,
            1);
    // 0.25 * 2 * (0.5 - 0.731059)
    assertThat(ofStudent)
        .containsExactly(new float[] {-0.115529f, 0.115529f}, Offset.offset(1e-6f));
  }

  @Test
  void loss_mixesBothTerms_andStaysAFloat() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray student = manager.create(new float[][] {{1, 1}});
      NDArray teacher = manager.create(new float[][] {{2, 0}});
      NDArray divergence = Teacher.divergence(student, teacher, 2);
      NDArray loss = Teacher.mixed(manager.create(0.8f), divergence, 0.25);
      assertThat(loss.getDataType()).isEqualTo(DataType.FLOAT32);
      // 3/4 of 0.8 and 1/4 of 0.443776
      assertThat(loss.getFloat()).isCloseTo(0.710944f, Offset.offset(1e-6f));
    }
  }
}
