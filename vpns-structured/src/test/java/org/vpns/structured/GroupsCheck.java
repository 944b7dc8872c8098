package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.NetworkValues;

/**
 * Takes half of the channels out of a network, group by group and then of all groups at once: each
 * smaller network must give what the masked one gives, whose norms see nothing of zeros.
 *
 * @param groups the groups found
 * @param compared how many groups lost units, and were compared
 * @param error the largest difference of outputs, relative to the largest output
 */
public record GroupsCheck(ChannelGroups groups, int compared, double error) {
  /** Of two random images of this shape. */
  public static GroupsCheck of(NetworkValues network, Shape image, NDManager manager) {
    Random random = new Random(11);
    ChannelGroups groups = ChannelGroups.of(network.graph());
    List<ChannelUnit> all = new ArrayList<>();
    int compared = 0;
    double error = 0;
    for (ChannelGroup group : groups.groups()) {
      List<ChannelUnit> leaving = Removal.some(groups, group.free(), 0.5, random);
      if (!leaving.isEmpty()) {
        all.addAll(leaving);
        error = Math.max(error, error(groups, network, leaving, image, manager));
        compared++;
      }
    }
    return new GroupsCheck(
        groups, compared, Math.max(error, error(groups, network, all, image, manager)));
  }

  private static double error(
      ChannelGroups groups,
      NetworkValues network,
      List<ChannelUnit> leaving,
      Shape image,
      NDManager manager) {
    try (NDManager scope = manager.newSubManager()) {
      NDArray x = GraphComparison.images(scope, new Shape(2).addAll(image));
      double error = Removal.compared(groups, network, leaving, x, scope).error();
      assertThat(error).as("without %s", leaving).isLessThanOrEqualTo(Removal.TOLERANCE);
      return error;
    }
  }

  /** Groups, units, units that can leave, groups compared, largest error. */
  @Override
  public String toString() {
    int units = groups.groups().stream().mapToInt(group -> group.units().size()).sum();
    return groups.groups().size()
        + " groups, "
        + groups.free().size()
        + " of "
        + units
        + " channels can leave, "
        + compared
        + " groups compared, error "
        + error;
  }
}
