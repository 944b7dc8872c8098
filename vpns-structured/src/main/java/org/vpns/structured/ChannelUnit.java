package org.vpns.structured;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/**
 * Channels that can only be removed together, with all slices of parameters that are theirs.
 *
 * @param group number of its group
 * @param number its number in the group, in the order in which the network makes the channels
 * @param slices what leaves with it
 * @param stays why it cannot leave, or null if it can
 */
public record ChannelUnit(int group, int number, List<Slice> slices, @Nullable String stays) {
  /** Copies the list. */
  public ChannelUnit {
    slices = ImmutableList.copyOf(Problem.givenEach(slices, "new ChannelUnit", "slices"));
  }

  /** What an axis of a parameter is to the channels along it. */
  public enum Role {
    /** Each position of a weight makes one of them: rows of convolutions and linear layers. */
    OUT,
    /** The weight reads them: columns of convolutions and linear layers. */
    IN,
    /** Rows of a depthwise convolution, which makes of each channel others of the same unit. */
    THROUGH,
    /** Scales of a norm. */
    SCALE,
    /** Biases, and shifts of a norm. */
    SHIFT,
    /** Running statistics of a norm. */
    STATISTIC,
    /** Any other parameter. */
    OTHER
  }

  /**
   * Positions of a parameter's axis.
   *
   * @param parameter the parameter's path
   * @param axis the axis, counted from the front
   * @param role what the axis is to the unit
   * @param positions the positions, rising
   */
  public record Slice(String parameter, int axis, Role role, List<Integer> positions) {
    /** Copies the list. */
    public Slice {
      Problem.given(parameter, "new ChannelUnit.Slice", "parameter");
      Problem.given(role, "new ChannelUnit.Slice", "role");
      Problem.givenEach(positions, "new ChannelUnit.Slice", "positions");
      positions = ImmutableIntArray.copyOf(positions).asList();
    }

    /** Such as {@code conv1.weight[0: 3, 7]}. */
    @Override
    public String toString() {
      return parameter
          + "["
          + axis
          + ": "
          + positions.stream().map(String::valueOf).collect(Collectors.joining(", "))
          + "]";
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other // mostly, and slices can be long
        || other instanceof ChannelUnit unit
            && group == unit.group
            && number == unit.number
            && slices.equals(unit.slices)
            && Objects.equals(stays, unit.stays);
  }

  @Override
  public int hashCode() {
    return 31 * group + number; // slices can be long, and follow from the numbers in a network
  }

  /** Whether it can leave. */
  public boolean isFree() {
    return stays == null;
  }

  /** Its slices with this role. */
  public List<Slice> slices(Role role) {
    Problem.given(role, "ChannelUnit.slices", "role");
    return slices.stream().filter(slice -> slice.role() == role).toList();
  }
}
