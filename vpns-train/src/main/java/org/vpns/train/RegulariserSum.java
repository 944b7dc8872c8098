package org.vpns.train;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.stream.Collectors;
import org.vpns.Problem;
import org.vpns.internal.text.Texts;
import org.vpns.optim.StateVisitor;

/**
 * Regularisers that add to the same gradients, in their order.
 *
 * @param parts none of them a sum
 */
record RegulariserSum(ImmutableList<Regulariser> parts) implements Regulariser {
  static RegulariserSum of(Regulariser first, Regulariser second) {
    return new RegulariserSum(
        ImmutableList.<Regulariser>builder().addAll(parts(first)).addAll(parts(second)).build());
  }

  private static List<Regulariser> parts(Regulariser regulariser) {
    return regulariser instanceof RegulariserSum sum ? sum.parts : List.of(regulariser);
  }

  @Override
  public Term begin(Weights weights) {
    Problem.given(weights, "Regulariser.begin", "weights");
    List<Term> terms =
        parts.stream()
            .map(
                part ->
                    Problem.given(
                        part.begin(weights), part.describe(), "what Regulariser.begin gives"))
            .toList();
    return new Term() {
      @Override
      public void add(Gradients gradients) {
        Problem.given(gradients, "Regulariser.Term.add", "gradients");
        terms.forEach(term -> term.add(gradients));
      }

      @Override
      public void epochEnded(Weights now) {
        Problem.given(now, "Regulariser.Term.epochEnded", "now");
        terms.forEach(term -> term.epochEnded(now));
      }

      @Override
      public void visit(StateVisitor visitor) {
        Problem.given(visitor, "Regulariser.Term.visit", "visitor");
        for (int i = 0; i < terms.size(); i++) {
          terms.get(i).visit(new Part(i + "/", visitor));
        }
      }
    };
  }

  @Override
  public String describe() {
    return parts.stream()
        .map(part -> Texts.own(part.describe(), part, "Regulariser"))
        .collect(Collectors.joining(" + "));
  }

  @Override
  public String toString() {
    return describe();
  }

  /** Two parts may have state of one name. */
  private record Part(String prefix, StateVisitor whole) implements StateVisitor {
    @Override
    public void floats(String name, float[] live, int offset, int length) {
      Problem.given(name, "StateVisitor.floats", "name");
      Problem.given(live, "StateVisitor.floats", "live");
      whole.floats(prefix + name, live, offset, length);
    }

    @Override
    public void counters(String name, long[] live) {
      Problem.given(name, "StateVisitor.counters", "name");
      Problem.given(live, "StateVisitor.counters", "live");
      whole.counters(prefix + name, live);
    }
  }
}
