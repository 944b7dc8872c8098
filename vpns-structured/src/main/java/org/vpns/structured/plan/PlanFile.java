package org.vpns.structured.plan;

import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.io.JsonBound;
import org.vpns.internal.io.JsonRecords;
import org.vpns.internal.io.MemoryBound;
import org.vpns.internal.io.TextFile;
import org.vpns.io.FormatException;
import org.vpns.report.ChannelRecord.Size;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.plan.ChannelPlan.Group;

/**
 * A plan as JSON.
 *
 * @param format {@link #FORMAT}
 * @param fingerprint of the network
 * @param inputs shapes of its inputs
 * @param rules by which its channels are found
 * @param asked in words
 * @param obtained in words
 * @param before the network's cost
 * @param after the smaller network's
 * @param groups the groups
 */
record PlanFile(
    String format,
    String fingerprint,
    List<long[]> inputs,
    Rules rules,
    String asked,
    String obtained,
    Size before,
    Size after,
    List<Group> groups) {
  static final String FORMAT = "vpns-channels 1";

  /** A network of a thousand groups of a thousand channels takes 8 MB. */
  private static final int MAX_BYTES = 64 << 20;

  private static final int FINGERPRINT = 64;
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /** {@link ChannelRules} as plain values. */
  record Rules(
      List<String> keepOutputs,
      List<String> keepShape,
      Map<String, Integer> channelAxis,
      boolean frozenToo) {
    static Rules of(ChannelRules rules) {
      return new Rules(
          List.copyOf(rules.outputs()),
          List.copyOf(rules.shapes()),
          new TreeMap<>(rules.axes()),
          rules.isFrozenToo());
    }

    ChannelRules toRules() {
      ChannelRules rules = ChannelRules.standard();
      rules = frozenToo ? rules.frozenToo() : rules;
      for (String layer : keepOutputs) {
        rules = rules.keepOutputs(layer);
      }
      for (String layer : keepShape) {
        rules = rules.keepShape(layer);
      }
      for (Map.Entry<String, Integer> axis : channelAxis.entrySet()) {
        rules = rules.channelAxis(axis.getKey(), axis.getValue());
      }
      return rules;
    }
  }

  static void write(ChannelPlan plan, Path file) throws IOException {
    PlanFile content =
        new PlanFile(
            FORMAT,
            plan.fingerprint(),
            plan.inputs().stream().map(Shape::getShape).toList(),
            Rules.of(plan.rules()),
            plan.asked(),
            plan.obtained(),
            plan.before(),
            plan.after(),
            plan.groups());
    AtomicFiles.writeText(file, GSON.toJson(content) + "\n");
  }

  static ChannelPlan read(Path file) throws IOException {
    String problem;
    try {
      String text = TextFile.read(file, MAX_BYTES);
      JsonElement tree = JsonBound.tree(text);
      requireFormat(tree); // before fields that another version may have or not
      JsonRecords.check(
          tree,
          PlanFile.class,
          "plan",
          (expected, found) -> new JsonParseException(found + " instead of " + expected));
      JsonRecords.requireNoNull(
          tree, "", (expected, found) -> new JsonParseException(found + " instead of " + expected));
      return GSON.fromJson(tree, PlanFile.class).plan();
    } catch (JsonParseException | IllegalArgumentException | IllegalStateException e) {
      // Gson gives other exceptions for texts and for values of other types
      Throwable reason = e.getCause() == null ? e : e.getCause();
      problem = String.valueOf(reason.getMessage()).lines().findFirst().orElse("");
    }
    throw new FormatException(
        "no plan of channels", file.toString(), FORMAT, problem, "save the plan again");
  }

  private static void requireFormat(JsonElement tree) {
    JsonElement format = tree.isJsonObject() ? tree.getAsJsonObject().get("format") : null;
    if (format != null && format.isJsonPrimitive()) {
      require(FORMAT.equals(format.getAsString()), "format " + format.getAsString());
    }
  }

  private ChannelPlan plan() {
    require(fingerprint.length() == FINGERPRINT, "a fingerprint of " + fingerprint.length());
    List<Shape> shapes = new ArrayList<>();
    for (long[] lengths : inputs) {
      require(lengths.length > 0, "an input without axes");
      for (int d = 0; d < lengths.length; d++) {
        require(lengths[d] > 0 || (d == 0 && lengths[d] == -1), "an input of length " + lengths[d]);
      }
      shapes.add(new Shape(lengths));
    }
    require(!shapes.isEmpty(), "no input");
    requireSize(before);
    requireSize(after);
    for (Group group : groups) {
      require(group.name().length() <= MemoryBound.NAME, "a name of " + group.name().length());
      require(group.channels() > 0, group.channels() + " channels of " + group.name());
      require(group.asked() >= 0, "asked " + group.asked() + " of " + group.name());
      int last = -1;
      for (int unit : group.removed()) {
        require(
            unit > last && unit < group.channels(), "unit " + unit + " removed of " + group.name());
        last = unit;
      }
      requireSize(group.before());
      requireSize(group.after());
    }
    return new ChannelPlan(
        rules.toRules(), fingerprint, shapes, asked, obtained, groups, before, after);
  }

  private static void requireSize(Size size) {
    require(size.parameters() >= 0 && size.macs() >= 0 && size.bytes() >= 0, size.toString());
  }

  private static void require(boolean holds, String found) {
    if (!holds) {
      throw new JsonParseException(found);
    }
  }
}
