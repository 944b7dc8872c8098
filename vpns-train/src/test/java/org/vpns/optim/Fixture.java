package org.vpns.optim;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import org.vpns.testing.Fixtures;

/** The tables of rules and schedules, computed with torch in float64. */
final class Fixture {
  private Fixture() {}

  static JsonObject optimisers() {
    return Fixtures.coreJson().getAsJsonObject("optimisers");
  }

  static double[] doubles(JsonArray array) {
    return array.asList().stream().mapToDouble(JsonElement::getAsDouble).toArray();
  }

  static float[] floats(JsonArray array) {
    float[] result = new float[array.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = array.get(i).getAsFloat();
    }
    return result;
  }
}
