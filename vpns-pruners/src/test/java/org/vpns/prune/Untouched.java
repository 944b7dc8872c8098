package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.testing.Outcome;

/** A model as it was at one moment: bits of everything, and which arrays collect gradients. */
record Untouched(
    Map<String, List<Integer>> parameters, Map<String, Boolean> gradients, List<Integer> logits) {
  /** what: where; expected ..., found ...; remedy. */
  private static final Pattern FORM =
      Pattern.compile(
          "[A-Za-z][A-Za-z0-9 ,-]*: [^;]+; expected .+, found .+; .+[^.]\\.", Pattern.DOTALL);

  static Untouched of(Model model) {
    Map<String, Boolean> gradients = new LinkedHashMap<>();
    for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
      gradients.put(p.path(), p.parameter().getArray().hasGradient());
    }
    return new Untouched(Outcome.parameters(model), gradients, Outcome.logits(model));
  }

  void assertStill(Model model) {
    assertThat(of(model)).isEqualTo(this);
  }

  static void assertForm(Throwable failure) {
    assertThat(failure.getMessage()).matches(FORM);
  }
}
