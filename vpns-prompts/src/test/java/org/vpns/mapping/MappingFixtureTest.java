package org.vpns.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.LabelAssignment;
import org.vpns.LabelMapping;
import org.vpns.testing.Fixtures;

/** Counts of a small network with many empty columns, so that the rules for ties decide. */
class MappingFixtureTest {
  @ParameterizedTest
  @ValueSource(strings = {"dense", "magnitude-0.8", "magnitude-0.9"})
  void frequency_ofReferenceCounts_isTheReference(String state) {
    long[] flat = Fixtures.core().longs("label_mapping." + state + ".counts");
    long[][] counts = new long[20][5];
    for (int i = 0; i < flat.length; i++) {
      counts[i / 5][i % 5] = flat[i];
    }
    JsonObject expected =
        Fixtures.coreJson().getAsJsonObject("label_mapping").getAsJsonObject(state);
    LabelMapping.Context context = LabelMapping.Context.of(20, 5, () -> counts, new Random(0));
    LabelAssignment one = Mappings.frequency().assign(context);
    for (int t = 0; t < 5; t++) {
      assertThat(one.sourcesOf(t))
          .containsExactly(expected.getAsJsonArray("one_to_one").get(t).getAsInt());
    }
    LabelAssignment two = Mappings.frequency().perTarget(2).assign(context);
    assertThat(two.toString().replace(" mean", "").replace(" ", ""))
        .isEqualTo(expected.getAsJsonArray("two_to_one").toString());
  }
}
