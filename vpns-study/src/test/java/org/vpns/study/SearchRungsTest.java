package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.vpns.study.SearchRungs.Ladder;
import org.vpns.study.SearchRungs.Rung;

/** How a budget is spent on lengths and candidates. */
class SearchRungsTest {
  private static final Ladder TO_300 = new Ladder(300, 33, 3);

  @Test
  void rungs_ofBudgetsByHand() {
    assertThat(TO_300.lengths()).containsExactly(300L, 100L, 33L);
    // 9 at full length
    assertThat(SearchRungs.within(2700, 9, TO_300).rungs()).containsExactly(new Rung(300, 9));
    // 9 of 100 and 3 of 300 are 1,800
    assertThat(SearchRungs.within(2699, 9, TO_300).rungs())
        .containsExactly(new Rung(100, 9), new Rung(300, 3));
    // 9 of 33, 3 of 100 and 1 of 300 are 897
    assertThat(SearchRungs.within(1799, 9, TO_300).rungs())
        .containsExactly(new Rung(33, 9), new Rung(100, 3), new Rung(300, 1));
    // 8 of 33, 2 of 100 and 1 of 300 are 764
    assertThat(SearchRungs.within(896, 9, TO_300).rungs())
        .containsExactly(new Rung(33, 8), new Rung(100, 2), new Rung(300, 1));
    // one alone is run at full length at once
    assertThat(SearchRungs.within(300, 9, TO_300).rungs()).containsExactly(new Rung(300, 1));
    assertThat(SearchRungs.within(299, 9, TO_300).rungs()).isEmpty();
    assertThat(SearchRungs.all(3, TO_300).rungs())
        .containsExactly(new Rung(33, 3), new Rung(300, 1));
  }

  @Property
  void rungs_keepToTheBudget_growLonger_andEndAtFullLength(
      @ForAll @LongRange(min = 1, max = 1_000_000) long budget,
      @ForAll @IntRange(min = 1, max = 10_000) int candidates,
      @ForAll @LongRange(min = 1, max = 5_000) long full,
      @ForAll @IntRange(min = 2, max = 5) int reduction) {
    Ladder ladder = new Ladder(full, Math.max(1, full / 20), reduction);

    SearchRungs rungs = SearchRungs.within(budget, candidates, ladder);

    assertThat(rungs.cost()).isLessThanOrEqualTo(budget);
    assertThat(rungs.rungs().isEmpty()).isEqualTo(budget < full);
    assertThat(rungs.candidates()).isLessThanOrEqualTo(candidates);
    List<Rung> steps = rungs.rungs();
    for (int i = 1; i < steps.size(); i++) {
      assertThat(steps.get(i).steps()).isGreaterThan(steps.get(i - 1).steps());
      assertThat(steps.get(i).candidates()).isLessThan(steps.get(i - 1).candidates());
    }
    if (!steps.isEmpty()) {
      assertThat(steps.get(steps.size() - 1).steps()).isEqualTo(full);
    }
  }
}
