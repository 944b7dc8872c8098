package org.vpns.structured;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.vpns.structured.ChannelUnit.Role;

/**
 * Units along the same axes of weights that make channels: one width of the network, such as a
 * residual stream or the inside of a block.
 *
 * @param number its number among the network's groups, in the order in which they are made
 * @param name the first layer that makes its channels
 * @param units its units
 * @param measured norms that take their mean and variance over its channels, which what leaves
 *     therefore changes: layer and group norms; of one that is written out as arithmetic, its means
 */
public record ChannelGroup(
    int number, String name, List<ChannelUnit> units, List<String> measured) {
  /** How many names a line prints. */
  private static final int NAMES = 6;

  /** Copies the lists. */
  public ChannelGroup {
    units = ImmutableList.copyOf(units);
    measured = ImmutableList.copyOf(measured);
  }

  /** The units that can leave. */
  public List<ChannelUnit> free() {
    return units.stream().filter(ChannelUnit::isFree).toList();
  }

  /** The axes of its slices in a role, such as {@code conv1.weight[0]}. */
  private List<String> axes(Role... roles) {
    return units.stream()
        .flatMap(unit -> unit.slices().stream())
        .filter(slice -> Arrays.asList(roles).contains(slice.role()))
        .map(slice -> slice.parameter() + "[" + slice.axis() + "]")
        .distinct()
        .toList();
  }

  /** A line on its size and one on each sort of axes, and why what stays does. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(name + ": " + units.size() + " channels");
    Map<String, Integer> reasons = new LinkedHashMap<>();
    for (ChannelUnit unit : units) {
      String reason = unit.stays();
      if (reason != null) {
        reasons.merge(reason, 1, Integer::sum);
      }
    }
    line(text, "made by", axes(Role.OUT));
    line(text, "with", axes(Role.THROUGH, Role.SCALE, Role.SHIFT, Role.STATISTIC, Role.OTHER));
    line(text, "read by", axes(Role.IN));
    line(text, "measured by", measured);
    reasons.forEach((reason, count) -> line(text, count + " stay", List.of(reason)));
    return text.toString();
  }

  private static void line(StringBuilder text, String title, List<String> names) {
    if (!names.isEmpty()) {
      text.append(System.lineSeparator()).append("  ").append(title).append(' ');
      text.append(names.stream().limit(NAMES).collect(Collectors.joining(", ")));
      text.append(names.size() > NAMES ? " and " + (names.size() - NAMES) + " more" : "");
    }
  }
}
