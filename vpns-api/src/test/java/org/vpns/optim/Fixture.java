package org.vpns.optim;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The tables of rules and schedules, computed with torch in float64. */
final class Fixture {
  private Fixture() {}

  static JsonObject optimisers() {
    try (Reader reader =
        new InputStreamReader(
            Objects.requireNonNull(Fixture.class.getResourceAsStream("/fixtures/optimisers.json")),
            StandardCharsets.UTF_8)) {
      return JsonParser.parseReader(reader).getAsJsonObject().getAsJsonObject("optimisers");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static double[] doubles(JsonArray array) {
    return array.asList().stream().mapToDouble(e -> e.getAsDouble()).toArray();
  }

  static float[] floats(JsonArray array) {
    float[] result = new float[array.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = array.get(i).getAsFloat();
    }
    return result;
  }
}
