package org.vpns.structured.score;

import java.util.List;
import java.util.Map;
import org.vpns.Problem;
import org.vpns.structured.ChannelUnit.Role;

/** How large the channels are where they are read. */
final class Activation extends MemberImportance {
  Activation() {
    super(Role.IN);
  }

  @Override
  protected Session open(ChannelContext context) {
    Map<String, double[]> sizes = ReadSizes.of(context);
    return member -> {
      double[] own = sizes.get(member.toString());
      if (own == null) {
        throw Problem.argument(
            "channels read in an unknown way",
            "activation, " + member + ", group " + member.group().name(),
            "a convolution, linear layer or product of matrices with " + member.parameter(),
            "none",
            "take another importance");
      }
      return member.group().units().stream()
          .mapToDouble(unit -> sum(own, member.positions(unit)))
          .toArray();
    };
  }

  private static double sum(double[] sizes, List<Integer> positions) {
    return positions.stream().mapToDouble(p -> sizes[p]).sum();
  }

  /** Biases read nothing. */
  @Override
  public MemberImportance bias() {
    throw Problem.state(
        "biases have no activations",
        "Importances.activation",
        "channels that a layer reads",
        "bias()",
        "leave it out");
  }

  @Override
  protected String name() {
    return "activation";
  }
}
