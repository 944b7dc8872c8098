package org.vpns.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.vpns.LabelAssignment;
import org.vpns.LabelMapping;

/**
 * What every {@link LabelMapping} promises: outputs of its own for every class, the same ones for
 * the same counts and stream, and a refusal where a network has too few.
 */
public abstract class LabelMappingContract {
  private static final int SOURCES = 20;
  private static final int TARGETS = 5;

  /** A new mapping; equal ones every time. */
  protected abstract LabelMapping mapping();

  private static LabelMapping.Context context(int sources, int targets, long seed) {
    Random counts = new Random(4);
    long[][] table = new long[sources][targets];
    for (long[] row : table) {
      for (int t = 0; t < targets; t++) {
        row[t] = counts.nextInt(5);
      }
    }
    return LabelMapping.Context.of(sources, targets, () -> table, new Random(seed));
  }

  @Test
  void everyClass_hasOutputs_thatNoOtherClassHas() {
    LabelAssignment assignment = mapping().assign(context(SOURCES, TARGETS, 1));
    assertThat(assignment.sources()).isEqualTo(SOURCES);
    assertThat(assignment.targets()).isEqualTo(TARGETS);
    Set<Integer> used = new HashSet<>();
    for (int t = 0; t < TARGETS; t++) {
      assertThat(assignment.sourcesOf(t)).isNotEmpty();
      for (int source : assignment.sourcesOf(t)) {
        assertThat(source).isBetween(0, SOURCES - 1);
        assertThat(used.add(source)).as("output " + source).isTrue();
      }
    }
  }

  @Test
  void assignment_ofTheSameStream_isTheSame() {
    assertThat(mapping().assign(context(SOURCES, TARGETS, 1)))
        .isEqualTo(mapping().assign(context(SOURCES, TARGETS, 1)));
  }

  @Test
  void tooFewOutputs_areRefused() {
    assertThatThrownBy(() -> mapping().assign(context(3, TARGETS, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3");
  }

  @Test
  void mapping_describesItself() {
    assertThat(mapping().describe()).isNotBlank().isEqualTo(mapping().describe());
    assertThat(mapping().refreshEpochs()).isGreaterThanOrEqualTo(0);
  }
}
