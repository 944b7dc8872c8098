package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vpns.LabelAssignment.Reduction;

class LabelAssignmentTest {
  /** Sums of a few float32 numbers below 10: a few units in the last place, 1e-6 each. */
  private static final double ROUNDING = 5e-6;

  private static final int[][] TWO_EACH = {{0, 1}, {3, 2}};

  private NDManager manager;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray logits() {
    return manager.create(new float[] {1, 2, 3, 4, 5, 8, 7, 6, 5, 4}, new Shape(2, 5));
  }

  private float[] apply(LabelAssignment assignment) {
    NDArray mapped = assignment.apply(logits());
    assertThat(mapped.getShape()).isEqualTo(new Shape(2, assignment.targets()));
    return mapped.toFloatArray();
  }

  /** Gradient at the logits of sum(mapped * weights). */
  private float[] gradient(LabelAssignment assignment, NDArray logits, float... weights) {
    logits.setRequiresGradient(true);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray mapped = assignment.apply(logits);
      collector.backward(mapped.mul(manager.create(weights, mapped.getShape())).sum());
    }
    try (NDArray gradient = logits.getGradient()) {
      return gradient.toFloatArray();
    }
  }

  @Test
  void apply_withOneSourceEach_picksItsLogit() {
    assertThat(apply(LabelAssignment.of(5, new int[][] {{4}, {0}, {2}})))
        .containsExactly(5, 1, 3, 4, 8, 6);
  }

  @Test
  void apply_ofTheIdentity_changesNothing() {
    LabelAssignment identity = LabelAssignment.of(5, new int[][] {{0}, {1}, {2}, {3}, {4}});
    assertThat(apply(identity)).containsExactly(logits().toFloatArray());
    assertThat(identity.unmapped()).isEmpty();
  }

  @Test
  void apply_ofTheFirstTargets_dropsTheOthers() {
    LabelAssignment first = LabelAssignment.of(5, new int[][] {{0}, {1}});
    assertThat(apply(first)).containsExactly(1, 2, 8, 7);
    assertThat(first.unmapped()).containsExactly(2, 3, 4);
  }

  @Test
  void apply_withTwoSourcesEach_isTheirMean() {
    assertThat(apply(LabelAssignment.of(5, TWO_EACH))).containsExactly(1.5f, 3.5f, 7.5f, 5.5f);
  }

  @Test
  void apply_withMax_isTheLargest() {
    assertThat(apply(LabelAssignment.of(5, TWO_EACH, Reduction.MAX))).containsExactly(2, 4, 8, 6);
  }

  /** log(e^a + e^(a+1)) = a + log(1 + e) = a + 1.3132617. */
  @Test
  void apply_withLogSumExp_isTheSoftMaximum() {
    float[] mapped = apply(LabelAssignment.of(5, TWO_EACH, Reduction.LOGSUMEXP));
    double[] expected = {2.3132617, 4.3132617, 8.3132617, 6.3132617};
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) mapped[i]).isCloseTo(expected[i], within(ROUNDING));
    }
  }

  /** e^1000 overflows: without subtracting the maximum this would be infinite. */
  @Test
  void apply_withLogSumExpOfLargeLogits_staysFinite() {
    NDArray large = manager.create(new float[] {1000, 1000, -1000, -1000}, new Shape(1, 4));
    float[] mapped =
        LabelAssignment.of(4, TWO_EACH, Reduction.LOGSUMEXP).apply(large).toFloatArray();
    // 1000 + log 2 = 1000.6931; a float of this size has steps of 6e-5
    assertThat(mapped[0]).isCloseTo(1000.6931f, within(1e-4f));
    assertThat(mapped[1]).isCloseTo(-999.3068f, within(1e-4f));
  }

  @Test
  void gradient_withOneSourceEach_goesToThatSourceAlone() {
    LabelAssignment assignment = LabelAssignment.of(5, new int[][] {{4}, {0}});
    assertThat(gradient(assignment, logits(), 1, 2, 3, 4))
        .containsExactly(2, 0, 0, 0, 1, 4, 0, 0, 0, 3);
  }

  @Test
  void gradient_ofTheMean_isSharedEvenly() {
    assertThat(gradient(LabelAssignment.of(5, TWO_EACH), logits(), 1, 2, 3, 4))
        .containsExactly(0.5f, 0.5f, 1, 1, 0, 1.5f, 1.5f, 2, 2, 0);
  }

  @Test
  void gradient_ofTheMaximum_goesToTheLargest() {
    LabelAssignment assignment = LabelAssignment.of(5, TWO_EACH, Reduction.MAX);
    assertThat(gradient(assignment, logits(), 1, 2, 3, 4))
        .containsExactly(0, 1, 0, 2, 0, 3, 0, 4, 0, 0);
  }

  /** The softmax over (a, a+1): 0.26894142 and 0.73105858. */
  @Test
  void gradient_ofLogSumExp_isTheSoftmax() {
    LabelAssignment assignment = LabelAssignment.of(5, TWO_EACH, Reduction.LOGSUMEXP);
    float[] gradient = gradient(assignment, logits(), 1, 2, 0, 0);
    double[] expected = {0.26894142, 0.73105858, 2 * 0.26894142, 2 * 0.73105858, 0};
    for (int i = 0; i < 10; i++) {
      assertThat((double) gradient[i]).isCloseTo(i < 5 ? expected[i] : 0, within(ROUNDING));
    }
  }

  /** Also at a tie, where the stabilising maximum has no unique gradient of its own. */
  @Test
  void gradient_ofLogSumExpAtATie_isHalfEach() {
    NDArray tied = manager.create(new float[] {3, 3, 1, 1}, new Shape(1, 4));
    LabelAssignment assignment = LabelAssignment.of(4, TWO_EACH, Reduction.LOGSUMEXP);
    assertThat(gradient(assignment, tied, 1, 2)).containsExactly(0.5f, 0.5f, 1, 1);
  }

  @Test
  void assignment_isACopyAndComparedByContent() {
    int[][] table = {{0, 1}, {3, 2}};
    LabelAssignment assignment = LabelAssignment.of(5, table);
    table[0][0] = 4;
    assignment.toArray()[0][0] = 4;
    assertThat(assignment.sourcesOf(0)).containsExactly(0, 1);
    assertThat(assignment.sourcesOf(1)).containsExactly(3, 2);
    assertThat(assignment.sources()).isEqualTo(5);
    assertThat(assignment.unmapped()).containsExactly(4);
    assertThat(assignment.reduction()).isEqualTo(Reduction.MEAN);
    assertThat(assignment)
        .isEqualTo(LabelAssignment.of(5, TWO_EACH))
        .hasSameHashCodeAs(LabelAssignment.of(5, TWO_EACH))
        .isNotEqualTo(LabelAssignment.of(6, TWO_EACH))
        .isNotEqualTo(LabelAssignment.of(5, TWO_EACH, Reduction.MAX))
        .isNotEqualTo(LabelAssignment.of(5, new int[][] {{1, 0}, {3, 2}}))
        .hasToString("[[0, 1], [3, 2]] mean");
  }

  @Test
  void apply_toLogitsOfAnotherWidth_isRefused() {
    LabelAssignment assignment = LabelAssignment.of(4, TWO_EACH);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> assignment.apply(logits()))
        .withMessage(
            "logits do not fit the label mapping: LabelAssignment.apply; expected (batch, 4),"
                + " found (2, 5); use the mapping made for this network.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> assignment.apply(manager.ones(new Shape(4))))
        .withMessageContaining("found (4);");
  }

  @Test
  void of_badTables_namesTheTarget() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabelAssignment.of(5, new int[0][]))
        .withMessage(
            "label mapping without targets: LabelAssignment.of; expected at least 1 target,"
                + " found 0; pass the number of classes of the data set.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabelAssignment.of(5, new int[][] {{0, 1}, {2}}))
        .withMessage(
            "label mapping with uneven targets: target 1; expected 2 sources, found 1;"
                + " give every target as many sources.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabelAssignment.of(5, new int[][] {{}, {}}))
        .withMessageContaining("target 0; expected 1 sources, found 0;");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabelAssignment.of(5, new int[][] {{0}, {5}}))
        .withMessage(
            "label mapping names an unknown source: target 1; expected 0 to 4, found 5;"
                + " the network has 5 outputs.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabelAssignment.of(5, new int[][] {{-1}}))
        .withMessageContaining("found -1;");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabelAssignment.of(5, new int[][] {{3}, {3}}))
        .withMessage(
            "label mapping uses a source twice: target 1; expected a source of its own, found 3;"
                + " share no source between targets.");
  }

  @Test
  void apply_toPlainNumbers_isThatToArrays() {
    for (LabelAssignment assignment :
        new LabelAssignment[] {
          LabelAssignment.of(5, new int[][] {{4}, {0}, {2}}),
          LabelAssignment.of(5, TWO_EACH),
          LabelAssignment.of(5, TWO_EACH, Reduction.MAX),
          LabelAssignment.of(5, TWO_EACH, Reduction.LOGSUMEXP)
        }) {
      float[] both = apply(assignment);
      float[] first = java.util.Arrays.copyOf(both, assignment.targets());
      assertThat(assignment.apply(new float[] {1, 2, 3, 4, 5}))
          .containsExactly(first, within((float) ROUNDING));
    }
    // log(e^1 + e^2) = 2.3132617
    assertThat(
            LabelAssignment.of(2, new int[][] {{0, 1}}, Reduction.LOGSUMEXP)
                .apply(new float[] {1, 2}))
        .containsExactly(new float[] {2.3132617f}, within(1e-6f));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabelAssignment.of(5, TWO_EACH).apply(new float[4]))
        .withMessageContaining("expected 5 logits, found 4");
  }
}
