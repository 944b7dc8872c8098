package org.vpns.prompt;

import java.util.Map;
import java.util.TreeMap;
import org.vpns.Problem;

/**
 * What a prompt is called and how its values start and become a picture; all but its pixels.
 *
 * @param kind name under which a provider makes it again
 * @param call how it is made, such as {@code pad(8)}
 * @param options the kind's own options
 * @param sigmoid whether the logistic function of the values is added
 * @param randomStart whether the values start at random
 */
record Form(
    String kind, String call, Map<String, ?> options, boolean sigmoid, boolean randomStart) {
  static Form of(String kind, String call, Map<String, ?> options) {
    return new Form(kind, call, options, false, false);
  }

  Form withSigmoid() {
    checkOnce(sigmoid, "sigmoid");
    return new Form(kind, call, options, true, randomStart);
  }

  Form withRandomStart() {
    checkOnce(randomStart, "randomStart");
    return new Form(kind, call, options, sigmoid, true);
  }

  void checkOnce(boolean set, String option) {
    if (set) {
      throw Problem.state(
          "option set twice",
          describe() + "." + option + "()",
          option + " once",
          "twice",
          "leave one of them out");
    }
  }

  /** What is added for values: these, or their logistic function. */
  float[] activated(float[] values) {
    float[] result = values.clone();
    for (int i = 0; sigmoid && i < result.length; i++) {
      result[i] = (float) (1 / (1 + Math.exp(-values[i])));
    }
    return result;
  }

  /** What makes an equal prompt again; how it starts is not part of it. */
  Map<String, String> stored() {
    Map<String, String> result = new TreeMap<>();
    options.forEach((name, value) -> result.put(name, value.toString()));
    if (sigmoid) {
      result.put("form", "sigmoid");
    }
    return result;
  }

  String describe() {
    return call + (sigmoid ? ".sigmoid()" : "") + (randomStart ? ".randomStart()" : "");
  }
}
