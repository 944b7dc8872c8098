package org.vpns.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class AccuracyTest {
  @Test
  void hits_workedByHand_areFourImagesADigit() {
    // 1010 1 -> a 8; the last digit is filled up with zeros.
    Accuracy accuracy = Accuracy.of(new boolean[] {true, false, true, false, true}, null);
    assertThat(accuracy).isEqualTo(new Accuracy(5, 3, null, "a8"));
    assertThat(accuracy.right()).containsExactly(true, false, true, false, true);
    assertThat(new Accuracy(5, 3, null).right()).isNull();
  }

  @Test
  void hits_withPrompt_areThoseWithThePrompt() {
    Accuracy accuracy = Accuracy.of(new boolean[] {true, true}, new boolean[] {false, true});
    assertThat(accuracy).isEqualTo(new Accuracy(2, 2, 1, "4"));
    assertThat(accuracy.right()).containsExactly(false, true);
  }

  @Test
  void hits_thatDoNotFitTheCounts_areRefused() {
    // too few digits, too many, another count, a bit beyond the images, no digit
    for (String hits : List.of("a", "a80", "aa", "ac", "z8", "A8")) {
      assertThatThrownBy(() -> new Accuracy(5, 3, null, hits).right())
          .as(hits)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("hits do not fit the counts: Accuracy.right");
    }
  }

  @Property(tries = 100)
  void hits_writtenAndRead_areTheSame(@ForAll @Size(max = 40) List<Boolean> right) {
    boolean[] hits = new boolean[right.size()];
    for (int i = 0; i < hits.length; i++) {
      hits[i] = right.get(i);
    }
    assertThat(Accuracy.of(hits, null).right()).isEqualTo(hits);
  }
}
