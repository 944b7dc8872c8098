package org.vpns.structured;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;

/**
 * A group in lines: its size, the axes that make its channels, go with them and read them, and why
 * what stays does. {@code conv1.weight[0]} is an axis, {@code bn1.*[0]} that of several parameters
 * of a layer, {@code fc.weight[1] (49 each)} one of which each unit has 49 positions.
 */
final class GroupText {
  /** How many names a line has. */
  private static final int NAMES = 6;

  private final ChannelGroup group;
  private final StringBuilder text = new StringBuilder();

  /** How many positions of an axis a unit has, from the fewest to the most. */
  private record Count(int least, int most) {
    static Count of(Slice slice) {
      return new Count(slice.positions().size(), slice.positions().size());
    }

    Count and(Count other) {
      return new Count(Math.min(least, other.least), Math.max(most, other.most));
    }

    @Override
    public String toString() {
      return most == 1
          ? ""
          : least == most ? " (" + most + " each)" : " (" + least + " to " + most + " each)";
    }
  }

  GroupText(ChannelGroup group) {
    this.group = group;
  }

  @Override
  public String toString() {
    text.setLength(0);
    text.append(group.name()).append(": ").append(group.units().size()).append(" channels");
    line("made by", axes(Set.of(Role.OUT)));
    line("with", axes(Set.of(Role.THROUGH, Role.SCALE, Role.SHIFT, Role.STATISTIC, Role.OTHER)));
    line("read by", axes(Set.of(Role.IN)));
    line("measured by", group.measured());
    reasons()
        .forEach(
            (reason, count) -> line(count + (count == 1 ? " stays" : " stay"), List.of(reason)));
    return text.toString();
  }

  private Map<String, Integer> reasons() {
    Map<String, Integer> reasons = new LinkedHashMap<>();
    for (ChannelUnit unit : group.units()) {
      String reason = unit.stays();
      if (reason != null) {
        reasons.merge(reason, 1, Integer::sum);
      }
    }
    return reasons;
  }

  /** The axes of slices in some roles, those of a layer's parameters together. */
  private List<String> axes(Set<Role> roles) {
    Map<String, Count> counts = new LinkedHashMap<>();
    for (ChannelUnit unit : group.units()) {
      for (Slice slice : unit.slices()) {
        if (roles.contains(slice.role())) {
          counts.merge(slice.parameter() + "[" + slice.axis() + "]", Count.of(slice), Count::and);
        }
      }
    }
    Map<String, List<String>> layers =
        counts.entrySet().stream()
            .map(e -> e.getKey() + e.getValue())
            .collect(
                Collectors.groupingBy(GroupText::layer, LinkedHashMap::new, Collectors.toList()));
    return layers.entrySet().stream()
        .map(e -> e.getValue().size() == 1 ? e.getValue().get(0) : e.getKey())
        .toList();
  }

  /** {@code bn1.weight[0]} as {@code bn1.*[0]}. */
  private static String layer(String axis) {
    int bracket = axis.indexOf('[');
    int dot = axis.lastIndexOf('.', bracket);
    return axis.substring(0, dot + 1) + "*" + axis.substring(bracket);
  }

  private void line(String title, List<String> names) {
    if (!names.isEmpty()) {
      text.append(System.lineSeparator()).append("  ").append(title).append(' ');
      text.append(names.stream().limit(NAMES).collect(Collectors.joining(", ")));
      text.append(names.size() > NAMES ? " and " + (names.size() - NAMES) + " more" : "");
    }
  }
}
